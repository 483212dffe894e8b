/**
 * Bits of packed rows (data.ts draws them): reading, writing and counting, one row or all of them.
 * A binary input takes two bits at an even place, so it never straddles a 32-bit word.
 */

import type { Shape } from "./data.ts";

/** Symbols of an input's two bits: 00 (no value at all) does not occur in a cover. */
const INPUT_SYMBOLS = "~01-";

/** The two bits of an input: 1 = it may be 0, 2 = it may be 1. */
export function inputBits(rows: Uint32Array, base: number, input: number): number {
  return (rows[base + (input >>> 4)]! >>> ((input & 15) << 1)) & 3;
}

/** Whether a bit of the row that begins at word `base` is set. */
export function hasBit(rows: Uint32Array, base: number, bit: number): boolean {
  return ((rows[base + (bit >>> 5)]! >>> (bit & 31)) & 1) === 1;
}

/** Sets a bit of the row that begins at word `base`. */
export function setBit(rows: Uint32Array, base: number, bit: number): void {
  rows[base + (bit >>> 5)]! |= 1 << (bit & 31);
}

/** Lets an input take the values of `bits` (1, 2 or 3), beside those that it may take already. */
export function allowInput(rows: Uint32Array, base: number, input: number, bits: number): void {
  rows[base + (input >>> 4)]! |= bits << ((input & 15) << 1);
}

/** Sets the bits from `first` up to, not including, `end`. */
export function setBits(rows: Uint32Array, base: number, first: number, end: number): void {
  for (let bit = first; bit < end; bit++) setBit(rows, base, bit);
}

/** The binary inputs of a row as text of `0 1 -`; a multiple-valued one as `|` and its parts. */
export function inputText(shape: Shape, rows: Uint32Array, base: number): string {
  let text = "";
  for (let input = 0; input < shape.inputs; input++) {
    text += INPUT_SYMBOLS[inputBits(rows, base, input)];
  }
  let bit = 2 * shape.inputs;
  for (const parts of shape.wides.slice(0, -1)) {
    text += `|${bitText(rows, base, bit, parts)}`;
    bit += parts;
  }
  return text;
}

/** The outputs of a row: `1` where the cube belongs to the output, else `0`. */
export function outputText(shape: Shape, rows: Uint32Array, base: number): string {
  return bitText(rows, base, shape.outputBit, shape.outputs);
}

function bitText(rows: Uint32Array, base: number, first: number, count: number): string {
  let text = "";
  for (let bit = first; bit < first + count; bit++) text += hasBit(rows, base, bit) ? "1" : "0";
  return text;
}

/** Inputs that are not free in a row; a multiple-valued one counts once. */
export function inputLiterals(shape: Shape, rows: Uint32Array, base: number): number {
  let free = 0;
  const whole = shape.inputs >>> 4;
  for (let word = 0; word < whole; word++) free += popcount(freePairs(rows[base + word]!));
  const rest = shape.inputs & 15;
  if (rest > 0) free += popcount(freePairs(rows[base + whole]!) & ((1 << (2 * rest)) - 1));
  let literals = shape.inputs - free;
  let bit = 2 * shape.inputs;
  for (let wide = 0; wide < shape.wides.length - 1; wide++) {
    const parts = shape.wides[wide]!;
    if (countBits(rows, base, bit, bit + parts) < parts) literals++;
    bit += parts;
  }
  return literals;
}

/** The low bit of every pair of bits that is 11. */
function freePairs(word: number): number {
  return word & (word >>> 1) & 0x55555555;
}

/** Outputs that a row belongs to. */
export function outputLiterals(shape: Shape, rows: Uint32Array, base: number): number {
  return countBits(rows, base, shape.outputBit, shape.parts);
}

function countBits(rows: Uint32Array, base: number, first: number, end: number): number {
  let count = 0;
  for (let bit = first; bit < end;) {
    const inWord = Math.min(end - bit, 32 - (bit & 31));
    const word = rows[base + (bit >>> 5)]! >>> (bit & 31);
    count += popcount(inWord === 32 ? word : word & ((1 << inWord) - 1));
    bit += inWord;
  }
  return count;
}

/** Ones of a 32-bit word. */
export function popcount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The index of the first row with a bit set that means nothing; -1 where all are zero. */
export function badPadding(shape: Shape, rows: Uint32Array): number {
  const { parts, words } = shape;
  const word = parts >>> 5;
  if (word >= words) return -1;
  const mask = -1 << (parts & 31);
  for (let base = 0; base < rows.length; base += words) {
    if ((rows[base + word]! & mask) !== 0) return base / words;
    for (let w = word + 1; w < words; w++) if (rows[base + w] !== 0) return base / words;
  }
  return -1;
}

/** Whether some variable of a row has no part at all, so that the cube holds no point. */
export function isEmptyRow(shape: Shape, rows: Uint32Array, base: number): boolean {
  for (let input = 0; input < shape.inputs; input++) {
    if (inputBits(rows, base, input) === 0) return true;
  }
  let bit = 2 * shape.inputs;
  for (const parts of shape.wides) {
    if (countBits(rows, base, bit, bit + parts) === 0) return true;
    bit += parts;
  }
  return false;
}

/** Rows that grow: the packed words of a set under construction. */
export class RowBuffer {
  /** The words; those past {@link used} are zero. */
  words: Uint32Array;
  /** Words in use. */
  used = 0;
  readonly #width: number;

  /** Room for some rows of `width` words. */
  constructor(width: number, rows = 8) {
    this.#width = width;
    this.words = new Uint32Array(width * rows);
  }

  /** Adds a row of zeros and gives its first word. */
  add(): number {
    const base = this.used;
    this.used += this.#width;
    if (this.used > this.words.length) {
      const grown = new Uint32Array(2 * this.used);
      grown.set(this.words);
      this.words = grown;
    }
    return base;
  }

  /** The rows so far, copied. */
  take(): Uint32Array {
    return this.words.slice(0, this.used);
  }
}
