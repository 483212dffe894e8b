// What bench:ffi has each runtime measure in a process of its own: arguments are the file of
// functions and the milliseconds for each size; the answer is one line of JSON on standard output.

import { readFileSync } from "node:fs";
import process from "node:process";
import { do_not_optimize, measure } from "mitata";
import { type Cover, minimize, minimizeTables } from "../../mod.ts";
import { binaryShape, type CoverData } from "../../src/cover/data.ts";
import { threadJob } from "../../src/job/block.ts";
import { openResult } from "../../src/job/decode.ts";
import { encodeJob } from "../../src/job/encode.ts";
import { OP_SIZE } from "../../src/job/format.ts";
import { native } from "../../src/native/open.ts";
import { buildInfo, runHere } from "../../src/native/run.ts";
import { readFunctions, toCover } from "../common/function_text.ts";
import { median, quantile } from "../common/statistics.ts";
import type { BatchTimes, CallTimes, ChildReport, FunctionTimes } from "./report.ts";

const [path = "", budget = "500"] = process.argv.slice(2);

/** The least that there is to know: one cube of one input and one output. */
const smallest: CoverData = {
  shape: binaryShape(1, 1),
  on: Uint32Array.of(0b1_01, 0),
  dc: undefined,
  off: undefined,
  inputNames: undefined,
  outputNames: undefined,
  phase: undefined,
};

function sizeJob(): number {
  encodeJob(threadJob, { operation: OP_SIZE, cover: smallest });
  const result = runHere(threadJob);
  openResult(result, OP_SIZE);
  return result.length;
}

async function call(work: () => unknown): Promise<CallTimes> {
  const { min, p25, p50, p75, p99, avg } = await measure(() => do_not_optimize(work()), {
    min_cpu_time: Number(budget) * 1e6,
  });
  return { min, p25, median: p50, p75, p99, mean: avg };
}

/** Every function once in each effort, over and over; each call is timed by itself. */
function functionTimes(inputs: number, covers: readonly Cover[]): FunctionTimes[] {
  const efforts = ["fast", "default"] as const;
  const samples = efforts.map(() => covers.map((): number[] => []));
  const cubes = efforts.map(() => 0);
  for (const cover of covers.slice(0, 50)) {
    for (const effort of efforts) minimize(cover, { effort });
  }
  const end = performance.now() + Number(budget) * efforts.length;
  let passes = 0;
  for (; passes < 2 || (performance.now() < end && passes < 200); passes++) {
    for (const [f, cover] of covers.entries()) {
      for (let turn = 0; turn < efforts.length; turn++) {
        // Who comes second finds the function in the caches: they take turns at that as well.
        const e = (turn + passes + f) % efforts.length;
        const effort = efforts[e]!;
        const start = performance.now();
        const { stats } = minimize(cover, { effort });
        samples[e]![f]!.push((performance.now() - start) * 1e6);
        if (passes === 0) cubes[e]! += stats.cubes;
      }
    }
  }
  return efforts.map((effort, e): FunctionTimes => {
    const all = samples[e]!.flat().sort((a, b) => a - b);
    const each = samples[e]!.map((times) => median(times)).sort((a, b) => a - b);
    return {
      inputs,
      effort,
      functions: covers.length,
      calls: all.length,
      cubes: cubes[e]!,
      perCall: times(all),
      perFunction: times(each),
    };
  });
}

/** Random truth tables, all in one call; the cubes of each answer are read one by one. */
function batchTimes(inputs: number, functions: number): BatchTimes {
  const tables = new Uint32Array(Math.ceil(functions * 2 ** inputs / 32));
  let state = 1;
  for (let word = 0; word < tables.length; word++) {
    // xorshift32, Marsaglia 2003
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    tables[word] = state;
  }
  const bytes = new Uint8Array(tables.buffer, 0, functions * Math.ceil(2 ** inputs / 8));
  const samples: number[] = [];
  let cubes = 0;
  for (let call = 0; call < 7; call++) {
    const start = performance.now();
    const answers = minimizeTables(inputs, bytes);
    cubes = 0;
    for (let index = 0; index < answers.length; index++) cubes += answers.cubes(index);
    // The first call warms up: memory that was never touched, code that was never run.
    if (call > 0) samples.push((performance.now() - start) * 1e6 / functions);
  }
  return { inputs, functions, cubes, perFunction: times(samples.sort((a, b) => a - b)) };
}

function times(sorted: readonly number[]): CallTimes {
  return {
    min: sorted[0] ?? NaN,
    p25: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    p75: quantile(sorted, 0.75),
    p99: quantile(sorted, 0.99),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
  };
}

const { rst_noop, rst_thread_memory } = native();
const memory: Record<string, number> = { "idle": rst_thread_memory() };
sizeJob();
memory["after the smallest job"] = rst_thread_memory();

const groups = Map.groupBy(readFunctions(path), ({ inputs }) => inputs);
const covers = new Map([...groups].map(([inputs, group]) => [inputs, group.map(toCover)]));
for (const [inputs, [first]] of covers) {
  minimize(first!);
  memory[`after a function of ${inputs} inputs`] = rst_thread_memory();
}

const calls: Record<string, CallTimes> = {
  "a foreign call that does nothing": await call(() => rst_noop(1)),
  "the operation size, job and result": await call(sizeJob),
};
const functions = [...covers].flatMap(([inputs, group]) => functionTimes(inputs, group));

const batches = [batchTimes(4, Number(budget) < 100 ? 100_000 : 1_000_000)];

const { version } = "Deno" in globalThis
  ? (globalThis as unknown as { readonly Deno: { readonly version: { deno: string } } }).Deno
  : { version: undefined };
const report: ChildReport = {
  runtime: version === undefined ? "bun" : "deno",
  version: version?.deno ?? process.versions["bun"] ?? "unknown",
  kernels: buildInfo()["kernels"] ?? "",
  clockNs: clockCost(),
  memory,
  calls,
  functions,
  batches,
};
process.stdout.write(`@${JSON.stringify(report)}\n`);

/** What reading the clock costs, which is in every time of a single call. */
function clockCost(): number {
  const start = performance.now();
  for (let i = 0; i < 100_000; i++) performance.now();
  return (performance.now() - start) * 1e6 / 100_000;
}

// The source is read for its version alone; a mistyped path must not look like an empty result.
if (readFileSync(path).length === 0) throw new Error(`${path} is empty`);
