// `bun run bench:isolation`: what each mode of isolation costs, in Bun and in Deno, whichever of
// them runs this: every mode, jobs from the smallest to the largest of the corpus, synchronous and
// awaited, 1 to 64 in flight; start-up, memory, recovery after a crash; 10,000 requests over four
// workers; and the bare primitives of the system beside them. How, is in README.md.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { main, root, tail, ToolError } from "../tools/run.ts";
import { findBun, findDeno } from "../tools/runtimes.ts";
import { type Arguments, isRuntimeWanted, readArguments } from "./common/arguments.ts";
import { prepareLibrary } from "./common/library.ts";
import { Progress } from "./common/progress.ts";
import { print, Report } from "./common/results.ts";
import type { ChildPlan } from "./isolation/child.ts";
import { measureFloor } from "./isolation/floor.ts";
import { sources } from "./isolation/jobs.ts";
import {
  type EventsReport,
  type IsolationResult,
  merge,
  type RoundReport,
  type RuntimeReport,
} from "./isolation/result.ts";
import { isolationTables } from "./isolation/tables.ts";
import { ways } from "./isolation/ways.ts";

const ROUNDS = 5;
/** Longest time of a child: one that hangs ends the round, not the benchmark. */
const CHILD_MS = 300_000;

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  await prepareLibrary();
  const report = new Report("isolation", options);
  const plan = planOf(options);
  const runtimes = await measureRuntimes(plan, options, report);
  let floor: Pick<IsolationResult, "floor" | "messagesPerSecond"> = {
    floor: [],
    messagesPerSecond: undefined,
  };
  const why = options.without.includes("floor")
    ? "left out by --without"
    : process.platform === "linux"
    ? undefined
    : "they are measured on Linux only";
  if (why === undefined) floor = await measureFloor(options.quick);
  else report.skip("futex, pipe, ring and spawn", why);
  const result: IsolationResult = {
    ways: ways.filter(({ name }) => plan.ways.includes(name))
      .map(({ name, mode }) => ({ name, mode })),
    parallel: plan.parallel,
    ...floor,
    runtimes,
  };
  report.save(result);
  print(isolationTables(result));
  return runtimes.length > 0 ? 0 : 1;
});

function planOf({ quick, modes, sizes }: Arguments): ChildPlan {
  const chosen = (name: string, parts: readonly string[]) =>
    parts.length === 0 || parts.some((part) => name.includes(part));
  const plan: ChildPlan = {
    task: "round",
    round: 0,
    quick,
    budgetMs: quick ? 8 : 25,
    parallel: Math.min(4, availableParallelism()),
    ways: ways.map(({ name }) => name).filter((name) => chosen(name, modes)),
    jobs: sources(quick).map(({ name }) => name).filter((name) => chosen(name, sizes)),
  };
  if (plan.ways.length === 0) {
    throw new ToolError(`--mode: none of ${ways.map(({ name }) => name).join(", ")}`);
  }
  if (plan.jobs.length === 0) {
    throw new ToolError(`--size: none of ${sources(quick).map(({ name }) => name).join(", ")}`);
  }
  return plan;
}

/** The runtimes take turns, a process a round. */
async function measureRuntimes(
  plan: ChildPlan,
  options: Arguments,
  report: Report,
): Promise<RuntimeReport[]> {
  const commands: readonly (readonly [string, () => readonly string[]])[] = [
    ["bun", () => [findBun()]],
    ["deno", () => [findDeno(), "run", "-A", "--no-check", "--v8-flags=--expose-gc"]],
  ];
  const wanted = commands.filter(([name]) => isRuntimeWanted(name, options));
  for (const [name] of commands) {
    if (!isRuntimeWanted(name, options)) report.skip(name, "left out by --runtime or --without");
  }
  const rounds = options.quick ? 1 : ROUNDS;
  const progress = new Progress(wanted.length * (rounds + 1));
  const found = new Map<string, RoundReport[]>();
  const events = new Map<string, EventsReport>();
  const said = new Set<string>();
  const skip = (what: string, why: string): void => {
    const line = `${what}: ${why}`;
    if (!said.has(line)) report.skip(what, why);
    said.add(line);
  };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, command] of wanted) {
      progress.next(name);
      const task = round === rounds ? "events" : "round";
      try {
        const one = await runChild(command(), { ...plan, task, round }, progress);
        if (task === "events") events.set(name, one as EventsReport);
        else found.set(name, [...found.get(name) ?? [], one as RoundReport]);
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        skip(`${name}, ${task}`, error.message);
      }
    }
  }
  progress.end();
  for (const { what, why } of [...found.values()].flat().flatMap(({ skipped }) => skipped)) {
    skip(what, why);
  }
  return [...found].map(([name, all]) => merge(all, events.get(name) ?? { events: [], seeds: [] }));
}

function runChild(
  command: readonly string[],
  plan: ChildPlan,
  progress: Progress,
): Promise<RoundReport | EventsReport> {
  const [program = "", ...args] = command;
  const file = join(root, "bench", "isolation", "child.ts");
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, file, JSON.stringify(plan)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), CHILD_MS);
    let text = "";
    let errors = "";
    let last = "its start";
    let result: RoundReport | EventsReport | undefined;
    child.stderr.setEncoding("utf8").on("data", (piece: string) => errors += piece);
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        if (line.startsWith("~")) progress.tell(last = line.slice(1));
        else if (line.startsWith("@")) result = JSON.parse(line.slice(1));
      }
    });
    child.on("error", (error) => errors += error.message);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (result !== undefined) resolve(result);
      else {
        reject(new ToolError(`ended with ${signal ?? code} at ${last}: ${tail(errors, 3)}`));
      }
    });
  });
}
