// The tables of bench:peers on the terminal: times, and what came out.

import type { PeerEntry } from "../peers/result.ts";
import type { Table } from "../common/table.ts";
import { type Cell, numberText, tableOf, tableText, timeText } from "../common/table.ts";

/** All of them. */
export function peersTables(entries: readonly PeerEntry[]): string {
  return [...peersTableList(entries).map(tableText), reasons(entries, keysOf(entries))].join("\n");
}

/** The tables alone. */
export function peersTableList(entries: readonly PeerEntry[]): Table[] {
  const keys = keysOf(entries);
  return [timesTable(entries, keys), cubesTable(entries, keys)];
}

function keysOf(entries: readonly PeerEntry[]): string[] {
  return [...new Set(entries.flatMap(({ results }) => Object.keys(results)))];
}

const us = "ristretto default";

function timesTable(entries: readonly PeerEntry[], keys: readonly string[]): Table {
  const rows = entries.map((entry): Cell[] => [
    entry.name,
    entry.functions,
    ...keys.map((key) => {
      const { failure, wallMs } = entry.results[key] ?? {};
      const mine = entry.results[us]?.wallMs?.median;
      if (failure !== undefined || wallMs === undefined) return "–";
      const ratio = key.startsWith("ristretto") || mine === undefined
        ? ""
        : ` (${numberText(wallMs.median / mine)}×)`;
      return `${timeText(wallMs.median)}${ratio}`;
    }),
  ]);
  return tableOf(
    `Median time a function, and how many times that of ${us}`,
    ["functions", "number", ...keys],
    rows,
  );
}

function cubesTable(entries: readonly PeerEntry[], keys: readonly string[]): Table {
  const rows = entries.map((entry): Cell[] => [
    entry.name,
    ...keys.map((key) => {
      const { failure, cubes, inputLiterals, outputLiterals, failed } = entry.results[key] ?? {};
      if (failure !== undefined || cubes === undefined) return "–";
      return `${cubes} / ${inputLiterals! + outputLiterals!}${failed === undefined ? "" : " *"}`;
    }),
  ]);
  return tableOf("Cubes / literals, of all functions together", ["functions", ...keys], rows);
}

/** Why cells are empty, or hold less than all functions. */
function reasons(entries: readonly PeerEntry[], keys: readonly string[]): string {
  const lines = keys.flatMap((key) => {
    const byReason = new Map<string, string[]>();
    for (const { name, results } of entries) {
      const { failure, failed } = results[key] ?? {};
      const why = failure ?? (failed && `* ${failed.count} of the functions: ${failed.why}`);
      if (why !== undefined) byReason.set(why, [...byReason.get(why) ?? [], name]);
    }
    return Array.from(byReason, ([why, names]) => `${key}: ${why}: ${names.join(", ")}`);
  });
  return lines.length === 0 ? "" : ["Empty cells:", ...lines, ""].join("\n");
}
