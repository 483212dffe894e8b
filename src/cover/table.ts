/**
 * Covers from tables: truth tables, minterms and predicates. Every point that is not 0 becomes a
 * cube of its own; making few cubes of many is the minimiser's work.
 */

import { invalid } from "../errors.ts";
import { show } from "../options.ts";
import { binaryShape, type CoverData } from "./data.ts";
import { checkCounts, checkNames, type Names } from "./names.ts";
import { allowInput, RowBuffer, setBit } from "./rows.ts";

/** One entry of a truth table: `undefined`, `null` and `-` are don't-care. */
export type TableValue = 0 | 1 | boolean | "0" | "1" | "-" | undefined | null;

/** The values of one output at all points, the last input changing fastest: `"0110"` is XOR. */
export type TableColumn = string | readonly TableValue[];

/** One output, several in order, or several by name. */
export type TruthTable =
  | TableColumn
  | readonly TableColumn[]
  | Readonly<Record<string, TableColumn>>;

/** What a predicate gives for an output. */
export type PredicateValue = boolean | 0 | 1 | undefined | null;

/** What a predicate gives: one output, several in order, or several by name. */
export type PredicateResult =
  | PredicateValue
  | readonly PredicateValue[]
  | Readonly<Record<string, PredicateValue>>;

/** Options of `Cover.fromFunction`. */
export interface FunctionOptions extends Names {
  /** The number of inputs; default: the number of parameters of the function. */
  readonly inputs?: number | undefined;
}

/** Inputs up to which every point is visited. */
const MAX_TABLE_INPUTS = 24;

/** The data of a truth table. */
export function dataFromTable(inputs: number, table: TruthTable, names: Names): CoverData {
  checkCounts(inputs, 1);
  checkTableInputs(inputs);
  const { columns, outputNames } = columnsOf(inputs, table);
  const points = 2 ** inputs;
  for (const [output, column] of columns.entries()) {
    if (column.length !== points) {
      throw invalid(
        `table: expected 2^${inputs} = ${points} values for output ${output}, got ${column.length}`,
      );
    }
  }
  const given = { ...names, outputNames: names.outputNames ?? outputNames };
  return fromPoints(inputs, columns.length, given, (point, output) => {
    const value = columns[output]![point];
    const where = (): string => `table: output ${output}, point ${point}`;
    return valueOf(value, where);
  });
}

function columnsOf(
  inputs: number,
  table: TruthTable,
): { columns: readonly TableColumn[]; outputNames: readonly string[] | undefined } {
  if (typeof table === "string") return { columns: [table], outputNames: undefined };
  if (Array.isArray(table)) {
    const several = table.length > 0 &&
      table.every((column) =>
        Array.isArray(column) || (typeof column === "string" && (column.length > 1 || inputs === 0))
      );
    return {
      columns: several ? table as readonly TableColumn[] : [table as readonly TableValue[]],
      outputNames: undefined,
    };
  }
  if (typeof table !== "object" || table === null || Object.keys(table).length === 0) {
    throw invalid(`table: expected text, an array or an object of columns, got ${show(table)}`);
  }
  const named = table as Readonly<Record<string, TableColumn>>;
  for (const [name, column] of Object.entries(named)) {
    if (typeof column !== "string" && !Array.isArray(column)) {
      throw invalid(`table: expected text or an array for output ${name}, got ${show(column)}`);
    }
  }
  return { columns: Object.values(named), outputNames: Object.keys(named) };
}

/** The data of a one-output function given by the numbers of its points. */
export function dataFromMinterms(
  inputs: number,
  on: Iterable<number>,
  dc: Iterable<number> | undefined,
  names: Names,
): CoverData {
  checkCounts(inputs, 1);
  if (inputs > 53) throw invalid(`inputs: expected at most 53 for minterms, got ${inputs}`);
  const shape = binaryShape(inputs, 1);
  const rowsOf = (argument: string, minterms: Iterable<number>): Uint32Array => {
    const rows = new RowBuffer(shape.words);
    for (const minterm of minterms) {
      if (!Number.isSafeInteger(minterm) || minterm < 0 || minterm >= 2 ** inputs) {
        throw invalid(
          `${argument}: expected numbers from 0 to 2^${inputs} - 1, got ${show(minterm)}`,
        );
      }
      const base = addPoint(rows, inputs, minterm);
      setBit(rows.words, base, shape.outputBit);
    }
    return rows.take();
  };
  return {
    shape,
    on: rowsOf("on", on),
    dc: dc === undefined ? undefined : rowsOf("dc", dc),
    off: undefined,
    inputNames: checkNames("inputNames", names.inputNames, inputs),
    outputNames: checkNames("outputNames", names.outputNames, 1),
    phase: undefined,
  };
}

/** The data of a predicate, which is called once for each point. */
export function dataFromFunction(
  predicate: (...inputs: boolean[]) => PredicateResult,
  options: FunctionOptions,
): CoverData {
  if (typeof predicate !== "function") {
    throw invalid(`predicate: expected a function, got ${show(predicate)}`);
  }
  const inputs = options.inputs ?? options.inputNames?.length ?? predicate.length;
  checkCounts(inputs, 1);
  checkTableInputs(inputs);
  const results: PredicateResult[] = [];
  for (let point = 0; point < 2 ** inputs; point++) {
    results.push(predicate(...booleansOf(point, inputs)));
  }
  const first = results.find((result) => result != null);
  const named = typeof first === "object" && !Array.isArray(first)
    ? Object.keys(first!)
    : undefined;
  const count = named?.length ?? (Array.isArray(first) ? first.length : 1);
  const names = { ...options, outputNames: options.outputNames ?? named };
  const values = results.map((result, point) => valuesOf(result, named, count, point));
  return fromPoints(inputs, count, names, (point, output) => {
    return valueOf(values[point]?.[output], () => `predicate: output ${output} at point ${point}`);
  });
}

/** The outputs of one call in order; `undefined` where the whole point is don't-care. */
function valuesOf(
  result: PredicateResult,
  named: readonly string[] | undefined,
  count: number,
  point: number,
): readonly PredicateValue[] | undefined {
  if (result == null) return undefined;
  if (Array.isArray(result) && named === undefined && result.length === count) return result;
  if (typeof result !== "object" && named === undefined && count === 1) return [result];
  if (typeof result === "object" && !Array.isArray(result) && named !== undefined) {
    const values = result as Readonly<Record<string, PredicateValue>>;
    if (Object.keys(values).every((name) => named.includes(name))) {
      return named.map((name) => values[name]);
    }
  }
  throw invalid(`predicate: the outputs at point ${point} are others than at earlier points`);
}

/** Builds ON and DC sets from the value of each output at each point; `undefined` is don't-care. */
function fromPoints(
  inputs: number,
  outputs: number,
  names: Names,
  value: (point: number, output: number) => 0 | 1 | undefined,
): CoverData {
  checkCounts(inputs, outputs);
  const shape = binaryShape(inputs, outputs);
  const on = new RowBuffer(shape.words);
  const dc = new RowBuffer(shape.words);
  for (let point = 0; point < 2 ** inputs; point++) {
    let onBase = -1;
    let dcBase = -1;
    for (let output = 0; output < outputs; output++) {
      const is = value(point, output);
      if (is === 1) {
        if (onBase < 0) onBase = addPoint(on, inputs, point);
        setBit(on.words, onBase, shape.outputBit + output);
      } else if (is === undefined) {
        if (dcBase < 0) dcBase = addPoint(dc, inputs, point);
        setBit(dc.words, dcBase, shape.outputBit + output);
      }
    }
  }
  return {
    shape,
    on: on.take(),
    dc: dc.used === 0 ? undefined : dc.take(),
    off: undefined,
    inputNames: checkNames("inputNames", names.inputNames, inputs),
    outputNames: checkNames("outputNames", names.outputNames, outputs),
    phase: undefined,
  };
}

/** Adds a row whose inputs are the digits of a number, and gives its first word. */
function addPoint(rows: RowBuffer, inputs: number, point: number): number {
  const base = rows.add();
  let rest = point;
  for (let input = inputs - 1; input >= 0; input--) {
    allowInput(rows.words, base, input, rest % 2 === 1 ? 2 : 1);
    rest = Math.floor(rest / 2);
  }
  return base;
}

function booleansOf(point: number, inputs: number): boolean[] {
  return Array.from({ length: inputs }, (_, input) => ((point >>> (inputs - 1 - input)) & 1) === 1);
}

function valueOf(value: unknown, where: () => string): 0 | 1 | undefined {
  if (value === 1 || value === true || value === "1") return 1;
  if (value === 0 || value === false || value === "0") return 0;
  if (value === undefined || value === null || value === "-") return undefined;
  throw invalid(`${where()}: expected 0, 1 or don't-care, got ${show(value)}`);
}

function checkTableInputs(inputs: number): asserts inputs is number {
  if (inputs <= MAX_TABLE_INPUTS) return;
  throw invalid(
    `inputs: expected at most ${MAX_TABLE_INPUTS} where every point is listed, got ${inputs}; ` +
      "Cover.builder takes any number",
  );
}
