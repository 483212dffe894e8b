/**
 * The operation tautology: how its job is written and its result read.
 */

import type { CoverData } from "../cover/data.ts";
import type { Block } from "../job/block.ts";
import { openResult, readTruth } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_TAUTOLOGY } from "../job/format.ts";
import type { JobOptions } from "../options.ts";

/** Writes the job. */
export function encodeTautology(
  job: Block,
  cover: CoverData,
  options: Readonly<JobOptions>,
): void {
  encodeJob(job, { operation: OP_TAUTOLOGY, cover, options });
}

/** Reads the result. */
export function decodeTautology(result: Block): boolean {
  openResult(result, OP_TAUTOLOGY);
  return readTruth();
}
