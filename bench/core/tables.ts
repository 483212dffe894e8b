// The tables of bench:core on the terminal.

import type { Finish } from "../common/race.ts";
import type { Table } from "../common/table.ts";
import { bytesText, type Cell, tableOf, tableText, timeText } from "../common/table.ts";
import {
  type EffortName,
  efforts,
  type Entry,
  espresso,
  literals,
  ours,
  speedUp,
} from "./result.ts";
import type { Miss } from "./misses.ts";
import type { Summary } from "./summary.ts";

/** All of them: the functions, the sums, what misses a target. */
export function coreTables(
  entries: readonly Entry[],
  summary: Summary,
  misses: readonly Miss[],
): string {
  return [
    ...coreTableList(entries, summary, misses).map(tableText),
    `${summary.right} of ${summary.checked} results are right.`,
    ...summary.notRight,
  ].join("\n");
}

/** The tables alone: sums, growth, what misses a target, cubes and cost of every function. */
export function coreTableList(
  entries: readonly Entry[],
  summary: Summary,
  misses: readonly Miss[],
): Table[] {
  const present = efforts.filter((effort) => summary.efforts[effort] !== undefined);
  return [
    cubesTable(entries, present),
    costTable(entries, present),
    summaryTable(summary, present),
    growthTable(summary),
    missesTable(misses),
  ].filter(({ rows }) => rows.length > 0);
}

function cubesTable(entries: readonly Entry[], present: readonly EffortName[]): Table {
  const head = [
    "function",
    "in",
    "out",
    "given",
    "best",
    "Espresso",
    "strong",
    ...present,
    "literals: E",
    "strong",
    ...present,
  ];
  const rows = entries.map((entry): Cell[] => {
    const [its, strong] = [espresso(entry, "default"), espresso(entry, "strong")];
    const best = entry.known?.bestCubes;
    return [
      entry.name,
      entry.inputs,
      entry.outputs,
      entry.cubes,
      best === undefined ? "" : `${best}${entry.known?.proven ? "" : "?"}`,
      its?.cubes ?? "–",
      strong?.cubes ?? "–",
      ...present.map((effort) => ours(entry, effort)?.cubes ?? "–"),
      literalsOf(its),
      literalsOf(strong),
      ...present.map((effort) => literalsOf(ours(entry, effort))),
    ];
  });
  return tableOf("Cubes and literals (best: the best known, with ? where unproven)", head, rows);
}

function costTable(entries: readonly Entry[], present: readonly EffortName[]): Table {
  const checked = present.filter((effort) => effort !== "high");
  const head = [
    "function",
    "Espresso",
    "strong",
    ...present,
    ...present.map((effort) => `E/${effort}`),
    ...checked.map((effort) => `check ${effort}`),
    "memory: E",
    ...present,
  ];
  const rows = entries.map((entry): Cell[] => {
    const time = (key: string): string => {
      const finish = entry.results[key];
      return finish?.failure?.split(":")[0] ?? timeText(finish?.wallMs?.median);
    };
    const memory = (key: string) => bytesText(entry.memory[key]?.grewBytes ?? undefined);
    return [
      entry.name,
      time("espresso default"),
      time("espresso strong"),
      ...present.map((effort) => time(`ristretto ${effort}`)),
      ...present.map((effort) => speedUp(entry, effort) ?? "–"),
      ...checked.map((effort) => checkCost(entry, effort)),
      memory("espresso default"),
      ...present.map((effort) => memory(`ristretto ${effort}`)),
    ];
  });
  return tableOf(
    "Median time, Espresso's over ours, what our check adds, resident memory that a run adds",
    head,
    rows,
  );
}

function literalsOf(finish: Finish | undefined): Cell {
  return finish === undefined ? "–" : literals(finish);
}

function checkCost(entry: Entry, effort: EffortName): Cell {
  const without = entry.results[`ristretto ${effort} unverified`]?.wallMs?.median;
  const checked = ours(entry, effort)?.wallMs?.median;
  if (without === undefined || checked === undefined) return "–";
  return `${Math.round((checked / without - 1) * 100)} %`;
}

function percent(share: number | undefined): string {
  return share === undefined ? "–" : `${(share * 100).toFixed(2)} %`;
}

function summaryTable(summary: Summary, present: readonly EffortName[]): Table {
  const rows: Cell[][] = [];
  for (const variant of ["default", "strong"] as const) {
    const rival = summary.espresso[variant];
    if (rival === undefined) continue;
    rows.push([
      `Espresso ${variant}`,
      rival.corpus.functions,
      rival.corpus.cubes,
      rival.corpus.literals,
      percent(rival.best.over),
    ]);
  }
  for (const effort of present) {
    const figures = summary.efforts[effort]!;
    rows.push([
      effort,
      figures.corpus.functions,
      figures.corpus.cubes,
      figures.corpus.literals,
      percent(figures.best.over),
      figures.equalCubes.literals - figures.equalCubes.espresso,
      figures.speedUp.functions,
      figures.speedUp.wall ?? "–",
      figures.speedUp.least ?? "–",
      figures.speedUp.cpu ?? "–",
      figures.speedUpOfAll.wall ?? "–",
      `${timeText(figures.time.ms)} / ${timeText(figures.time.espressoMs)}`,
      percent(figures.verification.each),
      percent(figures.verification.together),
    ]);
  }
  const head = [
    "",
    "corpus",
    "cubes",
    "literals",
    "over best",
    "literals at equal cubes",
    "over 1 ms",
    "faster",
    "by least",
    "by CPU",
    "of all",
    "time, ours / Espresso's",
    "check, each",
    "check, all",
  ];
  return tableOf("Together (faster: geometric mean of Espresso's time over ours)", head, rows);
}

function growthTable({ growth }: Summary): Table {
  const rows = growth.map((curve): Cell[] => [
    curve.curve,
    curve.effort,
    curve.common,
    curve.largest ?? "–",
    curve.espressoLargest ?? "–",
    curve.steepness ?? "–",
    curve.espressoSteepness ?? "–",
  ]);
  const head = [
    "curve",
    "effort",
    "sizes both",
    "ends at",
    "Espresso at",
    "steepness",
    "Espresso's",
  ];
  return tableOf(
    "Growth (of cubes: the exponent of the size; of inputs: the factor of one more)",
    head,
    rows,
  );
}

function missesTable(misses: readonly Miss[]): Table {
  const rows = misses.map(({ name, effort, what, why }) => [name, effort, what, why]);
  return tableOf("Targets that are missed", ["function", "effort", "what", "figure"], rows);
}
