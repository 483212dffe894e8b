// The runner of Ristretto itself (README.md, "Runners"), in the runtime that runs it. What is timed
// is the call that a user makes: a Cover in, a Cover out; job, core and result are all in it.

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { Cover, minimize, type MinimizeOptions, type MinimizeResult } from "../../mod.ts";
import { fromCover, readFunctions, toCover, writeFunctions } from "../common/function_text.ts";

const variants: Readonly<Record<string, MinimizeOptions>> = {
  fast: { effort: "fast" },
  default: { effort: "default" },
  high: { effort: "high" },
  exact: { method: "exact" },
  "fast unverified": { effort: "fast", verify: false },
  "default unverified": { effort: "default", verify: false },
};

let names: string[] = [];
let covers: Cover[] = [];
let results: (MinimizeResult | undefined)[] = [];

function load(path: string): object {
  const functions = readFunctions(path);
  names = functions.map(({ name }) => name);
  covers = functions.map(toCover);
  results = [];
  return { functions: covers.length };
}

function run(variant: string, count: number): object {
  const options = variants[variant];
  if (options === undefined) throw new Error(`variant not known: ${variant}`);
  const wall: number[] = [];
  const before = cpuNanoseconds();
  results = covers.map((cover) => {
    let result: MinimizeResult | undefined;
    const start = performance.now();
    for (let i = 0; i < count; i++) result = minimize(cover, options);
    wall.push((performance.now() - start) * 1e6 / count);
    return result;
  });
  const cpu = (cpuNanoseconds() - before) / count;
  const all = results.map((result) => result!.stats);
  return {
    wall,
    cpu,
    cubes: all.map((stats) => stats.cubes),
    inputLiterals: all.map((stats) => stats.inputLiterals),
    outputLiterals: all.map((stats) => stats.outputLiterals),
    coreBytes: Math.max(...all.map((stats) => stats.peakBytes)),
    complete: all.every((stats) => stats.complete),
  };
}

function write(path: string): object {
  writeFunctions(path, results.map((result, i) => fromCover(names[i]!, result!.cover)));
  return {};
}

function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

function memory(): object {
  let status = "";
  try {
    status = readFileSync("/proc/self/status", "utf8");
  } catch {
    // Only Linux has it.
  }
  const field = (name: string) => {
    const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  };
  return { resident: field("VmRSS"), peak: field("VmHWM") };
}

function reset(): object {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Only Linux has it; the peak is then unknown as well.
  }
  return memory();
}

function obey(words: readonly string[]): object | undefined {
  switch (words[0]) {
    case "load":
      return load(words[1]!);
    case "run":
      return run(words[1]!, Math.max(1, Number(words[2])));
    case "write":
      return write(words[1]!);
    case "reset":
      return reset();
    case "memory":
      return memory();
    case "quit":
      return undefined;
  }
  throw new Error(`request not known: ${words.join(" ")}`);
}

/** The runtime compiles the paths of a call before anything is measured. */
function warmUp(): void {
  const cover = Cover.fromTruthTable(5, "01101001100101101001011001101001");
  for (let i = 0; i < 3000; i++) minimize(cover, i % 2 === 0 ? { effort: "fast" } : {});
}

function answer(value: object): void {
  process.stdout.write(`@${JSON.stringify(value)}\n`);
}

warmUp();
const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };
answer({ name: "ristretto", version, variants: Object.keys(variants) });
for await (const line of createInterface({ input: process.stdin })) {
  let value: object | undefined;
  try {
    value = obey(line.split("\t"));
  } catch (error) {
    value = { error: error instanceof Error ? error.message : String(error) };
  }
  if (value === undefined) break;
  answer(value);
}
process.exit(0);
