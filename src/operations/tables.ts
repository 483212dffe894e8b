/**
 * The operation minimize-tables: many small functions in one job.
 */

import { type Cover, coverOf } from "../cover/cover.ts";
import { binaryShape, rowCount, type Shape } from "../cover/data.ts";
import { invalid } from "../errors.ts";
import { type Block, refuseUnsteady } from "../job/block.ts";
import { needRows, openResult, readFunctionEntries, readShape, readStats } from "../job/decode.ts";
import { encodeJob, type TablesInput } from "../job/encode.ts";
import {
  MAX_TABLE_INPUTS,
  MAX_TABLE_OUTPUTS,
  OP_MINIMIZE_TABLES,
  SECTION_ON,
} from "../job/format.ts";
import { checkOptions, show, type TablesOptions } from "../options.ts";
import type { Stats } from "../stats.ts";

/** One function of many that were minimised together. */
export interface MinimizedTable {
  /** The number of cubes of its cover. */
  readonly cubes: number;
  /** No cover of it has fewer cubes; 0 where nothing is known. */
  readonly lowerBound: number;
  /** The number of cubes is proven to be the minimum. */
  readonly optimal: boolean;
  /** The cover, made when it is asked for. */
  readonly cover: Cover;
}

/** What answers are made of; for the modules of this library. */
export interface TablesData {
  /** The variables of each function. */
  readonly shape: Shape;
  /** The cubes of all of them. */
  readonly rows: Uint32Array;
  /** For each function the end of its cubes, and its lower bound. */
  readonly entries: Uint32Array;
}

/**
 * The answers of `minimizeTables`, in the order of the functions. Figures are read where they lie,
 * and a cover is made when it is asked for: a million answers cost what it takes to copy them.
 */
export class MinimizedTables implements Iterable<MinimizedTable> {
  /** How many functions there are. */
  readonly length: number;
  /** What the run did: sums over all functions; `optimal` and `verified` when each of them is. */
  readonly stats: Stats;
  readonly #data: TablesData;

  /** For the modules of this library. */
  constructor(data: TablesData, stats: Stats) {
    this.length = data.entries.length / 2;
    this.stats = stats;
    this.#data = data;
  }

  /** The number of cubes of a function's cover. Errors: `InvalidInput` for no function's number. */
  cubes(index: number): number {
    return this.#end(index) - this.#start(index);
  }

  /** No cover of the function has fewer cubes; 0 where nothing is known. Errors: `InvalidInput`. */
  lowerBound(index: number): number {
    this.#end(index);
    return this.#data.entries[2 * index + 1]!;
  }

  /** The cover of a function. Errors: `InvalidInput`. */
  cover(index: number): Cover {
    const { shape, rows } = this.#data;
    const { words } = shape;
    return coverOf({
      shape,
      on: rows.slice(words * this.#start(index), words * this.#end(index)),
      dc: undefined,
      off: undefined,
      inputNames: undefined,
      outputNames: undefined,
      phase: undefined,
    });
  }

  /** The answers one by one. */
  *[Symbol.iterator](): Generator<MinimizedTable, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.#answer(index);
  }

  #answer(index: number): MinimizedTable {
    const cubes = this.cubes(index);
    const lowerBound = this.lowerBound(index);
    const make = (): Cover => this.cover(index);
    return {
      cubes,
      lowerBound,
      optimal: cubes === lowerBound,
      get cover(): Cover {
        return make();
      },
    };
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#data.entries[2 * index - 2]!;
  }

  #end(index: number): number {
    const end = index % 1 === 0 ? this.#data.entries[2 * index] : undefined;
    if (end !== undefined) return end;
    throw invalid(`index: expected a whole number below ${this.length}, got ${show(index)}`);
  }
}

/** The options of the operation that are no options of a job. */
const OTHERS: readonly string[] = ["outputs", "dc"];

/** Checks the tables and writes the job. Errors: `InvalidInput`, `LimitExceeded`. */
export function encodeTables(
  job: Block,
  inputs: number,
  tables: ArrayBufferView,
  options: TablesOptions | undefined,
  engine = false,
): TablesInput {
  const checked = checkOptions(options, OTHERS, engine);
  const outputs = options?.outputs ?? 1;
  checkCount("inputs", inputs, 0, MAX_TABLE_INPUTS);
  checkCount("option outputs", outputs, 1, MAX_TABLE_OUTPUTS);
  const on = bytesOf("tables", tables);
  const dc = options?.dc === undefined ? undefined : bytesOf("option dc", options.dc);
  const each = Math.ceil(outputs * 2 ** inputs / 8);
  if (on.length % each !== 0) {
    throw invalid(
      `tables: expected ${each} bytes for each function of ${inputs} inputs and ` +
        `${outputs} outputs, got ${on.length} bytes`,
    );
  }
  if (dc !== undefined && dc.length !== on.length) {
    throw invalid(`option dc: expected ${on.length} bytes like the tables, got ${dc.length}`);
  }
  const input = { shape: binaryShape(inputs, outputs), count: on.length / each, on, dc };
  encodeJob(job, { operation: OP_MINIMIZE_TABLES, tables: input, options: checked });
  return input;
}

function checkCount(argument: string, count: number, least: number, most: number): void {
  if (Number.isInteger(count) && count >= least && count <= most) return;
  throw invalid(
    `${argument}: expected a whole number from ${least} to ${most}, got ${show(count)}`,
  );
}

function bytesOf(argument: string, view: ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(view)) {
    throw invalid(`${argument}: expected a view of bytes, got ${show(view)}`);
  }
  refuseUnsteady(argument, view.buffer);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Reads the result. */
export function decodeTables(result: Block, { shape, count }: TablesInput): MinimizedTables {
  openResult(result, OP_MINIMIZE_TABLES);
  readShape(shape);
  const rows = needRows(SECTION_ON, shape);
  const entries = readFunctionEntries(count, rowCount(shape, rows));
  return new MinimizedTables({ shape, rows, entries }, readStats());
}
