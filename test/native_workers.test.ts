// The library in many JavaScript threads: first loads at the same moment, and a state for each
// thread that goes with it. (stress.test.ts has the load, shared_memory.test.ts the memory.)

import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { assert, assertEquals } from "@std/assert";
import { native } from "../src/native/open.ts";
import { runChild } from "./native_spawn.ts";
import type { WorkerTask } from "./native_worker.ts";

const url = new URL("./native_worker.ts", import.meta.url);

function start(task: WorkerTask): { worker: Worker; answer: Promise<string> } {
  const worker = new Worker(url, { workerData: task });
  const answer = new Promise<string>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return { worker, answer };
}

const gate = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

test("first loads in 16 Workers at once all succeed, in fresh processes", () => {
  for (let round = 0; round < 5; round++) {
    const { output, status } = runChild(["workers", "16"]);
    assertEquals([output, status], [new Array(16).fill(2).join(" "), 0]);
  }
});

test("the state of a Worker goes with it", async () => {
  native().rst_noop(0);
  const before = native().rst_thread_count();
  for (let round = 0; round < 10; round++) {
    const { worker, answer } = start({ kind: "work", gate: gate(), count: 1 });
    await answer;
    await worker.terminate();
  }
  // A terminated thread may take a moment to end.
  const patience = performance.now() + 5000;
  while (native().rst_thread_count() > before && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(native().rst_thread_count() <= before);
});
