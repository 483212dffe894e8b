// `bun run bench:core`: the minimiser itself, beside Espresso 2.3 (the crate espresso-logic) in the
// same run: time, cubes, literals, memory, over the corpus and functions that mathematics defines.
// What is measured, and how, is in README.md.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { main, root, thisRuntime } from "../tools/run.ts";
import { type Arguments, isWanted, readArguments } from "./common/arguments.ts";
import { type TwoLevel, writeFunctions } from "./common/function_text.ts";
import { prepareLibrary } from "./common/library.ts";
import { Progress } from "./common/progress.ts";
import { type Contestant, type Finish, race, type RacePlan } from "./common/race.ts";
import { print, Report } from "./common/results.ts";
import { Runner } from "./common/runner.ts";
import { verifyAll } from "./common/verify.ts";
import { measureMemory } from "./core/memory.ts";
import type { Entry } from "./core/result.ts";
import { misses } from "./core/misses.ts";
import { summarize } from "./core/summary.ts";
import { coreTables } from "./core/tables.ts";
import { corpus, corpusFolder } from "./inputs/corpus.ts";
import { families } from "./inputs/families.ts";
import type { Input } from "./inputs/input.ts";
import { findPeer } from "./peers/install.ts";
import { cubesPicture } from "./picture/cubes.ts";
import { growthPicture } from "./picture/growth.ts";
import { timePicture } from "./picture/time.ts";

/** The runners, and who of them takes part. */
interface Field {
  readonly ours: Runner;
  readonly espresso: Runner | undefined;
  readonly contestants: readonly Contestant[];
}

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  await prepareLibrary();
  const report = new Report("core", options);
  const inputs = chooseInputs(options, report);
  const field = await prepare(options, report);
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  const entries: Entry[] = [];
  try {
    const progress = new Progress(inputs.length);
    const out = new Set<string>(); // growth curves that somebody has fallen off
    for (const input of inputs) {
      progress.next(input.name);
      entries.push(await measure(input, field, { options, folder, progress, out }));
    }
    progress.end();
  } finally {
    field.ours.stop();
    field.espresso?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const summary = summarize(entries);
  const missed = misses(entries, summary);
  report.save({ summary, misses: missed, functions: entries });
  report.picture("time", timePicture(entries));
  report.picture("cubes", cubesPicture(entries));
  report.picture("growth", growthPicture(entries));
  print(coreTables(entries, summary, missed));
  const wrong = entries.filter(({ results }) => Object.values(results).some(isWrong));
  return wrong.length === 0 ? 0 : 1;
});

function isWrong({ verified }: Finish): boolean {
  return verified !== undefined && verified !== "right" && !verified.includes("not checked");
}

function chooseInputs(options: Arguments, report: Report): Input[] {
  const classic = corpus();
  if (classic === undefined) {
    report.skip("the corpus", `there is no folder ${corpusFolder().replace(root, ".")}`);
  }
  const wanted = [...classic ?? [], ...families].filter(({ name }) => isWanted(name, options));
  if (!options.quick || options.only.length > 0) return wanted;
  // A quick run takes the functions that are marked, and some of the corpus, spread over it.
  const sample = wanted.filter(({ group }, i) => group === "corpus" && i % 12 === 0);
  return [...sample, ...wanted.filter(({ quick }) => quick === true)];
}

async function prepare(options: Arguments, report: Report): Promise<Field> {
  const ours = new Runner({ words: thisRuntime(join(root, "bench", "runners", "ours.ts")) });
  const entry = (runner: Runner, name: string, variant: string): Contestant => ({
    key: `${name} ${variant}`,
    runner,
    variant,
  });
  const contestants = [
    entry(ours, "ristretto", "fast"),
    entry(ours, "ristretto", "default"),
    ...(options.high ? [entry(ours, "ristretto", "high")] : []),
    entry(ours, "ristretto", "fast unverified"),
    entry(ours, "ristretto", "default unverified"),
  ];
  const command = await findPeer("espresso-logic", options);
  if (typeof command === "string") {
    report.skip("espresso-logic", command);
    return { ours, espresso: undefined, contestants };
  }
  const espresso = new Runner(command);
  const rivals = ["default", "strong"].map((variant) => ({
    ...entry(espresso, "espresso", variant),
    remembers: true,
  }));
  return { ours, espresso, contestants: [...contestants, ...rivals] };
}

async function measure(
  input: Input,
  field: Field,
  { options, folder, progress, out }: {
    readonly options: Arguments;
    readonly folder: string;
    readonly progress: Progress;
    readonly out: Set<string>;
  },
): Promise<Entry> {
  const path = join(folder, input.name); // a new one: runners load what has another name
  const made = input.make();
  writeFunctions(path, [made]);
  const plan: RacePlan = {
    budgetMs: options.quick ? 30 : 500,
    rounds: options.quick ? [1, 3] : [3, 15],
    limitMs: input.growth === undefined ? options.limitMs : growthLimitMs(options),
  };
  const tell = (text: string) => progress.tell(text);
  const contestants = field.contestants.filter(({ key }) => takesPart(key, input)).map((one) => ({
    ...one,
    unfit: () => lostBefore(one.key, input, out),
  }));
  const check = (results: readonly TwoLevel[]) => verifyAll([made], results);
  const finishes = await race(contestants, path, { plan, check, tell });
  if (input.growth !== undefined) {
    for (const [key, { failure }] of finishes) {
      if (failure !== undefined) out.add(`${input.growth.curve} ${key}`);
    }
  }
  const memory = options.quick
    ? {}
    : await measureMemory(contestants, finishes, { path, plan, tell });
  return {
    name: input.name,
    group: input.group,
    growth: input.growth,
    inputs: made.inputs,
    outputs: made.outputs,
    cubes: made.on.length,
    known: input.known,
    results: Object.fromEntries(finishes),
    memory,
  };
}

/** A curve has many points, and whoever does not end at one of them takes all of its time. */
function growthLimitMs({ limitMs }: Arguments): number {
  return Math.max(limitMs / 3, Math.min(limitMs, 6000));
}

/** Growth is followed for what people use: neither verification's cost nor Espresso's strong. */
function takesPart(key: string, { growth }: Input): boolean {
  return growth === undefined || !/unverified|strong|high/.test(key);
}

/** Who did not end at a smaller size is not asked for a larger one. */
function lostBefore(key: string, { growth }: Input, out: Set<string>): string | undefined {
  return growth !== undefined && out.has(`${growth.curve} ${key}`)
    ? "not tried: a smaller one failed"
    : undefined;
}
