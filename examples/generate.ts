/**
 * Writes the example files that mathematics defines; the others are written by hand. Run it after a
 * change: `bun examples/generate.ts`. A test holds the files against what this script makes.
 */

import { writeFileSync } from "node:fs";
import * as generators from "../bench/generators.ts";
import { bits, ones, plaText, type Rows, tabulate } from "../bench/generators.ts";

/** One name of a column for each bit of a number, most significant first. */
function names(base: string, width: number): string {
  return Array.from({ length: width }, (_, i) => `${base}${width - 1 - i}`).join(" ");
}

function file(comments: string[], inputs: string, outputs: string, rows: Rows): string {
  return plaText(rows, { comments, directives: [`.ilb ${inputs}`, `.ob ${outputs}`] });
}

/** Conway's rule: is the cell alive in the next generation? */
function life(): Rows {
  return tabulate(9, 1, (point) => {
    const [alive, neighbours] = [point >= 256, ones(point % 256)];
    return neighbours === 3 || alive && neighbours === 2 ? 1 : 0;
  });
}

/** The number of the highest request, and whether there is one; no request: the number is free. */
function priorityEncoder(): Rows {
  return tabulate(8, 4, (requests) => {
    return requests === 0 ? "---0" : bits(Math.floor(Math.log2(requests)), 3) + "1";
  });
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
}

const digit = (point: number, f: (digit: number) => number) =>
  point < 10 ? bits(f(point), 4) : "----";

/** The generated files, by name. */
export const files: Readonly<Record<string, string>> = {
  "adder2.pla": file(
    ["The sum of two 2-bit numbers and a carry, row by row as in a truth table."],
    `${names("a", 2)} ${names("b", 2)} carry`,
    names("sum", 3),
    generators.adder(2, true),
  ),
  "bcd_to_excess3.pla": file(
    ["A decimal digit to the excess-3 code. 10 to 15 are not digits: don't care."],
    names("d", 4),
    names("x", 4),
    tabulate(4, 4, (point) => digit(point, (d) => d + 3)),
  ),
  "comparator2.pla": file(
    ["Is a below, equal to, or above b? Two numbers of two bits."],
    `${names("a", 2)} ${names("b", 2)}`,
    "below equal above",
    generators.comparator(2),
  ),
  "life.pla": file(
    ["Conway's Game of Life: is the cell alive in the next generation, given its neighbours?"],
    "cell nw n ne w e sw s se",
    "alive",
    life(),
  ),
  "multiplier3.pla": file(
    ["The product of two 3-bit numbers, row by row."],
    `${names("a", 3)} ${names("b", 3)}`,
    names("p", 6),
    generators.multiplier(3),
  ),
  "priority8.pla": file(
    [
      "Priority encoder: the number of the highest of eight requests, and whether there is one.",
      "Without a request the number does not matter.",
    ],
    names("r", 8),
    "n2 n1 n0 any",
    priorityEncoder(),
  ),
  "primes7.pla": file(
    ["Is a 7-bit number prime?"],
    names("n", 7),
    "prime",
    tabulate(7, 1, (n) => isPrime(n) ? 1 : 0),
  ),
  "votes7.pla": file(
    ["Seven votes: is the motion carried?"],
    names("v", 7),
    "carried",
    generators.majority(7),
  ),
};

if (import.meta.main) {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(new URL(name, import.meta.url), text);
  }
}
