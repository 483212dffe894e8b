// Properties of covers and of what the core does with them, on random functions of up to six inputs
// and three outputs, each compared with its truth table point by point.

import { test } from "node:test";
import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { complement, Cover, equivalent, explain, isTautology, minimize } from "../mod.ts";
import type { MinimizeOptions, Value } from "../mod.ts";

const symbol = fc.constantFrom("0", "1", "-");

/** A truth table: columns of `0 1 -`. */
const tables = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 3 })).chain((
  [inputs, outputs],
) => {
  const column = fc.array(symbol, { minLength: 2 ** inputs, maxLength: 2 ** inputs });
  return fc.record({
    inputs: fc.constant(inputs),
    columns: fc.array(column, { minLength: outputs, maxLength: outputs }),
  });
});

/** Lines of a PLA of type fd, whose cubes overlap in any way. */
const rows = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 })).chain((
  [inputs, outputs],
) => {
  const text = (symbols: fc.Arbitrary<string>, length: number) =>
    fc.array(symbols, { minLength: length, maxLength: length }).map((all) => all.join(""));
  const row = fc.tuple(text(symbol, inputs), text(symbol, outputs));
  return fc.array(row.map((columns) => columns.join(" ")), { minLength: 1, maxLength: 12 });
});

function values(cover: Cover): Value[][] {
  return Array.from({ length: 2 ** cover.inputs }, (_, point) => cover.evaluate(point));
}

/** Whether two lists of values agree wherever `care` is not don't-care. */
function agree(got: Value[][], care: Value[][]): boolean {
  return care.every((outputs, point) =>
    outputs.every((value, output) => value === undefined || got[point]![output] === value)
  );
}

const valueOf: Record<string, Value> = { "0": 0, "1": 1, "-": undefined };

test("a truth table comes back from evaluate and toFunction", () => {
  fc.assert(fc.property(tables, ({ inputs, columns }) => {
    const cover = Cover.fromTruthTable(inputs, columns.map((column) => column.join("")));
    const functions = columns.map((_, output) => cover.toFunction(output));
    for (let point = 0; point < 2 ** inputs; point++) {
      const expected = columns.map((column) => valueOf[column[point]!]);
      assertEquals(cover.evaluate(point), expected);
      const bits = Array.from(point.toString(2).padStart(inputs, "0").slice(0, inputs), Number);
      const got = functions.map((compiled) => compiled(...bits as (0 | 1)[]));
      assertEquals(got, expected.map((value) => value === undefined ? value : value === 1));
    }
  }));
});

const choices: MinimizeOptions[] = [
  {},
  { effort: "fast" },
  { kernels: "portable" },
  { verify: false },
  { canonical: true, seed: 7 },
];

test("minimising keeps the function on its care set, in every way of doing it", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(...choices), (lines, options) => {
      const cover = Cover.fromRows(lines);
      const { cover: smaller, stats } = minimize(cover, options);
      assert(agree(values(smaller), values(cover)), lines.join("\n"));
      assert(stats.complete && stats.cubes <= Math.max(cover.cubeCount, 1));
      assertEquals(stats.before, cover.size);
      assertEquals({ ...smaller.size }, {
        cubes: stats.cubes,
        inputLiterals: stats.inputLiterals,
        outputLiterals: stats.outputLiterals,
        literals: stats.literals,
      });
    }),
    { numRuns: 300 },
  );
});

test("what is minimised is equivalent, and minimising it again needs no more cubes", () => {
  fc.assert(fc.property(rows, (lines) => {
    const cover = Cover.fromRows(lines);
    const once = minimize(cover).cover;
    assert(cover.equals(once) && equivalent(once, cover));
    assert(minimize(once).cover.cubeCount <= once.cubeCount);
  }));
});

test("equivalence is what the truth tables say", () => {
  fc.assert(fc.property(rows, rows, (first, second) => {
    const a = Cover.fromRows(first);
    const b = Cover.fromRows(second);
    if (a.inputs !== b.inputs || a.outputs !== b.outputs) return;
    const both = values(b).map((outputs, point) =>
      outputs.map((value, output) => a.evaluate(point)[output] === undefined ? undefined : value)
    );
    assertEquals(equivalent(a, b), agree(values(a), both));
  }));
});

test("ON, DC and OFF given apart are the same function as together", () => {
  fc.assert(fc.property(tables, ({ inputs, columns }) => {
    const pick = (wanted: string) =>
      Cover.fromFunction(
        (...bits) => {
          const point = Number.parseInt(`0${bits.map(Number).join("")}`, 2);
          return columns.map((column) => column[point] === wanted);
        },
        { inputs },
      );
    const care = values(pick("1")).map((outputs, point) =>
      outputs.map((_, output) => valueOf[columns[output]![point]!])
    );
    assert(agree(values(minimize(pick("1"), { dc: pick("-") }).cover), care));
    assert(agree(values(minimize(pick("1"), { off: pick("0") }).cover), care));
    assert(agree(values(minimize(pick("1"), { dc: pick("-"), off: pick("0") }).cover), care));
  }));
});

test("the complement is 0 where the function is 1, and free where it is free", () => {
  fc.assert(fc.property(rows, (lines) => {
    const cover = Cover.fromRows(lines);
    const flipped = values(complement(cover)).map((outputs) =>
      outputs.map((value) => value === undefined ? undefined : 1 - value)
    );
    assertEquals(flipped, values(cover) as (number | undefined)[][]);
  }));
});

test("a tautology has no 0 in its truth table", () => {
  fc.assert(fc.property(rows, (lines) => {
    const cover = Cover.fromRows(lines);
    const zero = values(cover).some((outputs) => outputs.includes(0));
    assertEquals(isTautology(cover), !zero);
  }));
});

test("a constant output takes one value only", () => {
  fc.assert(fc.property(rows, (lines) => {
    const cover = Cover.fromRows(lines);
    for (let output = 0; output < cover.outputs; output++) {
      const found = new Set(values(cover).map((outputs) => outputs[output]));
      const expected = found.has(0)
        ? found.has(1) ? undefined : "0"
        : found.has(1)
        ? "1"
        : "dont-care";
      assertEquals(cover.isConstant(output), expected);
    }
  }));
});

test("a cube's own point is in that cube and in no other", () => {
  fc.assert(fc.property(rows, (lines) => {
    const cover = Cover.fromRows(lines);
    const cubes = explain(cover);
    const holds = (inputs: string, point: string): boolean =>
      Array.from(inputs).every((symbol, input) => symbol === "-" || symbol === point[input]);
    for (const [index, cube] of cubes.entries()) {
      assertEquals(cube.redundant, cube.point === undefined);
      if (cube.point === undefined) continue;
      const { inputs, output } = cube.point;
      assert(holds(cube.inputs, inputs) && cube.outputs[output] === "1");
      assertEquals(cover.evaluate(inputs)[output], 1);
      assert(
        !cubes.some((other, at) =>
          at !== index && other.outputs[output] === "1" && holds(other.inputs, inputs)
        ),
      );
    }
  }));
});

test("PLA text comes back as the same cover", () => {
  fc.assert(fc.property(rows, (lines) => {
    const cover = Cover.fromRows(lines);
    const again = Cover.fromPla(cover.toPla());
    assertEquals(again.words("on"), cover.words("on"));
    assertEquals(Array.from(again.words("dc")!), Array.from(cover.words("dc") ?? []));
  }));
});
