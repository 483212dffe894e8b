/**
 * The words that the core writes while it runs (esp_progress in c/base/context.h).
 */

import type { Progress } from "../stats.ts";

/** How many there are. */
export const PROGRESS_WORDS = 16;

/** What they say, so many milliseconds after the call. */
export function readProgress(words: Uint32Array, elapsedMs: number): Progress {
  return {
    step: words[0]!,
    cubes: words[1]!,
    bound: words[2]!,
    round: words[3]!,
    work: words[4]! + words[5]! * 2 ** 32,
    elapsedMs,
  };
}
