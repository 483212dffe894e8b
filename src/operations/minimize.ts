/**
 * The operation minimize: how its job is written and its result read.
 */

import { type Cover, coverOf, dataOf } from "../cover/cover.ts";
import { type CoverData, sameShape } from "../cover/data.ts";
import { invalid, RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import {
  needRows,
  openResult,
  readCertificateText,
  readPhase,
  readShape,
  readStats,
} from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_MINIMIZE, SECTION_ON } from "../job/format.ts";
import { checkOptions, type JobOptions, type MinimizeOptions } from "../options.ts";
import type { Stats } from "../stats.ts";

/** What minimising a cover gives. */
export interface MinimizeResult {
  /** The smaller cover: its ON set is what the function is, don't-cares decided. */
  readonly cover: Cover;
  /** What the run did. */
  readonly stats: Stats;
  /** Why no cover is smaller (docs/certificate.md), where that was asked for and is proven. */
  readonly certificate?: string | undefined;
}

/** The options of the operation that are covers. */
const SETS: readonly string[] = ["dc", "off"];

/** Checks the options; see {@link checkOptions}. */
export function checkMinimize(
  options: MinimizeOptions | undefined,
  engine = false,
): Readonly<JobOptions> {
  return checkOptions(options, SETS, engine);
}

/** The function that a cover and the sets among the options make. Errors: `InvalidInput`. */
export function functionOf(cover: Cover, options: MinimizeOptions | undefined): CoverData {
  const data = dataOf("cover", cover);
  if (options?.dc === undefined && options?.off === undefined) return data;
  return {
    ...data,
    dc: options.dc === undefined ? data.dc : onSetOf("dc", options.dc, data),
    off: options.off === undefined ? data.off : onSetOf("off", options.off, data),
  };
}

function onSetOf(name: string, cover: Cover, { shape }: CoverData): Uint32Array {
  const given = dataOf(`option ${name}`, cover);
  if (given.on === undefined) throw invalid(`option ${name}: the cover has no ON set`);
  if (sameShape(given.shape, shape)) return given.on;
  throw invalid(
    `option ${name}: expected a cover of ${shape.inputs} inputs and ${shape.outputs} outputs, ` +
      `got ${given.shape.inputs} and ${given.shape.outputs}`,
  );
}

const NO_CERTIFICATE =
  "there are no certificates for outputs that a phase turns into their complement";

/** The phase of the answer: the one that was given, and what the run turned round once more. */
function phaseOf(given: Uint8Array | undefined, turned: Uint8Array | undefined) {
  if (turned === undefined || given === undefined) return turned ?? given;
  return turned.map((phase, output) => phase ^ given[output]! ^ 1);
}

/** Writes the job. */
export function encodeMinimize(
  job: Block,
  cover: CoverData,
  options: Readonly<JobOptions>,
): void {
  if (options.certificate === 1 && options.method === 1 && cover.phase?.includes(0)) {
    throw new RistrettoError("Unsupported", NO_CERTIFICATE);
  }
  encodeJob(job, { operation: OP_MINIMIZE, cover, options });
}

/** Reads the result; the cover has the names of the one that was given. */
export function decodeMinimize(result: Block, cover: CoverData): MinimizeResult {
  openResult(result, OP_MINIMIZE);
  const shape = readShape(cover.shape);
  return {
    cover: coverOf({
      shape,
      on: needRows(SECTION_ON, shape),
      dc: undefined,
      off: undefined,
      inputNames: cover.inputNames,
      outputNames: cover.outputNames,
      phase: phaseOf(cover.phase, readPhase(shape)),
    }),
    stats: readStats(),
    certificate: readCertificateText(),
  };
}
