// Properties of the library on random functions of up to ten inputs, judged by the oracle, which
// shares nothing with it. The functions are the same in every run, so that a failure is never luck;
// RISTRETTO_SEED=N gives others, and RISTRETTO_RUNS=N times as many. Failures are shrunk.

import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  complement,
  Cover,
  createEngine,
  equivalent,
  explain,
  isTautology,
  minimize,
  type MinimizeOptions,
  minimizePla,
} from "../mod.ts";
import {
  cellsOf,
  FREE,
  functions,
  hasRedundantCube,
  holders,
  isAnswer,
  isPrime,
  type Line,
  linesOf,
  MUST,
  NEVER,
  plant,
  primesOf,
  type RandomFunction,
  replaced,
  tableOf,
} from "./oracle.ts";

const seed = Number(process.env.RISTRETTO_SEED ?? 1);
const runs = (count: number): { seed: number; numRuns: number } => ({
  seed,
  numRuns: count * Number(process.env.RISTRETTO_RUNS ?? 1),
});

/** The cover of a random function. */
function coverOf({ inputs, outputs, sets, on, dc, off }: RandomFunction): Cover {
  const rows = (letter: string, lines: readonly Line[]): Uint32Array | undefined =>
    sets.includes(letter) ? rowsOf(inputs, outputs, lines) : undefined;
  return Cover.fromWords(inputs, outputs, {
    on: rows("f", on),
    dc: rows("d", dc),
    off: rows("r", off),
  });
}

/** A cover of lines for ON alone. */
function coverOfLines(inputs: number, outputs: number, lines: readonly Line[]): Cover {
  return Cover.fromWords(inputs, outputs, { on: rowsOf(inputs, outputs, lines) });
}

/** Packed rows, as the documentation of `Cover.fromWords` describes them. */
function rowsOf(inputs: number, outputs: number, lines: readonly Line[]): Uint32Array {
  const width = 2 * Math.ceil((2 * inputs + outputs) / 64);
  const rows = new Uint32Array(width * lines.length);
  const set = (row: number, bit: number): void => {
    rows[row * width + (bit >>> 5)]! |= 1 << (bit & 31);
  };
  for (const [row, line] of lines.entries()) {
    for (const [input, symbol] of Array.from(line.inputs).entries()) {
      if (symbol !== "1") set(row, 2 * input);
      if (symbol !== "0") set(row, 2 * input + 1);
    }
    for (const [output, symbol] of Array.from(line.outputs).entries()) {
      if (symbol === "1") set(row, 2 * inputs + output);
    }
  }
  return rows;
}

/** Cubes of ON that hold something that must be held. */
function usefulCubes(cover: Cover): number {
  const { cells } = tableOf(cover);
  return linesOf(cover).filter((line) => cellsOf(line).some((cell) => cells[cell] === MUST)).length;
}

/** DC and OFF given together may overlap or leave points out; finer promises exclude that. */
const plainSets = ["f", "fd", "fr", "r"] as const;

const efforts: MinimizeOptions[] = [
  {},
  { effort: "fast" },
  { effort: "high", budget: 20_000_000 },
  { kernels: "portable", canonical: true },
];

test("a minimised cover is the function on its care set, whatever it is given by", () => {
  fc.assert(
    fc.property(functions(10, 3), fc.constantFrom(...efforts), (random, options) => {
      const cover = coverOf(random);
      const { cover: smaller, stats } = minimize(cover, options);
      assert(isAnswer(tableOf(cover), linesOf(smaller)));
      assert(stats.verified);
      assertEquals(stats.cubes, linesOf(smaller).length);
    }),
    runs(400),
  );
});

test("a finished answer has no cube and no literal too many, and no more cubes than before", () => {
  fc.assert(
    fc.property(functions(8, 3, plainSets), fc.constantFrom(...efforts), (random, options) => {
      const cover = coverOf(random);
      const { cover: smaller, stats } = minimize(cover, options);
      if (!stats.complete) return;
      const table = tableOf(cover);
      const lines = linesOf(smaller);
      assertFalse(hasRedundantCube(table, lines));
      assert(lines.every((line) => isPrime(table, line, false)));
      if (cover.has("on")) assert(lines.length <= usefulCubes(cover));
      assert(stats.lowerBound <= lines.length);
    }),
    runs(300),
  );
});

test("planted errors are found: by the oracle, and by equals", () => {
  let planted = 0;
  fc.assert(
    fc.property(functions(6, 3, plainSets), (random) => {
      const cover = coverOf(random);
      const table = tableOf(cover);
      const right = linesOf(minimize(cover).cover);
      assert(isAnswer(table, right));
      assert(cover.equals(coverOfLines(cover.inputs, cover.outputs, right)));
      for (const { what, lines } of plant(table, right)) {
        planted++;
        assertFalse(isAnswer(table, lines), what);
        assertFalse(cover.equals(coverOfLines(cover.inputs, cover.outputs, lines)), what);
      }
    }),
    runs(150),
  );
  assert(planted > 1000, `${planted} errors were planted`);
});

test("questions are answered whatever a function is given by: points left open are free", () => {
  fc.assert(
    fc.property(functions(7, 3), (random) => {
      const cover = coverOf(random);
      const table = tableOf(cover);
      const { cover: smaller } = minimize(cover);
      assert(cover.equals(smaller) && smaller.equals(cover));
      assertEquals(isTautology(cover), table.cells.every((cell) => cell !== NEVER));
      const turned = table.cells.map((cell) =>
        cell === MUST ? NEVER : cell === NEVER ? MUST : FREE
      );
      assertEquals(tableOf(complement(cover)).cells, turned);
      for (const type of ["fd", "fr", "fdr", "dr"] as const) {
        // Sets are shown as they are: what DC takes from ON or OFF is lost where it is not shown.
        if (type === "fr" && cover.has("dc")) continue;
        assertEquals(tableOf(Cover.fromPla(cover.toPla({ type }))).cells, table.cells, type);
      }
      for (let point = 0; point < 2 ** cover.inputs; point++) {
        const bits = cover.inputs === 0 ? "" : point.toString(2).padStart(cover.inputs, "0");
        for (const [output, value] of cover.evaluate(bits).entries()) {
          const wants = table.cells[point * cover.outputs + output];
          assertEquals(value, wants === FREE ? undefined : wants === MUST ? 1 : 0);
        }
      }
    }),
    runs(150),
  );
});

test("minimising again finds nothing left to do", () => {
  fc.assert(
    fc.property(functions(8, 3), (random) => {
      const once = minimize(coverOf(random)).cover;
      const twice = minimize(once).cover;
      assert(isAnswer(tableOf(once), linesOf(twice)));
      assert(twice.cubeCount <= once.cubeCount);
    }),
    runs(300),
  );
});

test("the order of cubes does not matter to what is right, nor to the exact minimum", () => {
  const shuffled = functions(5, 2, ["f", "fd"]).chain((random) =>
    fc.record({
      random: fc.constant(random),
      on: fc.shuffledSubarray([...random.on], { minLength: random.on.length }),
      dc: fc.shuffledSubarray([...random.dc], { minLength: random.dc.length }),
    })
  );
  fc.assert(
    fc.property(shuffled, ({ random, on, dc }) => {
      const cover = coverOf(random);
      const other = coverOf({ ...random, on, dc });
      const table = tableOf(cover);
      assertEquals(tableOf(other), table);
      assert(isAnswer(table, linesOf(minimize(other).cover)));
      const [a, b] = [cover, other].map((each) => minimize(each, { method: "exact" }).stats);
      assert(a!.optimal && b!.optimal);
      assertEquals(a!.cubes, b!.cubes);
    }),
    runs(300),
  );
});

test("a budget of any size gives a right answer, and says that it was stopped", () => {
  const budgets = fc.integer({ min: 1, max: 400_000 });
  fc.assert(
    fc.property(functions(9, 3, ["f", "fd", "fr", "fdr"]), budgets, (random, budget) => {
      const cover = coverOf(random);
      const { cover: smaller, stats } = minimize(cover, { budget });
      assert(isAnswer(tableOf(cover), linesOf(smaller)));
      assertEquals(stats.stopped, stats.complete ? undefined : "budget");
      assert(stats.cubes <= cover.cubeCount);
    }),
    runs(300),
  );
});

test("every way to the core gives the same answer", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  await fc.assert(
    fc.asyncProperty(functions(8, 3, ["f", "fd", "fr"]), async (random) => {
      const cover = coverOf(random);
      const { cover: here, stats } = minimize(cover);
      const words = Array.from(here.words("on")!);
      assertEquals(Array.from((await engine.minimize(cover)).cover.words("on")!), words);
      assertEquals(Array.from(engine.minimizeSync(cover).cover.words("on")!), words);
      const text = minimizePla(cover.toPla());
      assertEquals(Array.from(Cover.fromPla(text.bytes).words("on")!), words);
      assertEquals(text.stats.work, stats.work);
    }),
    runs(150),
  );
});

test("what PLA prints, PLA reads: the same cubes, names and type", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,8}$/);
  const named = functions(8, 4).chain((random) =>
    fc.record({
      random: fc.constant(random),
      inputNames: fc.uniqueArray(name, { minLength: random.inputs, maxLength: random.inputs }),
      outputNames: fc.uniqueArray(name, { minLength: random.outputs, maxLength: random.outputs }),
      some: fc.boolean(),
    })
  );
  fc.assert(
    fc.property(named, ({ random, inputNames, outputNames, some }) => {
      const plain = coverOf(random);
      const cover = some ? plain.withNames({ inputNames, outputNames }) : plain;
      const text = cover.toPla();
      const again = Cover.fromPla(text);
      for (const set of ["on", "dc", "off"] as const) {
        assertEquals(Array.from(again.words(set) ?? []), Array.from(cover.words(set) ?? []), text);
      }
      assertEquals(tableOf(again), tableOf(cover));
      assertEquals([again.inputs, again.outputs], [cover.inputs, cover.outputs]);
      assertEquals(again.outputNames, cover.outputNames);
      if (cover.inputs > 0) assertEquals(again.inputNames, cover.inputNames);
      assertEquals(again.toPla(), text);
    }),
    runs(200),
  );
});

test("equals is an equivalence of functions without don't-cares", () => {
  const three = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 2 })).chain((
    [inputs, outputs],
  ) => {
    const cells = 2 ** inputs * outputs;
    const table = fc.array(fc.boolean(), { minLength: cells, maxLength: cells });
    const change = fc.integer({ min: 0, max: 4 * cells }); // often none
    return fc.record({
      inputs: fc.constant(inputs),
      outputs: fc.constant(outputs),
      table,
      changes: fc.tuple(change, change),
    });
  });
  fc.assert(
    fc.property(three, ({ inputs, outputs, table, changes }) => {
      const tables = [
        table,
        ...changes.map((cell) => table.map((value, at) => value !== (at === cell))),
      ];
      const covers = tables.map((values) => {
        const lines = values.flatMap((value, cell): Line[] => {
          const point = Math.floor(cell / outputs).toString(2).padStart(inputs, "0");
          const outputText = replaced("0".repeat(outputs), cell % outputs, "1");
          return value ? [{ inputs: inputs === 0 ? "" : point, outputs: outputText }] : [];
        });
        return coverOfLines(inputs, outputs, lines);
      });
      const same = covers.map((a) => covers.map((b) => a.equals(b)));
      for (const a of [0, 1, 2]) {
        assert(same[a]![a]);
        for (const b of [0, 1, 2]) {
          assertEquals(same[a]![b], same[b]![a]);
          assertEquals(same[a]![b], tables[a]!.every((value, at) => value === tables[b]![at]));
          assertEquals(equivalent(covers[a]!, covers[b]!), same[a]![b]);
          for (const c of [0, 1, 2]) assert(!(same[a]![b] && same[b]![c]) || same[a]![c]);
        }
      }
    }),
    runs(200),
  );
});

test("what explain says of a cube is what its points say", () => {
  fc.assert(
    fc.property(functions(5, 2, ["f", "fd", "fr", "fdr"]), (random) => {
      const cover = coverOf(random);
      const table = tableOf(cover);
      const lines = linesOf(cover);
      const primes = primesOf(table);
      const held = holders(cover.inputs, cover.outputs, lines);
      const inPrimes = holders(cover.inputs, cover.outputs, primes);
      const cubes = explain(cover);
      assertEquals(cubes.map(({ inputs, outputs }) => ({ inputs, outputs })), lines);
      for (const [index, cube] of cubes.entries()) {
        const line = lines[index]!;
        const needed = cellsOf(line).filter((cell) => table.cells[cell] === MUST);
        const own = needed.filter((cell) => held[cell] === 1);
        const prime = isPrime(table, line);
        assertEquals(cube.prime, prime);
        assertEquals(cube.essential, prime && needed.some((cell) => inPrimes[cell] === 1));
        assertEquals(cube.redundant, own.length === 0);
        if (cube.point === undefined) {
          assertEquals(own, []);
          continue;
        }
        const { inputs, output } = cube.point;
        const point = inputs === "" ? 0 : Number.parseInt(inputs, 2);
        assert(own.includes(point * cover.outputs + output));
      }
    }),
    runs(200),
  );
});

test("a predicate comes back from fromFunction and toFunction, don't-cares included", () => {
  const value = fc.constantFrom(true, false, undefined);
  const predicates = fc.integer({ min: 0, max: 10 }).chain((inputs) =>
    fc.array(value, { minLength: 2 ** inputs, maxLength: 2 ** inputs })
      .map((values) => ({ inputs, values }))
  );
  fc.assert(
    fc.property(predicates, ({ inputs, values }) => {
      const at = (bits: readonly boolean[]): number =>
        bits.reduce((point, bit) => 2 * point + Number(bit), 0);
      const cover = Cover.fromFunction((...bits) => values[at(bits)], { inputs });
      const back = cover.toFunction();
      const smaller = minimize(cover).cover.toFunction();
      for (const [point, expected] of values.entries()) {
        const bits = Array.from(
          { length: inputs },
          (_, input) => (point >> (inputs - 1 - input) & 1) === 1,
        );
        assertEquals(back(...bits), expected);
        if (expected !== undefined) assertEquals(smaller(...bits), expected);
      }
    }),
    runs(60),
  );
});
