// Whether a result is the function that was given: asked of the library's own EQUIVALENT, and for
// functions of few inputs also point by point, by a table that shares no code with the library.

import { equivalent } from "../../mod.ts";
import { type Line, toCover, type TwoLevel } from "./function_text.ts";

/** Inputs up to which every point is looked at. */
const TABLE_INPUTS = 12;
const LIMIT_MS = 60_000;

/** Checks results against the functions they are of: `right`, or what is wrong with the first. */
export function verifyAll(
  functions: readonly TwoLevel[],
  results: readonly TwoLevel[],
  failed: ReadonlySet<number> = new Set(),
): string {
  for (const [i, original] of functions.entries()) {
    if (failed.has(i)) continue;
    const verdict = verify(original, results[i]);
    if (verdict !== "right") return verdict;
  }
  return "right";
}

/** Checks one result: `right`, or what is wrong with it. */
export function verify(original: TwoLevel, result: TwoLevel | undefined): string {
  const { name, inputs, outputs } = original;
  if (result === undefined) return `${name}: there is no result`;
  if (result.inputs !== inputs || result.outputs !== outputs) {
    return `${name}: the result has ${result.inputs} inputs and ${result.outputs} outputs`;
  }
  if (inputs <= TABLE_INPUTS) {
    const wrong = wrongPoint(original, result);
    if (wrong !== undefined) return `${name}: ${wrong}`;
  }
  try {
    const same = equivalent(toCover(original), toCover(result), { timeoutMs: LIMIT_MS });
    return same ? "right" : `${name}: not equivalent`;
  } catch (error) {
    return `${name}: not checked (${error instanceof Error ? error.message : error})`;
  }
}

const ON = 1;
const DC = 2;
const OFF = 4;

/** A point at which the result is not what the function says; `undefined` when there is none. */
function wrongPoint(original: TwoLevel, result: TwoLevel): string | undefined {
  const { inputs, outputs, on, dc, off } = original;
  const wanted = new Uint8Array(outputs * 2 ** inputs);
  const got = new Uint8Array(wanted.length);
  mark(wanted, inputs, on, ON);
  mark(wanted, inputs, dc ?? [], DC);
  mark(wanted, inputs, off ?? [], OFF);
  mark(got, inputs, result.on, ON);
  for (const [i, sets] of wanted.entries()) {
    // What no set holds is OFF, or don't-care where an OFF set is given; in ON and DC it is DC.
    if ((sets & DC) !== 0 || (sets === 0 && off !== undefined)) continue;
    const value = (sets & ON) !== 0 ? 1 : 0;
    if ((got[i]! & ON) === value) continue;
    const point = (i % 2 ** inputs).toString(2).padStart(inputs, "0");
    return `output ${Math.floor(i / 2 ** inputs)} is not ${value} at ${point}`;
  }
  return undefined;
}

function mark(table: Uint8Array, inputs: number, lines: readonly Line[], set: number): void {
  for (const [input, output] of lines) {
    const fixed = parseInt(input.replaceAll("-", "0") || "0", 2);
    const free = [...input].flatMap((symbol, i) => symbol === "-" ? [2 ** (inputs - 1 - i)] : []);
    for (let choice = 0; choice < 2 ** free.length; choice++) {
      let point = fixed;
      for (const [bit, value] of free.entries()) if ((choice >> bit) % 2 === 1) point += value;
      for (let k = 0; k < output.length; k++) {
        if (output[k] === "1") table[k * 2 ** inputs + point]! |= set;
      }
    }
  }
}
