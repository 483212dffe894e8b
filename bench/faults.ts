// `bun run bench:faults`: what a fault costs, in the runtime that runs this: how long after a host
// was killed the last of its workers is gone, whatever they do; how far beyond its time a job
// settles; how soon a crash is noticed, and served again. Linux only. `--only left`, `--only
// deadlines` and `--only recovery` take a part; `--limit COUNT` is how many of each (300).

import process from "node:process";
import type { Isolation } from "../mod.ts";
import { main, say } from "../tools/run.ts";
import { type Arguments, isWanted, readArguments } from "./common/arguments.ts";
import { prepareLibrary } from "./common/library.ts";
import { print, Report } from "./common/results.ts";
import { rounded, type Spread, spread } from "./common/statistics.ts";
import { overshoots, WAYS } from "./faults/deadlines.ts";
import { killHost, type Left, STATES } from "./faults/left_behind.ts";
import { recovery } from "./isolation/events.ts";
import { ways } from "./isolation/ways.ts";

const COUNT = 300;
const MODES: readonly Isolation[] = ["process", "shared-heap", "fresh"];

/** A measured row of the table: of what, how many, and how the figures are spread. */
interface Row {
  readonly what: string;
  readonly unit: "ms" | "µs";
  readonly figures: Spread;
  /** How many never came, and names that were left. */
  readonly failures: number;
}

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  if (process.platform !== "linux") {
    say("there are no worker processes on this system");
    return 0;
  }
  await prepareLibrary();
  const report = new Report("faults", options);
  const given = options.given.includes("--limit") ? options.limitMs / 1000 : COUNT;
  const count = options.quick ? 10 : Math.max(1, Math.round(given));
  const wants = (part: string): boolean => isWanted(part, options);
  const rows: Row[] = [];
  if (wants("left")) rows.push(...await leftBehind(count));
  if (wants("deadlines")) rows.push(...await deadlines(count, options));
  if (wants("recovery")) rows.push(...await recoveries(count, options));
  report.save({ rows });
  print("| | count | p50 | p99 | most | failures |");
  print("| --- | --- | --- | --- | --- | --- |");
  for (const { what, unit, figures: f, failures } of rows) {
    const [p50, p99, most] = [f.median, f.p99, f.max].map(rounded);
    print(`| ${what}, ${unit} | ${f.count} | ${p50} | ${p99} | ${most} | ${failures} |`);
  }
  return rows.some(({ failures }) => failures > 0) ? 1 : 0;
});

async function leftBehind(count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const state of STATES) {
    const all: Left[] = [];
    for (let n = 0; n < Math.ceil(count / STATES.length); n++) {
      all.push(await killHost(state, n % 8));
    }
    const failures = all.filter(({ ms, names }) => ms === undefined || names > 0).length;
    const figures = spread(all.flatMap(({ ms }) => ms ?? []));
    rows.push({ what: `host killed, workers ${state}: all gone`, unit: "ms", figures, failures });
    say(rows.at(-1)!.what);
  }
  return rows;
}

function isModeWanted(mode: string, { modes }: Arguments): boolean {
  return modes.length === 0 || modes.some((part) => mode.includes(part));
}

async function deadlines(count: number, options: Arguments): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of MODES.filter((mode) => isModeWanted(mode, options))) {
    for (const way of WAYS) {
      const figures = spread(await overshoots(mode, way, count));
      rows.push({ what: `${mode}, beyond its time, ${way}`, unit: "ms", figures, failures: 0 });
      say(rows.at(-1)!.what);
    }
  }
  return rows;
}

async function recoveries(count: number, options: Arguments): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of MODES.filter((mode) => isModeWanted(mode, options))) {
    const { noticedUs, servingUs } = await recovery(ways.find(({ name }) => name === mode)!, count);
    const parts = [["crash noticed", noticedUs], ["serving again", servingUs]] as const;
    for (const [what, us] of parts) {
      rows.push({ what: `${mode}, ${what}`, unit: "µs", figures: spread(us), failures: 0 });
    }
    say(`${mode}, recovery`);
  }
  return rows;
}
