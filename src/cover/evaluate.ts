/**
 * The value of a function at a point. A point is packed like a row, one bit an input, so that a
 * cube contains it when no bit of the point is missing in the cube.
 */

import { invalid } from "../errors.ts";
import { show } from "../options.ts";
import type { CoverData, Shape } from "./data.ts";
import { inputNamesOf, requireBinary } from "./names.ts";
import { allowInput, hasBit } from "./rows.ts";

/** The value of an input. */
export type Bit = 0 | 1 | boolean;

/** The value of an output: `undefined` is don't-care. */
export type Value = 0 | 1 | undefined;

/**
 * The values of all inputs: text such as `"101"`, an array, a number whose binary digits they are
 * (the first input is the most significant one; at most 53 inputs), or an object by input names.
 */
export type Point = string | number | readonly Bit[] | Readonly<Record<string, Bit>>;

/** The value of every output at a point. Errors: `InvalidInput` for what is no point. */
export function evaluate(data: CoverData, point: Point): Value[] {
  requireBinary(data.shape, "evaluate");
  const packed = packPoint(data, point);
  const on = outputsAt(data.shape, data.on, packed);
  const dc = outputsAt(data.shape, data.dc, packed);
  const off = outputsAt(data.shape, data.off, packed);
  return Array.from({ length: data.shape.outputs }, (_, output) => {
    const bit = data.shape.outputBit + output;
    return valueOf(
      on === undefined ? undefined : hasBit(on, 0, bit),
      dc === undefined ? undefined : hasBit(dc, 0, bit),
      off === undefined ? undefined : hasBit(off, 0, bit),
    );
  });
}

/**
 * The value where a point is in the sets as given (`undefined`: the set is absent and follows from
 * the others). Don't-care wins, then ON. What neither ON nor OFF covers, where both are given, is
 * don't-care; without ON, it is what is left over.
 */
function valueOf(
  on: boolean | undefined,
  dc: boolean | undefined,
  off: boolean | undefined,
): Value {
  if (dc === true) return undefined;
  if (on === undefined) return off === true ? 0 : 1;
  if (on) return 1;
  return off === false ? undefined : 0;
}

/**
 * A function that gives the value of one output. Small ones are a table; larger ones look through
 * the cubes that belong to the output.
 */
export function compile(
  data: CoverData,
  output: number,
): (...inputs: Bit[]) => boolean | undefined {
  requireBinary(data.shape, "toFunction");
  const { inputs } = data.shape;
  const on = rowsOfOutput(data.shape, data.on, output);
  const dc = rowsOfOutput(data.shape, data.dc, output);
  const off = rowsOfOutput(data.shape, data.off, output);
  const packed = new Uint32Array(data.shape.words);
  const at = (): Value =>
    valueOf(
      on && contains(data.shape, on, packed),
      dc && contains(data.shape, dc, packed),
      off && contains(data.shape, off, packed),
    );
  if (inputs > TABLE_INPUTS) {
    return (...values: Bit[]): boolean | undefined => {
      checkCount(values.length, inputs);
      packed.fill(0);
      for (let i = 0; i < inputs; i++) allowInput(packed, 0, i, values[i] ? 2 : 1);
      return booleanOf(at());
    };
  }
  const table = Array.from({ length: 2 ** inputs }, (_, index) => {
    packed.fill(0);
    packNumber(packed, inputs, index);
    return booleanOf(at());
  });
  return (...values: Bit[]): boolean | undefined => {
    checkCount(values.length, inputs);
    let index = 0;
    for (const value of values) index = (index << 1) | (value ? 1 : 0);
    return table[index];
  };
}

/** Inputs up to which a compiled function is a table. */
const TABLE_INPUTS = 10;

function booleanOf(value: Value): boolean | undefined {
  return value === undefined ? undefined : value === 1;
}

function checkCount(given: number, inputs: number): void {
  if (given !== inputs) throw invalid(`the function takes ${inputs} values, got ${given}`);
}

/** The outputs whose set contains the point, as bits of a row; absent for an absent set. */
function outputsAt(
  shape: Shape,
  rows: Uint32Array | undefined,
  point: Uint32Array,
): Uint32Array | undefined {
  if (rows === undefined) return undefined;
  const union = new Uint32Array(shape.words);
  for (let base = 0; base < rows.length; base += shape.words) {
    if (!containsAt(shape, rows, base, point)) continue;
    for (let word = 0; word < shape.words; word++) union[word]! |= rows[base + word]!;
  }
  return union;
}

function contains(shape: Shape, rows: Uint32Array, point: Uint32Array): boolean {
  for (let base = 0; base < rows.length; base += shape.words) {
    if (containsAt(shape, rows, base, point)) return true;
  }
  return false;
}

function containsAt(shape: Shape, rows: Uint32Array, base: number, point: Uint32Array): boolean {
  for (let word = 0; word < shape.words; word++) {
    if ((point[word]! & ~rows[base + word]!) !== 0) return false;
  }
  return true;
}

function rowsOfOutput(
  shape: Shape,
  rows: Uint32Array | undefined,
  output: number,
): Uint32Array | undefined {
  if (rows === undefined) return undefined;
  const kept: number[] = [];
  for (let base = 0; base < rows.length; base += shape.words) {
    if (!hasBit(rows, base, shape.outputBit + output)) continue;
    for (let word = 0; word < shape.words; word++) kept.push(rows[base + word]!);
  }
  return Uint32Array.from(kept);
}

/** Packs the digits of a number, the first input most significant. */
export function packNumber(packed: Uint32Array, inputs: number, value: number): void {
  let rest = value;
  for (let input = inputs - 1; input >= 0; input--) {
    allowInput(packed, 0, input, rest % 2 === 1 ? 2 : 1);
    rest = Math.floor(rest / 2);
  }
}

function packPoint(data: CoverData, point: Point): Uint32Array {
  const { inputs, words } = data.shape;
  const packed = new Uint32Array(words);
  if (typeof point === "number") {
    if (!Number.isSafeInteger(point) || point < 0 || point >= 2 ** inputs) {
      throw invalid(`point: expected a number from 0 to 2^${inputs} - 1, got ${show(point)}`);
    }
    packNumber(packed, inputs, point);
    return packed;
  }
  const values = valuesOf(data, point);
  if (values.length !== inputs) {
    throw invalid(`point: expected ${inputs} values, got ${values.length}`);
  }
  for (let input = 0; input < inputs; input++) {
    const value = values[input];
    if (value !== 0 && value !== 1 && value !== true && value !== false) {
      throw invalid(`point: expected 0 or 1 for input ${input}, got ${show(value)}`);
    }
    allowInput(packed, 0, input, value === 1 || value === true ? 2 : 1);
  }
  return packed;
}

function valuesOf(data: CoverData, point: Exclude<Point, number>): readonly unknown[] {
  if (typeof point === "string") {
    return Array.from(point, (digit) => digit === "0" ? 0 : digit === "1" ? 1 : digit);
  }
  if (Array.isArray(point)) return point;
  if (typeof point !== "object" || point === null) {
    throw invalid(`point: expected text, a number, an array or an object, got ${show(point)}`);
  }
  const byName = point as Readonly<Record<string, Bit>>;
  const names = inputNamesOf(data.shape, data.inputNames);
  const unknown = Object.keys(byName).find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalid(`point: there is no input named ${show(unknown)}`);
  return names.map((name) => {
    if (Object.hasOwn(byName, name)) return byName[name];
    throw invalid(`point: the input ${show(name)} has no value`);
  });
}
