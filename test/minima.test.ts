// What the exact method gives on request: all minimum covers, the essential primes, the fewest
// literals, outputs by themselves. Each against a search of its own over all cubes there are.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { plaText, randomFunction, symmetric } from "../bench/generators.ts";
import {
  Cover,
  createEngine,
  essentialPrimes,
  minimize,
  minimizePla,
  minimumCovers,
  RistrettoError,
} from "../mod.ts";
import {
  cellsOf,
  holders,
  isAnswer,
  isImplicant,
  type Line,
  linesOf,
  MUST,
  NEVER,
  primesOf,
  type Table,
  tableOf,
} from "./oracle.ts";

function fromSeed(seed: number): Cover {
  const shape = { inputs: 2 + seed % 2, outputs: 1 + seed % 3, dontCares: seed % 4 / 8, seed };
  return Cover.fromPla(plaText(randomFunction(shape)));
}

const key = (lines: Iterable<Line>): string =>
  Array.from(lines, ({ inputs, outputs }) => `${inputs} ${outputs}`).sort().join("\n");

function literalsOf({ inputs, outputs }: Line): number {
  return inputs.replaceAll("-", "").length + outputs.replaceAll("0", "").length;
}

/** Calls `found` with covers of at most `size` of the cubes; it lowers the literals allowed. */
function search(
  table: Table,
  lines: readonly Line[],
  size: number,
  found: (chosen: readonly Line[]) => number,
): void {
  const held = lines.map((line) => new Set(cellsOf(line)));
  const chosen: number[] = [];
  let most = Infinity;
  const next = (literals: number): void => {
    if (literals >= most) return;
    const open = table.cells.findIndex((wants, cell) =>
      wants === MUST && !chosen.some((line) => held[line]!.has(cell))
    );
    if (open < 0) most = Math.min(most, found(chosen.map((line) => lines[line]!)));
    if (open < 0 || chosen.length === size) return;
    for (const [line, cells] of held.entries()) {
      if (!cells.has(open)) continue;
      chosen.push(line);
      next(literals + literalsOf(lines[line]!));
      chosen.pop();
    }
  };
  next(0);
}

/** All covers of the fewest primes. */
function minimaOf(table: Table): Set<string> {
  const primes = primesOf(table);
  const minima = new Set<string>();
  for (let size = 0; minima.size === 0; size++) {
    search(table, primes, size, (chosen) => {
      minima.add(key(chosen));
      return Infinity;
    });
  }
  return minima;
}

function implicantsOf(table: Table): Line[] {
  const lines: Line[] = [];
  const extend = (inputs: string): void => {
    if (inputs.length < table.inputs) {
      return [..."01-"].forEach((symbol) => extend(inputs + symbol));
    }
    for (let choice = 1; choice < 2 ** table.outputs; choice++) {
      const line = { inputs, outputs: choice.toString(2).padStart(table.outputs, "0") };
      if (isImplicant(table, line)) lines.push(line);
    }
  };
  extend("");
  return lines;
}

test("minimumCovers lists each minimum cover of primes once", () => {
  let several = 0;
  for (let seed = 0; seed < 60; seed++) {
    const cover = fromSeed(seed);
    const expected = minimaOf(tableOf(cover));
    const { covers, cubes, all } = minimumCovers(cover);
    assert(all);
    assertEquals(covers.map((each) => key(linesOf(each))).sort(), [...expected].sort());
    assert(covers.every((each) => each.size.cubes === cubes));
    several += +(covers.length > 1);
  }
  assert(several > 10);
});

test("minimumCovers lists so many at most, and says whether there are more", () => {
  const cycle = Cover.fromMinterms(3, [1, 2, 3, 4, 5, 6]);
  assertEquals(minimumCovers(cycle).covers.length, 2);
  const one = minimumCovers(cycle, { covers: 1 });
  assertEquals([one.covers.length, one.cubes, one.all], [1, 3, false]);
  assertEquals(minimumCovers(cycle, { covers: 2 }).all, true);
  assertThrows(() => minimumCovers(cycle, { budget: 1 }), RistrettoError);
  assertThrows(() => minimumCovers(cycle, { covers: 0 }), RistrettoError, "covers");
});

test("constants have one minimum cover", () => {
  const none = minimumCovers(Cover.builder(2, 1).build());
  assertEquals([none.covers.length, none.cubes, none.all], [1, 0, true]);
  assertEquals(minimumCovers(Cover.fromRows(["-- 1"])).covers.length, 1);
});

test("essentialPrimes are the primes that alone hold a point", () => {
  for (let seed = 0; seed < 80; seed++) {
    const cover = fromSeed(seed);
    const table = tableOf(cover);
    const primes = primesOf(table);
    const held = holders(table.inputs, table.outputs, primes);
    const expected = primes.filter((prime) =>
      cellsOf(prime).some((cell) => table.cells[cell] === MUST && held[cell] === 1)
    );
    assertEquals(key(linesOf(essentialPrimes(cover))), key(expected));
  }
});

test("literals: fewest gives a minimum cover of the fewest literals there are", () => {
  for (let seed = 0; seed < 60; seed++) {
    const cover = fromSeed(seed);
    const table = tableOf(cover);
    const { cover: light, stats } = minimize(cover, { method: "exact", literals: "fewest" });
    assert(stats.optimal && stats.fewestLiterals && isAnswer(table, linesOf(light)));
    assertEquals(stats.cubes, minimize(cover, { method: "exact" }).stats.cubes);
    let least = Infinity;
    search(table, implicantsOf(table), stats.cubes, (chosen) => {
      least = Math.min(least, chosen.reduce((sum, line) => sum + literalsOf(line), 0));
      return least;
    });
    assertEquals(stats.literals, least);
  }
});

test("the fewest literals are only looked for on request, and with the exact method", () => {
  const cover = fromSeed(4);
  assert(!minimize(cover, { literals: "fewest" }).stats.fewestLiterals);
  const stopped = minimize(cover, { method: "exact", literals: "fewest", budget: 1 });
  assert(!stopped.stats.fewestLiterals);
});

/** One output of a table; the don't-cares stay. */
function outputOf(table: Table, output: number, turned: boolean): Table {
  const cells = table.cells.filter((_, cell) => cell % table.outputs === output);
  const swap = (wants: number) => wants === MUST ? NEVER : wants === NEVER ? MUST : wants;
  return { inputs: table.inputs, outputs: 1, cells: turned ? cells.map(swap) : cells };
}

function linesOfOutput(cover: Cover, output: number): Line[] {
  return linesOf(cover).filter(({ outputs }) => outputs[output] === "1")
    .map(({ inputs }) => ({ inputs, outputs: "1" }));
}

const sizeOf = (table: Table): number =>
  [...minimaOf(table)][0]!.split("\n").filter(Boolean).length;

test("singleOutput minimises each output by itself", () => {
  for (let seed = 0; seed < 40; seed++) {
    const cover = fromSeed(seed);
    const table = tableOf(cover);
    const { cover: apart, stats } = minimize(cover, { method: "exact", singleOutput: true });
    assert(stats.optimal && stats.verified);
    assert(linesOf(apart).every(({ outputs }) => outputs.replaceAll("0", "") === "1"));
    let sum = 0;
    for (let output = 0; output < table.outputs; output++) {
      const own = outputOf(table, output, false);
      assert(isAnswer(own, linesOfOutput(apart, output)));
      sum += sizeOf(own);
    }
    assertEquals([stats.cubes, stats.lowerBound], [sum, sum]);
    const quick = minimize(cover, { singleOutput: true });
    assert(isAnswer(table, linesOf(quick.cover)) && quick.stats.cubes >= sum);
  }
});

test("singleOutput either takes the complement where it is smaller, and says so", () => {
  let turned = 0;
  for (let seed = 0; seed < 40; seed++) {
    const cover = fromSeed(seed);
    const table = tableOf(cover);
    const options = { method: "exact", singleOutput: "either" } as const;
    const { cover: apart, stats } = minimize(cover, options);
    let sum = 0;
    for (let output = 0; output < table.outputs; output++) {
      const phase = apart.phase?.[output] ?? 1;
      turned += +(phase === 0);
      assert(isAnswer(outputOf(table, output, phase === 0), linesOfOutput(apart, output)));
      sum += Math.min(...[false, true].map((swap) => sizeOf(outputOf(table, output, swap))));
    }
    assertEquals([stats.cubes, stats.lowerBound, stats.optimal], [sum, sum, true]);
  }
  assert(turned > 10);
});

test("a text with singleOutput either has a phase where outputs were turned round", () => {
  const text = ".i 2\n.o 2\n00 10\n01 10\n10 11\n.e\n";
  assert(minimizePla(text, { singleOutput: "either" }).text.includes("#.phase 01\n"));
  assert(!minimizePla(text, { singleOutput: true }).text.includes("phase"));
});

test("functions given by OFF, and limits, work with singleOutput", () => {
  for (const type of ["fr", "dr", "r", "fdr"]) {
    const cover = Cover.fromPla(
      `.i 3\n.o 2\n.type ${type}\n000 01\n011 10\n101 -0\n110 0-\n111 11\n.e\n`,
    );
    const table = tableOf(cover);
    assert(isAnswer(table, linesOf(minimize(cover, { singleOutput: true }).cover)));
    const { cover: apart } = minimize(cover, { singleOutput: "either" });
    for (const output of [0, 1]) {
      const own = outputOf(table, output, apart.phase?.[output] === 0);
      assert(isAnswer(own, linesOfOutput(apart, output)));
    }
  }
  const cover = Cover.fromPla(plaText(randomFunction({ inputs: 7, outputs: 4, seed: 1 })));
  for (const singleOutput of [true, "either"] as const) {
    for (const budget of [1, 2000, 40000]) {
      const { cover: some, stats } = minimize(cover, { singleOutput, budget });
      const table = tableOf(cover);
      for (let output = 0; output < 4; output++) {
        const own = outputOf(table, output, some.phase?.[output] === 0);
        assert(isAnswer(own, linesOfOutput(some, output)));
      }
      if (budget === 1) assert(!stats.complete && !stats.verified && !stats.optimal);
    }
  }
});

test("certificates are refused where there are none", () => {
  const certified = { method: "exact", certificate: true } as const;
  const cover = fromSeed(1);
  for (const singleOutput of [true, "either"] as const) {
    const attempt = () => minimize(cover, { ...certified, singleOutput });
    assertThrows(attempt, RistrettoError, "no certificates for outputs");
  }
  const turned = ".i 3\n.o 1\n.phase 0\n11- 1\n.e\n";
  assertThrows(() => minimizePla(turned, certified), RistrettoError, "no certificates");
  const label = minimize(Cover.fromRows(["0- 1", "-0 1"]), { singleOutput: "either" }).cover;
  assertEquals(label.phase, [0]);
  assertThrows(() => minimize(label, certified), RistrettoError, "no certificates");
});

test("an engine answers the same, awaited or not", async () => {
  const cover = fromSeed(9);
  await using engine = await createEngine({ isolation: "direct" });
  const expected = minimumCovers(cover).covers.map((each) => key(linesOf(each)));
  const awaited = await engine.minimumCovers(cover);
  assertEquals(awaited.covers.map((each) => key(linesOf(each))), expected);
  const waited = engine.minimumCoversSync(cover);
  assertEquals(waited.covers.map((each) => key(linesOf(each))), expected);
  const essential = key(linesOf(essentialPrimes(cover)));
  assertEquals(key(linesOf(await engine.essentialPrimes(cover))), essential);
  assertEquals(key(linesOf(engine.essentialPrimesSync(cover))), essential);
});

// Its prices tell no column from another, so no part of the columns is a core of the problem.
test("a symmetric function of 12 inputs has its minimum at every effort", () => {
  const cover = Cover.fromPla(plaText(symmetric(12, [4, 5, 6])));
  for (const effort of ["fast", "default", "high"] as const) {
    assertEquals(minimize(cover, { effort }).stats.cubes, 924);
  }
});
