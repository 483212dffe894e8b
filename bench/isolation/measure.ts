// One cell: a job in an engine, again and again. Calls that come one after the other are timed by
// mitata, each by itself; several in flight by a closed loop, in which a new call begins whenever
// one is done. The number of calls follows from a first, untimed run, which is the warm-up.

import process from "node:process";
import { measure } from "mitata";
import type { Engine } from "../../mod.ts";
import { histogramOf } from "../common/histogram.ts";
import { quantile, rounded, spread } from "../common/statistics.ts";
import type { Job } from "./jobs.ts";
import { treeCpuUs } from "./processes.ts";
import type { CellRound, Form } from "./result.ts";

/** What to measure. */
export interface CellPlan {
  readonly way: string;
  readonly job: Job;
  readonly form: Form;
  readonly flight: number;
  /** Milliseconds that the timed calls should take together. */
  readonly budgetMs: number;
  /** The calls in flight take longer than that by far: no more of them than must be. */
  readonly long?: boolean | undefined;
}

const CALLS_MOST = 20_000;
const globals = globalThis as unknown as {
  readonly Bun?: { gc(now: boolean): void; nanoseconds(): number };
  gc?(): void;
};

/** Nanoseconds, from some moment on. */
const clock: () => number = globals.Bun?.nanoseconds ?? (() => 1e6 * performance.now());

/** Collects what earlier cells have left, so that no cell pays for another. */
export function collect(): void {
  globals.Bun?.gc(true);
  globals.gc?.();
}

/** Measures one cell. */
export async function measureCell(engine: Engine, plan: CellPlan): Promise<CellRound> {
  const { job, form, flight, budgetMs } = plan;
  const callMs = plan.long === true
    ? Infinity // it has run before, and a first run of so many would take as long again
    : form === "sync"
    ? warmUpSync(engine, job, budgetMs / 3)
    : await warmUp(engine, job, flight, budgetMs / 3);
  const calls = Math.max(3, Math.min(CALLS_MOST, Math.ceil(budgetMs / callMs)));
  collect();
  const timed = flight > 1
    ? await inFlight(engine, job, flight, Math.max(calls, plan.long === true ? flight : 2 * flight))
    : await oneByOne(form === "sync" ? () => job.runSync(engine) : () => job.run(engine), calls);
  const us = timed.ns.map((each) => each / 1000).sort((a, b) => a - b);
  const { count, ...ends } = spread(us);
  const figures = { ...ends, p999: quantile(us, 0.999) };
  return {
    way: plan.way,
    job: job.info.name,
    form,
    flight,
    calls: count,
    us: {
      count,
      ...Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, rounded(value)])),
    } as CellRound["us"],
    perSecond: rounded(count * 1e9 / timed.elapsedNs),
    cpuUs: rounded(timed.cpuUs / count),
    histogram: histogramOf(us),
  };
}

/** Milliseconds of a call, once half of the time is over. */
function warmUpSync(engine: Engine, job: Job, ms: number): number {
  let start = performance.now();
  for (let calls = 0; calls < 2 || performance.now() - start < ms / 2; calls++) job.runSync(engine);
  start = performance.now();
  let calls = 0;
  for (; calls < 1 || performance.now() - start < ms / 2; calls++) job.runSync(engine);
  return (performance.now() - start) / calls;
}

/** The same, per call, for many that are on their way together. */
async function warmUp(engine: Engine, job: Job, flight: number, ms: number): Promise<number> {
  let calls = 0;
  const drive = async (): Promise<number> => {
    const start = performance.now();
    calls = 0;
    const keep = async (): Promise<void> => {
      do {
        await job.run(engine);
        calls++;
      } while (performance.now() - start < ms / 2);
    };
    await Promise.all(Array.from({ length: flight }, keep));
    return (performance.now() - start) / calls;
  };
  const first = await drive();
  return first * calls > 2 * ms ? first : await drive();
}

interface Timed {
  readonly ns: readonly number[];
  readonly elapsedNs: number;
  readonly cpuUs: number;
}

/** A number of calls, one after the other; the clock that mitata asks also looks at the processor
 * time, before the first call and after the last. */
async function oneByOne(call: () => unknown, calls: number): Promise<Timed> {
  let asked = 0;
  const at = { cpu: 0, cpuEnd: 0, start: 0, end: 0 };
  const now = (): number => {
    if (asked++ === 0) {
      at.cpu = treeCpuUs("start");
      return at.start = clock();
    }
    const time = clock();
    if (asked === 2 * calls) {
      at.end = time;
      at.cpuEnd = treeCpuUs("end");
    }
    return time;
  };
  const options = {
    now,
    min_samples: calls,
    max_samples: calls,
    min_cpu_time: 0,
    warmup_samples: 0,
    batch_threshold: 0,
    samples_threshold: Number.MAX_SAFE_INTEGER, // no sample is thrown away
    gc: false, // done before
  };
  const { samples } = await measure(call as () => void, options);
  return { ns: samples, elapsedNs: at.end - at.start, cpuUs: at.cpuEnd - at.cpu };
}

/** A number of calls, so many of them on their way at any moment. */
async function inFlight(
  engine: Engine,
  job: Job,
  flight: number,
  calls: number,
): Promise<Timed> {
  const ns: number[] = new Array(calls);
  let begun = 0;
  let done = 0;
  const keep = async (): Promise<void> => {
    while (begun < calls) {
      begun++;
      const from = clock();
      await job.run(engine);
      ns[done++] = clock() - from;
    }
  };
  const cpu = treeCpuUs("start");
  const start = clock();
  await Promise.all(Array.from({ length: flight }, keep));
  const elapsedNs = clock() - start;
  return { ns, elapsedNs, cpuUs: treeCpuUs("end") - cpu };
}

/** Waits, so that what a cell has left to do (workers that are replaced) is not in the next one. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The version of the runtime that runs this. */
export function runtimeVersion(): { runtime: "bun" | "deno"; version: string } {
  const { Deno } = globalThis as unknown as {
    readonly Deno?: { readonly version: { readonly deno: string } };
  };
  return Deno === undefined
    ? { runtime: "bun", version: process.versions["bun"] ?? "unknown" }
    : { runtime: "deno", version: Deno.version.deno };
}
