// The generators of functions: mathematics holds them, and a hash of their text holds the seeded
// ones to the same bytes in every runtime, on every machine, in every year.

import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as generators from "../bench/generators.ts";
import { ones, plaText, type Rows } from "../bench/generators.ts";

/** The outputs at each point, as text, of rows that are minterms. */
function table({ inputs, outputs, rows }: Rows): string[] {
  const values = new Array<string>(2 ** inputs).fill("0".repeat(outputs));
  for (const [input, output] of rows) values[parseInt(input, 2)] = output;
  return values;
}

function numbers(rows: Rows): number[] {
  return table(rows).map((output) => parseInt(output, 2));
}

describe("arithmetic", () => {
  it("adders, multipliers and squares compute", () => {
    numbers(generators.adder(3)).forEach((sum, x) => assertEquals(sum, (x >> 3) + (x & 7)));
    numbers(generators.adder(2, true)).forEach((sum, x) => {
      assertEquals(sum, (x >> 3) + (x >> 1 & 3) + (x & 1));
    });
    numbers(generators.multiplier(3)).forEach((p, x) => assertEquals(p, (x >> 3) * (x & 7)));
    numbers(generators.square(5)).forEach((p, x) => assertEquals(p, x * x));
  });

  it("comparators compare", () => {
    table(generators.comparator(2)).forEach((output, x) => {
      const [a, b] = [x >> 2, x & 3];
      assertEquals(output, `${+(a < b)}${+(a === b)}${+(a > b)}`);
    });
  });
});

describe("symmetric functions", () => {
  it("have the known numbers of minterms", () => {
    assertEquals(generators.symmetric(9, [3, 4, 5, 6]).rows.length, 420);
    assertEquals(generators.parity(8).rows.length, 128);
    assertEquals(generators.majority(5).rows.length, 16);
    assertEquals([3, 5, 7, 8].map((n) => generators.rd(n).outputs), [2, 3, 3, 4]);
  });

  it("depend on the number of ones alone", () => {
    numbers(generators.rd(7)).forEach((count, x) => assertEquals(count, ones(x)));
    numbers(generators.majority(4)).forEach((yes, x) => assertEquals(yes, +(ones(x) > 2)));
  });
});

describe("chains", () => {
  it("unate: a cube for each pair", () => {
    const { inputs, rows } = generators.unateChain(65);
    assertEquals([inputs, rows.length], [130, 65]);
    for (const [input] of rows) assertEquals(input.replaceAll("-", ""), "11");
  });

  it("priority: one grant for each set of requests", () => {
    const { rows } = generators.priorityChain(6);
    for (let requests = 0; requests < 64; requests++) {
      const text = generators.bits(requests, 6);
      const matching = rows.filter(([input]) => {
        return [...input].every((symbol, i) => symbol === "-" || symbol === text[i]);
      });
      assertEquals(matching.length, requests === 0 ? 0 : 1);
    }
  });
});

describe("random functions", () => {
  it("have about the density and the share of don't-cares that were asked for", () => {
    const shape = { inputs: 12, outputs: 4, density: 0.3, dontCares: 0.2, seed: 11 };
    const text = table(generators.randomFunction(shape)).join("");
    const share = (symbol: string) => text.split(symbol).length / text.length;
    assert(Math.abs(share("-") - 0.2) < 0.02, `${share("-")}`);
    assert(Math.abs(share("1") - 0.8 * 0.3) < 0.02, `${share("1")}`);
  });

  it("sparse cubes have the literals that were asked for, and an output each", () => {
    const shape = { cubes: 500, inputs: 40, literals: 7, outputs: 5, sharing: 0.2, seed: 2 };
    const { rows } = generators.sparseCubes(shape);
    assertEquals(rows.length, 500);
    for (const [input, output] of rows) {
      assertEquals(input.replaceAll("-", "").length, 7);
      assert(output.includes("1"));
    }
    assertThrows(() => generators.sparseCubes({ cubes: 1, inputs: 2, literals: 3, seed: 1 }));
  });

  it("the same seed gives the same bytes, another seed others", () => {
    const text = (seed: number) =>
      plaText(generators.randomFunction({ inputs: 8, outputs: 3, dontCares: 0.1, seed })) +
      plaText(generators.sparseCubes({ cubes: 50, inputs: 30, literals: 4, outputs: 2, seed }));
    const hash = (seed: number) => createHash("sha256").update(text(seed)).digest("hex");
    assertEquals(new Set([0, 1, 2, 3, -1].map(hash)).size, 5);
    assertEquals(hash(1), "5a9fc706852d9ce78b313e2df1f78111e7d4478e073d807c7f9595924ffaa5d0");
  });

  it("numbers below a limit are all there, and evenly", () => {
    const source = generators.random(7);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[source.below(10)]!++;
    for (const count of counts) assert(Math.abs(count - 1000) < 150, `${counts}`);
  });
});
