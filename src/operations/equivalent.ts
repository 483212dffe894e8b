/**
 * The operation equivalent: how its job is written and its result read.
 */

import { type CoverData, sameShape } from "../cover/data.ts";
import { invalid } from "../errors.ts";
import { type Block, threadJob } from "../job/block.ts";
import { openResult, readTruth } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_EQUIVALENT } from "../job/format.ts";
import { runHere } from "../native/run.ts";
import { type JobOptions, NO_OPTIONS } from "../options.ts";

/** Writes the job. Errors: `InvalidInput` for covers of different variables. */
export function encodeEquivalent(
  job: Block,
  a: CoverData,
  b: CoverData,
  options: Readonly<JobOptions>,
): void {
  if (!sameShape(a.shape, b.shape)) {
    throw invalid(
      `the covers have different variables: ${a.shape.inputs} inputs and ${a.shape.outputs} ` +
        `outputs, ${b.shape.inputs} inputs and ${b.shape.outputs} outputs`,
    );
  }
  encodeJob(job, { operation: OP_EQUIVALENT, cover: a, second: b, options });
}

/** Reads the result. */
export function decodeEquivalent(result: Block): boolean {
  openResult(result, OP_EQUIVALENT);
  return readTruth();
}

/** Runs the operation on this thread. */
export function runEquivalent(a: CoverData, b: CoverData): boolean {
  encodeEquivalent(threadJob, a, b, NO_OPTIONS);
  return decodeEquivalent(runHere(threadJob));
}
