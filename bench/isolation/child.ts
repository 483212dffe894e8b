// What a job costs in a worker process, in the runtime that runs this; printed as JSON. The calls
// are those of the native library, on the bytes of one small job, so that writing the job and
// reading its result, which are the same in every mode, are not in the figures.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { Cover, createEngine } from "../../mod.ts";
import { dataOf } from "../../src/cover/cover.ts";
import { Block } from "../../src/job/block.ts";
import { encodeJob } from "../../src/job/encode.ts";
import { OP_SIZE } from "../../src/job/format.ts";
import { native } from "../../src/native/open.ts";
import { runtimeName } from "../../src/native/runtime.ts";

/** Times of calls, in microseconds, and the processor time of this process for one of them. */
interface Row {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly cpuUs: number;
}

const quick = process.argv.includes("--quick");
const calls = quick ? 5000 : 50_000;
const rows: Row[] = [];
const library = native();
const small = new Block(64);
encodeJob(small, { operation: OP_SIZE, cover: dataOf("cover", Cover.fromMinterms(3, [3, 5, 6])) });
const job = small.copy();
const out = new Uint8Array(64 * 1024);
const failure = new Uint32Array(8);

function add(name: string, times: number[], cpu: NodeJS.CpuUsage): void {
  times.sort((a, b) => a - b);
  const at = (share: number): number => 1000 * times[Math.floor(share * (times.length - 1))]!;
  const { user, system } = process.cpuUsage(cpu);
  const cpuUs = (user + system) / times.length;
  rows.push({ name, p50: at(0.5), p99: at(0.99), p999: at(0.999), cpuUs });
}

function measure(name: string, call: () => number, count = calls, pauseMs = 0): void {
  const warm = Math.min(1000, count);
  for (let n = 0; n < warm; n++) if (!(call() > 0)) throw new Error(`${name}: ${failure}`);
  const times: number[] = [];
  const cpu = process.cpuUsage();
  for (let n = 0; n < count; n++) {
    if (pauseMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    const start = performance.now();
    const length = call();
    times.push(performance.now() - start);
    if (!(length > 0)) throw new Error(`${name}: ${failure}`);
  }
  add(name, times, cpu);
}

function open(workers: number, spinUs: number, recycle: number): number {
  const crew = library.rst_process_open(Uint32Array.of(workers, 1024, spinUs, recycle), 4);
  if (!(crew > 0)) throw new Error("no workers");
  return crew;
}

const runIn = (crew: number) => (): number =>
  library.rst_process_run(crew, job, job.length, 0, out, out.length, failure);

measure("direct", () => library.rst_run(job, job.length, out, out.length));
for (const spinUs of [0, 20]) {
  const crew = open(1, spinUs, 0);
  measure(spinUs ? "process, adaptive spin" : "process, sleeping", runIn(crew));
  library.rst_process_release(crew);
}
const sustained = open(2, 20, 1);
measure("fresh, without a pause", runIn(sustained), quick ? 300 : 2000);
library.rst_process_release(sustained);
const spare = open(2, 20, 1);
measure("fresh, a spare at hand", runIn(spare), quick ? 100 : 500, 3);
library.rst_process_release(spare);

const engine = await createEngine({ isolation: "process" });
for (const count of [1000, quick ? 3000 : 20_000]) { // the first ones to warm up
  const times: number[] = [];
  const cpu = process.cpuUsage();
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await engine.run(job);
    times.push(performance.now() - start);
  }
  if (count > 1000) add("process, awaited one by one", times, cpu);
}
const total = quick ? 20_000 : 200_000;
const started = performance.now();
for (let done = 0; done < total; done += 1000) {
  await Promise.all(Array.from({ length: 1000 }, () => engine.run(job)));
}
const perSecond = total / (performance.now() - started) * 1000;

/** Context switches of all threads of a process so far. */
function switches(id: number): number {
  return readdirSync(`/proc/${id}/task`).map((task) => {
    const status = readFileSync(`/proc/${id}/task/${task}/status`, "utf8");
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)![1]);
  }).reduce((sum, count) => sum + count, 0);
}

const worker = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).find((id) => {
  try {
    const status = readFileSync(`/proc/${id}/status`, "utf8");
    return readFileSync(`/proc/${id}/cmdline`, "utf8").startsWith("ristretto-worker") &&
      Number(/^PPid:\s+(\d+)/m.exec(status)![1]) === process.pid &&
      !/^State:\s+Z/m.test(status);
  } catch {
    return false; // it ended meanwhile
  }
})!;
const before = switches(worker);
await new Promise((resolve) => setTimeout(resolve, quick ? 2000 : 10_000));
const idleSwitches = switches(worker) - before;
const smaps = readFileSync(`/proc/${worker}/smaps_rollup`, "utf8");
const kib = (name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(smaps)![1]);
const privateKib = kib("Private_Clean") + kib("Private_Dirty");
const sharedKib = kib("Shared_Clean") + kib("Shared_Dirty");
await engine.close();
console.log(
  JSON.stringify({ runtime: runtimeName, rows, perSecond, idleSwitches, privateKib, sharedKib }),
);
