/**
 * The options that every mode of worker processes has.
 */

import { invalid } from "../errors.ts";
import { bytesOf, show, wholeUpTo } from "../options.ts";
import type { EngineOptions } from "./engine.ts";

const WORKERS_MOST = 1024;
const QUEUE = 1024;
const QUEUE_MOST = 2 ** 20;
const GRACE_MS = 100;
const DAY_MS = 86_400_000;
/** Below it a worker that has done nothing would be beyond its mark. */
const MARK_LEAST = 2 ** 22;
const MARK_MOST = 2 ** 41;

/** What the options of a crew come to. */
export interface CrewNumbers {
  /** Processes. */
  readonly workers: number;
  /** Jobs that may wait. */
  readonly queue: number;
  /** Jobs after which a worker is replaced; 0 = never. */
  readonly recycle: number;
  /** KiB of its own with which a worker is replaced after its job; 0 = never. */
  readonly recycleKib: number;
  /** Nothing of a job is left in a worker. */
  readonly wipe: boolean;
  /** Milliseconds without a job after which workers end; 0 = never. */
  readonly idleMs: number;
  /** Milliseconds that a core that was told to stop has for its best answer. */
  readonly graceMs: number;
}

/** The options of a crew; `usual` workers. Errors: `InvalidInput`. */
export function readCrewOptions(options: EngineOptions, usual: number): CrewNumbers {
  return {
    workers: wholeUpTo("workers", options.workers ?? usual, WORKERS_MOST),
    queue: wholeUpTo("queue", options.queue ?? QUEUE, QUEUE_MOST),
    recycle: options.recycle === undefined ? 0 : wholeUpTo("recycle", options.recycle, 2 ** 31),
    recycleKib: options.recycleMemory === undefined ? 0 : kibOf(options.recycleMemory),
    wipe: options.wipe ?? false,
    idleMs: options.idleMs === undefined ? 0 : wholeUpTo("idleMs", options.idleMs, DAY_MS),
    graceMs: wholeUpTo("graceMs", options.graceMs ?? GRACE_MS, DAY_MS),
  };
}

function kibOf(value: unknown): number {
  const bytes = bytesOf(value, "recycleMemory");
  if (bytes >= MARK_LEAST && bytes <= MARK_MOST) return Math.ceil(bytes / 1024);
  throw invalid(`option recycleMemory: expected at least 4 MiB, got ${show(value)}`);
}
