// What a runtime reports to bench:ffi, and what becomes of the reports of several rounds.

import { median, rounded } from "../common/statistics.ts";

/** Nanoseconds of a call. */
export interface CallTimes {
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p99: number;
  readonly mean: number;
}

/** Random functions of so many inputs at one effort. */
export interface FunctionTimes {
  readonly inputs: number;
  readonly effort: "fast" | "default";
  /** Different functions. */
  readonly functions: number;
  readonly calls: number;
  /** Cubes of all results together. */
  readonly cubes: number;
  /** The distribution over single calls, with whatever the machine and the collector did. */
  readonly perCall: CallTimes;
  /** The distribution over functions, each by its median: how much functions differ. */
  readonly perFunction: CallTimes;
}

/** Many functions in one call of `minimizeTables`. */
export interface BatchTimes {
  readonly inputs: number;
  /** Functions in a call. */
  readonly functions: number;
  /** Cubes of all answers together. */
  readonly cubes: number;
  /** Nanoseconds a function, from the call until the cubes of every answer were read. */
  readonly perFunction: CallTimes;
}

/** One round in one runtime. */
export interface ChildReport {
  readonly runtime: "bun" | "deno";
  readonly version: string;
  readonly kernels: string;
  /** Nanoseconds that reading the clock takes; it is in every single call's time. */
  readonly clockNs: number;
  /** Bytes of the thread's native state, by when. */
  readonly memory: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, CallTimes>>;
  readonly functions: readonly FunctionTimes[];
  readonly batches: readonly BatchTimes[];
}

/** A runtime over all rounds: medians of the rounds, and how far the rounds' medians lie apart. */
export interface RuntimeReport extends ChildReport {
  readonly rounds: number;
  readonly calls: Readonly<Record<string, MergedTimes>>;
  readonly functions: readonly (FunctionTimes & { readonly perCall: MergedTimes })[];
  readonly batches: readonly (BatchTimes & { readonly perFunction: MergedTimes })[];
}

/** Times with the least and the largest of the rounds' medians. */
export interface MergedTimes extends CallTimes {
  readonly rounds: readonly [least: number, largest: number];
  /** The median of each round. */
  readonly medians: readonly number[];
}

/** Puts the rounds of one runtime together; `undefined` when there was none. */
export function merge(reports: readonly ChildReport[]): RuntimeReport | undefined {
  const [first] = reports;
  if (first === undefined) return undefined;
  return {
    ...first,
    rounds: reports.length,
    clockNs: rounded(median(reports.map(({ clockNs }) => clockNs))),
    calls: Object.fromEntries(
      Object.keys(first.calls).map((
        name,
      ) => [name, mergeTimes(reports.map((r) => r.calls[name]!))]),
    ),
    functions: first.functions.map((entry, i) => ({
      ...entry,
      calls: reports.reduce((sum, { functions }) => sum + functions[i]!.calls, 0),
      perCall: mergeTimes(reports.map(({ functions }) => functions[i]!.perCall)),
      perFunction: mergeTimes(reports.map(({ functions }) => functions[i]!.perFunction)),
    })),
    batches: first.batches.map((entry, i) => ({
      ...entry,
      perFunction: mergeTimes(reports.map(({ batches }) => batches[i]!.perFunction)),
    })),
  };
}

function mergeTimes(times: readonly CallTimes[]): MergedTimes {
  const middle = (of: keyof CallTimes) => rounded(median(times.map((each) => each[of])));
  const medians = times.map((each) => each.median);
  return {
    min: middle("min"),
    p25: middle("p25"),
    median: middle("median"),
    p75: middle("p75"),
    p99: middle("p99"),
    mean: middle("mean"),
    rounds: [rounded(Math.min(...medians)), rounded(Math.max(...medians))],
    medians: medians.map(rounded),
  };
}
