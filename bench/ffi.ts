// `bun run bench:ffi`: what a call costs from TypeScript, in Bun and in Deno, whichever of them
// runs this: a foreign call that does nothing, the smallest job, random functions of 4 to 10 inputs
// through `minimize`, a million of 4 inputs through `minimizeTables`, and the memory of a thread's
// state. What is measured, and how, is in README.md.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { main, root, tail, ToolError } from "../tools/run.ts";
import { findBun, findDeno } from "../tools/runtimes.ts";
import { type Arguments, isRuntimeWanted, isWanted, readArguments } from "./common/arguments.ts";
import { fromRows, writeFunctions } from "./common/function_text.ts";
import { prepareLibrary } from "./common/library.ts";
import { Progress } from "./common/progress.ts";
import { type Finish, race } from "./common/race.ts";
import { print, Report } from "./common/results.ts";
import { Runner } from "./common/runner.ts";
import { verifyAll } from "./common/verify.ts";
import { type ChildReport, merge, type RuntimeReport } from "./ffi/report.ts";
import { ffiTables } from "./ffi/tables.ts";
import { randomFunction } from "./generators.ts";
import { findPeer } from "./peers/install.ts";

const sizes = [4, 6, 8, 10];
/** Different functions of each size. */
const FUNCTIONS = 200;
const ROUNDS = 5;

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  await prepareLibrary();
  const report = new Report("ffi", options);
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  try {
    const wanted = sizes.filter((inputs) => isWanted(`${inputs} inputs`, options));
    const path = join(folder, "functions");
    writeFunctions(path, wanted.flatMap((inputs) => randomFunctions(inputs, options)));
    const runtimes = measureRuntimes(path, options, report);
    const espresso = await measureEspresso(wanted, folder, options, report);
    report.save({ runtimes, espresso });
    print(ffiTables(runtimes, espresso));
    return runtimes.length > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Truth tables of density 1/2, as minterms. */
function randomFunctions(inputs: number, { quick }: Arguments) {
  return Array.from(
    { length: quick ? FUNCTIONS / 5 : FUNCTIONS },
    (_, i) => fromRows(`random${inputs}-${i}`, randomFunction({ inputs, seed: 1000 * inputs + i })),
  );
}

/** Both runtimes take turns, a process a round. */
function measureRuntimes(path: string, options: Arguments, report: Report): RuntimeReport[] {
  const runtimes: readonly (readonly [string, () => readonly string[]])[] = [
    ["bun", () => [findBun()]],
    ["deno", () => [findDeno(), "run", "-A", "--no-check"]],
  ];
  const child = join(root, "bench", "ffi", "child.ts");
  const rounds = options.quick ? 1 : ROUNDS;
  const reports = new Map(runtimes.map(([name]) => [name, [] as ChildReport[]]));
  const progress = new Progress(rounds * runtimes.length);
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of runtimes) {
      if (!isRuntimeWanted(name, options)) continue;
      progress.next(name);
      try {
        const words = [...command(), child, path, options.quick ? "50" : "600"];
        reports.get(name)!.push(runChild(words));
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        if (round === 0) report.skip(name, error.message);
      }
    }
  }
  progress.end();
  return [...reports.values()].flatMap((each) => merge(each) ?? []);
}

function runChild(words: readonly string[]): ChildReport {
  const [program = "", ...args] = words;
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  const line = (stdout ?? "").split("\n").find((text) => text.startsWith("@"));
  if (line !== undefined) return JSON.parse(line.slice(1)) as ChildReport;
  throw new ToolError(error?.message ?? `ended with ${status}: ${tail(stderr, 3)}`);
}

/** The same functions by Espresso 2.3, called from Rust. */
async function measureEspresso(
  wanted: readonly number[],
  folder: string,
  options: Arguments,
  report: Report,
): Promise<Record<string, Finish>> {
  const command = await findPeer("espresso-logic", options);
  if (typeof command === "string") {
    report.skip("espresso-logic", command);
    return {};
  }
  const runner = new Runner(command);
  const finishes: Record<string, Finish> = {};
  try {
    for (const inputs of wanted) {
      const functions = randomFunctions(inputs, options);
      const path = join(folder, `functions${inputs}`);
      writeFunctions(path, functions);
      const contestants = [{ key: "espresso", runner, variant: "default" }];
      const [finish] = (await race(contestants, path, {
        plan: { budgetMs: 1000, rounds: options.quick ? [1, 1] : [3, 9], limitMs: 600_000 },
        check: (results, failed) => verifyAll(functions, results, failed),
        tell: () => {},
      })).values();
      finishes[`${inputs} inputs`] = finish!;
    }
  } finally {
    runner.stop();
  }
  return finishes;
}
