// What bench:pool has a runtime measure, one contestant in a process of its own: arguments are the
// contestant, a file in the folder of the peers, and milliseconds for each figure; the answer is
// one line of JSON on standard output.

import { deepStrictEqual } from "node:assert";
import process from "node:process";
import { fromRows, toCover } from "../common/function_text.ts";
import { dataOf } from "../../src/cover/cover.ts";
import { Block } from "../../src/job/block.ts";
import { openResult, readCubeCount } from "../../src/job/decode.ts";
import { encodeJob } from "../../src/job/encode.ts";
import { OP_MINIMIZE, OP_SIZE } from "../../src/job/format.ts";
import { runHere } from "../../src/native/run.ts";
import { quantile, rounded, spread } from "../common/statistics.ts";
import { randomFunction } from "../generators.ts";
import { contestants, type OpenPool } from "./contestants.ts";
import type { SizeReport } from "./report.ts";

const [name = "", peers = "", budget = "500"] = process.argv.slice(2);
const budgetMs = Number(budget);
/** How long a pool may take to open and answer; some never do. */
const PATIENCE_MS = 2000 + 8 * budgetMs;
const contestant = contestants(peers).find((each) => each.name === name)!;

const isQuick = budgetMs < 200;

/** Jobs of the same size, by what they are called. */
const jobs: Readonly<Record<string, readonly Uint8Array[]>> = {
  "size": [jobOf(OP_SIZE, 4, 1)],
  "minimise, 4 inputs": many(4),
  "minimise, 8 inputs": many(8),
  ...(isQuick ? {} : { "minimise, 10 inputs": many(10) }),
};

function many(inputs: number): Uint8Array[] {
  return Array.from({ length: 16 }, (_, seed) => jobOf(OP_MINIMIZE, inputs, seed));
}

function jobOf(operation: number, inputs: number, seed: number): Uint8Array {
  const block = new Block(64);
  const rows = randomFunction({ inputs, seed: 1000 * inputs + seed });
  const cover = toCover(fromRows("random", rows));
  encodeJob(block, { operation, cover: dataOf("cover", cover) });
  return block.copy();
}

function own(list: readonly Uint8Array[]): number {
  const blocks = list.map((job) => Block.copyOf(job));
  const samples: number[] = [];
  const end = performance.now() + budgetMs / 4;
  for (let n = 0; n < 10 || performance.now() < end; n++) {
    const start = performance.now();
    for (const block of blocks) runHere(block);
    samples.push((performance.now() - start) * 1000 / blocks.length);
    if (n > 1e5) break;
  }
  return quantile(samples.sort((a, b) => a - b), 0.5);
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The answer must be the right one, whoever brought it. */
async function check(pool: OpenPool, list: readonly Uint8Array[], operation: number) {
  for (const job of list) {
    openResult(Block.copyOf(await pool.run(job)), operation);
    const theirs = readCubeCount();
    openResult(Block.copyOf(runHere(Block.copyOf(job)).copy()), operation);
    deepStrictEqual(theirs, readCubeCount());
  }
}

async function awaited(pool: OpenPool, list: readonly Uint8Array[]) {
  const warm = performance.now() + budgetMs / 2;
  for (let n = 0; performance.now() < warm; n++) await pool.run(list[n % list.length]!);
  const samples: number[] = [];
  const cpu = cpuUs();
  const end = performance.now() + budgetMs;
  for (let n = 0; n < 50 || performance.now() < end; n++) {
    const start = performance.now();
    await pool.run(list[n % list.length]!);
    samples.push((performance.now() - start) * 1000);
  }
  return { samples, cpu: (cpuUs() - cpu) / samples.length };
}

/** Many at once; a new one whenever one is done, so that the queue is never empty. */
async function batch(pool: OpenPool, list: readonly Uint8Array[]) {
  const rates: number[] = [];
  let cpuEach = 0;
  for (let round = 0; round < (isQuick ? 2 : 5); round++) {
    const end = performance.now() + budgetMs / 5;
    const cpu = cpuUs();
    const start = performance.now();
    let done = 0;
    let next = 0;
    const keep = async (): Promise<void> => {
      while (performance.now() < end) {
        await pool.run(list[next++ % list.length]!);
        done++;
      }
    };
    await Promise.all(Array.from({ length: 256 }, keep));
    rates.push(done * 1000 / (performance.now() - start));
    cpuEach = (cpuUs() - cpu) / done;
  }
  return { rate: quantile(rates.sort((a, b) => a - b), 0.5), cpuEach };
}

async function measure(job: string, list: readonly Uint8Array[]): Promise<SizeReport> {
  const perSecond: Record<string, number> = {};
  let single = { samples: [0], cpu: 0 };
  let batchCpuUs = 0;
  let ownUs = 0;
  for (const threads of [1, 2]) {
    const patience = setTimeout(() => {
      console.error(`${name} does not answer in this runtime`);
      process.exit(1);
    }, PATIENCE_MS);
    const pool = await contestant.open(threads);
    await check(pool, list, job === "size" ? OP_SIZE : OP_MINIMIZE);
    clearTimeout(patience);
    if (threads === 1) {
      ownUs = own(list);
      single = await awaited(pool, list);
    }
    const { rate, cpuEach } = await batch(pool, list);
    perSecond[threads] = Math.round(rate);
    batchCpuUs = cpuEach;
    await pool.close();
  }
  return {
    job,
    ownUs: rounded(ownUs),
    awaited: spread(single.samples),
    awaitedP999: rounded(quantile(single.samples.sort((a, b) => a - b), 0.999)),
    awaitedCpuUs: rounded(single.cpu),
    perSecond,
    batchCpuUs: rounded(batchCpuUs),
  };
}

const sizes: SizeReport[] = [];
for (const [job, list] of Object.entries(jobs)) sizes.push(await measure(job, list));
console.log(`@${JSON.stringify({ name, sizes })}`);
process.exit(0);
