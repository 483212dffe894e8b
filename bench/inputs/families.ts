// Functions that mathematics defines, and seeded random ones: the inputs that need no corpus, of
// which nobody can say that we were tuned to them.

import { fromRows } from "../common/function_text.ts";
import * as generate from "../generators.ts";
import type { Growth, Input } from "./input.ts";

function input(name: string, rows: () => generate.Rows, more: Partial<Input> = {}): Input {
  return { name, group: "generated", make: () => fromRows(name, rows()), ...more };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const quick = { quick: true };

const arithmetic: readonly Input[] = [
  ...[3, 4, 5].map((n) => input(`adder${n}`, () => generate.adder(n), n === 3 ? quick : {})),
  input("adder4c", () => generate.adder(4, true)),
  ...[4, 5, 6].map((n) => input(`comparator${n}`, () => generate.comparator(n))),
  ...[3, 4, 5].map((n) => input(`multiplier${n}`, () => generate.multiplier(n))),
  ...[5, 6, 7, 8].map((n) => input(`square${n}`, () => generate.square(n))),
];

const symmetric: readonly Input[] = [
  ...[6, 7, 8, 9, 10].map((n) => input(`rd${n}`, () => generate.rd(n))),
  input("symmetric9", () => generate.symmetric(9, [3, 4, 5, 6])),
  input("symmetric10", () => generate.symmetric(10, [2, 3, 5, 7])),
  input("symmetric12", () => generate.symmetric(12, [4, 5, 6])),
  ...[6, 9, 12].map((n) => input(`parity${n}`, () => generate.parity(n))),
  input("majority7", () => generate.majority(7), quick),
  ...[9, 11].map((n) => input(`majority${n}`, () => generate.majority(n))),
];

const chains: readonly Input[] = [
  ...[8, 16, 65].map((n) => input(`unate-chain${n}`, () => generate.unateChain(n))),
  ...[16, 64].map((n) => input(`priority${n}`, () => generate.priorityChain(n))),
];

const random: readonly Input[] = [
  [6, 8, 0, 1],
  [8, 8, 0, 2],
  [8, 8, 0.3, 3],
  [10, 6, 0, 4],
  [10, 6, 0.5, 5],
  [12, 4, 0.2, 6],
].map(([inputs = 0, outputs = 0, dontCares = 0, seed = 0]) =>
  input(
    `random-${inputs}x${outputs}${dontCares > 0 ? `-dc${dontCares * 100}` : ""}`,
    () => generate.randomFunction({ inputs, outputs, dontCares, seed }),
  )
);

const covers: readonly Input[] = [
  [200, 16, 8, 4, 11],
  [400, 24, 12, 6, 12],
  [300, 40, 12, 8, 13],
].map(([cubes = 0, inputs = 0, literals = 0, outputs = 0, seed = 0]) =>
  input(
    `sparse-${inputs}x${outputs}-${cubes}`,
    () => generate.sparseCubes({ cubes, inputs, literals, outputs, sharing: 0.2, seed }),
  )
);

function growth(
  curve: string,
  axis: Growth["axis"],
  size: number,
  rows: () => generate.Rows,
): Input {
  return input(`${curve}-${size}`, rows, {
    group: "growth",
    growth: { curve, axis, size },
  });
}

const curves: readonly Input[] = [
  ...range(8, 14).map((inputs) =>
    growth("grow-random", "inputs", inputs, () => generate.randomFunction({ inputs, seed: inputs }))
  ),
  // Literals enough that the cubes hardly meet, in a space where 10⁵ of them still are few.
  ...[[20, 18], [60, 20], [200, 20]].flatMap(([inputs = 0, literals = 0]) =>
    [100, 1000, 10_000, 100_000].map((cubes) =>
      growth(
        `grow-sparse${inputs}`,
        "cubes",
        cubes,
        () => generate.sparseCubes({ cubes, inputs, literals, seed: inputs + cubes }),
      )
    )
  ),
];

/** All generated functions. */
export const families: readonly Input[] = [
  ...arithmetic,
  ...symmetric,
  ...chains,
  ...random,
  ...covers,
  ...curves,
];
