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

/** Runs a program, which has a minute: what is held up is held up for ever. */
function runNamed(name: string, permissions?: readonly string[]) {
  return runChild([name], {}, permissions, file);
}

test("an idle engine does not keep a process alive", () => {
  const { output, status } = runNamed("idle");
  assertEquals([output, status], ["2", 0]);
});

test("an engine with a job does", () => {
  const { output, status } = runNamed("job");
  assertEquals([output, status], ["time", 0]);
});

for (const name of ["exit", "throw", "terminate"]) {
  test(`jobs on their way do not hold up a ${name}`, () => {
    const { output, status } = runNamed(name);
    assertEquals(status, name === "throw" ? 1 : 3, output);
    assert(output.startsWith("busy"), output);
  });
}

test("Workers that are ended leave no pools and no jobs", () => {
  const { output, status } = runNamed("workers");
  assertEquals([output, status], ["0", 0]);
});

test("an engine that is collected is freed, and says so", () => {
  const { output, status } = runNamed("leak", ["-A", "--v8-flags=--expose-gc"]);
  assertEquals([output, status], ["true\n0", 0]);
});

test("the threads of an idle engine do nothing", { skip: !existsSync("/proc/self/task") }, () => {
  const { output, status } = runNamed("switches");
  assertEquals([output, status], ["0", 0]);
});

if (runtimeName === "deno") {
  test("the grant for the library is enough for the pool", () => {
    const { output, status } = runNamed("job", [`--allow-ffi=${library().path}`]);
    assertEquals([output, status], ["time", 0]);
  });
}
