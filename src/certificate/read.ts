/**
 * Reads certificates (docs/certificate.md). Only their form is looked at: each number is in its
 * range, each line what stands before it announces.
 */

import { binaryShape, type Shape } from "../cover/data.ts";
import { RistrettoError } from "../errors.ts";
import type { Row } from "./cubes.ts";

/** A step of a tree: its word, its numbers, and of `fix` the columns ruled out and in. */
export interface Step {
  readonly word: string;
  readonly numbers: readonly number[];
  readonly out: readonly number[];
  readonly into: readonly number[];
  readonly line: number;
}

/** Points, and why they need so many cubes. */
export interface Part {
  readonly kind: "dual" | "tree";
  readonly need: number;
  readonly unit: number;
  readonly points: readonly Row[];
  /** Of `dual`: of each point. */
  readonly weights: readonly number[];
  /** Of `tree`: numbers of points, ascending. */
  readonly columns: readonly (readonly number[])[];
  readonly steps: readonly Step[];
}

/** A certificate. */
export interface Certificate {
  readonly shape: Shape;
  readonly cover: readonly Row[];
  readonly off: readonly Row[];
  readonly parts: readonly Part[];
}

/** Why a certificate is refused, with the line of it that is to blame (0: none). */
export function refuse(line: number, why: string): RistrettoError {
  const where = line > 0 ? `line ${line}: ` : "";
  return new RistrettoError("InvalidInput", `certificate: ${where}${why}`, {
    line: line || undefined,
  });
}

/** The numbers that a step takes: p a point, c a column, n any. */
const STEPS: Readonly<Record<string, string>> = {
  drop: "p",
  dominated: "cc",
  forced: "cp",
  done: "",
  empty: "p",
  branch: "c",
  refuse: "c",
  split: "n",
  part: "pn",
};

class Lines {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text.split("\n");
  }

  /** The number of the line read last. */
  get line(): number {
    return this.#at;
  }

  /** The words of the next line. */
  next(): string[] {
    const line = this.#lines[this.#at++];
    if (line === undefined) throw refuse(this.#at, "the certificate ends too early");
    return line.split(" ");
  }

  /** The next line's first word, not read yet. */
  peek(): string {
    return this.#lines[this.#at]?.split(" ", 1)[0] ?? "";
  }

  /** A line of `word` and so many numbers. */
  numbers(word: string, count: number): number[] {
    const [first, ...rest] = this.next();
    if (first !== word || rest.length !== count) {
      throw refuse(this.line, `expected ${word} and ${count} numbers`);
    }
    return rest.map((text) => this.number(text));
  }

  number(text: string | undefined, below: number = 2 ** 31): number {
    if (text === undefined || !/^(0|[1-9][0-9]{0,9})$/.test(text) || Number(text) >= below) {
      throw refuse(this.line, `expected a number below ${below}, got ${text ?? "nothing"}`);
    }
    return Number(text);
  }

  /** Only one empty line may follow. */
  end(): void {
    if (this.#at !== this.#lines.length - 1 || this.#lines[this.#at] !== "") {
      throw refuse(this.#at + 1, "there is more after its end");
    }
  }
}

function setInputs(lines: Lines, row: Row, text: string | undefined, shape: Shape): void {
  if (text?.length !== shape.inputs) throw refuse(lines.line, `expected ${shape.inputs} inputs`);
  for (let input = 0; input < shape.inputs; input++) {
    const bits = ["0", "1", "-"].indexOf(text[input]!) + 1;
    if (bits === 0) throw refuse(lines.line, `expected 0, 1 or -, got ${text[input]}`);
    row[input >>> 4]! |= bits << (2 * (input & 15));
  }
}

function setOutput(row: Row, shape: Shape, output: number): void {
  const bit = shape.outputBit + output;
  row[bit >>> 5]! |= 1 << (bit & 31);
}

function readCube(lines: Lines, shape: Shape): Row {
  const [inputs, outputs, ...more] = lines.next();
  const row = new Uint32Array(shape.words);
  setInputs(lines, row, inputs, shape);
  if (outputs?.length !== shape.outputs || !/^0*1[01]*$/.test(outputs) || more.length > 0) {
    throw refuse(lines.line, `expected ${shape.outputs} outputs, one of them 1`);
  }
  for (let output = 0; output < shape.outputs; output++) {
    if (outputs[output] === "1") setOutput(row, shape, output);
  }
  return row;
}

function readCubes(lines: Lines, word: string, shape: Shape): Row[] {
  const [count] = lines.numbers(word, 1);
  return Array.from({ length: count! }, () => readCube(lines, shape));
}

/** A point, and what stands behind it on its line. */
function readPoint(lines: Lines, shape: Shape, more: number): [Row, number[]] {
  const [inputs, output, ...rest] = lines.next();
  const row = new Uint32Array(shape.words);
  if (inputs?.includes("-") || rest.length !== more) {
    throw refuse(lines.line, `expected a point, an output and ${more} numbers`);
  }
  setInputs(lines, row, inputs, shape);
  setOutput(row, shape, lines.number(output, shape.outputs));
  return [row, rest.map((text) => lines.number(text))];
}

function readDual(lines: Lines, shape: Shape): Part {
  const [need, unit, count] = lines.numbers("dual", 3);
  const read = Array.from({ length: count! }, () => readPoint(lines, shape, 1));
  const points = read.map(([point]) => point);
  const weights = read.map(([, [weight]]) => weight!);
  return { kind: "dual", need: need!, unit: unit!, points, weights, columns: [], steps: [] };
}

function readTree(lines: Lines, shape: Shape): Part {
  const [need, pointCount, columnCount, unit] = lines.numbers("tree", 4);
  const points = Array.from({ length: pointCount! }, () => readPoint(lines, shape, 0)[0]);
  const columns = Array.from({ length: columnCount! }, () => {
    const [word, ...rest] = lines.next();
    const column = rest.map((text) => lines.number(text, pointCount));
    const ascending = column.every((point, index) => index === 0 || column[index - 1]! < point);
    if (word !== "c" || !ascending) throw refuse(lines.line, "expected c and ascending points");
    return column;
  });
  const steps: Step[] = [];
  while (!["tree", "dual", "end"].includes(lines.peek())) {
    steps.push(readStep(lines, pointCount!, columnCount!));
  }
  return { kind: "tree", need: need!, unit: unit!, points, weights: [], columns, steps };
}

function readStep(lines: Lines, points: number, columns: number): Step {
  const [word = "", ...rest] = lines.next();
  const line = lines.line;
  const below = (letter: string | undefined) => {
    return letter === "p" ? points : letter === "c" ? columns : undefined;
  };
  const letters = STEPS[word];
  if (letters !== undefined) {
    if (rest.length !== letters.length) {
      throw refuse(line, `${word} takes ${letters.length} numbers`);
    }
    const numbers = rest.map((text, index) => lines.number(text, below(letters[index])));
    return { word, numbers, out: [], into: [], line };
  }
  const outAt = word === "fix" ? rest.indexOf("out") : rest.length;
  const inAt = word === "fix" ? rest.indexOf("in") : rest.length;
  if ((word !== "fix" && word !== "bound") || outAt < 0 || inAt < outAt || outAt % 2 !== 0) {
    throw refuse(line, `no step is called ${word}, or its prices are no pairs`);
  }
  const prices = rest.slice(0, outAt);
  const numbers = prices.map((text, index) => lines.number(text, below("pn"[index % 2])));
  const out = rest.slice(outAt + 1, inAt).map((text) => lines.number(text, columns));
  const into = rest.slice(inAt + 1).map((text) => lines.number(text, columns));
  return { word, numbers, out, into, line };
}

/** Reads the text of a certificate. Errors: `InvalidInput`, with the line. */
export function readCertificate(text: string): Certificate {
  const lines = new Lines(text);
  const [version] = lines.numbers("certificate", 1);
  if (version !== 1) throw refuse(1, `version ${version} is not known`);
  const [inputs] = lines.numbers("inputs", 1);
  const [outputs] = lines.numbers("outputs", 1);
  if (inputs! > 2 ** 20 || outputs === 0 || outputs! > 2 ** 20) {
    throw refuse(3, "these are no sizes of a function");
  }
  const shape = binaryShape(inputs!, outputs!);
  const cover = readCubes(lines, "cover", shape);
  const off = readCubes(lines, "off", shape);
  const parts: Part[] = [];
  for (let word = lines.peek(); word === "dual" || word === "tree"; word = lines.peek()) {
    parts.push(word === "dual" ? readDual(lines, shape) : readTree(lines, shape));
    if (parts.at(-1)!.unit === 0) throw refuse(lines.line, "a unit of 0");
  }
  lines.numbers("end", 0);
  lines.end();
  return { shape, cover, off, parts };
}
