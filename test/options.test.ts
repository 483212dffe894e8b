// Options: what is right becomes numbers; what is wrong is named, with what was expected.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bytesOf, checkOptions, NO_OPTIONS, show } from "../src/options.ts";
import { RistrettoError } from "../src/errors.ts";

// deno-lint-ignore no-explicit-any
type Anything = any;

function complaint(options: Anything): RistrettoError {
  try {
    checkOptions(options);
  } catch (error) {
    if (error instanceof RistrettoError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(options)}`);
}

test("no options, empty ones and undefined ones mean the same", () => {
  assertEquals(checkOptions(undefined), NO_OPTIONS);
  assertEquals(checkOptions({}), NO_OPTIONS);
  assertEquals(checkOptions({ method: undefined, memory: undefined }), NO_OPTIONS);
});

test("every option becomes its number", () => {
  const { signal } = new AbortController();
  assertEquals(
    checkOptions({
      method: "exact",
      effort: "high",
      budget: 10,
      timeoutMs: 1.5,
      memory: "256MiB",
      cubes: 7,
      onLimit: "error",
      verify: false,
      seed: 0,
      kernels: "portable",
      inputType: "fr",
      outputType: "fdr",
      canonical: true,
      certificate: true,
      singleOutput: "either",
      literals: "fewest",
      covers: 7,
      signal,
    }),
    {
      method: 1,
      effort: 2,
      budget: 10,
      timeoutUs: 1500,
      memory: 256 * 2 ** 20,
      cubes: 7,
      onLimit: 1,
      verify: 0,
      seed: 0,
      kernels: 1,
      emit: 0,
      inputType: 5,
      outputType: 7,
      canonical: 1,
      certificate: 1,
      singleOutput: 2,
      literals: 1,
      covers: 7,
    },
  );
});

test("an option that is wrong is named, with what was expected and what came", () => {
  const wrong: [options: Anything, words: string[]][] = [
    [{ method: "quick" }, ["method", '"heuristic", "exact"', '"quick"']],
    [{ method: "toString" }, ["method"]],
    [{ effort: 1 }, ["effort", '"high"', "1"]],
    [{ budget: 0 }, ["budget", "whole number from 1", "0"]],
    [{ budget: 1.5 }, ["budget", "1.5"]],
    [{ budget: 2 ** 53 }, ["budget"]],
    [{ timeoutMs: 0 }, ["timeoutMs", "above 0"]],
    [{ timeoutMs: -1 }, ["timeoutMs"]],
    [{ timeoutMs: NaN }, ["timeoutMs", "NaN"]],
    [{ timeoutMs: Infinity }, ["timeoutMs", "Infinity"]],
    [{ timeoutMs: "1s" }, ["timeoutMs", '"1s"']],
    [{ memory: "lots" }, ["memory", '"256MiB"', '"lots"']],
    [{ memory: -5 }, ["memory"]],
    [{ cubes: 1n }, ["cubes", "1n"]],
    [{ onLimit: "stop" }, ["onLimit", '"best", "error"']],
    [{ verify: 1 }, ["verify", "true or false"]],
    [{ seed: -1 }, ["seed"]],
    [{ kernels: "avx2" }, ["kernels", '"portable"']],
    [{ inputType: "x" }, ["inputType", '"fdr"']],
    [{ canonical: "yes" }, ["canonical"]],
    [{ signal: true }, ["signal", "AbortSignal"]],
    [{ timeout: 5 }, ["timeout", "not known", "timeoutMs"]],
    ["exact", ["options", "object"]],
    [null, ["options", "null"]],
  ];
  for (const [options, words] of wrong) {
    const error = complaint(options);
    assertEquals(error.kind, "InvalidInput");
    for (const word of words) assertStringIncludes(error.message, word);
  }
});

test("an aborted signal is Cancelled, with its reason", () => {
  const reason = new Error("enough");
  const error = complaint({ signal: AbortSignal.abort(reason) });
  assertEquals(error.kind, "Cancelled");
  assertEquals(error.cause, reason);
});

test("bytes come as numbers or as text with a unit", () => {
  const right: [given: number | string, bytes: number][] = [
    [1, 1],
    ["4096", 4096],
    ["10 B", 10],
    ["2kB", 2000],
    ["1.5 KiB", 1536],
    ["64mib", 64 * 2 ** 20],
    ["1GiB", 2 ** 30],
    [" 3 MB ", 3e6],
  ];
  for (const [given, bytes] of right) assertEquals(bytesOf(given), bytes, String(given));
  for (const given of ["", "MiB", "0", "-1", "1TiB", "1e9", "9999999GiB", {}, undefined]) {
    let error: unknown;
    try {
      bytesOf(given);
    } catch (caught) {
      error = caught;
    }
    assert(error instanceof RistrettoError, `accepted ${String(given)}`);
  }
});

test("values are shown in messages on one short line", () => {
  assertEquals(show("a\nb"), '"a\\nb"');
  assertEquals(show("x".repeat(100)).length, 60);
  assertEquals([show([1, 2]), show(new Map()), show(() => 1), show(Object.create(null))], [
    "an array of 2",
    "a Map",
    "a function",
    "a object",
  ]);
});
