// What an engine with isolation `pool` means for the life of a process: an idle one does not hold
// it, one with jobs does, and an end by force is never held up.

import { test } from "node:test";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { library } from "../src/native/open.ts";
import { runtimeName } from "../src/native/runtime.ts";
import { runChild } from "./native_spawn.ts";

const file = fileURLToPath(new URL("./pool_child.ts", import.meta.url));

/** Runs a program; how long it took, in milliseconds, is in `ms`. */
function runTimed(name: string, permissions?: readonly string[]) {
  const start = performance.now();
  const outcome = runChild([name], {}, permissions, file);
  return { ...outcome, ms: performance.now() - start };
}

test("an idle engine does not keep a process alive", () => {
  const { output, status, ms } = runTimed("idle");
  assertEquals([output, status], ["2", 0]);
  assert(ms < 10_000);
});

test("an engine with a job does", () => {
  const { output, status } = runTimed("job");
  assertEquals([output, status], ["time", 0]);
});

for (const name of ["exit", "throw", "terminate"]) {
  test(`jobs on their way do not hold up a ${name}`, () => {
    const { output, status, ms } = runTimed(name);
    assertEquals(status, name === "throw" ? 1 : 3, output);
    assert(output.startsWith("busy"), output);
    assert(ms < 10_000, `${ms} ms`);
  });
}

test("Workers that are ended leave no pools and no jobs", () => {
  const { output, status } = runTimed("workers");
  assertEquals([output, status], ["0", 0]);
});

test("an engine that is collected is freed, and says so", () => {
  const { output, status } = runTimed("leak", ["-A", "--v8-flags=--expose-gc"]);
  assertEquals([output, status], ["true\n0", 0]);
});

test("the threads of an idle engine do nothing", { skip: !existsSync("/proc/self/task") }, () => {
  const { output, status } = runTimed("switches");
  assertEquals([output, status], ["true 0", 0]);
});

if (runtimeName === "deno") {
  test("the grant for the library is enough for the pool", () => {
    const { output, status } = runTimed("job", [`--allow-ffi=${library().path}`]);
    assertEquals([output, status], ["time", 0]);
  });
}
