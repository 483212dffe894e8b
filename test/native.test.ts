// The native library: its table of functions, where it is looked for, and what is said when it
// cannot be loaded.

import { test } from "node:test";
import { readFileSync } from "node:fs";
import process from "node:process";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Cover, RistrettoError } from "../mod.ts";
import { libraryPlaces, VERSION } from "../src/native/locate.ts";
import { checkVersion, library, native } from "../src/native/open.ts";
import { buildInfo, lastError } from "../src/native/run.ts";
import { runtimeName } from "../src/native/runtime.ts";
import { ABI_VERSION, SYMBOLS } from "../src/native/symbols.ts";
import { child, runChild } from "./native_spawn.ts";

const header = readFileSync(new URL("../c/include/ristretto.h", import.meta.url), "utf8");

test("the table of functions is that of the header", () => {
  const types: Record<string, string> = { uint32_t: "u32", int32_t: "i32", double: "f64" };
  const prototypes = header.matchAll(/^RST_API (\w+) (rst_\w+)\(([^)]*)\);/gm);
  const there = Object.fromEntries(Array.from(prototypes, ([, result, name, list]) => {
    const parameters = list === "void" ? [] : list!.split(/,\s+/).map((parameter) => {
      return parameter.includes("*") ? "buffer" : types[parameter.split(" ")[0]!];
    });
    return [name, { parameters, result: types[result!] }];
  }));
  assertEquals(SYMBOLS as unknown, there);
  assertEquals(Object.keys(there).length, header.match(/^RST_API /gm)?.length);
  assert(header.includes(`#define RST_ABI_VERSION ${ABI_VERSION}\n`));
});

test("the version is the same wherever it is written", () => {
  for (const file of ["../deno.json", "../package.json"]) {
    const text = readFileSync(new URL(file, import.meta.url), "utf8");
    assertEquals(JSON.parse(text).version, VERSION, file);
  }
});

test("the library answers, and says how it was built", () => {
  assertEquals(native().rst_noop(42), 42);
  assertEquals(native().rst_noop(0xffffffff), 0xffffffff);
  assert(library().path.length > 0);
  assert(Object.keys(buildInfo()).length > 0);
  assert(Cover.builder(1).build().isConstant() === "0");
  assert(native().rst_thread_count() >= 1);
  assert(native().rst_thread_memory() >= 0);
});

test("a job of no bytes is answered, though there is nothing to look at", () => {
  const out = new Uint8Array(4096);
  const length = native().rst_run(new Uint8Array(0), 0, out, out.length);
  assert(length > 0 && length <= out.length);
});

test("nothing waits to be taken on a thread that has taken it", () => {
  assert(native().rst_take(new Uint8Array(8), 8) < 0);
  const error = lastError();
  assertEquals(error.kind, "Closed");
  assertStringIncludes(error.message, "no result");
});

test("a library of another version is refused, with what to do", () => {
  const other = { rst_abi_version: () => 99 };
  const error = assertThrows(() => checkVersion(other, "/there/lib.so"), RistrettoError);
  assertEquals(error.kind, "Unavailable");
  for (const word of ["/there/lib.so", "99", "bun run build"]) {
    assertStringIncludes(error.message, word);
  }
});

test("the places are in the documented order", () => {
  const before = process.env.RISTRETTO_LIBRARY;
  try {
    delete process.env.RISTRETTO_LIBRARY;
    const [first, ...others] = libraryPlaces().map((place) => place.what);
    assertEquals(first, "built beside the sources");
    assertEquals([...new Set(others)], ["in the package", "in the cache"]);
    process.env.RISTRETTO_LIBRARY = "/my/library";
    assertEquals(libraryPlaces(), [{ path: "/my/library", what: "RISTRETTO_LIBRARY" }]);
  } finally {
    if (before === undefined) delete process.env.RISTRETTO_LIBRARY;
    else process.env.RISTRETTO_LIBRARY = before;
  }
});

test("importing loads nothing: what needs no library works without one", () => {
  const { output, status } = runChild(["import"], { RISTRETTO_LIBRARY: "/does/not/exist" });
  assertEquals([output, status], ["a' b + a b'", 0]);
});

test("a library that is not there is Unavailable: what was tried, and what to do", () => {
  const { output } = runChild(["minimize"], { RISTRETTO_LIBRARY: "/does/not/exist" });
  for (
    const words of [
      "Unavailable",
      "/does/not/exist (RISTRETTO_LIBRARY): there is no such file",
      "bun run build",
    ]
  ) assertStringIncludes(output, words);
});

test("a file that is no library is Unavailable, with the system's reason", () => {
  const { output } = runChild(["minimize"], { RISTRETTO_LIBRARY: child });
  assertStringIncludes(output, "Unavailable");
  assertStringIncludes(output, child);
});

const deno = { skip: runtimeName !== "deno" };
const path = library().path;

test("Deno: a grant for the library alone is enough", deno, () => {
  const named = process.env.RISTRETTO_LIBRARY === undefined
    ? []
    : ["--allow-env=RISTRETTO_LIBRARY"];
  const { output } = runChild(["minimize"], {}, [`--allow-ffi=${path}`, ...named]);
  assertEquals(output, "2");
});

test("Deno: without a grant nothing prompts, and the error names the grant", deno, () => {
  const { output } = runChild(["minimize"], {}, []);
  assertStringIncludes(output, "Unavailable");
  assertStringIncludes(output, "--allow-ffi=");
});

test("Deno: a variable that may not be read is not looked at", deno, () => {
  const env = { RISTRETTO_LIBRARY: "/does/not/exist" };
  if (process.env.RISTRETTO_LIBRARY !== undefined) return;
  assertEquals(runChild(["minimize"], env, [`--allow-ffi=${path}`]).output, "2");
});

test("a result larger than the thread's memory for results is fetched whole", () => {
  const rows = Array.from({ length: 8192 }, (_, row) => row.toString(2).padStart(13, "0"));
  const text = `.i 13\n.o 1\n${rows.map((row) => `${row} 1\n`).join("")}.e\n`;
  const cover = Cover.fromPla(text);
  assertEquals(cover.cubeCount, 8192);
  assert(cover.toPla().length > 64 * 1024);
  assertEquals(Array.from(cover.cubes("on"))[8191]!.inputs, "1".repeat(13));
});
