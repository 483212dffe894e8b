// One function, or a file of small ones, and several contestants: every one warms up, then they
// take turns, so that whatever else the machine does meets all of them alike.

import { readFunctions, type TwoLevel } from "./function_text.ts";
import { type Pass, type Runner, RunnerFailure } from "./runner.ts";
import { median, rounded, scaled, type Spread, spread } from "./statistics.ts";

/** Somebody who minimises: a runner, and in which of its ways. */
export interface Contestant {
  /** How the results name it: `ristretto fast`. */
  readonly key: string;
  readonly runner: Runner;
  readonly variant: string;
  /** Its results depend on what ran before in its process: the first pass gets a new one. */
  readonly remembers?: boolean | undefined;
  /** Why it does not take part in a race; `undefined` where it does. */
  readonly unfit?: ((functions: readonly TwoLevel[]) => string | undefined) | undefined;
}

/** How long a race may take. */
export interface RacePlan {
  /** Milliseconds that all timed runs of a contestant should take together. */
  readonly budgetMs: number;
  /** Rounds, at least and at most. */
  readonly rounds: readonly [least: number, most: number];
  /** Milliseconds that one pass may take; after that the contestant is out. */
  readonly limitMs: number;
}

/** What came of a contestant. */
export interface Finish {
  /** Why there are no figures: `over 60 s`, or what went wrong. */
  readonly failure?: string | undefined;
  /** Milliseconds of wall-clock time a function: the distribution over rounds (one function), or
   * over the functions' medians (several). */
  readonly wallMs?: Spread | undefined;
  /** Milliseconds of each round, where it is one function. */
  readonly roundsMs?: readonly number[] | undefined;
  /** Milliseconds of processor time a function, the median over rounds. */
  readonly cpuMs?: number | undefined;
  /** Timed rounds. */
  readonly rounds?: number | undefined;
  readonly cubes?: number | undefined;
  readonly inputLiterals?: number | undefined;
  readonly outputLiterals?: number | undefined;
  /** Most bytes that our own core held. */
  readonly coreBytes?: number | undefined;
  readonly complete?: boolean | undefined;
  /** Later passes gave covers of other sizes than the first, which is the one reported. */
  readonly varies?: boolean | undefined;
  /** Functions of the file that it could not do, and why the first of them. */
  readonly failed?: { readonly count: number; readonly why: string } | undefined;
  /** What the check of the results said: `right`, or what is wrong. */
  verified?: string | undefined;
}

/** Checks what a contestant made of the functions; what it says goes into `verified`. */
export type Check = (results: readonly TwoLevel[], failed: ReadonlySet<number>) => string;

interface Entry {
  readonly contestant: Contestant;
  readonly passes: Pass[];
  count: number;
  rounds: number;
  first: Pass | undefined;
  failure: string | undefined;
  verified: string | undefined;
}

/** Lets the contestants minimise the functions of a file. */
export async function race(
  contestants: readonly Contestant[],
  path: string,
  { plan, check, tell }: {
    readonly plan: RacePlan;
    readonly check: Check;
    readonly tell: (text: string) => void;
  },
): Promise<Map<string, Finish>> {
  const functions = readFunctions(path);
  const entries = contestants.map((contestant): Entry => ({
    contestant,
    passes: [],
    count: 1,
    rounds: 0,
    first: undefined,
    failure: contestant.unfit?.(functions),
    verified: undefined,
  }));
  for (const entry of entries) {
    if (entry.failure !== undefined) continue;
    tell(entry.contestant.key);
    await warmUp(entry, path, plan, check);
  }
  const most = Math.max(0, ...entries.map(({ rounds }) => rounds));
  for (let round = 0; round < most; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const entry = entries[(round + turn) % entries.length]!;
      if (entry.failure !== undefined || round >= entry.rounds) continue;
      const pass = await attempt(entry, () => runOf(entry, entry.count, plan.limitMs));
      if (pass !== undefined) entry.passes.push(pass);
    }
  }
  return new Map(entries.map((entry) => [entry.contestant.key, finish(entry)]));
}

function runOf({ contestant }: Entry, count: number, limitMs: number): Promise<Pass> {
  return contestant.runner.run(contestant.variant, count, limitMs);
}

/** The first pass: shows how long it takes, and what comes out of it. */
async function warmUp(entry: Entry, path: string, plan: RacePlan, check: Check): Promise<void> {
  const { runner } = entry.contestant;
  if (entry.contestant.remembers === true) runner.stop();
  runner.use(path);
  const result = `${path}.result`;
  await attempt(entry, async () => {
    entry.first = await runOf(entry, 1, plan.limitMs);
    await runner.write(result);
    const failed = new Set(Object.keys(entry.first.failed ?? {}).map(Number));
    entry.verified = check(readFunctions(result), failed);
    let ms = passMs(entry.first);
    if (ms < 50) {
      const again = await runOf(entry, Math.max(1, Math.ceil(10 / ms)), plan.limitMs);
      ms = Math.min(ms, passMs(again));
    }
    const [least, mostRounds] = plan.rounds;
    entry.count = ms < 2 ? Math.ceil(2 / ms) : 1;
    const fit = Math.floor(plan.budgetMs / (ms * entry.count));
    entry.rounds = Math.min(mostRounds, Math.max(least, fit));
    if (ms > 4 * plan.budgetMs) { // one run of something so long tells enough
      entry.rounds = 0;
      entry.passes.push(entry.first);
    }
  });
}

function passMs({ wall }: Pass): number {
  return Math.max(1e-6, wall.reduce((sum, ns) => sum + ns, 0) / 1e6);
}

async function attempt<T>(entry: Entry, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RunnerFailure)) throw error;
    entry.failure = error.message;
    return undefined;
  }
}

function finish(entry: Entry): Finish {
  const { first, passes, failure, verified } = entry;
  if (failure !== undefined || first === undefined || passes.length === 0) {
    return { failure: failure ?? "no pass ended" };
  }
  const failed = Object.entries(first.failed ?? {});
  const done = first.wall.map((_, i) => i).filter((i) => first.failed?.[i] === undefined);
  if (done.length === 0) return { failure: failed[0]?.[1] ?? "no function was done" };
  const pick = (values: readonly number[]) => done.reduce((sum, i) => sum + values[i]!, 0);
  const walls = done.length === 1
    ? passes.map((pass) => pass.wall[done[0]!]!)
    : done.map((i) => median(passes.map((pass) => pass.wall[i]!)));
  return {
    wallMs: scaled(spread(walls), 1e-6),
    roundsMs: done.length === 1 ? walls.map((ns) => rounded(ns / 1e6)) : undefined,
    cpuMs: rounded(median(passes.map(({ cpu }) => cpu)) / 1e6 / done.length),
    rounds: passes.length,
    cubes: pick(first.cubes),
    inputLiterals: pick(first.inputLiterals),
    outputLiterals: pick(first.outputLiterals),
    coreBytes: first.coreBytes,
    complete: first.complete,
    varies: passes.some((pass) => sizes(pass) !== sizes(first)) ? true : undefined,
    failed: failed.length > 0 ? { count: failed.length, why: failed[0]![1] } : undefined,
    verified: verified ?? "not checked",
  };
}

function sizes({ cubes, inputLiterals, outputLiterals }: Pass): string {
  return [cubes, inputLiterals, outputLiterals].join(" ");
}
