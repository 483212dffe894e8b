/**
 * Cubes as a reader sees them: the two columns of a PLA line, and the literals by name.
 */

import type { CoverData, SetName } from "./data.ts";
import { rowCount } from "./data.ts";
import { inputNamesOf } from "./names.ts";
import { inputBits, inputText, outputText } from "./rows.ts";

/** An input that a cube depends on. */
export interface Literal {
  /** The number of the input, from 0. */
  readonly input: number;
  /** Its name, given or made up. */
  readonly name: string;
  /** The value that the input must have. */
  readonly value: 0 | 1;
}

/** One product term, and the outputs that it belongs to. */
export interface Cube {
  /** One symbol an input: `0`, `1`, or `-` where the cube does not depend on it. */
  readonly inputs: string;
  /** One symbol an output: `1` where the cube belongs to it, else `0`. */
  readonly outputs: string;
  /** The inputs that the cube depends on, in order. */
  readonly literals: readonly Literal[];
}

/** The cube of a row; its literals are made when they are asked for. */
export function readCube(data: CoverData, rows: Uint32Array, base: number): Cube {
  return {
    inputs: inputText(data.shape, rows, base),
    outputs: outputText(data.shape, rows, base),
    get literals(): readonly Literal[] {
      return literalsOf(data, rows, base);
    },
  };
}

/** The literals of a row. */
export function literalsOf(data: CoverData, rows: Uint32Array, base: number): Literal[] {
  const names = inputNamesOf(data.shape, data.inputNames);
  const literals: Literal[] = [];
  for (let input = 0; input < data.shape.inputs; input++) {
    const bits = inputBits(rows, base, input);
    if (bits !== 3) literals.push({ input, name: names[input]!, value: bits === 2 ? 1 : 0 });
  }
  return literals;
}

/** The cubes of a set, in their order; none for a set that is absent. */
export function* cubesOf(data: CoverData, set: SetName): Generator<Cube, void, undefined> {
  const rows = data[set];
  if (rows === undefined) return;
  const count = rowCount(data.shape, rows);
  for (let index = 0; index < count; index++) yield readCube(data, rows, index * data.shape.words);
}
