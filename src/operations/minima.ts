/**
 * The operation minima: how its job is written and its result read.
 */

import { type Cover, coverOf } from "../cover/cover.ts";
import { type CoverData, rowCount } from "../cover/data.ts";
import type { Block } from "../job/block.ts";
import {
  countFunctions,
  needRows,
  openResult,
  readFunctionEntries,
  readShape,
  readStats,
  readTruth,
} from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_MINIMA, SECTION_ON } from "../job/format.ts";
import type { JobOptions } from "../options.ts";

/** The minimum covers of a function. */
export interface MinimumCovers {
  /** They, each of primes; in the order in which they were found. */
  readonly covers: readonly Cover[];
  /** The cubes that each of them has. */
  readonly cubes: number;
  /** Whether these are all: neither a limit nor the option `covers` ended the list. */
  readonly all: boolean;
}

/** Writes the job. */
export function encodeMinima(job: Block, cover: CoverData, options: Readonly<JobOptions>): void {
  encodeJob(job, { operation: OP_MINIMA, cover, options });
}

/** Reads the result. */
export function decodeMinima(result: Block, cover: CoverData): MinimumCovers {
  openResult(result, OP_MINIMA);
  const shape = readShape(cover.shape);
  const rows = needRows(SECTION_ON, shape);
  const entries = readFunctionEntries(countFunctions(), rowCount(shape, rows));
  const covers: Cover[] = [];
  for (let at = 0, from = 0; at < entries.length; at += 2) {
    const on = rows.slice(shape.words * from, shape.words * entries[at]!);
    covers.push(coverOf({ ...cover, shape, on, dc: undefined, off: undefined }));
    from = entries[at]!;
  }
  return { covers, cubes: readStats().lowerBound, all: readTruth() };
}
