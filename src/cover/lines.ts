/**
 * Covers from what is rows already: lines of symbols, or packed words.
 */

import { invalid } from "../errors.ts";
import { refuseUnsteady } from "../job/block.ts";
import { show } from "../options.ts";
import type { CoverBuilder } from "./builder.ts";
import type { Cover } from "./cover.ts";
import { binaryShape, type CoverData, type Shape } from "./data.ts";
import { checkCounts, checkNames, type Names } from "./names.ts";
import { badPadding, isEmptyRow } from "./rows.ts";

/** Packed rows of the sets of a cover; a set that is left out follows from the others. */
export interface PackedSets {
  /** Rows of the ON set. */
  readonly on?: Uint32Array | BigUint64Array | undefined;
  /** Rows of the DC set. */
  readonly dc?: Uint32Array | BigUint64Array | undefined;
  /** Rows of the OFF set. */
  readonly off?: Uint32Array | BigUint64Array | undefined;
}

/** A cover of lines; `start` gives the builder for the counts that the first line shows. */
export function dataFromLines(
  lines: Iterable<string>,
  start: (inputs: number, outputs: number) => CoverBuilder,
): Cover {
  let builder: CoverBuilder | undefined;
  let index = 0;
  for (const line of lines) {
    if (typeof line !== "string") {
      throw invalid(`rows: expected text like "1-0 1" in row ${index}, got ${show(line)}`);
    }
    const [inputs, outputs = "1", ...more] = line.trim().split(/[\s|]+/);
    if (inputs === undefined || more.length > 0) {
      throw invalid(`rows: expected inputs and outputs in row ${index}, got ${show(line)}`);
    }
    builder ??= start(inputs.length, outputs.length);
    builder.add(inputs, outputs);
    index++;
  }
  if (builder === undefined) {
    throw invalid("rows: expected at least one; use Cover.builder for none");
  }
  return builder.build();
}

/** The data of packed rows, checked and copied. */
export function dataFromWords(
  inputs: number,
  outputs: number,
  sets: PackedSets,
  names: Names,
): CoverData {
  checkCounts(inputs, outputs);
  const shape = binaryShape(inputs, outputs);
  const on = copyRows("on", shape, sets.on);
  const off = copyRows("off", shape, sets.off);
  return {
    shape,
    on: on ?? (off === undefined ? new Uint32Array(0) : undefined),
    dc: copyRows("dc", shape, sets.dc),
    off,
    inputNames: checkNames("inputNames", names.inputNames, inputs),
    outputNames: checkNames("outputNames", names.outputNames, outputs),
    phase: undefined,
  };
}

function copyRows(
  argument: string,
  shape: Shape,
  given: Uint32Array | BigUint64Array | undefined,
): Uint32Array | undefined {
  if (given === undefined) return undefined;
  if (!(given instanceof Uint32Array || given instanceof BigUint64Array)) {
    throw invalid(`${argument}: expected a Uint32Array or a BigUint64Array, got ${show(given)}`);
  }
  refuseUnsteady(argument, given.buffer);
  const words = new Uint32Array(given.byteLength / 4);
  if (given instanceof Uint32Array) words.set(given);
  else new BigUint64Array(words.buffer).set(given);
  if (words.length % shape.words !== 0) {
    throw invalid(
      `${argument}: expected a multiple of ${shape.words} words of 32 bits (one row), ` +
        `got ${words.length}`,
    );
  }
  checkRows(argument, shape, words);
  return words;
}

/** Refuses rows that are no cubes. Errors: `InvalidInput`. */
export function checkRows(argument: string, shape: Shape, words: Uint32Array): void {
  const bad = badPadding(shape, words);
  if (bad >= 0) throw invalid(`${argument}: row ${bad} has bits beyond its last output`);
  for (let base = 0; base < words.length; base += shape.words) {
    if (isEmptyRow(shape, words, base)) {
      throw invalid(
        `${argument}: row ${base / shape.words} has an input without a value, or no output`,
      );
    }
  }
}
