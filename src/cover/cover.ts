/**
 * Covers: functions as lists of cubes. A cover is immutable and holds the very bytes that a job
 * carries.
 *
 * @module
 */

import { invalid, RistrettoError } from "../errors.ts";
import { runEquivalent } from "../operations/equivalent.ts";
import { runParse, runPrint } from "../operations/text.ts";
import { type PlaType, show } from "../options.ts";
import type { CoverSize } from "../stats.ts";
import { CoverBuilder } from "./builder.ts";
import { type ConstantName, constantOf } from "./constant.ts";
import { type Cube, cubesOf } from "./cube.ts";
import { type CoverData, rowCount, type SetName } from "./data.ts";
import { type Bit, compile, evaluate, type Point, type Value } from "./evaluate.ts";
import { type ExpressionOptions, sumOfProducts } from "./expression.ts";
import { dataFromLines, dataFromWords, type PackedSets } from "./lines.ts";
import { checkNames, type Names, outputIndex } from "./names.ts";
import { inputLiterals, outputLiterals } from "./rows.ts";
import {
  dataFromFunction,
  dataFromMinterms,
  dataFromTable,
  type FunctionOptions,
  type PredicateResult,
  type TruthTable,
} from "./table.ts";

/**
 * The plain data of a cover that was given as the argument of this name; for the modules of this
 * library. Errors: `InvalidInput` for what is no cover.
 */
export let dataOf: (argument: string, cover: Cover) => CoverData;
/** The cover of plain data, which must not change any more; for the modules of this library. */
export let coverOf: (data: CoverData) => Cover;

/**
 * A function of binary inputs with any number of outputs: cubes of its ON set, and where they are
 * given, of its DC set (don't-cares) and OFF set. Immutable.
 *
 * @example A function of three inputs
 * ```ts
 * import { Cover, minimize } from "@ristretto/espresso";
 *
 * const majority = Cover.fromFunction((a, b, c) => Number(a) + Number(b) + Number(c) >= 2);
 * console.log(minimize(majority).cover.toSumOfProducts()); // for example: b c + a c + a b
 * ```
 */
export class Cover implements Iterable<Cube> {
  readonly #given: CoverData;

  static {
    dataOf = (argument: string, cover: Cover): CoverData => {
      if (typeof cover === "object" && cover !== null && #given in cover) return cover.#data;
      throw invalid(`${argument}: expected a Cover, got ${show(cover)}`);
    };
    coverOf = (data: CoverData): Cover => new Cover(data);
  }

  private constructor(data: CoverData) {
    this.#given = data;
  }

  /** Its data. Rows in shared memory that was given back have no words any more. */
  get #data(): CoverData {
    const { on, dc, off } = this.#given;
    if (isGone(on) || isGone(dc) || isGone(off)) {
      throw new RistrettoError(
        "Closed",
        "the cover's memory was given back: its engine was closed, or free called",
      );
    }
    return this.#given;
  }

  /**
   * Reads the text of a PLA file, on this thread and in this process, whatever engines there are;
   * `engine.minimizePla` reads where the engine runs. `type` is that of a text which does not say,
   * default `fd`. The function is the one that the cubes describe: `.phase`, a wish about the
   * output, is for `minimizePla`. Errors: `InvalidInput` with line and column.
   */
  static fromPla(
    text: string | Uint8Array,
    options: { readonly type?: PlaType | undefined } = {},
  ): Cover {
    return new Cover(runParse(text, options.type));
  }

  /** A builder of covers with so many inputs and outputs. Errors: `InvalidInput` for bad counts. */
  static builder(inputs: number, outputs: number = 1, names: Names = {}): CoverBuilder {
    return new CoverBuilder(inputs, outputs, names, coverOf);
  }

  /**
   * A cover of lines such as `"1-0 1"`, as a PLA of type `fd` has them: one symbol an input
   * (`0 1 -`), blanks, one symbol an output (`1` ON, `-` don't-care, `0` or `~` nothing; without
   * output symbols, one output and `1`). At least one line. Errors: `InvalidInput`.
   */
  static fromRows(rows: Iterable<string>, names: Names = {}): Cover {
    return dataFromLines(rows, (inputs, outputs) => Cover.builder(inputs, outputs, names));
  }

  /**
   * A cover of packed rows, `64 × ceil((2 × inputs + outputs) / 64)` bits a row, little-endian: two
   * bits for each input (bit 0: may be 0, bit 1: may be 1), then one for each output. The words are
   * copied. Errors: `InvalidInput` for a length that is no multiple of a row, for bits set beyond
   * the last output, for an input or all outputs without a bit.
   */
  static fromWords(inputs: number, outputs: number, sets: PackedSets, names: Names = {}): Cover {
    return new Cover(dataFromWords(inputs, outputs, sets, names));
  }

  /**
   * A cover of a truth table with 2^inputs values for each output, the last input changing fastest.
   * `-`, `undefined` and `null` are don't-care. At most 24 inputs. Errors: `InvalidInput`.
   *
   * @example Exclusive or
   * ```ts
   * import { Cover } from "@ristretto/espresso";
   *
   * Cover.fromTruthTable(2, "0110");
   * Cover.fromTruthTable(2, { sum: "0110", carry: [0, 0, 0, 1] });
   * ```
   */
  static fromTruthTable(inputs: number, table: TruthTable, names: Names = {}): Cover {
    return new Cover(dataFromTable(inputs, table, names));
  }

  /**
   * A cover with one output that is 1 at the points `on` and don't-care at the points `dc`. The
   * digits of a number are the inputs, the first the most significant. Errors: `InvalidInput`.
   */
  static fromMinterms(
    inputs: number,
    on: Iterable<number>,
    dc?: Iterable<number>,
    names: Names = {},
  ): Cover {
    return new Cover(dataFromMinterms(inputs, on, dc, names));
  }

  /**
   * A cover of a predicate, which is called with the values of the inputs once for each point. It
   * gives a boolean for one output, or an array or an object for several; `undefined` and `null`
   * are don't-care. `options.inputs` is needed where `predicate.length` is not the number of
   * inputs. At most 24 inputs. Errors: `InvalidInput`.
   */
  static fromFunction(
    predicate: (...inputs: boolean[]) => PredicateResult,
    options: FunctionOptions = {},
  ): Cover {
    return new Cover(dataFromFunction(predicate, options));
  }

  /** The number of binary inputs. */
  get inputs(): number {
    return this.#data.shape.inputs;
  }

  /** The number of outputs. */
  get outputs(): number {
    return this.#data.shape.outputs;
  }

  /** The names of the inputs, where they have any. */
  get inputNames(): readonly string[] | undefined {
    return this.#data.inputNames;
  }

  /** The names of the outputs, where they have any. */
  get outputNames(): readonly string[] | undefined {
    return this.#data.outputNames;
  }

  /** For each output 1, or 0 where the cubes are those of its complement; undefined: all are 1. */
  get phase(): readonly number[] | undefined {
    return this.#data.phase && [...this.#data.phase];
  }

  /** Cubes of the ON set. */
  get cubeCount(): number {
    return rowCount(this.#data.shape, this.#data.on);
  }

  /** Literals of the ON set: of its inputs and its outputs. */
  get literalCount(): number {
    return this.size.literals;
  }

  /** The size of the ON set: cubes and literals; counted anew at each call. */
  get size(): CoverSize {
    const { shape, on } = this.#data;
    let inputs = 0;
    let outputs = 0;
    const length = on?.length ?? 0;
    for (let base = 0; base < length; base += shape.words) {
      inputs += inputLiterals(shape, on!, base);
      outputs += outputLiterals(shape, on!, base);
    }
    return {
      cubes: this.cubeCount,
      inputLiterals: inputs,
      outputLiterals: outputs,
      literals: inputs + outputs,
    };
  }

  /** Whether a set is there; one that is not follows from the others. */
  has(set: SetName): boolean {
    return this.#data[set] !== undefined;
  }

  /** The packed rows of a set, copied ({@link Cover.fromWords} tells what they are). */
  words(set: SetName): Uint32Array | undefined {
    return this.#data[set]?.slice();
  }

  /** The cubes of a set, in their order; none for a set that is absent. */
  cubes(set: SetName = "on"): IterableIterator<Cube> {
    return cubesOf(this.#data, set);
  }

  /** The cubes of the ON set, in their order. */
  [Symbol.iterator](): IterableIterator<Cube> {
    return cubesOf(this.#data, "on");
  }

  /** The same function with other names. Errors: `InvalidInput` for a wrong number of names. */
  withNames(names: Names): Cover {
    return new Cover({
      ...this.#data,
      inputNames: checkNames("inputNames", names.inputNames, this.inputs),
      outputNames: checkNames("outputNames", names.outputNames, this.outputs),
    });
  }

  /**
   * The value of every output at a point: 0, 1, or `undefined` for don't-care.
   * Errors: `InvalidInput` for what is no point.
   */
  evaluate(point: Point): Value[] {
    return evaluate(this.#data, point);
  }

  /**
   * A function of the inputs that gives an output's value: true, false, or `undefined` for
   * don't-care. Fast: a table for up to 10 inputs.
   */
  toFunction(output: number | string = 0): (...inputs: Bit[]) => boolean | undefined {
    const { shape, outputNames } = this.#data;
    return compile(this.#data, outputIndex(shape, outputNames, output));
  }

  /**
   * PLA text with the sets that `type` names, by default those that are there: reading it again
   * gives the same cover.
   */
  toPla(options: { readonly type?: PlaType | undefined } = {}): string {
    return runPrint(this.#data, options.type);
  }

  /**
   * The ON set as a sum of products: `a b' + c`, or `out = …` on a line each for several or named
   * outputs; without inputs 0 or 1. Errors: `InvalidInput` for a cover without ON set.
   */
  toSumOfProducts(options: ExpressionOptions = {}): string {
    return sumOfProducts(this.#data, options);
  }

  /**
   * Whether the two are the same function wherever neither is don't-care. Errors: `InvalidInput`
   * when the numbers of inputs or outputs differ.
   */
  equals(other: Cover): boolean {
    return runEquivalent(this.#data, dataOf("other", other));
  }

  /**
   * What an output is at every point where it is not don't-care: `"0"`, `"1"`, `"dont-care"` when
   * there is no such point, else `undefined`.
   */
  isConstant(output: number | string = 0): ConstantName | undefined {
    const { shape, outputNames } = this.#data;
    return constantOf(this.#data, outputIndex(shape, outputNames, output));
  }
}

/** Whether the memory of rows was taken away; a plain empty set has none, too. */
function isGone(rows: Uint32Array | undefined): boolean {
  return rows !== undefined && rows.length === 0 && (rows.buffer as ArrayBuffer).detached;
}
