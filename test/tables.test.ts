// Many functions in one call: the same answers as one by one, limits, and what is refused.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  Cover,
  createEngine,
  equivalent,
  minimize,
  MinimizedTables,
  minimizeTables,
  RistrettoError,
} from "../mod.ts";
import { Block } from "../src/job/block.ts";
import * as format from "../src/job/format.ts";
import { decodeTables, encodeTables } from "../src/operations/tables.ts";
import { result } from "./job_blocks.ts";

let state = 1;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state >>> 8;
}

interface Functions {
  readonly inputs: number;
  readonly outputs: number;
  readonly on: Uint8Array;
  readonly dc: Uint8Array;
}

/** Bytes of a function. */
function size({ inputs, outputs }: { readonly inputs: number; readonly outputs: number }): number {
  return Math.ceil(outputs * 2 ** inputs / 8);
}

function randomFunctions(inputs: number, outputs: number, count: number): Functions {
  const bits = outputs * 2 ** inputs;
  const each = size({ inputs, outputs });
  const on = new Uint8Array(count * each);
  const dc = new Uint8Array(count * each);
  for (let f = 0; f < count; f++) {
    for (let bit = 0; bit < bits; bit++) {
      const at = f * each + (bit >> 3);
      if (random() % 2 === 0) on[at]! |= 1 << (bit & 7);
      if (random() % 4 === 0) dc[at]! |= 1 << (bit & 7);
    }
  }
  return { inputs, outputs, on, dc };
}

/** Function number `f` as a cover of points. */
function coverOf(functions: Functions, f: number, withDc: boolean): Cover {
  const { inputs, outputs, on, dc } = functions;
  const at = (table: Uint8Array, bit: number): boolean =>
    ((table[f * size(functions) + (bit >> 3)]! >> (bit & 7)) & 1) === 1;
  const columns = Array.from(
    { length: outputs },
    (_, output) =>
      Array.from({ length: 2 ** inputs }, (_, point) => {
        const bit = output * 2 ** inputs + point;
        return withDc && at(dc, bit) ? "-" as const : at(on, bit) ? 1 as const : 0 as const;
      }),
  );
  return Cover.fromTruthTable(inputs, columns);
}

test("answers are those of minimize, for every small shape, with and without don't-cares", () => {
  for (let inputs = 0; inputs <= 9; inputs++) {
    for (let outputs = 1; outputs <= 3; outputs++) {
      const count = inputs < 6 ? 12 : 2;
      const functions = randomFunctions(inputs, outputs, count);
      for (const dc of [undefined, functions.dc]) {
        const answers = minimizeTables(inputs, functions.on, { outputs, dc });
        assertEquals(answers.length, count);
        assert(answers.stats.verified && answers.stats.complete);
        let cubes = 0;
        for (const [f, answer] of [...answers].entries()) {
          const one = coverOf(functions, f, dc !== undefined);
          const { stats } = minimize(one);
          assert(equivalent(one, answer.cover));
          assertEquals(answer.cover.size.cubes, answer.cubes);
          assertEquals(answers.cubes(f), answer.cubes);
          assertEquals(answers.lowerBound(f), answer.lowerBound);
          assertEquals(answer.optimal, answer.lowerBound === answer.cubes);
          if (stats.optimal && answer.optimal) assertEquals(answer.cubes, stats.cubes);
          cubes += answer.cubes;
        }
        assertEquals(answers.stats.cubes, cubes);
      }
    }
  }
});

test("each method and effort answers, and canonical ones have equal bytes", () => {
  const { on } = randomFunctions(5, 1, 20);
  const fewest = minimizeTables(5, on, { method: "exact" }).stats.cubes;
  for (const effort of ["fast", "default", "high"] as const) {
    const { stats } = minimizeTables(5, on, { effort });
    assertEquals([stats.cubes, stats.optimal], [fewest, true]);
  }
  const sorted = minimizeTables(5, on, { canonical: true });
  const again = minimizeTables(5, on, { canonical: true, verify: false });
  assertEquals([sorted.stats.verified, again.stats.verified], [true, false]);
  for (let f = 0; f < 20; f++) {
    assertEquals(sorted.cover(f).words("on"), again.cover(f).words("on"));
    const one = minimize(coverOf({ inputs: 5, outputs: 1, on, dc: on }, f, false), {
      canonical: true,
    });
    assertEquals(sorted.cubes(f), one.stats.cubes);
  }
});

test("numbers of typed arrays are tables: bit x is the minterm x", () => {
  const minterms = [1, 3, 5, 7, 9];
  const number = minterms.reduce((sum, minterm) => sum | 1 << minterm, 0);
  const cover = Cover.fromMinterms(4, minterms);
  assert(equivalent(minimizeTables(4, Uint16Array.of(0, number)).cover(1), cover));
  const wide = minimizeTables(6, BigUint64Array.of(1n << 63n, 0n, ~0n));
  assertEquals([...wide].map((answer) => answer.cubes), [1, 0, 1]);
  assertEquals(wide.cover(0).toSumOfProducts(), "a b c d e f");
  const bytes = Uint8Array.of(0xff, 0b0110, 0b1000, 0xff);
  const part = minimizeTables(2, bytes.subarray(1, 3));
  assertEquals([part.cubes(0), part.cubes(1), part.length], [2, 1, 2]);
  assertEquals(minimizeTables(3, new Uint8Array(0)).length, 0);
});

test("a limit leaves covers of points, and says so", () => {
  const { on } = randomFunctions(6, 1, 50);
  const answers = minimizeTables(6, on, { budget: 300 });
  assertEquals([answers.stats.complete, answers.stats.stopped], [false, "budget"]);
  assert(!answers.stats.optimal && !answers.stats.verified);
  const last = coverOf({ inputs: 6, outputs: 1, on, dc: on }, 49, false);
  assertEquals(answers.cubes(49), last.size.cubes);
  assert(equivalent(answers.cover(49), last));
  const error = assertThrows(() => minimizeTables(6, on, { cubes: 3 }), RistrettoError);
  assertEquals([error.kind, error.limit], ["LimitExceeded", "cubes"]);
});

test("an engine gives the same, both ways of asking", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  const { on, dc } = randomFunctions(4, 2, 30);
  const options = { outputs: 2, dc };
  const expected = minimizeTables(4, on, options);
  for (
    const answers of [
      await engine.minimizeTables(4, on, options),
      engine.minimizeTablesSync(4, on, options),
    ]
  ) {
    assert(answers instanceof MinimizedTables);
    assertEquals([...answers].map(({ cubes }) => cubes), [...expected].map(({ cubes }) => cubes));
    assertEquals(answers.stats.work, expected.stats.work);
  }
});

test("what is no table is refused, and says what was expected", () => {
  const refused = (body: () => unknown, message: string): void => {
    const error = assertThrows(body, RistrettoError);
    assertEquals(error.kind, "InvalidInput");
    assertStringIncludes(error.message, message);
  };
  const some = new Uint8Array(4);
  refused(() => minimizeTables(4, new Uint8Array(3)), "expected 2 bytes for each function");
  refused(() => minimizeTables(17, some), "inputs: expected a whole number from 0 to 16");
  refused(() => minimizeTables(2, some, { outputs: 0 }), "option outputs: expected");
  refused(() => minimizeTables(2, some, { outputs: 65 }), "option outputs: expected");
  refused(() => minimizeTables(2, some, { dc: new Uint8Array(3) }), "option dc: expected 4 bytes");
  refused(() => minimizeTables(2, [1, 2] as unknown as Uint8Array), "tables: expected a view");
  refused(() => minimizeTables(2, Uint8Array.of(0x10)), "function 0: the padding of its table");
  refused(() => minimizeTables(2, some, { colour: 1 } as object), "colour");
  refused(() => minimizeTables(2, some).cubes(4), "index: expected a whole number below 4");
  refused(() => minimizeTables(2, some).cover(-1), "index");
  refused(() => minimizeTables(2, some).lowerBound(0.5), "index");
  const resizable = new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }));
  refused(() => minimizeTables(2, resizable), "resizable");
});

test("a result of tables that contradicts itself is refused", () => {
  const input = encodeTables(new Block(64), 2, new Uint8Array(2), undefined);
  const sections = (ends: number[], rows: number): Block =>
    result([
      [format.SECTION_ANSWER, new Array<number>(32).fill(0), 0],
      [format.SECTION_VARS, [2, 1, 1], 0],
      [format.SECTION_ON, new Array<number>(2 * rows).fill(0), rows],
      [format.SECTION_FUNCTIONS, ends, ends.length / 2],
      [format.SECTION_TRAILER, [...new Array<number>(4).fill(0), 1, ...new Array(11).fill(0)], 0],
    ], { operation: format.OP_MINIMIZE_TABLES });
  assertEquals(decodeTables(sections([1, 0, 2, 0], 2), input).cubes(1), 1);
  const bad: readonly (readonly [number[], number, string])[] = [
    [[2, 0, 1, 0], 1, "out of order"],
    [[1, 0, 1, 0], 2, "cubes of no function"],
    [[1, 0, 9, 0], 2, "cubes of no function"],
    [[1, 0], 1, "no functions"],
  ];
  for (const [ends, rows, message] of bad) {
    const error = assertThrows(() => decodeTables(sections(ends, rows), input), RistrettoError);
    assertEquals(error.kind, "ProtocolViolation");
    assertStringIncludes(error.message, message);
  }
});
