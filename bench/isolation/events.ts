// What is measured of a way beside its calls: how long it takes to start, what memory it takes, and
// how long after a worker's death the caller knows of it and is served again.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Cover, type Engine, RistrettoError } from "../../mod.ts";
import { fromRows, toCover } from "../common/function_text.ts";
import { median, rounded } from "../common/statistics.ts";
import { randomFunction } from "../generators.ts";
import type { ChildPlan } from "./child.ts";
import { collect, pause } from "./measure.ts";
import { descendants, memoryOf, running } from "./processes.ts";
import type { WayEvents } from "./result.ts";
import { openWay, type Way } from "./ways.ts";

const small = toCover(fromRows("small", randomFunction({ inputs: 4, seed: 1 })));
/** Each takes far longer than it takes to find and kill its worker. Another one each time: a job
 * that cost two workers their life is not run again. */
const long = (seed: number): Cover =>
  toCover(fromRows("long", randomFunction({ inputs: 13, seed })));
/** Threads or workers whose memory is taken together, so that pages of the runtime weigh less. */
const MANY = 8;

/** Measures one way; undefined where there is none. */
export async function measureEvents(way: Way, plan: ChildPlan): Promise<WayEvents | undefined> {
  const first = await openWay(way, 1);
  if (typeof first === "string") return undefined;
  await first.close();
  return {
    way: way.name,
    startMs: await starts(way, plan.quick ? 3 : 20),
    coldMs: coldStarts(way, plan),
    memory: await memory(way),
    ...await recovery(way, plan.quick ? 3 : 20),
  };
}

async function open(way: Way, parallel: number): Promise<Engine> {
  const engine = await openWay(way, parallel);
  if (typeof engine === "string") throw new Error(engine);
  return engine;
}

async function starts(way: Way, times: number): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    const engine = await open(way, 1);
    await engine.minimize(small);
    samples.push(rounded(performance.now() - start));
    await engine.close();
    await pause(2);
  }
  return samples;
}

function coldStarts(way: Way, plan: ChildPlan): number[] {
  const child = fileURLToPath(new URL("./child.ts", import.meta.url));
  const words = "Deno" in globalThis ? ["run", "-A", "--no-check", child] : [child];
  const task = JSON.stringify({ ...plan, task: "cold", ways: [way.name] });
  const samples: number[] = [];
  const from = plan.quick ? 0 : 1; // the first finds the files in no cache
  for (let n = 0; n < (plan.quick ? 1 : 6); n++) {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, [...words, task], { stdio: "ignore" });
    const ms = performance.now() - start;
    if (status === 0 && n >= from) samples.push(rounded(ms));
  }
  return samples;
}

async function memory(way: Way): Promise<WayEvents["memory"]> {
  collect();
  const before = memoryOf("self")?.own;
  const engine = await open(way, MANY);
  for (let n = 0; n < 20; n++) {
    await Promise.all(Array.from({ length: 4 * MANY }, () => engine.minimize(small)));
  }
  await pause(20);
  collect();
  const after = memoryOf("self")?.own;
  const workers = descendants().flatMap((id) => memoryOf(id) ?? []);
  await engine.close();
  const grown = before === undefined || after === undefined ? undefined : after - before;
  return {
    hostOwn: grown === undefined ? undefined : Math.max(0, Math.round(grown / MANY)),
    workerOwn: workers.length === 0 ? undefined : median(workers.map(({ own }) => own)),
    workerShared: workers.length === 0 ? undefined : median(workers.map(({ shared }) => shared)),
  };
}

/** Kills workers while they compute. */
export async function recovery(
  way: Way,
  times: number,
): Promise<Pick<WayEvents, "noticedUs" | "servingUs">> {
  const noticedUs: number[] = [];
  const servingUs: number[] = [];
  if (way.mode === "direct" || way.mode === "pool") return { noticedUs, servingUs };
  const engine = await open(way, 1);
  try {
    await engine.minimize(small);
    for (let n = 0; n < times; n++) {
      const figures = await killOne(engine, long(14 + n));
      if (figures === undefined) continue;
      noticedUs.push(rounded(figures.noticed));
      servingUs.push(rounded(figures.serving));
    }
  } finally {
    await engine.close({ jobs: "cancel" });
  }
  return { noticedUs, servingUs };
}

async function killOne(
  engine: Engine,
  cover: Cover,
): Promise<{ noticed: number; serving: number } | undefined> {
  let start = 0;
  const options = { method: "exact", timeoutMs: 5000 } as const;
  const job = engine.minimize(cover, options).then(() => undefined, (error) => {
    if (error instanceof RistrettoError && error.kind === "WorkerCrashed") {
      return 1000 * (performance.now() - start);
    }
    throw error;
  });
  const [victim] = await atWork();
  if (victim === undefined) return void await job;
  killed.add(victim);
  start = performance.now();
  process.kill(victim, "SIGKILL");
  const noticed = await job;
  if (noticed === undefined) return undefined; // it was done before
  await engine.minimize(small);
  return { noticed, serving: 1000 * (performance.now() - start) };
}

/** Workers that were killed, and may not have come to their end yet. */
const killed = new Set<number>();

/** The workers that compute, which they must be seen to do twice: others are just starting. */
async function atWork(): Promise<number[]> {
  for (let look = 0; look < 200; look++) {
    await pause(2);
    const first = running(descendants().filter((id) => !killed.has(id)));
    await pause(2);
    const both = running(first);
    if (both.length > 0) return both;
  }
  return [];
}
