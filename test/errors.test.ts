// Errors: one list for C and TypeScript, one class, and a `kind` that narrows.

import { test } from "node:test";
import { readFileSync } from "node:fs";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { ERROR_KINDS, kindOfNumber, limitOfNumber, LIMITS, RistrettoError } from "../src/errors.ts";

const list = readFileSync(new URL("../c/base/errors.def", import.meta.url), "utf8");
const header = readFileSync(new URL("../c/include/ristretto.h", import.meta.url), "utf8");

function entries(macro: string): Record<string, number> {
  const lines = list.matchAll(new RegExp(`^${macro}\\((\\d+), \\w+, "(\\w+)",`, "gm"));
  return Object.fromEntries(Array.from(lines, ([, number, name]) => [name!, Number(number)]));
}

test("kinds of errors are those of errors.def, and no others", () => {
  assertEquals({ ...ERROR_KINDS }, entries("ESP_ERROR"));
});

test("limits are those of errors.def, and no others", () => {
  assertEquals({ ...LIMITS }, entries("ESP_LIMIT"));
});

test("the public C header has the same numbers", () => {
  for (const [, number, name] of list.matchAll(/^ESP_ERROR\((\d+), (\w+),/gm)) {
    assert(header.includes(`#define RST_${name} ${number}\n`), `RST_${name} is not ${number}`);
  }
  for (const [, number, name] of list.matchAll(/^ESP_LIMIT\((\d+), (\w+),/gm)) {
    assert(header.includes(`#define RST_LIMIT_${name} ${number}\n`), `RST_LIMIT_${name}`);
  }
});

test("numbers lead back to names, and unknown ones to nothing", () => {
  for (const [name, number] of Object.entries(ERROR_KINDS)) {
    assertEquals(kindOfNumber(number), name as keyof typeof ERROR_KINDS);
  }
  for (const [name, number] of Object.entries(LIMITS)) {
    assertEquals(limitOfNumber(number), name as keyof typeof LIMITS);
  }
  assertEquals([kindOfNumber(0), kindOfNumber(99), limitOfNumber(0)], [
    undefined,
    undefined,
    undefined,
  ]);
});

test("an error has its name, kind, message, cause, and only the details that it was given", () => {
  const cause = new TypeError("inner");
  const error = new RistrettoError("LimitExceeded", "too much", { limit: "memory", cause });
  assert(error instanceof Error);
  assert(error instanceof RistrettoError);
  assertEquals([error.name, error.kind, error.message], [
    "RistrettoError",
    "LimitExceeded",
    "too much",
  ]);
  assertEquals(error.cause, cause);
  assertEquals(error.limit, "memory");
  for (const detail of ["line", "column", "signal", "exitCode", "tried"]) {
    assertEquals(error[detail as keyof RistrettoError], undefined, detail);
  }
});

test("instanceof tells other values apart", () => {
  for (const value of [new Error("no"), null, undefined, 1, { kind: "Internal" }]) {
    assertFalse(value as unknown instanceof RistrettoError);
  }
});

test("a kind narrows the details", () => {
  const error: unknown = new RistrettoError("Unavailable", "gone", { tried: ["here"] });
  if (!(error instanceof RistrettoError) || error.kind !== "Unavailable") throw error;
  const tried: readonly string[] = error.tried; // would not compile if it did not narrow
  assertEquals(tried, ["here"]);
});
