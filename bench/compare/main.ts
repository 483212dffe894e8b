// `bun run bench compare A B`: what has really changed from one result to another. The rule is in
// bench/README.md; the statistics are in statistics.ts.

import { existsSync } from "node:fs";
import { ToolError } from "../../tools/run.ts";
import { isBusy, print } from "../common/results.ts";
import { median } from "../common/statistics.ts";
import { type Cell, numberText, type Table, tableText } from "../common/table.ts";
import { headsOf, readResults, type Results } from "../report/results.ts";
import { exactOf, type Metric, metricsOf } from "./metrics.ts";
import { apart, chance, findings, ratioOf } from "./statistics.ts";

/** Share of false findings among all findings. */
const FALSE_SHARE = 0.05;
/** Changes below this are not worth a line. */
const LEAST_CHANGE = 0.05;

/** A figure that has changed. */
export interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** How much slower (above 1) or faster (below 1); undefined for exact figures. */
  readonly ratio: number | undefined;
  readonly chance: number | undefined;
}

/** What a comparison has found. */
export interface Comparison {
  readonly changes: readonly Change[];
  readonly compared: number;
  /** Median of all ratios: what the machine as a whole did. */
  readonly drift: number;
  readonly notes: readonly string[];
}

/** Compares two results. */
export function compare(a: Results, b: Results): Comparison {
  const [before, after] = [metricsOf(a), metricsOf(b)];
  const pairs = [...before.values()].flatMap((one) => {
    const other = after.get(one.name);
    return other === undefined ? [] : [{ one, other, a: one.rounds, b: other.rounds }];
  });
  const chances = pairs.map(chance);
  const found = findings(chances, FALSE_SHARE);
  const changes = pairs.flatMap((pair, i): Change[] => {
    const ratio = ratioOf(pair);
    if (!found[i] || !apart(pair) || Math.abs(Math.log(ratio)) < Math.log1p(LEAST_CHANGE)) {
      return [];
    }
    const { one, other } = pair;
    const slower = one.unit === "/s" ? 1 / ratio : ratio;
    return [{
      name: one.name,
      before: show(one),
      after: show(other),
      ratio: slower,
      chance: chances[i],
    }];
  }).sort((x, y) => y.ratio! - x.ratio!);
  const ratios = pairs.map((pair) => pair.one.unit === "/s" ? 1 / ratioOf(pair) : ratioOf(pair));
  return {
    changes: [...exactChanges(a, b), ...changes],
    compared: pairs.length,
    drift: ratios.length === 0 ? 1 : median(ratios),
    notes: notesOf(a, b),
  };
}

function show({ rounds, unit }: Metric): string {
  const ends = [Math.min(...rounds), Math.max(...rounds)].map(numberText).join(" … ");
  return `${numberText(median(rounds))} ${unit} (${ends})`;
}

function exactChanges(a: Results, b: Results): Change[] {
  const after = exactOf(b);
  return [...exactOf(a)].flatMap(([name, before]): Change[] => {
    const now = after.get(name);
    if (now === undefined || now === before) return [];
    return [{ name, before, after: now, ratio: undefined, chance: undefined }];
  });
}

/** What makes a comparison doubtful. */
function notesOf(a: Results, b: Results): string[] {
  const [first, second] = [headsOf(a)[0], headsOf(b)[0]];
  if (first === undefined || second === undefined) return [];
  const notes: string[] = [];
  for (const key of ["processor", "cores", "kernel", "bun", "deno", "commit"] as const) {
    const [x, y] = [first.machine[key], second.machine[key]];
    if (x !== y) notes.push(`${key}: ${x} before, ${y} after`);
  }
  if (first.quick || second.quick) notes.push("a quick run has too few rounds to tell changes");
  if (isBusy(first.busy) || isBusy(second.busy)) {
    notes.push(`others kept processors busy: ${first.busy} before, ${second.busy} after`);
  }
  return notes;
}

/** The command. */
export function compareFolders(folders: readonly string[]): number {
  const missing = folders.find((folder) => !existsSync(folder));
  if (folders.length !== 2 || missing !== undefined) {
    throw new ToolError(
      missing === undefined
        ? "compare: expected two folders of results"
        : `compare: there is no folder ${missing}`,
    );
  }
  const { changes, compared, drift, notes } = compare(
    readResults(folders[0]!),
    readResults(folders[1]!),
  );
  for (const note of notes) print(note);
  if (changes.length > 0) print(tableText(changesTable(changes)));
  const real = changes.length === 0 ? "nothing has really changed" : `${changes.length} changed`;
  print(`${compared} figures with rounds on both sides: ${real}.`);
  if (Math.abs(Math.log(drift)) > Math.log(1.1)) {
    print(
      `All figures together are ${numberText(drift)} times what they were: the machine differs, ` +
        "not the program.",
    );
  }
  return 0;
}

function changesTable(changes: readonly Change[]): Table {
  return {
    title: "What has really changed (rounds from … to)",
    head: ["figure", "before", "after", "time", "by chance"],
    rows: changes.map(({ name, before, after, ratio, chance: by }): Cell[] => [
      name,
      before,
      after,
      ratio === undefined ? "" : `${numberText(ratio)}×`,
      by === undefined ? "" : by < 1e-4 ? "under 0.0001" : numberText(by),
    ]),
  };
}
