// `bun run bench:peers`: us beside the other minimisers that a program can call, on functions of
// one output of 4 to 12 inputs and on functions of several outputs. Who cannot do something is
// named with the reason. What is measured, and how, is in README.md.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { main, root, thisRuntime } from "../tools/run.ts";
import { type Arguments, isWanted, readArguments } from "./common/arguments.ts";
import { type TwoLevel, writeFunctions } from "./common/function_text.ts";
import { prepareLibrary } from "./common/library.ts";
import { Progress } from "./common/progress.ts";
import { type Contestant, race, type RacePlan } from "./common/race.ts";
import { print, Report } from "./common/results.ts";
import { Runner, RunnerFailure } from "./common/runner.ts";
import { verifyAll } from "./common/verify.ts";
import { peerInputs } from "./inputs/peers.ts";
import { findPeer, type PeerName, peerNames } from "./peers/install.ts";
import type { PeerEntry } from "./peers/result.ts";
import { peersTables } from "./peers/tables.ts";
import { peersPicture } from "./picture/peers.ts";

/** What a peer cannot do at all. */
const unfit: Readonly<Partial<Record<PeerName, NonNullable<Contestant["unfit"]>>>> = {
  "espresso-iisojs": (functions) =>
    functions.some(({ outputs }) => outputs > 1) ? "one output only" : undefined,
  abc: (functions) =>
    functions.some(({ dc }) => dc !== undefined) ? "reads no don't-cares" : undefined,
};

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  await prepareLibrary();
  const report = new Report("peers", options);
  const inputs = peerInputs(options.quick).filter(({ name }) => isWanted(name, options));
  const { contestants, versions } = await prepare(options, report);
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  const entries: PeerEntry[] = [];
  const lost = new Map<string, number>();
  try {
    const progress = new Progress(inputs.length);
    for (const { name, make } of inputs) {
      progress.next(name);
      const functions = make();
      const tell = (text: string) => progress.tell(text);
      entries.push(await measure(name, functions, { contestants, folder, options, tell, lost }));
    }
    progress.end();
  } finally {
    for (const { runner } of contestants) runner.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  report.save({ versions, groups: entries });
  report.picture("time", peersPicture(entries));
  print(peersTables(entries));
  const wrong = entries.flatMap(({ name, results }) =>
    Object.entries(results).filter(([, { verified }]) => (verified ?? "right") !== "right")
      .map(([key, { verified }]) => `${name}: ${key}: ${verified}`)
  );
  for (const line of wrong) print(line);
  return wrong.some((line) => line.includes(": ristretto")) ? 1 : 0;
});

async function prepare(
  options: Arguments,
  report: Report,
): Promise<{ contestants: Contestant[]; versions: Record<string, string> }> {
  const versions: Record<string, string> = {};
  const ours = new Runner({ words: thisRuntime(join(root, "bench", "runners", "ours.ts")) });
  const contestants: Contestant[] = ["fast", "default"].map((variant) => ({
    key: `ristretto ${variant}`,
    runner: ours,
    variant,
  }));
  versions["ristretto"] = (await ours.start()).version;
  for (const name of peerNames) {
    const command = await findPeer(name, options);
    if (typeof command === "string") {
      report.skip(name, command);
      continue;
    }
    const runner = new Runner(command);
    try {
      versions[name] = (await runner.start()).version;
    } catch (error) {
      if (!(error instanceof RunnerFailure)) throw error;
      report.skip(name, error.message);
      continue;
    }
    const remembers = name !== "abc"; // Espresso does; a process for each group then
    contestants.push({ key: name, runner, variant: "default", unfit: unfit[name], remembers });
  }
  return { contestants, versions };
}

async function measure(
  name: string,
  functions: readonly TwoLevel[],
  { contestants, folder, options, tell, lost }: {
    readonly contestants: readonly Contestant[];
    readonly folder: string;
    readonly options: Arguments;
    readonly tell: (text: string) => void;
    readonly lost: Map<string, number>;
  },
): Promise<PeerEntry> {
  const path = join(folder, name);
  writeFunctions(path, functions);
  const { inputs, outputs } = functions[0]!;
  const plan: RacePlan = {
    budgetMs: options.quick ? 50 : 1000,
    rounds: options.quick ? [1, 1] : [3, 9],
    limitMs: options.limitMs,
  };
  // Who did not end a group of one output is not asked for one of more inputs.
  const racing = contestants.map((one) => ({
    ...one,
    unfit: (these: readonly TwoLevel[]) => {
      const before = outputs === 1 ? lost.get(one.key) : undefined;
      return one.unfit?.(these) ??
        (before === undefined ? undefined : `not tried: failed at ${before} inputs`);
    },
  }));
  const check = (results: readonly TwoLevel[], failed: ReadonlySet<number>) =>
    verifyAll(functions, results, failed);
  const finishes = await race(racing, path, { plan, check, tell });
  for (const [key, { failure }] of finishes) {
    if (outputs === 1 && failure?.startsWith("over") && !lost.has(key)) lost.set(key, inputs);
  }
  return {
    name,
    functions: functions.length,
    inputs,
    outputs,
    dontCares: functions.some(({ dc }) => dc !== undefined),
    results: Object.fromEntries(finishes),
  };
}
