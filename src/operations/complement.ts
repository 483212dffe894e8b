/**
 * The operation complement: how its job is written and its result read.
 */

import { type Cover, coverOf } from "../cover/cover.ts";
import type { CoverData } from "../cover/data.ts";
import type { Block } from "../job/block.ts";
import { needRows, openResult, readShape } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_COMPLEMENT, SECTION_OFF } from "../job/format.ts";
import type { JobOptions } from "../options.ts";

/** Writes the job. */
export function encodeComplement(
  job: Block,
  cover: CoverData,
  options: Readonly<JobOptions>,
): void {
  encodeJob(job, { operation: OP_COMPLEMENT, cover, options });
}

/** Reads the result: what was OFF is ON, and the don't-cares stay what they were. */
export function decodeComplement(result: Block, cover: CoverData): Cover {
  openResult(result, OP_COMPLEMENT);
  const shape = readShape(cover.shape);
  return coverOf({
    ...cover,
    on: needRows(SECTION_OFF, shape),
    // Where ON and OFF are given, what neither covers is don't-care, and must stay so.
    off: cover.off !== undefined ? cover.on : undefined,
  });
}
