/**
 * The operation primes: how its job is written and its result read.
 */

import { type Cover, coverOf } from "../cover/cover.ts";
import type { CoverData } from "../cover/data.ts";
import type { Block } from "../job/block.ts";
import { needRows, openResult, readShape } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_PRIMES, SECTION_ON } from "../job/format.ts";
import type { JobOptions } from "../options.ts";

/** Writes the job. */
export function encodePrimes(job: Block, cover: CoverData, options: Readonly<JobOptions>): void {
  encodeJob(job, { operation: OP_PRIMES, cover, options });
}

/** Reads the result: the primes as ON, and the don't-cares as they were. */
export function decodePrimes(result: Block, cover: CoverData): Cover {
  openResult(result, OP_PRIMES);
  const on = needRows(SECTION_ON, readShape(cover.shape));
  // Primes hold don't-cares, which are don't-cares still.
  return coverOf({ ...cover, on, off: cover.dc === undefined ? cover.off : undefined });
}
