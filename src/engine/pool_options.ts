/**
 * The options of an engine that are about its threads and its queue, checked.
 */

import { invalid } from "../errors.ts";
import { bytesOf, show, wholeUpTo } from "../options.ts";
import type { EngineOptions, Priority } from "./engine.ts";

/** Flags of rst_pool_open. */
export const FLAG_STATISTICS = 1;
/** The pool ends with its JavaScript thread. */
export const FLAG_OWNED = 2;

/** What rst_pool_open takes. */
export interface PoolNumbers {
  /** 0: what the machine allows. */
  readonly threads: number;
  /** Jobs that may wait. */
  readonly queue: number;
  /** KiB of a thread's stack. */
  readonly stackKib: number;
  /** Share of the threads. */
  readonly weight: number;
  /** Times are counted. */
  readonly statistics: boolean;
  /** Name of the threads. */
  readonly name: Uint8Array;
}

/** Of which priority gets how much more time than another, while both want all of it. */
const WEIGHTS: Readonly<Record<Priority, number>> = { low: 1, normal: 8, high: 64 };

const DEFAULT_QUEUE = 1024;
const NAME_MOST = 11;

/** Checks the options. Errors: `InvalidInput`, naming the option. */
export function checkPoolOptions(options: EngineOptions): PoolNumbers {
  const { statistics = true, threadName = "ristretto", priority = "normal" } = options;
  if (typeof statistics !== "boolean") {
    throw invalid(`option statistics: expected true or false, got ${show(statistics)}`);
  }
  if (typeof threadName !== "string" || !/^[\w.-]{1,11}$/.test(threadName)) {
    const what = `1 to ${NAME_MOST} letters, digits, "-", "_" or "."`;
    throw invalid(`option threadName: expected ${what}, got ${show(threadName)}`);
  }
  if (!Object.hasOwn(WEIGHTS, priority)) {
    throw invalid(`option priority: expected "low", "normal" or "high", got ${show(priority)}`);
  }
  return {
    threads: options.threads === undefined ? 0 : wholeUpTo("threads", options.threads, 256),
    queue: wholeUpTo("queue", options.queue ?? DEFAULT_QUEUE, 2 ** 20),
    stackKib: stackOf(options.stack ?? 256 * 1024),
    weight: WEIGHTS[priority],
    statistics,
    name: new TextEncoder().encode(threadName),
  };
}

/** A stack is a multiple of 64 KiB. */
function stackOf(value: unknown): number {
  const bytes = bytesOf(value, "stack");
  if (bytes >= 128 * 1024 && bytes <= 64 * 1024 * 1024) return 64 * Math.ceil(bytes / 65536);
  throw invalid(`option stack: expected 128 KiB to 64 MiB, got ${show(value)}`);
}
