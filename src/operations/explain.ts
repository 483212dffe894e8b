/**
 * The operation explain: how its job is written and its result read.
 */

import { type Cube, readCube } from "../cover/cube.ts";
import type { CoverData, Shape } from "../cover/data.ts";
import { rowCount } from "../cover/data.ts";
import { inputText, isEmptyRow, outputText } from "../cover/rows.ts";
import type { Block } from "../job/block.ts";
import { needRows, openResult, readFlags, readShape } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import * as f from "../job/format.ts";
import type { JobOptions } from "../options.ts";

/** A point that only one cube of a cover has, for one output at least. */
export interface OwnPoint {
  /** The values of the inputs, as text of `0` and `1`. */
  readonly inputs: string;
  /** The number of the output for which no other cube covers the point. */
  readonly output: number;
}

/** A cube of the ON set, and what it is for. */
export interface ExplainedCube extends Cube {
  /** No larger cube with the same or more outputs fits into ON and DC. */
  readonly prime: boolean;
  /** It is prime, and no other prime covers one of its points. */
  readonly essential: boolean;
  /** The other cubes and DC cover it whole. */
  readonly redundant: boolean;
  /** A point that neither another cube nor DC covers; `undefined` for a redundant cube. */
  readonly point: OwnPoint | undefined;
}

/** Writes the job. */
export function encodeExplain(job: Block, cover: CoverData, options: Readonly<JobOptions>): void {
  encodeJob(job, { operation: f.OP_EXPLAIN, cover, options });
}

/** Reads the result: an entry for each cube of the ON set, in its order. */
export function decodeExplain(result: Block, cover: CoverData): ExplainedCube[] {
  openResult(result, f.OP_EXPLAIN);
  const shape = readShape(cover.shape);
  const on = needRows(f.SECTION_ON, shape);
  const count = rowCount(shape, on);
  const flags = readFlags(f.SECTION_CUBE_FLAGS, count);
  const points = needRows(f.SECTION_POINTS, shape);
  return Array.from({ length: count }, (_, index) => {
    const base = index * shape.words;
    const flag = flags[index]!;
    const cube = readCube(cover, on, base);
    return {
      inputs: cube.inputs,
      outputs: cube.outputs,
      literals: cube.literals,
      prime: (flag & f.CUBE_PRIME) !== 0,
      essential: (flag & f.CUBE_ESSENTIAL) !== 0,
      redundant: (flag & f.CUBE_REDUNDANT) !== 0,
      point: pointOf(shape, points, base),
    };
  });
}

function pointOf(shape: Shape, points: Uint32Array, base: number): OwnPoint | undefined {
  if (base >= points.length || isEmptyRow(shape, points, base)) return undefined;
  return {
    inputs: inputText(shape, points, base),
    output: outputText(shape, points, base).indexOf("1"),
  };
}
