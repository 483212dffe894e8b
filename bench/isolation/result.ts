// What a result of bench:isolation holds (README.md, "Reading the results"), and how the rounds of
// one runtime, each a process of its own, become one.

import { median, rounded, type Spread } from "../common/statistics.ts";
import { addHistograms, type Histogram } from "../common/histogram.ts";
import type { JobInfo } from "./jobs.ts";

/** Whether the thread waits for the answer, or a promise does. */
export type Form = "sync" | "awaited";

/** One way, one job, one form, so many in flight: one round. Times in microseconds. */
export interface CellRound {
  readonly way: string;
  readonly job: string;
  readonly form: Form;
  readonly flight: number;
  readonly calls: number;
  readonly us: Spread & { readonly p999: number };
  readonly perSecond: number;
  /** Processor time of everybody for a job. */
  readonly cpuUs: number;
  readonly histogram: Histogram;
}

/** The same over all rounds: medians of the rounds, and each round's median and throughput. */
export interface Cell extends CellRound {
  readonly rounds: {
    readonly us: readonly number[];
    readonly perSecond: readonly number[];
    readonly cpuUs: readonly number[];
  };
}

/** What is measured of a way beside its calls. */
export interface WayEvents {
  readonly way: string;
  /** From `createEngine` to the first answer, in a program that runs: milliseconds. */
  readonly startMs: readonly number[];
  /** From the start of the runtime until it has ended, with one small job: milliseconds. */
  readonly coldMs: readonly number[];
  /** Bytes by which the caller's own memory grows when it opens the way with 8 threads or workers,
   * for each of them; and those of a worker. */
  readonly memory: {
    readonly hostOwn: number | undefined;
    readonly workerOwn: number | undefined;
    readonly workerShared: number | undefined;
  };
  /** Microseconds from the kill of the worker that computes until the job's promise rejects, and
   * until another small job is answered; nothing where a crash ends the program. */
  readonly noticedUs: readonly number[];
  readonly servingUs: readonly number[];
}

/** 10,000 requests over four workers. */
export interface Seeds {
  readonly way: string;
  readonly workers: number;
  readonly requests: number;
  readonly inFlight: number;
  readonly perSecond: number;
  readonly us: Spread & { readonly p999: number };
  readonly cpuUs: number;
  /** Bytes that are the workers' own, and the caller's growth. */
  readonly memory: number | undefined;
  readonly rounds: { readonly perSecond: readonly number[]; readonly us: readonly number[] };
}

/** What a child prints for one round. */
export interface RoundReport {
  readonly runtime: "bun" | "deno";
  readonly version: string;
  readonly jobs: readonly JobInfo[];
  readonly cells: readonly CellRound[];
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
  /** Nanoseconds of a foreign call that does nothing. */
  readonly noopNs: number;
}

/** What a child prints for the rest. */
export interface EventsReport {
  readonly events: readonly WayEvents[];
  readonly seeds: readonly Seeds[];
}

/** A runtime. */
export interface RuntimeReport extends EventsReport {
  readonly runtime: "bun" | "deno";
  readonly version: string;
  readonly jobs: readonly JobInfo[];
  readonly cells: readonly Cell[];
  readonly noopNs: { readonly median: number; readonly rounds: readonly number[] };
}

/** A primitive of the system, between two processes, or the start of one. */
export interface Floor {
  readonly name: string;
  readonly pinned: boolean;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly cpuUs: number;
}

/** The file isolation.json, without its head. */
export interface IsolationResult {
  readonly ways: readonly { readonly name: string; readonly mode: string }[];
  readonly parallel: number;
  readonly floor: readonly Floor[];
  readonly messagesPerSecond: number | undefined;
  readonly runtimes: readonly RuntimeReport[];
}

/** Which cell this is. */
export function keyOf(
  { way, job, form, flight }: Pick<CellRound, "way" | "job" | "form" | "flight">,
): string {
  return `${way} | ${job} | ${form} | ${flight}`;
}

/** Puts the rounds of one runtime together. */
export function merge(rounds: readonly RoundReport[], events: EventsReport): RuntimeReport {
  const [first] = rounds;
  const groups = Map.groupBy(rounds.flatMap(({ cells }) => cells), keyOf);
  const noops = rounds.map(({ noopNs }) => rounded(noopNs));
  return {
    runtime: first!.runtime,
    version: first!.version,
    jobs: first!.jobs,
    cells: [...groups.values()].map(mergeCell),
    noopNs: { median: rounded(median(noops)), rounds: noops },
    ...events,
  };
}

function mergeCell(rounds: readonly CellRound[]): Cell {
  const middle = (of: (one: CellRound) => number) => rounded(median(rounds.map(of)));
  const { way, job, form, flight } = rounds[0]!;
  const keys = ["min", "p25", "median", "p75", "p99", "p999"] as const;
  const us = Object.fromEntries(keys.map((key) => [key, middle((one) => one.us[key])]));
  const calls = rounds.reduce((sum, one) => sum + one.calls, 0);
  return {
    way,
    job,
    form,
    flight,
    calls,
    us: {
      count: calls,
      ...us as Record<typeof keys[number], number>,
      max: rounded(Math.max(...rounds.map((one) => one.us.max))),
    },
    perSecond: middle((one) => one.perSecond),
    cpuUs: middle((one) => one.cpuUs),
    histogram: rounds.map(({ histogram }) => histogram).reduce(addHistograms),
    rounds: {
      us: rounds.map((one) => rounded(one.us.median)),
      perSecond: rounds.map((one) => rounded(one.perSecond)),
      cpuUs: rounds.map((one) => rounded(one.cpuUs)),
    },
  };
}
