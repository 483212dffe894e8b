/**
 * A cover, cube after cube. What a cube says is checked when it is added, so that the error is
 * where the mistake is.
 */

import { invalid } from "../errors.ts";
import { show } from "../options.ts";
import type { Cover } from "./cover.ts";
import { binaryShape, type CoverData, type SetName, type Shape } from "./data.ts";
import { checkCounts, checkNames, type Names } from "./names.ts";
import { allowInput, RowBuffer, setBit } from "./rows.ts";

/** Collects cubes; {@link CoverBuilder.build} makes the cover. Made by `Cover.builder`. */
export class CoverBuilder {
  readonly #shape: Shape;
  readonly #names: Names;
  readonly #finish: (data: CoverData) => Cover;
  readonly #rows: Partial<Record<SetName, RowBuffer>> = {};

  /** Use `Cover.builder`, which has the same arguments but the last. */
  constructor(inputs: number, outputs: number, names: Names, finish: (data: CoverData) => Cover) {
    checkCounts(inputs, outputs);
    this.#shape = binaryShape(inputs, outputs);
    this.#names = {
      inputNames: checkNames("inputNames", names.inputNames, inputs),
      outputNames: checkNames("outputNames", names.outputNames, outputs),
    };
    this.#finish = finish;
  }

  /**
   * Adds a line of a PLA of type `fd`: one symbol an input (`0`, `1`, `-`), and one an output: `1`
   * puts the cube into the ON set, `-` into the DC set, `0` or `~` says nothing about the output.
   *
   * Errors: `InvalidInput` for a wrong number of symbols or a wrong symbol.
   */
  add(inputs: string, outputs: string = "1".repeat(this.#shape.outputs)): this {
    checkSymbols("inputs", inputs, this.#shape.inputs, "012-", "0, 1 or -");
    checkSymbols("outputs", outputs, this.#shape.outputs, "0124-~", "0, 1, - or ~");
    if (/[14]/.test(outputs)) this.#put("on", inputs, outputs, "14");
    if (/[2-]/.test(outputs)) this.#put("dc", inputs, outputs, "2-");
    return this;
  }

  /** Adds a cube to the ON set of the outputs marked `1`; without marks, of all outputs. */
  on(inputs: string, outputs: string = "1".repeat(this.#shape.outputs)): this {
    return this.#mark("on", inputs, outputs);
  }

  /** Adds a cube to the DC set (don't-care) of the outputs marked `1`; without marks, of all. */
  dc(inputs: string, outputs: string = "1".repeat(this.#shape.outputs)): this {
    return this.#mark("dc", inputs, outputs);
  }

  /**
   * Adds a cube to the OFF set of the outputs marked `1`; without marks, of all outputs. A cover
   * with ON and OFF sets and no DC set is don't-care wherever neither covers.
   */
  off(inputs: string, outputs: string = "1".repeat(this.#shape.outputs)): this {
    return this.#mark("off", inputs, outputs);
  }

  /** The cover of everything added so far; the builder can go on. */
  build(): Cover {
    const { on, dc, off } = this.#rows;
    return this.#finish({
      shape: this.#shape,
      on: on?.take() ?? (off === undefined ? new Uint32Array(0) : undefined),
      dc: dc?.take(),
      off: off?.take(),
      inputNames: this.#names.inputNames,
      outputNames: this.#names.outputNames,
      phase: undefined,
    });
  }

  #mark(set: SetName, inputs: string, outputs: string): this {
    checkSymbols("inputs", inputs, this.#shape.inputs, "012-", "0, 1 or -");
    checkSymbols("outputs", outputs, this.#shape.outputs, "01", "0 or 1");
    if (outputs.includes("1")) this.#put(set, inputs, outputs, "1");
    else this.#rows[set] ??= new RowBuffer(this.#shape.words);
    return this;
  }

  #put(set: SetName, inputs: string, outputs: string, marks: string): void {
    const rows = this.#rows[set] ??= new RowBuffer(this.#shape.words);
    const base = rows.add();
    for (let input = 0; input < inputs.length; input++) {
      const symbol = inputs[input];
      allowInput(rows.words, base, input, symbol === "0" ? 1 : symbol === "1" ? 2 : 3);
    }
    for (let output = 0; output < outputs.length; output++) {
      if (marks.includes(outputs[output]!)) {
        setBit(rows.words, base, this.#shape.outputBit + output);
      }
    }
  }
}

function checkSymbols(
  argument: string,
  text: unknown,
  count: number,
  symbols: string,
  expected: string,
): asserts text is string {
  if (typeof text !== "string") {
    throw invalid(
      `${argument}: expected text of ${count} symbols (${expected}), got ${show(text)}`,
    );
  }
  if (text.length !== count) {
    throw invalid(
      `${argument}: expected ${count} ${count === 1 ? "symbol" : "symbols"} (${expected}), ` +
        `got ${text.length}: ${show(text)}`,
    );
  }
  for (let at = 0; at < count; at++) {
    if (!symbols.includes(text[at]!)) {
      throw invalid(
        `${argument}: expected ${expected} at position ${at}, got ${show(text[at])} in ${
          show(text)
        }`,
      );
    }
  }
}
