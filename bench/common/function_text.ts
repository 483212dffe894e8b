// Functions as the benchmarks hand them to every runner, one of our own or a peer's, so that all
// of them get the same cubes in the same order. The text of a file of functions:
//
//     .function NAME INPUTS OUTPUTS ON DC OFF
//     01- 10
//
// a header for each function, then so many lines for its ON, its DC and its OFF set; `-` for a
// set that is not given. An output's symbol is 1 where the cube belongs to the set, else 0.

import { readFileSync, writeFileSync } from "node:fs";
import { Cover } from "../../mod.ts";
import type { Rows } from "../generators.ts";

/** A cube: a symbol an input (`0 1 -`), a symbol an output (`0 1`). */
export type Line = readonly [inputs: string, outputs: string];

/** A function in two levels: what a minimiser gets, and what it gives back. */
export interface TwoLevel {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly on: readonly Line[];
  readonly dc?: readonly Line[] | undefined;
  readonly off?: readonly Line[] | undefined;
}

/** The function of rows of type `fd`, in which an output's `-` is a don't-care. */
export function fromRows(name: string, { inputs, outputs, rows }: Rows): TwoLevel {
  const set = (symbol: string): Line[] =>
    rows.filter((row) => row[1].includes(symbol)).map(([input, output]) => [
      input,
      [...output].map((each) => each === symbol ? "1" : "0").join(""),
    ]);
  const dc = set("-");
  return { name, inputs, outputs, on: set("1"), dc: dc.length > 0 ? dc : undefined };
}

/** The function of a cover. */
export function fromCover(name: string, cover: Cover): TwoLevel {
  const set = (which: "on" | "dc" | "off"): Line[] | undefined =>
    cover.has(which)
      ? Array.from(cover.cubes(which), ({ inputs, outputs }): Line => [inputs, outputs])
      : undefined;
  const { inputs, outputs } = cover;
  const dc = set("dc");
  return {
    name,
    inputs,
    outputs,
    on: set("on") ?? [],
    dc: dc?.length === 0 ? undefined : dc,
    off: set("off"),
  };
}

/** The cover of a function. */
export function toCover({ inputs, outputs, on, dc, off }: TwoLevel): Cover {
  const builder = Cover.builder(inputs, outputs);
  for (const [input, output] of on) builder.on(input, output);
  for (const [input, output] of dc ?? []) builder.dc(input, output);
  for (const [input, output] of off ?? []) builder.off(input, output);
  return builder.build();
}

/** Writes a file of functions. */
export function writeFunctions(path: string, functions: readonly TwoLevel[]): void {
  const lines: string[] = [];
  for (const { name, inputs, outputs, on, dc, off } of functions) {
    const counts = [on, dc, off].map((set) => set?.length ?? "-");
    lines.push(`.function ${name} ${inputs} ${outputs} ${counts.join(" ")}`);
    for (const set of [on, dc, off]) {
      for (const [input, output] of set ?? []) lines.push(`${input} ${output}`);
    }
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
}

/** Reads a file of functions. */
export function readFunctions(path: string): TwoLevel[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const functions: TwoLevel[] = [];
  let at = 0;
  const set = (count: string | undefined): Line[] | undefined => {
    if (count === "-") return undefined;
    const end = at + Number(count);
    const cubes = lines.slice(at, end).map((line): Line => {
      const blank = line.indexOf(" ");
      return [line.slice(0, blank), line.slice(blank + 1)];
    });
    at = end;
    return cubes;
  };
  while (at < lines.length) {
    const [mark, name = "", inputs, outputs, on, dc, off] = lines[at++]!.split(" ");
    if (mark !== ".function") throw new Error(`${path}: expected .function, got ${mark}`);
    functions.push({
      name,
      inputs: Number(inputs),
      outputs: Number(outputs),
      on: set(on) ?? [],
      dc: set(dc),
      off: set(off),
    });
  }
  return functions;
}

/** The size of a cover: cubes, input literals, output literals. */
export function sizeOf(lines: readonly Line[]): [cubes: number, inputs: number, outputs: number] {
  let inputs = 0;
  let outputs = 0;
  for (const [input, output] of lines) {
    for (const symbol of input) if (symbol !== "-") inputs++;
    for (const symbol of output) if (symbol === "1") outputs++;
  }
  return [lines.length, inputs, outputs];
}
