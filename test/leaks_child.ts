// The program that tools/leaks.ts starts in each runtime: does the same thing very many times, and
// prints how many bytes of memory the process has meanwhile, a number a line.
//
//     jobs COUNT        jobs of every operation on this thread
//     workers COUNT     Workers that run jobs and end, by themselves or terminated; afterwards a
//                       line "states N": threads that still have a state of the library

import process from "node:process";
import { Worker } from "node:worker_threads";
import {
  complement,
  Cover,
  equivalent,
  explain,
  isTautology,
  minimize,
  minimizePla,
} from "../mod.ts";
import { native } from "../src/native/open.ts";

const SAMPLES = 20;
const AT_ONCE = 4;

const [, , what, count = "0"] = process.argv;

/** Memory of the process, garbage collected. */
function memory(): number {
  const { Bun, gc } = globalThis as { Bun?: { gc(wait: boolean): void }; gc?: () => void };
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
  return process.memoryUsage().rss;
}

async function sample(
  total: number,
  work: (first: number, count: number) => unknown,
): Promise<void> {
  for (let done = 0; done < total; done += total / SAMPLES) {
    await work(done, total / SAMPLES);
    console.log(memory());
  }
}

const cover = Cover.fromMinterms(4, [0, 1, 3, 7, 8, 12, 15], [5]);
const text = cover.toPla();
const jobs: readonly (() => unknown)[] = [
  ...Array.from({ length: 5 }, () => () => minimize(cover)),
  () => minimizePla(text),
  () => complement(cover),
  () => equivalent(cover, cover),
  () => isTautology(cover),
  () => explain(cover),
];

function runJobs(first: number, count: number): void {
  for (let n = first; n < first + count; n++) jobs[n % jobs.length]!();
}

/** One Worker's life: it answers, and then ends by itself or is terminated. */
async function oneWorker(n: number): Promise<void> {
  const worker = new Worker(new URL("leaks_worker.ts", import.meta.url));
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if (n % 2 === 0) await worker.terminate();
  await ended;
}

async function runWorkers(first: number, count: number): Promise<void> {
  for (let n = first; n < first + count; n += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => oneWorker(n + index)));
  }
}

/** Threads with a state beside this one; the last Workers may take a moment to end. */
async function states(): Promise<number> {
  const { rst_thread_count } = native();
  const patience = performance.now() + 10_000;
  while (rst_thread_count() > 1 && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return rst_thread_count() - 1; // this thread has made `text`
}

if (what === "jobs") await sample(Number(count), runJobs);
else {
  await sample(Number(count), runWorkers);
  console.log(`states ${await states()}`);
}
