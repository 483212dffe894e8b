/**
 * Reads results. A result is not trusted: it may come from a worker that was taken over. Nothing in
 * it is used before it is checked, what is handed out is copied, and nonsense is a
 * `ProtocolViolation`.
 */

import type { CoverData, Shape } from "../cover/data.ts";
import { createShape, sameShape } from "../cover/data.ts";
import { badPadding } from "../cover/rows.ts";
import { kindOfNumber, LIMIT_CANCEL, limitOfNumber, RistrettoError } from "../errors.ts";
import type { PlaType } from "../options.ts";
import type { KernelName, Stats, StoppedBy } from "../stats.ts";
import type { Block } from "./block.ts";
import * as f from "./format.ts";

/** Kinds of sections that there are; the first is not used. */
const KINDS = f.SECTION_FUNCTIONS + 1;
/** Types of text by their bits. */
const TYPES: readonly (PlaType | undefined)[] = [undefined, "f", "d", "fd", "r", "fr", "dr", "fdr"];
const KERNELS: readonly KernelName[] = ["portable", "avx2", "avx512", "neon", "wasm-simd"];

// The result at hand: where its sections are. Reading calls nobody, so one a thread is enough.
const offsets = new Uint32Array(KINDS);
const lengths = new Uint32Array(KINDS);
const counts = new Uint32Array(KINDS);
let words: Uint32Array = new Uint32Array(0);
let bytes: Uint8Array = new Uint8Array(0);
/** A result that a worker sees, too, in which the rows of covers are left. */
let foreign: Block | undefined;

function violation(what: string): RistrettoError {
  return new RistrettoError("ProtocolViolation", `the result is malformed: ${what}`);
}

/**
 * Opens a result: checks its header and its section table. An error in it is thrown. The other
 * functions of this file then read the sections, until the next result is opened.
 */
export function openResult(block: Block, operation: number): void {
  foreign = block.foreign ? block : undefined;
  words = foreign === undefined ? block.words : block.words.slice(0, HEAD_WORDS);
  bytes = block.bytes;
  const sections = checkHeader(block.length, operation);
  offsets.fill(0);
  let end = f.HEADER_SIZE + f.ENTRY_SIZE * sections;
  for (let section = 0; section < sections; section++) {
    const entry = (f.HEADER_SIZE + f.ENTRY_SIZE * section) >>> 2;
    const kind = words[entry + f.ENTRY_KIND / 4]!;
    const offset = words[entry + f.ENTRY_OFFSET / 4]!;
    const length = words[entry + f.ENTRY_LENGTH / 4]!;
    if (offset % 64 !== 0 || offset < end || offset + length > block.length) {
      throw violation(`section ${section} is out of place`);
    }
    end = offset + length;
    if (kind === 0 || kind >= KINDS) {
      if (words[entry + f.ENTRY_FLAGS / 4] === 0) continue;
      throw violation(`section ${section} is of the unknown kind ${kind}`);
    }
    if (offsets[kind] !== 0) throw violation(`there are two sections of the kind ${kind}`);
    offsets[kind] = offset;
    lengths[kind] = length;
    counts[kind] = words[entry + f.ENTRY_COUNT / 4]!;
  }
  const status = words[f.HEADER_STATUS / 4]!;
  if (foreign !== undefined) copySmallSections(block.words);
  if (status !== 0) throw resultError(status);
}

/** Words of a header and the longest table. */
const HEAD_WORDS = (f.HEADER_SIZE + f.ENTRY_SIZE * f.MAX_SECTIONS) / 4;

const isRows = (kind: number): boolean =>
  kind === f.SECTION_ON || kind === f.SECTION_DC || kind === f.SECTION_OFF;

/** Everything but rows is read from a copy that nobody else can change. */
function copySmallSections(from: Uint32Array): void {
  let size = 0;
  for (let kind = 0; kind < KINDS; kind++) {
    if (offsets[kind] !== 0 && !isRows(kind)) size += Math.ceil(lengths[kind]! / 4);
  }
  const copy = new Uint32Array(size + 1);
  let at = 1; // 0 is no offset
  for (let kind = 0; kind < KINDS; kind++) {
    if (offsets[kind] === 0 || isRows(kind)) continue;
    const first = offsets[kind]! / 4;
    const count = Math.ceil(lengths[kind]! / 4);
    copy.set(from.subarray(first, first + count), at);
    offsets[kind] = 4 * at;
    at += count;
  }
  words = copy;
  bytes = new Uint8Array(copy.buffer);
}

function checkHeader(length: number, operation: number): number {
  if (length < f.HEADER_SIZE || length > bytes.length) throw violation(`it has ${length} bytes`);
  if (words[f.HEADER_MAGIC / 4] !== f.MAGIC_RESULT) throw violation("it is no result");
  if (words[f.HEADER_VERSION / 4] !== f.FORMAT_VERSION) throw violation("its version is another");
  if (words[f.HEADER_LENGTH / 4] !== length) throw violation("its length is another");
  const sections = words[f.HEADER_SECTIONS / 4]!;
  if (sections > f.MAX_SECTIONS || f.HEADER_SIZE + f.ENTRY_SIZE * sections > length) {
    throw violation(`it has ${sections} sections`);
  }
  if (words[f.HEADER_OPERATION / 4] !== operation && words[f.HEADER_STATUS / 4] === 0) {
    throw violation("it answers another operation");
  }
  return sections;
}

/** The error that a result carries. */
function resultError(status: number): RistrettoError {
  const kind = kindOfNumber(status);
  if (kind === undefined) throw violation(`its status is ${status}`);
  if (offsets[f.SECTION_ERROR] === 0 || lengths[f.SECTION_ERROR]! < 16) {
    throw violation("its error does not say what happened");
  }
  const at = offsets[f.SECTION_ERROR]! >>> 2;
  const limit = words[at + 1]!;
  const message = decodeAscii(4 * at + 16, Math.min(lengths[f.SECTION_ERROR]! - 16, 4096));
  if (kind === "LimitExceeded" && limit === LIMIT_CANCEL) {
    return new RistrettoError("Cancelled", message);
  }
  return new RistrettoError(kind, message, {
    limit: kind === "LimitExceeded" ? limitOfNumber(limit) ?? "size" : undefined,
    line: words[at + 2] || undefined,
    column: words[at + 3] || undefined,
  });
}

function decodeAscii(at: number, length: number): string {
  let text = "";
  for (let index = at; index < at + length; index++) {
    const code = bytes[index]!;
    text += code >= 32 && code < 127 ? String.fromCharCode(code) : "?";
  }
  return text;
}

function need(kind: number, length: number, name: string): number {
  if (offsets[kind] === 0 || lengths[kind] !== length) throw violation(`it has no ${name}`);
  return offsets[kind]! >>> 2;
}

/** A whole number of 64 bits; none that we expect is above 2^53. */
function whole(at: number): number {
  const high = words[at + 1]!;
  if (high >= 2 ** 21) throw violation("a number is out of range");
  return high * 2 ** 32 + words[at]!;
}

/** The statistics of an answer. */
export function readStats(): Stats {
  const a = need(f.SECTION_ANSWER, f.ANSWER_SIZE, "answer");
  const t = need(f.SECTION_TRAILER, f.TRAILER_SIZE, "trailer");
  const input = whole(a + f.ANSWER_INPUT_LITERALS / 4);
  const output = whole(a + f.ANSWER_OUTPUT_LITERALS / 4);
  const beforeInput = whole(a + f.ANSWER_BEFORE_INPUT_LITERALS / 4);
  const beforeOutput = whole(a + f.ANSWER_BEFORE_OUTPUT_LITERALS / 4);
  const stopped = words[a + f.ANSWER_STOPPED / 4]!;
  const kernels = KERNELS[words[t + f.TRAILER_KERNELS / 4]! - 1];
  if (kernels === undefined) throw violation("its kernels are unknown");
  return {
    cubes: words[a + f.ANSWER_CUBES / 4]!,
    inputLiterals: input,
    outputLiterals: output,
    literals: input + output,
    before: {
      cubes: words[a + f.ANSWER_BEFORE / 4]!,
      inputLiterals: beforeInput,
      outputLiterals: beforeOutput,
      literals: beforeInput + beforeOutput,
    },
    elapsedMs: whole(t + f.TRAILER_RUN_NS / 4) / 1e6,
    complete: words[a + f.ANSWER_COMPLETE / 4] === 1,
    stopped: stopped === 0 ? undefined : stoppedBy(stopped),
    verified: words[a + f.ANSWER_VERIFIED / 4] === 1,
    lowerBound: words[a + f.ANSWER_LOWER_BOUND / 4]!,
    optimal: words[a + f.ANSWER_OPTIMAL / 4] === 1,
    fewestLiterals: words[a + f.ANSWER_FEWEST / 4] === 1,
    work: whole(a + f.ANSWER_WORK / 4),
    rounds: words[a + f.ANSWER_ROUNDS / 4]!,
    essential: words[a + f.ANSWER_ESSENTIAL / 4]!,
    primes: words[a + f.ANSWER_PRIMES / 4]!,
    offCubes: words[a + f.ANSWER_OFF_CUBES / 4]!,
    textType: TYPES[words[a + f.ANSWER_TEXT_TYPE / 4]!],
    warnings: words[a + f.ANSWER_WARNINGS / 4]!,
    peakBytes: whole(t + f.TRAILER_PEAK / 4),
    kernels,
  };
}

function stoppedBy(number: number): StoppedBy {
  const name = number === LIMIT_CANCEL ? "cancel" : limitOfNumber(number);
  if (name === undefined) throw violation("what stopped it is unknown");
  return name;
}

/** Yes or no of an answer. */
export function readTruth(): boolean {
  return words[need(f.SECTION_ANSWER, f.ANSWER_SIZE, "answer") + f.ANSWER_TRUTH / 4] === 1;
}

/** Cubes that an answer counts. */
export function readCubeCount(): number {
  return words[need(f.SECTION_ANSWER, f.ANSWER_SIZE, "answer") + f.ANSWER_CUBES / 4]!;
}

/** The shape in a result; `expected` itself when it is the same. */
export function readShape(expected?: Shape): Shape {
  const length = lengths[f.SECTION_VARS]!;
  if (offsets[f.SECTION_VARS] === 0 || length < 12 || length % 4 !== 0) {
    throw violation("it has no variables");
  }
  const at = offsets[f.SECTION_VARS]! >>> 2;
  const inputs = words[at]!;
  const wides = words[at + 1]!;
  if (wides < 1 || wides > f.MAX_WIDES || length !== 8 + 4 * wides || inputs > f.MAX_INPUTS) {
    throw violation("its variables are impossible");
  }
  if (
    expected !== undefined && wides === 1 && expected.wides.length === 1 &&
    expected.inputs === inputs && expected.outputs === words[at + 2]
  ) return expected;
  const parts = Array.from(words.subarray(at + 2, at + 2 + wides));
  if (parts.includes(0) || parts.reduce((sum, n) => sum + n, 2 * inputs) > f.MAX_PARTS) {
    throw violation("its variables are impossible");
  }
  const shape = createShape(inputs, parts);
  if (expected === undefined) return shape;
  if (!sameShape(shape, expected)) throw violation("its variables are others than the job's");
  return expected;
}

/** The rows of a section, copied unless the result is foreign; `undefined` when it is not there. */
export function readRows(kind: number, shape: Shape): Uint32Array | undefined {
  if (offsets[kind] === 0) return undefined;
  const length = lengths[kind]!;
  if (length !== 4 * shape.words * counts[kind]!) throw violation("a cover is cut off");
  const at = offsets[kind]! >>> 2;
  const inPlace = foreign !== undefined && isRows(kind);
  const rows = inPlace
    ? foreign!.words.subarray(at, at + (length >>> 2))
    : copyWords(at, length >>> 2);
  if (inPlace) foreign!.kept = true;
  if (badPadding(shape, rows) >= 0) throw violation("a cube has bits of no variable");
  return rows;
}

/** The rows of a section that must be there. */
export function needRows(kind: number, shape: Shape): Uint32Array {
  const rows = readRows(kind, shape);
  if (rows === undefined) throw violation("a cover is missing");
  return rows;
}

/** How many functions' ends the answer has. */
export function countFunctions(): number {
  return Math.floor(lengths[f.SECTION_FUNCTIONS]! / 8);
}

/**
 * Where the cubes of each of `count` functions end, and their lower bounds: two numbers a function,
 * copied. `cubes`: how many there are in all.
 */
export function readFunctionEntries(count: number, cubes: number): Uint32Array {
  const entries = copyWords(need(f.SECTION_FUNCTIONS, 8 * count, "functions"), 2 * count);
  let end = 0;
  for (let at = 0; at < entries.length; at += 2) {
    if (entries[at]! < end) throw violation("its functions are out of order");
    end = entries[at]!;
  }
  if (end !== cubes) throw violation("it has cubes of no function");
  return entries;
}

/** The numbers of a section, one for each of `count` cubes. */
export function readFlags(kind: number, count: number): Uint32Array {
  const at = need(kind, 4 * count, "flags");
  return copyWords(at, count);
}

/** A loop for few words, where a call of `slice` costs more than the copy. */
function copyWords(at: number, count: number): Uint32Array {
  if (count > 64) return words.slice(at, at + count);
  const copy = new Uint32Array(count);
  for (let word = 0; word < count; word++) copy[word] = words[at + word]!;
  return copy;
}

/** The text of a result, copied. */
export function readText(): Uint8Array<ArrayBuffer> {
  if (offsets[f.SECTION_TEXT] === 0) throw violation("it has no text");
  const at = offsets[f.SECTION_TEXT]!;
  return new Uint8Array(bytes.subarray(at, at + lengths[f.SECTION_TEXT]!));
}

/** The certificate of an answer, if it has one. */
export function readCertificateText(): string | undefined {
  const at = offsets[f.SECTION_CERTIFICATE]!;
  if (at === 0) return undefined;
  return decoder.decode(bytes.subarray(at, at + lengths[f.SECTION_CERTIFICATE]!));
}

/** A function with its names and phase. */
export function readFunction(): CoverData {
  const shape = readShape();
  const names = readNames(shape);
  return {
    shape,
    on: readRows(f.SECTION_ON, shape),
    dc: readRows(f.SECTION_DC, shape),
    off: readRows(f.SECTION_OFF, shape),
    inputNames: names?.inputNames,
    outputNames: names?.outputNames,
    phase: readPhase(shape),
  };
}

/** The phase of an answer, if it has one. */
export function readPhase(shape: Shape): Uint8Array | undefined {
  if (offsets[f.SECTION_PHASE] === 0) return undefined;
  const at = offsets[f.SECTION_PHASE]!;
  if (lengths[f.SECTION_PHASE] !== shape.outputs) throw violation("its phase is cut off");
  return bytes.slice(at, at + shape.outputs);
}

interface NamesRead {
  readonly inputNames: readonly string[] | undefined;
  readonly outputNames: readonly string[] | undefined;
}

const decoder = new TextDecoder();

function readNames(shape: Shape): NamesRead | undefined {
  if (offsets[f.SECTION_NAMES] === 0) return undefined;
  const start = offsets[f.SECTION_NAMES]!;
  const end = start + lengths[f.SECTION_NAMES]!;
  if (end - start < 8) throw violation("its names are cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const inputs = view.getUint32(start, true);
  const outputs = view.getUint32(start + 4, true);
  if ((inputs !== 0 && inputs !== shape.inputs) || (outputs !== 0 && outputs !== shape.outputs)) {
    throw violation("it names other variables than it has");
  }
  const names: string[] = [];
  let at = start + 8;
  for (let name = 0; name < inputs + outputs; name++) {
    const length = at + 4 <= end ? view.getUint32(at, true) : end;
    at += 4;
    if (at + length > end) throw violation("its names are cut off");
    names.push(decoder.decode(bytes.subarray(at, at + length)));
    at += length;
  }
  return {
    inputNames: inputs === 0 ? undefined : Object.freeze(named(names.slice(0, inputs), "x")),
    outputNames: outputs === 0 ? undefined : Object.freeze(named(names.slice(inputs), "f")),
  };
}

/** Names where a text gave fewer than there are variables: the rest are numbered. */
function named(names: string[], letter: string): string[] {
  return names.map((name, index) => name === "" ? `${letter}${index}` : name);
}
