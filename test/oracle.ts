// The referee of the property tests: functions as tables of bytes, one a point and output. It
// reads covers only as lines of symbols, shares no code with src/ or the core, and decides every
// claim by looking at every cell; so it is good for ten inputs, and hard to get wrong.
//
//     cell = point × outputs + output        the first input is the highest digit of a point

import fc from "fast-check";
import type { Cover, SetName } from "../mod.ts";

/** What a cell asks of an answer. */
export const FREE = 0;
export const MUST = 1;
export const NEVER = 2;

/** A cube as a line of a PLA: symbols `0 1 -` of the inputs, `0 1` of the outputs. */
export interface Line {
  readonly inputs: string;
  readonly outputs: string;
}

/** A table of cells, and how to read it. */
export interface Table {
  readonly inputs: number;
  readonly outputs: number;
  readonly cells: Uint8Array;
}

/** The cells of a cube, ascending. */
export function cellsOf({ inputs, outputs }: Line): number[] {
  let points = [0];
  for (const symbol of inputs) {
    const next: number[] = [];
    for (const point of points) {
      if (symbol !== "1") next.push(2 * point);
      if (symbol !== "0") next.push(2 * point + 1);
    }
    points = next;
  }
  const cells: number[] = [];
  for (const point of points) {
    for (let output = 0; output < outputs.length; output++) {
      if (outputs[output] === "1") cells.push(point * outputs.length + output);
    }
  }
  return cells;
}

/** How many of the cubes hold each cell. */
export function holders(inputs: number, outputs: number, lines: Iterable<Line>): Uint16Array {
  const count = new Uint16Array(2 ** inputs * outputs);
  for (const line of lines) for (const cell of cellsOf(line)) count[cell]!++;
  return count;
}

/** What a cover asks of an answer, by the words of Espresso: don't-care wins over ON and OFF. */
export function tableOf(cover: Cover): Table {
  const { inputs, outputs } = cover;
  const held = (set: SetName) =>
    cover.has(set) ? holders(inputs, outputs, cover.cubes(set)) : undefined;
  const on = held("on");
  const dc = held("dc");
  const off = held("off");
  const cells = new Uint8Array(2 ** inputs * outputs);
  for (let cell = 0; cell < cells.length; cell++) {
    const free = (dc?.[cell] ?? 0) > 0;
    const isOn = on === undefined ? !free && off![cell] === 0 : on[cell]! > 0;
    const isOff = off === undefined ? !free && on![cell] === 0 : off[cell]! > 0;
    cells[cell] = free || !(isOn || isOff) ? FREE : isOn ? MUST : NEVER;
  }
  return { inputs, outputs, cells };
}

/** The lines of a cover's ON set. */
export function linesOf(cover: Cover): Line[] {
  return Array.from(cover.cubes("on"), ({ inputs, outputs }) => ({ inputs, outputs }));
}

/** Whether the cubes hold every cell that must be held, and none that must not. */
export function isAnswer(table: Table, lines: Iterable<Line>): boolean {
  const held = holders(table.inputs, table.outputs, lines);
  return table.cells.every((wants, cell) =>
    wants === FREE || (wants === MUST) === (held[cell]! > 0)
  );
}

/** Whether a cube holds no cell that must not be held. */
export function isImplicant(table: Table, line: Line): boolean {
  return cellsOf(line).every((cell) => table.cells[cell] !== NEVER);
}

/** The cubes that are larger by one literal or one output. */
export function* larger({ inputs, outputs }: Line, outputsToo = true): Generator<Line> {
  for (let at = 0; at < inputs.length; at++) {
    if (inputs[at] !== "-") yield { inputs: replaced(inputs, at, "-"), outputs };
  }
  for (let at = 0; at < outputs.length && outputsToo; at++) {
    if (outputs[at] !== "1") yield { inputs, outputs: replaced(outputs, at, "1") };
  }
}

/** Whether a cube is an implicant and nothing larger is; of the inputs only, when that is asked. */
export function isPrime(table: Table, line: Line, outputsToo = true): boolean {
  if (!isImplicant(table, line)) return false;
  for (const more of larger(line, outputsToo)) if (isImplicant(table, more)) return false;
  return true;
}

/** Whether some cube could go and the rest would still be an answer. */
export function hasRedundantCube(table: Table, lines: readonly Line[]): boolean {
  const held = holders(table.inputs, table.outputs, lines);
  return lines.some((line) =>
    !cellsOf(line).some((cell) => table.cells[cell] === MUST && held[cell] === 1)
  );
}

/** All primes of a function, found among all cubes there are; for few inputs. */
export function primesOf(table: Table): Line[] {
  const primes: Line[] = [];
  const extend = (inputs: string): void => {
    if (inputs.length < table.inputs) {
      for (const symbol of "01-") extend(inputs + symbol);
      return;
    }
    for (let choice = 1; choice < 2 ** table.outputs; choice++) {
      const line = { inputs, outputs: choice.toString(2).padStart(table.outputs, "0") };
      if (isPrime(table, line)) primes.push(line);
    }
  };
  extend("");
  return primes;
}

/** The text with another symbol at a place. */
export function replaced(text: string, at: number, symbol: string): string {
  return text.slice(0, at) + symbol + text.slice(at + 1);
}

/** An error that can be planted into the lines of an answer. */
export interface Planted {
  readonly what: string;
  readonly lines: Line[];
}

/**
 * Errors planted into an answer that is irredundant, and prime in its inputs. Each is wrong: a
 * cube that goes, or turns a literal round, leaves a point of its own bare; one literal less lets a
 * point in that must stay out; outputs that ask for opposite things cannot trade places.
 */
export function* plant(table: Table, lines: readonly Line[]): Generator<Planted> {
  const withLine = (at: number, line: Line): Line[] => lines.with(at, line);
  for (const [at, { inputs, outputs }] of lines.entries()) {
    yield { what: `cube ${at} dropped`, lines: lines.toSpliced(at, 1) };
    for (const [input, symbol] of Array.from(inputs).entries()) {
      if (symbol === "-") continue;
      const turned = replaced(inputs, input, symbol === "0" ? "1" : "0");
      yield {
        what: `literal ${input} of cube ${at} turned round`,
        lines: withLine(at, { inputs: turned, outputs }),
      };
      const without = replaced(inputs, input, "-");
      yield {
        what: `literal ${input} of cube ${at} left out`,
        lines: withLine(at, { inputs: without, outputs }),
      };
    }
  }
  for (let a = 0; a < table.outputs; a++) {
    for (let b = a + 1; b < table.outputs; b++) {
      if (!areOpposed(table, a, b)) continue;
      const swapped = lines.map(({ inputs, outputs }) => ({
        inputs,
        outputs: replaced(replaced(outputs, a, outputs[b]!), b, outputs[a]!),
      }));
      yield { what: `outputs ${a} and ${b} swapped`, lines: swapped };
    }
  }
}

/** Whether one output must be 1 at a point where the other must be 0. */
function areOpposed(table: Table, a: number, b: number): boolean {
  for (let cell = 0; cell < table.cells.length; cell += table.outputs) {
    if ((table.cells[cell + a]! | table.cells[cell + b]!) === (MUST | NEVER)) return true;
  }
  return false;
}

/** Which sets a random function is given by. */
export type Sets = "f" | "fd" | "fr" | "dr" | "r" | "fdr";

/** A random function: its lines for each set. No cube of ON meets one of OFF. */
export interface RandomFunction {
  readonly inputs: number;
  readonly outputs: number;
  readonly sets: Sets;
  readonly on: readonly Line[];
  readonly dc: readonly Line[];
  readonly off: readonly Line[];
}

/** Random functions of up to so many inputs and outputs, of cubes that overlap as they like. */
export function functions(
  mostInputs: number,
  mostOutputs: number,
  kinds: readonly Sets[] = ["f", "fd", "fr", "dr", "r", "fdr"],
): fc.Arbitrary<RandomFunction> {
  return fc.record({
    inputs: fc.integer({ min: 0, max: mostInputs }),
    outputs: fc.integer({ min: 1, max: mostOutputs }),
    sets: fc.constantFrom(...kinds),
    dashes: fc.integer({ min: 0, max: 4 }),
  }).chain(({ inputs, outputs, sets, dashes }) => {
    const symbol = fc.constantFrom("0", "1", ..."----".slice(0, dashes));
    const word = (symbols: fc.Arbitrary<string>, length: number): fc.Arbitrary<string> =>
      fc.array(symbols, { minLength: length, maxLength: length }).map((all) => all.join(""));
    const line = fc.record({
      inputs: word(symbol, inputs),
      outputs: word(fc.constantFrom("0", "1"), outputs)
        .map((text) => text.includes("1") ? text : replaced(text, 0, "1")),
    });
    const lines = (most: number): fc.Arbitrary<Line[]> => fc.array(line, { maxLength: most });
    return fc.record({
      inputs: fc.constant(inputs),
      outputs: fc.constant(outputs),
      sets: fc.constant(sets),
      on: lines(4 + 3 * inputs),
      dc: lines(2 + inputs),
      off: lines(4 + 3 * inputs),
    });
  }).map(apart);
}

/** Takes the cubes of OFF away that meet ON. */
function apart(random: RandomFunction): RandomFunction {
  if (!random.sets.includes("f") || !random.sets.includes("r")) return random;
  const held = holders(random.inputs, random.outputs, random.on);
  return { ...random, off: random.off.filter((line) => cellsOf(line).every((c) => held[c] === 0)) };
}
