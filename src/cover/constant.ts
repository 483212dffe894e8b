/**
 * Outputs that are constants. One output of the function, cut out, is compared with 0 and with 1.
 */

import { runEquivalent } from "../operations/equivalent.ts";
import { binaryShape, type CoverData, createShape, type Shape } from "./data.ts";
import { hasBit, setBit, setBits } from "./rows.ts";

/** What an output is wherever it is not don't-care. */
export type ConstantName = "0" | "1" | "dont-care";

/** The constant that an output is; `undefined` when it takes both values. */
export function constantOf(cover: CoverData, output: number): ConstantName | undefined {
  const shape = oneOutput(cover.shape);
  const cut = { ...NOTHING, shape };
  const function_ = {
    ...cut,
    on: cover.on && rowsOfOutput(cover.shape, shape, cover.on, output),
    dc: cover.dc && rowsOfOutput(cover.shape, shape, cover.dc, output),
    off: cover.off && rowsOfOutput(cover.shape, shape, cover.off, output),
  };
  const everything = new Uint32Array(shape.words);
  setBits(everything, 0, 0, shape.parts);
  const zero = runEquivalent(function_, { ...cut, on: new Uint32Array(0) });
  const one = runEquivalent(function_, { ...cut, on: everything });
  return zero ? one ? "dont-care" : "0" : one ? "1" : undefined;
}

const NOTHING: Omit<CoverData, "shape"> = {
  on: undefined,
  dc: undefined,
  off: undefined,
  inputNames: undefined,
  outputNames: undefined,
  phase: undefined,
};

function oneOutput(shape: Shape): Shape {
  if (shape.wides.length === 1) return binaryShape(shape.inputs, 1);
  return createShape(shape.inputs, [...shape.wides.slice(0, -1), 1]);
}

function rowsOfOutput(from: Shape, to: Shape, rows: Uint32Array, output: number): Uint32Array {
  const bases: number[] = [];
  for (let base = 0; base < rows.length; base += from.words) {
    if (hasBit(rows, base, from.outputBit + output)) bases.push(base);
  }
  const cut = new Uint32Array(bases.length * to.words);
  for (const [index, base] of bases.entries()) {
    for (let bit = 0; bit < to.outputBit; bit++) {
      if (hasBit(rows, base, bit)) setBit(cut, index * to.words, bit);
    }
    setBit(cut, index * to.words, to.outputBit);
  }
  return cut;
}
