/**
 * Writes jobs. A job of covers is their rows copied behind a header: nothing is converted.
 *
 *     | header 64 B | table, 32 B a section | vars | on | dc | … | options |   at multiples of 64
 */

import type { CoverData, SetName, Shape } from "../cover/data.ts";
import { RistrettoError } from "../errors.ts";
import { type JobOptions, NO_OPTIONS } from "../options.ts";
import type { Block } from "./block.ts";
import * as f from "./format.ts";

/** What a job works on: a cover, or PLA text in its place. */
export interface JobInput {
  /** The operation, one of OP_…. */
  readonly operation: number;
  /** The function. */
  readonly cover?: CoverData | undefined;
  /** The second operand of an operation that takes two. */
  readonly second?: CoverData | undefined;
  /** Truth tables instead of the function. */
  readonly tables?: TablesInput | undefined;
  /** PLA text instead of the function. */
  readonly text?: Uint8Array | undefined;
  /** PLA text instead of the second operand. */
  readonly secondText?: Uint8Array | undefined;
  /** Names and phase travel too: for operations that write text. */
  readonly named?: boolean | undefined;
  /** Checked options. */
  readonly options?: Readonly<JobOptions> | undefined;
}

/** Many functions of one shape as truth tables, whole bytes a function. */
export interface TablesInput {
  /** The variables of each. */
  readonly shape: Shape;
  /** How many there are. */
  readonly count: number;
  /** Their tables. */
  readonly on: Uint8Array;
  /** Tables of their don't-cares. */
  readonly dc: Uint8Array | undefined;
}

// The sections of the job at hand. Writing a job calls nobody, so one list a thread is enough.
const kinds = new Uint32Array(f.MAX_SECTIONS);
const lengths = new Uint32Array(f.MAX_SECTIONS);
const counts = new Uint32Array(f.MAX_SECTIONS);
const offsets = new Float64Array(f.MAX_SECTIONS);
let sections = 0;

function plan(kind: number, length: number, count: number): void {
  kinds[sections] = kind;
  lengths[sections] = length;
  counts[sections] = count;
  sections++;
}

/** Writes a job into `block`. Errors: `LimitExceeded` (size) for a job longer than 4 GiB. */
export function encodeJob(block: Block, job: JobInput): void {
  if (block.adopt(job)) return;
  const { cover, second, text, secondText, tables } = job;
  const options = job.options ?? NO_OPTIONS;
  sections = 0;
  if (cover !== undefined) {
    plan(f.SECTION_VARS, 8 + 4 * cover.shape.wides.length, 0);
    planSet(f.SECTION_ON, cover, cover.on);
    planSet(f.SECTION_DC, cover, cover.dc);
    planSet(f.SECTION_OFF, cover, cover.off);
  }
  if (second !== undefined) {
    planSet(f.SECTION_ON2, second, second.on);
    planSet(f.SECTION_DC2, second, second.dc);
    planSet(f.SECTION_OFF2, second, second.off);
  }
  if (tables !== undefined) planTables(tables);
  if (text !== undefined) plan(f.SECTION_TEXT, text.length, 0);
  if (secondText !== undefined) plan(f.SECTION_TEXT2, secondText.length, 0);
  const names = job.named === true && cover !== undefined ? namesOf(cover) : undefined;
  if (names !== undefined) plan(f.SECTION_NAMES, names.length, countNames(cover!));
  const phase = job.named === true ? cover?.phase : undefined;
  if (phase !== undefined) plan(f.SECTION_PHASE, phase.length, 0);
  const given = options === NO_OPTIONS ? 0 : countOptions(options);
  if (given > 0) plan(f.SECTION_OPTIONS, 16 * given, given);

  layOut(block, job.operation);
  for (let section = 0; section < sections; section++) {
    const offset = offsets[section]!;
    switch (kinds[section]) {
      case f.SECTION_VARS:
        writeVars(block.words, offset / 4, (cover ?? tables!).shape);
        break;
      case f.SECTION_ON:
        copyWords(block.words, offset / 4, cover!.on!);
        break;
      case f.SECTION_DC:
        copyWords(block.words, offset / 4, cover!.dc!);
        break;
      case f.SECTION_OFF:
        copyWords(block.words, offset / 4, cover!.off!);
        break;
      case f.SECTION_ON2:
        copyWords(block.words, offset / 4, second!.on!);
        break;
      case f.SECTION_DC2:
        copyWords(block.words, offset / 4, second!.dc!);
        break;
      case f.SECTION_OFF2:
        copyWords(block.words, offset / 4, second!.off!);
        break;
      case f.SECTION_TEXT:
        block.bytes.set(text!, offset);
        break;
      case f.SECTION_TEXT2:
        block.bytes.set(secondText!, offset);
        break;
      case f.SECTION_TABLES:
        block.bytes.set(tables!.on, offset);
        break;
      case f.SECTION_TABLES_DC:
        block.bytes.set(tables!.dc!, offset);
        break;
      case f.SECTION_NAMES:
        block.bytes.set(names!, offset);
        break;
      case f.SECTION_PHASE:
        block.bytes.set(phase!, offset);
        break;
      case f.SECTION_OPTIONS:
        writeOptions(block.words, offset / 4, options);
        break;
    }
  }
}

/** Words of a job of a cover in place, where each part begins. */
export interface CoverLayout {
  /** Bytes of the whole. */
  readonly length: number;
  /** The first word of each set. */
  readonly on: number;
  readonly dc: number;
  readonly off: number;
  /** The entry of the options in the table, and their first word. */
  readonly optionsEntry: number;
  readonly options: number;
}

/** The most that a job laid out for a cover may take. */
const COVER_LONGEST = 0xffff_f000;

/**
 * Where things are in a job of a cover with so many cubes, room for all options included. Errors:
 * `LimitExceeded` for one that is longer than a job can be.
 */
export function layOutCover(
  shape: Shape,
  { on, dc, off }: { readonly [Set in SetName]?: number | undefined },
): CoverLayout {
  const rows = (on ?? 0) + (dc ?? 0) + (off ?? 0);
  if (4 * shape.words * rows + 4096 > COVER_LONGEST) {
    throw new RistrettoError("LimitExceeded", `${rows} cubes are more than a job can carry`, {
      limit: "size",
    });
  }
  sections = 0;
  plan(f.SECTION_VARS, 8 + 4 * shape.wides.length, 0);
  const place = (kind: number, count: number | undefined): number => {
    if (count === undefined) return -1;
    plan(kind, 4 * shape.words * count, count);
    return sections - 1;
  };
  const sets = [place(f.SECTION_ON, on), place(f.SECTION_DC, dc), place(f.SECTION_OFF, off)];
  plan(f.SECTION_OPTIONS, 16 * OPTIONS_MOST, OPTIONS_MOST);
  const length = placeSections();
  const wordOf = (section: number): number => section < 0 ? -1 : offsets[section]! / 4;
  return {
    length,
    on: wordOf(sets[0]!),
    dc: wordOf(sets[1]!),
    off: wordOf(sets[2]!),
    optionsEntry: (f.HEADER_SIZE + f.ENTRY_SIZE * (sections - 1)) / 4,
    options: wordOf(sections - 1),
  };
}

/** Writes all of a job that was just laid out but its operation and options. */
export function writeCoverFrame(words: Uint32Array, shape: Shape, length: number): void {
  words.fill(0);
  writeTable(words, 0, length);
  writeVars(words, offsets[0]! / 4, shape);
}

/** Makes a job in place one of this operation with these options; its length. */
export function aim(
  words: Uint32Array,
  layout: CoverLayout,
  operation: number,
  options: Readonly<JobOptions>,
): number {
  const given = countOptions(options);
  const length = align(4 * layout.options + 16 * given);
  words.fill(0, layout.options, layout.length / 4);
  writeOptions(words, layout.options, options);
  words[layout.optionsEntry + f.ENTRY_LENGTH / 4] = 16 * given;
  words[layout.optionsEntry + f.ENTRY_COUNT / 4] = given;
  words[f.HEADER_OPERATION / 4] = operation;
  words[f.HEADER_LENGTH / 4] = length;
  return length;
}

function planSet(kind: number, cover: CoverData, rows: Uint32Array | undefined): void {
  if (rows !== undefined) plan(kind, 4 * rows.length, rows.length / cover.shape.words);
}

function planTables({ shape, count, on, dc }: TablesInput): void {
  plan(f.SECTION_VARS, 8 + 4 * shape.wides.length, 0);
  plan(f.SECTION_TABLES, on.length, count);
  if (dc !== undefined) plan(f.SECTION_TABLES_DC, dc.length, count);
}

/** Places the planned sections; bytes of the job. */
function placeSections(): number {
  let end = align(f.HEADER_SIZE + f.ENTRY_SIZE * sections);
  for (let section = 0; section < sections; section++) {
    offsets[section] = end;
    end = align(end + lengths[section]!);
  }
  return end;
}

/** Places the planned sections, and writes the header, the table and zeros everywhere else. */
function layOut(block: Block, operation: number): void {
  const end = placeSections();
  block.reserve(end);
  block.length = end;
  block.words.fill(0, 0, end / 4);
  writeTable(block.words, operation, end);
}

function writeTable(words: Uint32Array, operation: number, end: number): void {
  words[f.HEADER_MAGIC / 4] = f.MAGIC_JOB;
  words[f.HEADER_VERSION / 4] = f.FORMAT_VERSION;
  words[f.HEADER_OPERATION / 4] = operation;
  words[f.HEADER_SECTIONS / 4] = sections;
  words[f.HEADER_LENGTH / 4] = end;
  for (let section = 0; section < sections; section++) {
    const entry = (f.HEADER_SIZE + f.ENTRY_SIZE * section) / 4;
    words[entry + f.ENTRY_KIND / 4] = kinds[section]!;
    words[entry + f.ENTRY_FLAGS / 4] = f.CRITICAL;
    words[entry + f.ENTRY_OFFSET / 4] = offsets[section]!;
    words[entry + f.ENTRY_LENGTH / 4] = lengths[section]!;
    words[entry + f.ENTRY_COUNT / 4] = counts[section]!;
  }
}

function align(bytes: number): number {
  return 64 * Math.ceil(bytes / 64);
}

function writeVars(words: Uint32Array, at: number, shape: Shape): void {
  words[at] = shape.inputs;
  words[at + 1] = shape.wides.length;
  for (let wide = 0; wide < shape.wides.length; wide++) words[at + 2 + wide] = shape.wides[wide]!;
}

/** A loop for few words, where a call of `set` costs more than the copy. */
function copyWords(to: Uint32Array, at: number, from: Uint32Array): void {
  if (from.length > 32) to.set(from, at);
  else for (let word = 0; word < from.length; word++) to[at + word] = from[word]!;
}

function namesOf(cover: CoverData): Uint8Array | undefined {
  const { inputNames = [], outputNames = [] } = cover;
  if (countNames(cover) === 0) return undefined;
  const texts = [...inputNames, ...outputNames].map((name) => encoder.encode(name));
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.length, 8));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, inputNames.length, true);
  view.setUint32(4, outputNames.length, true);
  let at = 8;
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

function countNames({ inputNames = [], outputNames = [] }: CoverData): number {
  return inputNames.length + outputNames.length;
}

const encoder = new TextEncoder();

/** Options that there are. */
const OPTIONS_MOST = 15;

// Each option takes 16 bytes: tag, length (4 or 8), value, zeros. In order of tags.

function countOptions(o: Readonly<JobOptions>): number {
  return +(o.method !== 0) + +(o.effort >= 0) + +(o.budget >= 0) + +(o.timeoutUs >= 0) +
    +(o.memory >= 0) + +(o.cubes >= 0) + +(o.onLimit !== 0) + +(o.verify !== 1) + +(o.seed >= 0) +
    +(o.kernels !== 0) + +(o.emit !== 0) + +(o.inputType >= 0) + +(o.outputType >= 0) +
    +(o.canonical !== 0) + +(o.certificate !== 0) + +(o.singleOutput !== 0) +
    +(o.literals !== 0) + +(o.covers >= 0);
}

function writeOptions(words: Uint32Array, start: number, o: Readonly<JobOptions>): void {
  let at = start;
  const put = (tag: number, length: 4 | 8, value: number): void => {
    words[at] = tag;
    words[at + 1] = length;
    words[at + 2] = value % 2 ** 32;
    words[at + 3] = Math.floor(value / 2 ** 32);
    at += 4;
  };
  if (o.method !== 0) put(f.OPTION_METHOD, 4, o.method);
  if (o.effort >= 0) put(f.OPTION_EFFORT, 4, o.effort);
  if (o.budget >= 0) put(f.OPTION_BUDGET, 8, o.budget);
  if (o.timeoutUs >= 0) put(f.OPTION_TIMEOUT, 8, o.timeoutUs);
  if (o.memory >= 0) put(f.OPTION_MEMORY, 8, o.memory);
  if (o.cubes >= 0) put(f.OPTION_CUBES, 8, o.cubes);
  if (o.onLimit !== 0) put(f.OPTION_ON_LIMIT, 4, o.onLimit);
  if (o.verify !== 1) put(f.OPTION_VERIFY, 4, o.verify);
  if (o.seed >= 0) put(f.OPTION_SEED, 8, o.seed);
  if (o.kernels !== 0) put(f.OPTION_KERNELS, 4, o.kernels);
  if (o.emit !== 0) put(f.OPTION_EMIT, 4, o.emit);
  if (o.inputType >= 0) put(f.OPTION_INPUT_TYPE, 4, o.inputType);
  if (o.outputType >= 0) put(f.OPTION_OUTPUT_TYPE, 4, o.outputType);
  if (o.canonical !== 0) put(f.OPTION_CANONICAL, 4, o.canonical);
  if (o.certificate !== 0) put(f.OPTION_CERTIFICATE, 4, o.certificate);
  if (o.singleOutput !== 0) put(f.OPTION_SINGLE_OUTPUT, 4, o.singleOutput);
  if (o.literals !== 0) put(f.OPTION_LITERALS, 4, o.literals);
  if (o.covers >= 0) put(f.OPTION_COVERS, 4, o.covers);
}
