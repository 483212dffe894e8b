/**
 * What an engine counts: jobs, and times of waiting and running.
 *
 * @module
 */

import { native } from "../native/open.ts";
import { lastError } from "../native/run.ts";

/** How long something took, of many: counts for spans of time, each twice as long as the last. */
export interface TimeHistogram {
  /** Times counted. */
  readonly count: number;
  /** Their sum, in milliseconds. */
  readonly totalMs: number;
  /** `counts[n]` times were below `belowMs[n]`, and not below the one before it. */
  readonly counts: readonly number[];
  /** The upper ends of the spans, in milliseconds; the last one is `Infinity`. */
  readonly belowMs: readonly number[];
}

/** A thread's share. */
export interface ThreadStatistics {
  /** Jobs that it ran, of all engines that share it. */
  readonly jobs: number;
  /** Milliseconds that it ran jobs for. */
  readonly busyMs: number;
}

/**
 * What became of the jobs of an engine. At any moment `submitted` is the sum of `waiting`,
 * `running`, `completed`, `failed` and `cancelled`.
 */
export interface EngineStatistics {
  /** Jobs that got into the queue. */
  readonly submitted: number;
  /** Jobs with an answer. */
  readonly completed: number;
  /** Jobs with an error. */
  readonly failed: number;
  /** Jobs that were cancelled, before they ran or while they did. */
  readonly cancelled: number;
  /** Times that the queue had no room. */
  readonly refused: number;
  /** Jobs in the queue now. */
  readonly waiting: number;
  /** Jobs that run now. */
  readonly running: number;
  /** Jobs that may wait. */
  readonly queue: number;
  /** Jobs that may run at once. */
  readonly concurrency: number;
  /** How long jobs waited in the queue; empty where the option `statistics` is false. */
  readonly waited: TimeHistogram;
  /** How long they ran; empty where the option `statistics` is false. */
  readonly ran: TimeHistogram;
  /** The threads that there are, shared by all engines of the same kind. */
  readonly threads: readonly ThreadStatistics[];
}

const BUCKETS = 32;
const COUNTS = 9;
const MOST = COUNTS + 2 * (1 + BUCKETS) + 2 * 256;

const BELOW_MS: readonly number[] = Object.freeze(
  Array.from({ length: BUCKETS }, (_, n) => n + 1 < BUCKETS ? 2 ** (n + 9) / 1e6 : Infinity),
);

/** The statistics of a pool, by its handle. */
export function readStatistics(pool: number): EngineStatistics {
  const numbers = new Float64Array(MOST);
  const length = native().rst_pool_statistics(pool, new Uint8Array(numbers.buffer), MOST);
  if (length < 0) throw lastError();
  const at = (index: number): number => numbers[index]!;
  const threads = Array.from(
    { length: (length - COUNTS - 2 * (1 + BUCKETS)) / 2 },
    (_, n) => ({
      jobs: at(COUNTS + 2 * (1 + BUCKETS) + 2 * n),
      busyMs: at(COUNTS + 2 * (1 + BUCKETS) + 2 * n + 1) / 1e6,
    }),
  );
  return {
    submitted: at(0),
    completed: at(1),
    failed: at(2),
    cancelled: at(3),
    refused: at(4),
    waiting: at(5),
    running: at(6),
    queue: at(7),
    concurrency: at(8),
    waited: histogram(numbers.subarray(COUNTS)),
    ran: histogram(numbers.subarray(COUNTS + 1 + BUCKETS)),
    threads,
  };
}

function histogram(numbers: Float64Array): TimeHistogram {
  const counts = Array.from(numbers.subarray(1, 1 + BUCKETS));
  const count = counts.reduce((sum, n) => sum + n, 0);
  return { count, totalMs: numbers[0]! / 1e6, counts, belowMs: BELOW_MS };
}
