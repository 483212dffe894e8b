// The library in many JavaScript threads: first loads at the same moment, a state for each thread,
// and memory that another thread writes to while a job is read from it.

import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { assert, assertEquals } from "@std/assert";
import { Cover, createEngine } from "../mod.ts";
import { dataOf } from "../src/cover/cover.ts";
import { RistrettoError } from "../src/errors.ts";
import { Block } from "../src/job/block.ts";
import { decodeMinimize } from "../src/operations/minimize.ts";
import { encodeJob } from "../src/job/encode.ts";
import { OP_MINIMIZE } from "../src/job/format.ts";
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

test("8 Workers with 80 jobs each give what one thread gives", async () => {
  const tasks = Array.from({ length: 9 }, () => start({ kind: "work", gate: gate(), count: 80 }));
  const answers = await Promise.all(tasks.map(({ answer }) => answer));
  await Promise.all(tasks.map(({ worker }) => worker.terminate()));
  assertEquals(new Set(answers).size, 1);
  assertEquals(answers[0]!.split("\n").length, 80);
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

test("a job that another thread changes while it runs has some result or some error", async () => {
  const on = Array.from({ length: 200 }, (_, point) => (point * 37) % 1024);
  const cover = Cover.fromMinterms(10, on);
  const job = new Block(64);
  encodeJob(job, { operation: OP_MINIMIZE, cover: dataOf("cover", cover) });
  const shared = new Uint8Array(new SharedArrayBuffer(job.length));
  const flags = gate();
  const { worker, answer } = start({ kind: "mutate", gate: flags, count: 0, memory: shared });
  while (Atomics.load(flags, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await using engine = await createEngine({ isolation: "direct" });
  const original = job.copy();
  const out = new Uint8Array(64 * 1024);
  const seen = new Set<string>();
  for (let round = 0; round < 300 || (seen.size < 2 && round < 5000); round++) {
    shared.set(original);
    // Through the engine, which copies; and straight into the library, which must not trust it.
    seen.add(outcomeOf(Block.copyOf(engine.runSync(shared)), cover));
    const length = native().rst_run(shared, shared.length, out, out.length);
    assert(length > 0 && length <= out.length);
    seen.add(outcomeOf(Block.copyOf(out.subarray(0, length)), cover));
  }
  Atomics.store(flags, 1, 1);
  await answer;
  await worker.terminate();
  assert(seen.size > 1, "nothing was changed while it ran");
});

/** What a result says: an error of the job, or how many cubes. */
function outcomeOf(result: Block, cover: Cover): string {
  try {
    return `${decodeMinimize(result, dataOf("cover", cover)).stats.cubes} cubes`;
  } catch (error) {
    if (!(error instanceof RistrettoError)) throw error;
    return error.message;
  }
}
