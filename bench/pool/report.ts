// What a child of bench:pool answers with, for one contestant.

import type { Spread } from "../common/statistics.ts";

/** Times in microseconds. */
export interface SizeReport {
  /** The job. */
  readonly job: string;
  /** The job alone, on the calling thread. */
  readonly ownUs: number;
  /** One awaited job after the other. */
  readonly awaited: Spread;
  /** 99.9 % of them took at most so long. */
  readonly awaitedP999: number;
  /** Processor time of the whole process for each of them. */
  readonly awaitedCpuUs: number;
  /** Many at once: jobs a second, by number of threads. */
  readonly perSecond: Readonly<Record<string, number>>;
  /** Processor time for each job of those, with the most threads. */
  readonly batchCpuUs: number;
}

/** A contestant in a runtime. */
export interface ContestantReport {
  readonly name: string;
  readonly sizes: readonly SizeReport[];
}

/** A runtime. */
export interface RuntimeReport {
  readonly runtime: string;
  readonly contestants: readonly ContestantReport[];
}
