/**
 * The operation essential: how its job is written and its result read.
 */

import { type Cover, coverOf } from "../cover/cover.ts";
import type { CoverData } from "../cover/data.ts";
import type { Block } from "../job/block.ts";
import { needRows, openResult, readShape } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_ESSENTIAL, SECTION_ON } from "../job/format.ts";
import type { JobOptions } from "../options.ts";

/** Writes the job. */
export function encodeEssential(
  job: Block,
  cover: CoverData,
  options: Readonly<JobOptions>,
): void {
  encodeJob(job, { operation: OP_ESSENTIAL, cover, options });
}

/** Reads the result: the essential primes as ON, of variables and names as given, and no more. */
export function decodeEssential(result: Block, cover: CoverData): Cover {
  openResult(result, OP_ESSENTIAL);
  const on = needRows(SECTION_ON, readShape(cover.shape));
  return coverOf({ ...cover, on, dc: undefined, off: undefined });
}
