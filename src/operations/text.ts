/**
 * Operations on PLA text: text to text, text to a cover, a cover to text. The text is read and
 * written by the core, wherever it runs.
 */

import type { CoverData } from "../cover/data.ts";
import { invalid } from "../errors.ts";
import { type Block, steadyBytes, threadJob } from "../job/block.ts";
import {
  openResult,
  readCertificateText,
  readFunction,
  readStats,
  readText,
} from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_MINIMIZE, OP_PARSE, OP_PRINT } from "../job/format.ts";
import { runHere } from "../native/run.ts";
import { checkOptions, type JobOptions, type PlaType, show } from "../options.ts";
import type { Stats } from "../stats.ts";

/** What an operation from text to text gives. */
export interface PlaResult {
  /** The text; made from the bytes when it is asked for. */
  readonly text: string;
  /** The bytes of the text; names are the bytes that the input had, whatever their encoding. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the run did. */
  readonly stats: Stats;
  /** Why no cover is smaller (docs/certificate.md), where that was asked for and is proven. */
  readonly certificate?: string | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text as bytes that nobody else writes. Errors: `InvalidInput` for what is neither. */
export function textBytes(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof text === "string") return encoder.encode(text);
  if (text instanceof Uint8Array) return steadyBytes("text", text);
  throw invalid(`text: expected a string or a Uint8Array, got ${show(text as unknown)}`);
}

/** Writes a job that takes text and gives text; by default one that minimises. */
export function encodeText(
  job: Block,
  text: string | Uint8Array,
  options: Readonly<JobOptions>,
  operation: number = OP_MINIMIZE,
): void {
  encodeJob(job, { operation, text: textBytes(text), options: { ...options, emit: 1 } });
}

/** Reads the result of such a job. */
export function decodeText(result: Block, operation: number = OP_MINIMIZE): PlaResult {
  openResult(result, operation);
  const bytes = readText();
  return {
    get text(): string {
      return decoder.decode(bytes);
    },
    bytes,
    stats: readStats(),
    certificate: readCertificateText(),
  };
}

/** Reads PLA text on this thread. */
export function runParse(text: string | Uint8Array, type: PlaType | undefined): CoverData {
  const options = checkOptions({ inputType: type });
  encodeJob(threadJob, { operation: OP_PARSE, text: textBytes(text), options });
  const result = runHere(threadJob);
  openResult(result, OP_PARSE);
  return readFunction();
}

/** Writes PLA text on this thread; without a type, the sets that are there. */
export function runPrint(cover: CoverData, type: PlaType | undefined): string {
  const { on, dc, off } = cover;
  // Beside an OFF set, an empty DC set says something: that nothing is free.
  const free = dc !== undefined && (dc.length > 0 || off !== undefined);
  const there = `${on ? "f" : ""}${free ? "d" : ""}${off ? "r" : ""}` as PlaType;
  const options = checkOptions({ outputType: type ?? there });
  encodeJob(threadJob, { operation: OP_PRINT, cover, named: true, options });
  const result = runHere(threadJob);
  openResult(result, OP_PRINT);
  return decoder.decode(readText());
}
