// The functions of bench:peers: seeded random ones of one output, in groups of one size, and
// functions of several outputs, from mathematics and from the corpus where it is.

import { fromRows, type TwoLevel } from "../common/function_text.ts";
import * as generate from "../generators.ts";
import { corpus } from "./corpus.ts";

/** A group of functions of the same inputs and outputs, which a contestant minimises in one go. */
export interface PeerInput {
  readonly name: string;
  make(): TwoLevel[];
}

/** Functions of each number of inputs: enough of them that their mean says something. */
const counts: Readonly<Record<number, number>> = {
  4: 200,
  5: 200,
  6: 100,
  7: 100,
  8: 50,
  9: 20,
  10: 10,
  11: 5,
  12: 3,
};
const quickCounts: Readonly<Record<number, number>> = { 4: 20, 6: 10 };

/** Functions of the corpus that every kind of peer can do, small and middling. */
const classics = ["bw", "rd84", "misex1", "inc", "clip", "sqr6", "alu3", "vtx1", "duke2", "apex4"];

/** All groups. */
export function peerInputs(quick: boolean): PeerInput[] {
  const sizes = Object.entries(quick ? quickCounts : counts);
  const one = sizes.flatMap(([inputs, count]) => [
    random(Number(inputs), count, 0),
    ...(quick ? [] : [random(Number(inputs), count, 0.25)]),
  ]);
  const several: readonly (readonly [string, () => generate.Rows])[] = [
    ["adder3", () => generate.adder(3)],
    ["adder4", () => generate.adder(4)],
    ["multiplier3", () => generate.multiplier(3)],
    ["multiplier4", () => generate.multiplier(4)],
    ["square6", () => generate.square(6)],
    ["rd8", () => generate.rd(8)],
    ["comparator4", () => generate.comparator(4)],
    ["random-8x4", () => generate.randomFunction({ inputs: 8, outputs: 4, seed: 21 })],
    [
      "random-8x4-dc",
      () => generate.randomFunction({ inputs: 8, outputs: 4, dontCares: 0.3, seed: 22 }),
    ],
    [
      "sparse-20x5",
      () => generate.sparseCubes({ cubes: 200, inputs: 20, literals: 8, outputs: 5, seed: 23 }),
    ],
  ];
  const made = several.map(([name, rows]): PeerInput => ({
    name,
    make: () => [fromRows(name, rows())],
  }));
  const classic = (corpus() ?? []).filter(({ name }) => classics.includes(name))
    .map(({ name, make }): PeerInput => ({ name, make: () => [make()] }));
  return quick ? [...one, made[0]!] : [...one, ...made, ...classic];
}

function random(inputs: number, count: number, dontCares: number): PeerInput {
  const name = `random-${inputs}x1${dontCares > 0 ? "-dc" : ""}`;
  return {
    name,
    make: () =>
      Array.from({ length: count }, (_, i) => {
        const seed = 100_000 * inputs + i + (dontCares > 0 ? 50_000 : 0);
        return fromRows(`${name}-${i}`, generate.randomFunction({ inputs, dontCares, seed }));
      }),
  };
}
