/**
 * What a cover is made of, as plain data: the shape of its cubes and up to three sets of packed
 * rows, exactly as a job carries them, so that making a job is a copy.
 *
 *     row: ceil(parts / 64) × 64 bits, little-endian; bit 0 is the lowest bit of the first word
 *
 *       bit  … 9 8 7 6 | 5 4 | 3 2 | 1 0        three inputs, four outputs
 *              outputs | in2 | in1 | in0        an input: 01 = 0, 10 = 1, 11 = either
 *
 * Rows are held as 32-bit words, two for each 64 bits; bits of no variable are zero.
 */

import { RistrettoError } from "../errors.ts";
import { MAX_INPUTS, MAX_PARTS } from "../job/format.ts";

/** The variables of a cover: binary inputs, then wide variables; the last one is the output. */
export interface Shape {
  /** Binary inputs. */
  readonly inputs: number;
  /** Parts of each variable that is not a binary input; the last are the outputs. */
  readonly wides: readonly number[];
  /** Parts of the output variable. */
  readonly outputs: number;
  /** Parts of all variables: the bits of a row that mean something. */
  readonly parts: number;
  /** 32-bit words of a row; always even. */
  readonly words: number;
  /** Bit of the first output. */
  readonly outputBit: number;
}

/** The three sets of a function. */
export type SetName = "on" | "dc" | "off";

/** A function as rows. A set that is absent follows from the others; an empty one is empty. */
export interface CoverData {
  readonly shape: Shape;
  readonly on: Uint32Array | undefined;
  readonly dc: Uint32Array | undefined;
  readonly off: Uint32Array | undefined;
  readonly inputNames: readonly string[] | undefined;
  readonly outputNames: readonly string[] | undefined;
  /** A label, one byte an output: 0 = the sets are those of its complement; absent: all 1. */
  readonly phase: Uint8Array | undefined;
  /** Where its rows are part of a job already, in memory that workers see. */
  readonly place?: CoverPlace | undefined;
}

/** A job in shared memory whose sets are the rows of a cover. */
export interface CoverPlace {
  /** Whether these very rows are in it: covers made from a cover may have others. */
  holds(cover: CoverData): boolean;
}

const binaryShapes = new Map<number, Shape>();
const SMALL = 1024;

/** The shape of `inputs` binary inputs and `outputs` outputs; small ones are made once. */
export function binaryShape(inputs: number, outputs: number): Shape {
  if (inputs >= SMALL || outputs >= SMALL) return createShape(inputs, [outputs]);
  const key = inputs * SMALL + outputs;
  let shape = binaryShapes.get(key);
  if (shape === undefined) {
    shape = createShape(inputs, [outputs]);
    binaryShapes.set(key, shape);
  }
  return shape;
}

/** A shape of any variables; the counts are whole, `wides` not empty. Errors: `LimitExceeded`. */
export function createShape(inputs: number, wides: readonly number[]): Shape {
  const outputBit = wides.slice(0, -1).reduce((sum, parts) => sum + parts, 2 * inputs);
  const outputs = wides.at(-1) ?? 0;
  const parts = outputBit + outputs;
  if (inputs > MAX_INPUTS || parts > MAX_PARTS) {
    throw new RistrettoError(
      "LimitExceeded",
      `${inputs} inputs and ${outputs} outputs are more than a job can carry ` +
        `(${MAX_INPUTS} inputs, ${MAX_PARTS} parts, of which an input takes two)`,
      { limit: "size" },
    );
  }
  const words = 2 * Math.ceil(parts / 64);
  return Object.freeze({
    inputs,
    wides: Object.freeze([...wides]),
    outputs,
    parts,
    words,
    outputBit,
  });
}

/** Whether cubes of the two shapes have the same bits. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a === b || (a.inputs === b.inputs && a.wides.length === b.wides.length &&
    a.wides.every((parts, index) => parts === b.wides[index]));
}

/** Cubes of a set; 0 for one that is absent. */
export function rowCount(shape: Shape, rows: Uint32Array | undefined): number {
  return rows === undefined ? 0 : rows.length / shape.words;
}
