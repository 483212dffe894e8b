/**
 * Names of inputs and outputs: checked once, made up where there are none.
 */

import { invalid, RistrettoError } from "../errors.ts";
import { show } from "../options.ts";
import type { Shape } from "./data.ts";

/** Names for the inputs and outputs of a cover, in order. */
export interface Names {
  /** One name for each input. */
  readonly inputNames?: readonly string[] | undefined;
  /** One name for each output. */
  readonly outputNames?: readonly string[] | undefined;
}

/** A frozen copy of names; `InvalidInput` unless there are `count` different, usable ones. */
export function checkNames(
  argument: string,
  names: readonly string[] | undefined,
  count: number,
): readonly string[] | undefined {
  if (names === undefined) return undefined;
  if (!Array.isArray(names) || names.length !== count) {
    throw invalid(`${argument}: expected an array of ${count} names, got ${show(names)}`);
  }
  for (const [index, name] of names.entries()) {
    if (typeof name !== "string" || !/^[^.#\s\p{Cc}][^\s\p{Cc}]*$/u.test(name)) {
      throw invalid(
        `${argument}[${index}]: expected a name that is not empty, has no blanks or control ` +
          `characters and begins neither with . nor with #, got ${show(name)}`,
      );
    }
  }
  if (new Set(names).size !== count) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    throw invalid(`${argument}: the name ${show(twice)} appears twice`);
  }
  return Object.freeze([...names]);
}

/** The names of the inputs; made up as `a b c …`, or `x0 x1 …` for more than 26. */
export function inputNamesOf(
  shape: Shape,
  names: readonly string[] | undefined,
): readonly string[] {
  if (names !== undefined) return names;
  if (shape.inputs > 26) return Array.from({ length: shape.inputs }, (_, index) => `x${index}`);
  return Array.from("abcdefghijklmnopqrstuvwxyz").slice(0, shape.inputs);
}

/** The names of the outputs; made up as `f`, or `f0 f1 …` for several. */
export function outputNamesOf(
  shape: Shape,
  names: readonly string[] | undefined,
): readonly string[] {
  if (names !== undefined) return names;
  if (shape.outputs === 1) return ["f"];
  return Array.from({ length: shape.outputs }, (_, index) => `f${index}`);
}

/** The number of an output that was given by number or name; `InvalidInput` if there is none. */
export function outputIndex(
  shape: Shape,
  names: readonly string[] | undefined,
  output: number | string,
): number {
  const index = typeof output === "number" ? output : outputNamesOf(shape, names).indexOf(output);
  if (Number.isInteger(index) && index >= 0 && index < shape.outputs) return index;
  throw invalid(
    `output: expected a number from 0 to ${shape.outputs - 1} or a name of an output, got ${
      show(output)
    }`,
  );
}

/** `inputs` and `outputs` as given by a caller; `InvalidInput` unless they can be counts. */
export function checkCounts(inputs: unknown, outputs: unknown): void {
  if (typeof inputs !== "number" || !Number.isInteger(inputs) || inputs < 0) {
    throw invalid(`inputs: expected a number of inputs from 0, got ${show(inputs)}`);
  }
  if (typeof outputs !== "number" || !Number.isInteger(outputs) || outputs < 1) {
    throw invalid(`outputs: expected a number of outputs from 1, got ${show(outputs)}`);
  }
}

/** Refuses what only binary inputs can be asked. */
export function requireBinary(shape: Shape, what: string): void {
  if (shape.wides.length > 1) {
    throw new RistrettoError("Unsupported", `${what} needs a cover whose inputs are all binary`);
  }
}
