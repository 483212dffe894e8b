// What a result was measured on: without that, figures say nothing. No path and no name of a host
// or a user: git ignores bench/results, but those of a good run are committed (`git add -f`).

import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import process from "node:process";
import { ask } from "../../tools/run.ts";
import { findBun, findDeno } from "../../tools/runtimes.ts";

/** The machine, its state, and the versions of what was run. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly kernel: string;
  readonly bun: string | undefined;
  readonly deno: string | undefined;
  /** The runtime that ran the benchmark. */
  readonly runtime: string;
  /** The commit of the sources, with `+` when files differed from it. */
  readonly commit: string;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    processor: processorName(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    kernel: release(),
    bun: versionOf(findBun),
    deno: versionOf(findDeno),
    runtime: "Deno" in globalThis ? "deno" : "bun",
    commit: commitName(),
  };
}

function processorName(): string {
  const name = (cpus()[0]?.model ?? "unknown").replace(/\s+/g, " ").trim();
  return process.platform === "linux" ? `${name}${modelNumber()}` : name;
}

/** Virtual machines call many processors by one name; family and model tell them apart. */
function modelNumber(): string {
  try {
    const text = readFileSync("/proc/cpuinfo", "utf8");
    const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(text)?.[1];
    const family = field("cpu family");
    return family === undefined ? "" : `, family ${family}, model ${field("model")}`;
  } catch {
    return "";
  }
}

function versionOf(find: () => string): string | undefined {
  try {
    const text = ask([find(), "--version"]);
    return text === undefined ? undefined : /\d+\.\d+\.\d+/.exec(text)?.[0];
  } catch {
    return undefined; // not installed
  }
}

function commitName(): string {
  const commit = ask(["git", "rev-parse", "--short", "HEAD"]) ?? "unknown";
  return ask(["git", "status", "--porcelain", "--untracked-files=no"]) === ""
    ? commit
    : `${commit}+`;
}

/** The load of the machine: processes that want to run, averaged over 1, 5 and 15 minutes. */
export function load(): number[] {
  return loadavg().map((value) => Math.round(value * 100) / 100);
}

/** Processors that are busy now, with what others do as long as nothing of ours runs: 0.4 s. */
export function busyProcessors(): number {
  const before = processorTimes();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  const after = processorTimes();
  const all = after.all - before.all;
  const share = all > 0 ? 1 - (after.idle - before.idle) / all : 0;
  return Math.round(100 * share * availableParallelism()) / 100;
}

function processorTimes(): { all: number; idle: number } {
  const sum = { all: 0, idle: 0 };
  for (const { times } of cpus()) {
    sum.idle += times.idle;
    sum.all += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return sum;
}

/** The part of a folder's name that tells machines apart. */
export function machineSlug({ processor, cores, system }: Machine): string {
  const words = `${processor.split(",")[0]} ${cores} ${system}`.replace(
    /\((R|TM)\)|processor|cpu/gi,
    "",
  );
  return words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
