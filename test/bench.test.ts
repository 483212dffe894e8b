// The benchmarks run, say what they leave out, and write files of the shape that bench/README.md
// documents. What they measure is not looked at: that is what a run on a quiet machine is for.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { fromRows, readFunctions, toCover, writeFunctions } from "../bench/common/function_text.ts";
import { type Contestant, race } from "../bench/common/race.ts";
import { Runner } from "../bench/common/runner.ts";
import { geometricMean, median, spread } from "../bench/common/statistics.ts";
import { table } from "../bench/common/table.ts";
import { verify, verifyAll } from "../bench/common/verify.ts";
import type { Entry } from "../bench/core/result.ts";
import { misses } from "../bench/core/misses.ts";
import { summarize } from "../bench/core/summary.ts";
import { buildProgram } from "../bench/isolation/program.ts";
import { majority, randomFunction } from "../bench/generators.ts";
import { cubesPicture } from "../bench/picture/cubes.ts";
import { growthPicture } from "../bench/picture/growth.ts";
import { timePicture } from "../bench/picture/time.ts";
import { library } from "../src/native/open.ts";
import { command, type Ended, runProgram } from "./cli_spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a benchmark with the library that the tests use, and no program of the system. */
function bench(name: string, ...args: string[]): Promise<Ended> {
  const words = [...command(`bench/${name}.ts`), "--quick", "--no-install", "--out", folder];
  const env = { RISTRETTO_LIBRARY: library().path, PATH: folder, CI: "" };
  return runProgram([...words, "--without", "espresso-logic", ...args], { env });
}

// deno-lint-ignore no-explicit-any
function results(name: string): any {
  const result = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  assertEquals([result.format, result.benchmark, result.quick], [1, name, true]);
  assertMatch(result.command, new RegExp(`^bench:${name} --quick`));
  assertEquals(JSON.stringify(result).includes(folder), false, "no path of this machine");
  for (const key of ["processor", "cores", "system", "kernel", "runtime", "commit"]) {
    assert(result.machine[key] !== undefined, key);
  }
  assertEquals(result.load.began.length, 3);
  assertEquals(result.busy >= 0 && result.busy <= result.machine.cores, true);
  const skipped = result.skipped.map((each: { what: string }) => each.what);
  assert(skipped.includes("espresso-logic"));
  return result;
}

describe("the programs", () => {
  it("core: figures of every effort, checked, and what was left out", async () => {
    const { status, stdout, stderr } = await bench("core", "--only", "majority7");
    assertEquals(status, 0, stderr);
    assertStringIncludes(stderr, "skipped: espresso-logic: left out by --without");
    assertMatch(stdout, /majority7 +7 +1 +64/);
    const { functions, summary, misses: missed } = results("core");
    assertEquals(functions.length, 1);
    assertEquals([summary.checked, summary.right], [4, 4]);
    assertEquals(missed, []);
    for (const effort of ["fast", "default"]) {
      const { wallMs, cpuMs, cubes, verified } = functions[0].results[`ristretto ${effort}`];
      assertEquals([cubes, verified], [35, "right"]);
      assert(wallMs.min > 0 && wallMs.min <= wallMs.median && wallMs.median <= wallMs.max);
      assert(cpuMs >= 0);
    }
  });

  it("peers: those that are missing are named with the reason", async () => {
    const { status, stdout, stderr } = await bench("peers", "--only", "random-4x1");
    assertEquals(status, 0, stderr);
    const { groups, skipped, versions } = results("peers");
    assertEquals(groups[0].functions, 20);
    assertEquals(groups[0].results["ristretto fast"].verified, "right");
    assertEquals(Object.keys(versions), ["ristretto"]);
    assertEquals(skipped.length, 5);
    for (const { what, why } of skipped) assert(why.length > 0 && stderr.includes(what));
    assertStringIncludes(stdout, "random-4x1");
  });

  it("ffi: calls, functions and memory, in each runtime", async () => {
    const { status, stderr } = await bench("ffi", "--only", "4 inputs");
    assertEquals(status, 0, stderr);
    const { runtimes } = results("ffi");
    assertEquals(runtimes.map((each: { runtime: string }) => each.runtime), ["bun", "deno"]);
    for (const { calls, functions, memory } of runtimes) {
      assertEquals(memory.idle, 0);
      for (const { median } of Object.values<{ median: number }>(calls)) assert(median > 0);
      assertEquals(functions.map((each: { inputs: number }) => each.inputs), [4, 4]);
      assert(functions.every((each: { perCall: { p99: number } }) => each.perCall.p99 > 0));
    }
  });

  it("isolation: chosen modes, sizes and runtimes, and what was left out", async () => {
    const modes = ["--mode", "direct", "--mode", "pool", "--mode", "shared-heap"];
    const runtime = "Deno" in globalThis ? "deno" : "bun";
    const { status, stdout, stderr } = await bench(
      "isolation",
      ...modes,
      ...["--size", "4 inputs", "--runtime", runtime, "--without", "floor"],
    );
    assertEquals(status, 0, stderr);
    const result = JSON.parse(readFileSync(join(folder, "isolation.json"), "utf8"));
    assertEquals(result.runtimes.map((each: { runtime: string }) => each.runtime), [runtime]);
    const [{ cells, events, seeds }] = result.runtimes;
    const ways = (list: { way: string }[]) => new Set(list.map(({ way }) => way));
    const measured = ways(cells);
    assert(measured.has("direct") && measured.has("pool"));
    assertEquals(ways(events), measured);
    assert(seeds.length > 0);
    for (const { us, rounds, histogram, calls, job } of cells) {
      assertEquals(job, "4 inputs");
      assert(us.min > 0 && us.min <= us.median && us.median <= us.p99 && us.p99 <= us.max);
      assertEquals(rounds.us.length, 1);
      assertEquals(histogram.counts.reduce((sum: number, each: number) => sum + each), calls);
    }
    const left = result.skipped.map((each: { what: string }) => each.what);
    for (const mode of ["direct", "pool", "shared-heap"]) {
      assert(measured.has(mode) || left.includes(mode), mode);
    }
    assertStringIncludes(stdout, "4 inputs");
    const none = await bench("isolation", "--mode", "none-such");
    assertEquals([none.status, none.stderr.includes("none of direct, pool")], [1, true]);
  });

  it("options: help, and what is none", async () => {
    assertStringIncludes((await bench("core", "--help")).stdout, "--quick");
    const { status, stderr } = await bench("core", "--frobnicate");
    assertEquals(status, 1);
    assertStringIncludes(stderr, "--frobnicate");
  });
});

describe("checks", () => {
  const given = fromRows("f", randomFunction({ inputs: 5, outputs: 2, dontCares: 0.3, seed: 5 }));

  it("functions come back from their file as they were", () => {
    const path = join(folder, "functions");
    writeFunctions(path, [given, fromRows("m", majority(3))]);
    const [first, second] = readFunctions(path);
    assertEquals([first, second!.dc], [{ ...given, off: undefined }, undefined]);
  });

  it("a result with a wrong point is found, by both ways to look", () => {
    assertEquals(verify(given, given), "right");
    assertMatch(verify(given, { ...given, on: given.on.slice(1) }), /^f: output \d is not 1 at/);
    assertMatch(verify(given, { ...given, on: [["-----", "11"]] }), /^f: output \d is not 0 at/);
    const wide = { name: "w", inputs: 13, outputs: 1 };
    const cube = (symbols: string) => ({ ...wide, on: [[symbols.padEnd(13, "-"), "1"]] as const });
    assertEquals(verify(cube("1"), cube("1")), "right");
    assertEquals(verify(cube("1"), cube("11")), "w: not equivalent");
    assertEquals(toCover(cube("1")).cubeCount, 1);
  });
});

describe("races", () => {
  const functions = [fromRows("m", majority(3))];
  const path = join(folder, "race");
  const plan = { budgetMs: 1, rounds: [1, 2], limitMs: 4000 } as const;

  /** A runner that greets, and then does as it is told here. */
  function fake(name: string, onRun: string): Contestant {
    const file = join(folder, `${name}.js`);
    writeFileSync(
      file,
      `import process from "node:process";
      const say = (value) => process.stdout.write("@" + JSON.stringify(value) + "\\n");
      process.stdin.on("data", (text) => {
        if (String(text).startsWith("run")) { ${onRun} } else say({});
      });
      say({ name: "fake", version: "0", variants: [] });`,
    );
    const words = "Deno" in globalThis
      ? [process.execPath, "run", "-A", file]
      : [process.execPath, file];
    return { key: name, runner: new Runner({ words }), variant: "default" };
  }

  it("who hangs, dies or refuses has a reason in place of figures", async () => {
    writeFunctions(path, functions);
    const contestants = [
      fake("hangs", ""),
      fake("dies", "console.error('out of memory'); process.exit(3);"),
      fake("refuses", "say({ error: 'too many inputs' });"),
      { ...fake("unfit", ""), unfit: () => "one output only" },
    ];
    const finishes = await race(contestants, path, { plan, check: () => "right", tell: () => {} });
    for (const { runner } of contestants) runner.stop();
    assertEquals(
      [...finishes.values()].map(({ failure }) => failure?.replace(/^ended at .*: /, "ended: ")),
      ["over 4 s", "ended: out of memory", "too many inputs", "one output only"],
    );
  });

  it("results of all functions are checked, but for those that could not be done", () => {
    assertEquals(verifyAll(functions, functions), "right");
    assertEquals(verifyAll(functions, []), "m: there is no result");
    assertEquals(verifyAll(functions, [], new Set([0])), "right");
  });
});

describe("figures", () => {
  it("statistics", () => {
    assertEquals(median([3, 1, 2]), 2);
    assertEquals(median([4, 1, 2, 3]), 2.5);
    assertAlmostEquals(geometricMean([1, 100]), 10);
    const { count, min, p25, max } = spread([5, 1, 3, 2, 4]);
    assertEquals([count, min, p25, max], [5, 1, 2, 5]);
    assertEquals(table("T", ["a", "b"], [["x", 1], ["yy", 20]]).split("\n")[3], "x    1");
  });

  const wallMs = (ms: number) => ({
    count: 1,
    min: ms,
    p25: ms,
    median: ms,
    p75: ms,
    p99: ms,
    max: ms,
  });
  const finish = (ms: number, cubes: number) => ({
    wallMs: wallMs(ms),
    cpuMs: ms,
    cubes,
    inputLiterals: 10,
    outputLiterals: cubes,
    verified: "right",
  });
  const entry = (name: string, fast: number, cubes: number): Entry => ({
    name,
    group: "generated",
    inputs: 5,
    outputs: 1,
    cubes: 20,
    known: {
      espressoCubes: 9,
      espressoInputLiterals: 10,
      espressoOutputLiterals: 9,
      strongCubes: 9,
      bestCubes: 8,
      proven: true,
    },
    results: { "ristretto fast": finish(fast, cubes), "espresso default": finish(10, 9) },
    memory: {
      "ristretto fast": { grewBytes: 9 * 2 ** 20, peakBytes: 2 ** 26 },
      "espresso default": { grewBytes: 2 ** 20, peakBytes: 2 ** 21 },
    },
  });

  it("every target that is missed is named, and only those", () => {
    const curve = [entry("c1", 0.5, 8), entry("c2", 2, 8)].map((each, i): Entry => ({
      ...each,
      group: "growth",
      growth: { curve: "c", axis: "cubes", size: 10 ** i },
      memory: {},
    }));
    const entries = [entry("good", 0.5, 8), entry("bad", 20, 10), ...curve];
    const summary = summarize(entries);
    assertEquals(summary.growth.map(({ steepness }) => steepness), [0.6021]);
    assertEquals(summary.efforts.fast!.speedUp.functions, 4);
    assertEquals(summary.efforts.fast!.speedUp.wall, 5.623);
    const found = misses(entries, summary).map(({ name, what }) => `${name} ${what}`);
    const all = ["all time", "c growth", "good memory", "bad cubes", "bad memory", "bad time"];
    assertEquals(found, all);
  });

  it("pictures show every function, in both colour schemes", () => {
    const growth = { curve: "c", axis: "inputs", size: 8 } as const;
    const entries = [entry("good", 0.5, 8), { ...entry("bad", 20, 10), growth }];
    for (const picture of [timePicture, cubesPicture, growthPicture]) {
      const text = picture(entries)!;
      assertMatch(text, /^<svg [^]*prefers-color-scheme: dark[^]*<circle [^]*<\/svg>\n$/);
      assertEquals(/NaN|undefined|Infinity/.exec(text), null);
    }
    assertStringIncludes(timePicture(entries)!, "bad, fast: 0.5 times as fast");
    assertEquals(timePicture([]), undefined);
    assert(!existsSync(join(folder, "core-time.svg")), "nothing to compare, no picture");
  });
});

describe("programs in C", { skip: process.platform !== "linux" }, () => {
  for (const name of ["ring", "clients"] as const) {
    it(`are built: ${name}`, async () => {
      const file = join(folder, name);
      await buildProgram(name, file);
      assert(existsSync(file));
    });
  }
});
