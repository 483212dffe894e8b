// The answer in one table: what each mode costs, from which size of a job on it costs little, and
// what it gives for that. It stands at the top of the report, in the README, and on the terminal.

import { median } from "../common/statistics.ts";
import { bytesText, type Cell, numberText, type Table, tableOf } from "../common/table.ts";
import { breakEven, cellOf, overheads, presentWays } from "../isolation/figures.ts";
import type { IsolationResult, RuntimeReport } from "../isolation/result.ts";
import { breakText, SMALL, us } from "../isolation/tables.ts";
import type { Results } from "./results.ts";

/** Modes: a row for each, with figures of every runtime. */
export function modesSummary({ isolation: result }: Results): Table | undefined {
  if (result === undefined || result.runtimes.length === 0) return undefined;
  const ways = [...new Set(result.runtimes.flatMap(presentWays))];
  const rows = ways.map((way): Cell[] => [
    `\`${way}\``,
    both(result, (one) => added(one, way, "sync")),
    both(result, (one) => added(one, way, "awaited")),
    way === "direct"
      ? "–"
      : both(result, (one) => breakText(breakEven(overheads(one, way, "sync")))),
    both(result, (one) => rate(one, way)),
    both(result, (one) => memory(one, way)),
    both(result, (one) => recovery(one, way)),
  ]);
  const who = result.runtimes.map(({ runtime }) => runtime === "bun" ? "Bun" : "Deno").join(" / ");
  return tableOf(`A small job (4 inputs) in each mode, ${who}`, [
    "mode",
    "call, p50",
    "awaited, p50",
    "adds ≤ 10 % from",
    "jobs/s, 64 in flight",
    "memory each",
    "after a crash",
  ], rows);
}

function both(result: IsolationResult, text: (one: RuntimeReport) => string): string {
  const texts = result.runtimes.map(text);
  return new Set(texts).size === 1 ? texts[0]! : texts.join(" / ");
}

function added(runtime: RuntimeReport, way: string, form: "sync" | "awaited"): string {
  return us(cellOf(runtime, way, SMALL, form)?.us.median);
}

function rate(runtime: RuntimeReport, way: string): string {
  const cell = cellOf(runtime, way, SMALL, "awaited", 64);
  return cell === undefined ? "–" : `${numberText(cell.perSecond / 1000)} k`;
}

function memory({ events }: RuntimeReport, way: string): string {
  const found = events.find((one) => one.way === way)?.memory;
  if (found === undefined || way === "direct") return "–";
  return bytesText((found.workerOwn ?? 0) + (found.hostOwn ?? 0));
}

function recovery({ events }: RuntimeReport, way: string): string {
  const found = events.find((one) => one.way === way);
  if (found === undefined || found.memory.workerOwn === undefined) return "program ends";
  if (found.servingUs.length === 0) return "not measured";
  return `${us(median(found.servingUs))}`;
}

/** The minimiser beside Espresso. */
export function coreSummary({ core: result }: Results): Table | undefined {
  if (result === undefined) return undefined;
  const rows = Object.entries(result.summary.efforts).map(([effort, one]): Cell[] => [
    `effort \`${effort}\``,
    one.speedUp.wall === undefined ? "–" : `${numberText(one.speedUp.wall)}×`,
    one.speedUp.functions,
    share(one.best.over),
    share(result.summary.espresso.default?.best.over),
    share(result.summary.espresso.strong?.best.over),
  ]);
  if (rows.length === 0) return undefined;
  return tableOf("The minimiser beside Espresso 2.3", [
    "",
    "times as fast, geometric mean",
    "functions over 1 ms",
    "cubes over the best known",
    "Espresso's",
    "Espresso's, strong",
  ], rows);
}

function share(value: number | undefined): string {
  return value === undefined ? "–" : `${(value * 100).toFixed(2)} %`;
}
