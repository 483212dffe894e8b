// Nothing of ours holds up an end: a terminated Worker, an exit, a throw, whatever an engine is
// doing at that moment. (tools/endings.ts does the same many times, in `test:full`.)

import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { runChild } from "./native_spawn.ts";

const file = fileURLToPath(new URL("./endings_child.ts", import.meta.url));

const only = process.platform === "linux" ? test : test.skip;

test("Workers that end at any moment in any way are gone, and leave nothing", () => {
  const { output, status } = runChild(["workers", "pool", "24"], {}, ["-A"], file);
  assertEquals(status, 0, output);
  assert(output.endsWith("left 0 0 0 0"), output);
});

for (const isolation of ["process", "shared-heap", "fresh"]) {
  only(`a Worker that waits for a job of ${isolation} ends when it is told to`, () => {
    const { output, status } = runChild(["workers", isolation, "2", "waiting"], {}, ["-A"], file);
    assertEquals(status, 0, output);
    assert(output.endsWith("left 0 0 0 0"), output);
  });
}

for (const [ending, wanted] of [["exit", 3], ["throw", 1]] as const) {
  for (const moment of ["submitting", "streaming", "waiting", "closing"]) {
    test(`a process can ${ending} while its engine is ${moment}`, () => {
      const { status, output } = runChild([ending, "pool", moment], {}, ["-A"], file);
      assertEquals(status, wanted, output);
    });
  }
}
