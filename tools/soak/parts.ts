// The parts of the long form: what each does, how often, and how a slice of it is done. Each is a
// program that ends by itself and says on standard output what it did.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { zigBuild } from "../build.ts";
import { countOurs } from "../counts.ts";
import { root, run, say, tail, thisRuntime, ToolError } from "../run.ts";
import { findBun, findDeno } from "../runtimes.ts";

/** What a slice came to. */
export interface Slice {
  /** Executions, kills, jobs: what the part counts. */
  readonly done: number;
  readonly findings: number;
  /** Lines of figures. */
  readonly figures: readonly string[];
  /** Why it did less than it was asked for. */
  readonly why?: string;
}

/** A part. */
export interface Part {
  readonly name: string;
  /** What is counted. */
  readonly what: string;
  /** How often in the long form. */
  readonly total: number;
  /** How often, at most, between two looks at the time. */
  readonly slice: number;
  readonly run: (count: number, seed: number) => Promise<Slice>;
}

/** A slice that lasts longer hangs: it is ended, and that is a finding. */
const SLICE_MOST_MS = 30 * 60_000;

/** Exit statuses of what SIGINT or SIGTERM ended: that is no finding. */
const INTERRUPTED = 130, TERMINATED = 143;

const built = new Map<string, Promise<void>>();

/** Builds a step of build.zig, once. */
function ready(step: string): Promise<void> {
  let done = built.get(step);
  if (done === undefined) {
    done = zigBuild([step]).then(({ code }) => {
      if (code !== 0) throw new ToolError(`${step} could not be built: see Zig's message above`);
    });
    built.set(step, done);
  }
  return done;
}

async function program(
  command: readonly string[],
  count: number,
  figures: RegExp,
): Promise<Slice> {
  const { code, stdout, output } = await run(command, { io: "capture", timeoutMs: SLICE_MOST_MS });
  if (code === INTERRUPTED || code === TERMINATED) {
    return { done: 0, findings: 0, figures: [], why: "it was ended from outside" };
  }
  const lines = stdout.split("\n").filter((line) => figures.test(line)).slice(0, 20);
  const failed = countOurs(output)?.failed ?? 0;
  const findings = code === 0 ? 0 : Math.max(1, failed);
  if (findings > 0) say(tail(output, 20));
  return { done: findings === 0 ? count : 0, findings, figures: lines };
}

/** A target of the fuzzer. */
function fuzz(target: string, what: string): Part {
  const findings = join(root, "zig-out", "fuzz", "findings");
  return {
    name: `fuzz-${target}`,
    what,
    total: 1e8,
    slice: 5e6,
    run: async (count, seed) => {
      await ready("fuzz");
      mkdirSync(findings, { recursive: true });
      const words = [
        `--executions=${count}`,
        `--seed=${seed}`,
        `--corpus=${join(root, "c", "test", "fuzz", "corpus")}`,
        `--findings=${findings}`,
        target,
      ];
      const file = join(root, "zig-out", "fuzz", "fuzz");
      return await program([file, ...words], count, /execution/);
    },
  };
}

/** A native test, about `each` of what it counts for every `--times`, unless it says how many. */
function native(
  name: string,
  what: string,
  total: number,
  each: number,
  words: readonly string[],
): Part {
  return {
    name,
    what,
    total,
    slice: Math.max(each, total / 100),
    run: async (count, seed) => {
      await ready("test-program");
      const times = Math.max(1, Math.round(count / each));
      const file = join(root, "zig-out", "test", "native_test");
      const args = [`--times=${times}`, `--seed=${seed}`, ...words];
      const slice = await program([file, ...args], times * each, /^kills|^skipped/);
      const said = slice.figures.map((line) => /^kills: (\d+)/.exec(line)?.[1]).find(Boolean);
      return said === undefined ? slice : { ...slice, done: Number(said) };
    },
  };
}

/** A tool of ours, with the count as its last argument. */
function tool(
  name: string,
  what: string,
  total: number,
  slice: number,
  command: (count: number, seed: number) => readonly string[],
): Part {
  const figures = /^\||settled|slowest|ended|decoded/;
  return {
    name,
    what,
    total,
    slice,
    run: (count, seed) => program(command(count, seed), count, figures),
  };
}

const file = (...names: string[]): string[] => thisRuntime(join(root, ...names));

/** Every part, the shortest first. */
export const parts: readonly Part[] = [
  tool("exits-bun", "exits, throws and terminated Workers, Bun", 1000, 1000, (count) => [
    ...[findBun(), join(root, "tools", "endings.ts")],
    `${Math.max(12, Math.round(count * 6 / 7))}`,
  ]),
  tool("exits-deno", "exits, throws and terminated Workers, Deno", 1000, 1000, (count) => [
    ...[findDeno(), "run", "-A", join(root, "tools", "endings.ts")],
    `${Math.max(12, Math.round(count * 6 / 7))}`,
  ]),
  ...(process.platform === "linux"
    ? [
      tool("left", "hosts killed, whatever their workers do", 3000, 3000, (count) => [
        ...[...file("bench", "faults.ts"), "--only", "left", "--limit", `${count}`],
      ]),
      tool("deadlines", "jobs ended at their time", 5000, 5000, (count) => [
        ...file("bench", "faults.ts"),
        ...["--only", "deadlines", "--limit", `${Math.ceil(count / 6)}`],
      ]),
      tool("recovery", "workers killed while they compute", 3000, 3000, (count) => [
        ...file("bench", "faults.ts"),
        ...["--only", "recovery", "--limit", `${Math.ceil(count / 3)}`],
      ]),
      native("kills", "workers killed or stopped at 40 labelled steps", 1e6, 290, ["test_kills"]),
      native("hostile", "jobs of a worker that changes what is shared", 1e8, 2e5, ["test_hostile"]),
      fuzz("worker", "handshakes, replies and results of a hostile worker"),
    ]
    : []),
  fuzz("options", "sections of options"),
  fuzz("pla", "texts of PLA"),
  fuzz("job", "job bytes, run"),
  tool("results", "result bytes, read in TypeScript", 1e8, 1e6, (count, seed) => [
    ...file("tools", "soak", "results.ts"),
    ...[`${count}`, `${seed}`],
  ]),
  tool("pool", "small jobs through the pool", 1e7, 1e7, (count) => [
    ...file("tools", "soak", "pool.ts"),
    `${Math.max(20, count)}`,
  ]),
];
