/**
 * Covers as sums of products, for readers: `a b' + c`, and the same in two languages.
 */

import { invalid } from "../errors.ts";
import { show } from "../options.ts";
import type { CoverData } from "./data.ts";
import { rowCount } from "./data.ts";
import { literalsOf } from "./cube.ts";
import { outputNamesOf, requireBinary } from "./names.ts";
import { hasBit } from "./rows.ts";

/** `math`: `a b' + c`. `c`: `a && !b || c`, also JavaScript's. `verilog`: `a & ~b | c`. */
export type ExpressionStyle = "math" | "c" | "verilog";

/** How expressions are written. */
export interface ExpressionOptions {
  /** Default `math`. */
  readonly style?: ExpressionStyle | undefined;
}

interface Style {
  readonly and: string;
  readonly or: string;
  readonly not: (name: string) => string;
  readonly zero: string;
  readonly one: string;
  readonly line: (name: string, sum: string) => string;
}

const STYLES: Readonly<Record<ExpressionStyle, Style>> = {
  math: {
    and: " ",
    or: " + ",
    not: (name) => `${name}'`,
    zero: "0",
    one: "1",
    line: (name, sum) => `${name} = ${sum}`,
  },
  c: {
    and: " && ",
    or: " || ",
    not: (name) => `!${name}`,
    zero: "0",
    one: "1",
    line: (name, sum) => `${name} = ${sum};`,
  },
  verilog: {
    and: " & ",
    or: " | ",
    not: (name) => `~${name}`,
    zero: "1'b0",
    one: "1'b1",
    line: (name, sum) => `assign ${name} = ${sum};`,
  },
};

/**
 * The ON set as text: the bare sum for one output without a name, else a line for each output. An
 * output without cubes is 0, one with a cube that depends on nothing is 1.
 */
export function sumOfProducts(data: CoverData, options: ExpressionOptions = {}): string {
  requireBinary(data.shape, "toSumOfProducts");
  const name = options.style ?? "math";
  if (!Object.hasOwn(STYLES, name)) {
    const names = Object.keys(STYLES).map((word) => `"${word}"`).join(", ");
    throw invalid(`option style: expected one of ${names}, got ${show(name)}`);
  }
  if (data.on === undefined) {
    throw invalid("the cover has no ON set to write; minimize it first, which makes one");
  }
  const style = STYLES[name];
  const sums = Array.from({ length: data.shape.outputs }, (_, output) => sum(data, output, style));
  if (data.shape.outputs === 1 && data.outputNames === undefined && name === "math") {
    return sums[0]!;
  }
  const names = outputNamesOf(data.shape, data.outputNames);
  return sums.map((text, output) => style.line(names[output]!, text)).join("\n");
}

function sum(data: CoverData, output: number, style: Style): string {
  const products: string[] = [];
  const rows = data.on!;
  const count = rowCount(data.shape, rows);
  for (let index = 0; index < count; index++) {
    const base = index * data.shape.words;
    if (!hasBit(rows, base, data.shape.outputBit + output)) continue;
    const literals = literalsOf(data, rows, base);
    if (literals.length === 0) return style.one;
    products.push(
      literals.map(({ name, value }) => value === 1 ? name : style.not(name)).join(style.and),
    );
  }
  return products.length === 0 ? style.zero : products.join(style.or);
}
