/**
 * The options that every mode of worker processes has.
 */

import { invalid } from "../errors.ts";
import { show } from "../options.ts";
import type { EngineOptions } from "./engine.ts";

const WORKERS_MOST = 1024;
const QUEUE = 1024;
const QUEUE_MOST = 2 ** 20;

/** Workers and the length of the queue. Errors: `InvalidInput`. */
export function readCrewOptions(
  options: EngineOptions,
  usual: number,
): { readonly workers: number; readonly queue: number } {
  return {
    workers: whole("workers", options.workers ?? usual, WORKERS_MOST),
    queue: whole("queue", options.queue ?? QUEUE, QUEUE_MOST),
  };
}

function whole(name: string, value: unknown, most: number): number {
  if (Number.isInteger(value) && value as number >= 1 && value as number <= most) {
    return value as number;
  }
  throw invalid(`option ${name}: expected a whole number from 1 to ${most}, got ${show(value)}`);
}
