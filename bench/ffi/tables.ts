// The tables of bench:ffi on the terminal.

import type { Finish } from "../common/race.ts";
import type { Table } from "../common/table.ts";
import { bytesText, type Cell, numberText, tableOf, tableText, timeText } from "../common/table.ts";
import * as targets from "../common/targets.ts";
import type { RuntimeReport } from "./report.ts";

const NOTHING = "a foreign call that does nothing";
const SMALLEST = "the operation size, job and result";

/** All of them. */
export function ffiTables(
  runtimes: readonly RuntimeReport[],
  espresso: Readonly<Record<string, Finish>>,
): string {
  return ffiTableList(runtimes, espresso).map(tableText).join("\n");
}

/** The same before they are text. */
export function ffiTableList(
  runtimes: readonly RuntimeReport[],
  espresso: Readonly<Record<string, Finish>>,
): Table[] {
  return [
    callsTable(runtimes),
    functionsTable(runtimes, espresso),
    batchTable(runtimes),
    memoryTable(runtimes),
  ];
}

function nanoseconds(ns: number): string {
  return timeText(ns / 1e6);
}

function callsTable(runtimes: readonly RuntimeReport[]): Table {
  const rows = runtimes.flatMap(({ runtime, version, calls }) => {
    const nothing = calls[NOTHING]!.median;
    return Object.entries(calls).map(([name, times]): Cell[] => [
      `${runtime} ${version}`,
      name,
      nanoseconds(times.median),
      nanoseconds(times.p99),
      times.rounds.map(nanoseconds).join(" … "),
      name === NOTHING ? "" : nanoseconds(times.median - nothing),
      name === SMALLEST ? nanoseconds(targets.smallestJobNs) : "",
    ]);
  });
  const head = ["runtime", "call", "median", "p99", "rounds' medians", "over nothing", "target"];
  return tableOf("Calls", head, rows);
}

function functionsTable(
  runtimes: readonly RuntimeReport[],
  espresso: Readonly<Record<string, Finish>>,
): Table {
  const rows = runtimes.flatMap(({ runtime, functions }) =>
    functions.map(({ inputs, effort, perCall, perFunction }): Cell[] => {
      const its = espresso[`${inputs} inputs`]?.wallMs?.median;
      const { target, espresso: then } = targets.smallFunctions[inputs]!;
      return [
        runtime,
        inputs,
        effort,
        nanoseconds(perCall.median),
        nanoseconds(perCall.p99),
        perCall.rounds.map(nanoseconds).join(" … "),
        `${nanoseconds(perFunction.min)} … ${nanoseconds(perFunction.p99)}`,
        `${target} µs`,
        timeText(its),
        its === undefined ? "–" : numberText(its * 1e6 / perCall.median),
        `${then} µs`,
      ];
    })
  );
  const head = [
    "runtime",
    "inputs",
    "effort",
    "median",
    "p99",
    "rounds' medians",
    "functions differ",
    "target",
    "Espresso",
    "E/ours",
    "E, targets",
  ];
  return tableOf("Random functions of one output, density 1/2, a call of minimize", head, rows);
}

function batchTable(runtimes: readonly RuntimeReport[]): Table {
  const rows = runtimes.flatMap(({ runtime, batches }) =>
    batches.map(({ inputs, functions, cubes, perFunction }): Cell[] => [
      runtime,
      inputs,
      functions,
      numberText(cubes / functions),
      nanoseconds(perFunction.median),
      nanoseconds(perFunction.min),
      perFunction.rounds.map(nanoseconds).join(" … "),
      nanoseconds(targets.batchNs),
    ])
  );
  const head = ["runtime", "inputs", "functions", "cubes each", "median each", "least"];
  return tableOf("Random functions of one output in one call of minimizeTables", [
    ...head,
    "rounds' medians",
    "target",
  ], rows);
}

function memoryTable(runtimes: readonly RuntimeReport[]): Table {
  const rows = runtimes.flatMap(({ runtime, memory }) =>
    Object.entries(memory).map(([when, bytes]): Cell[] => [
      runtime,
      when,
      bytesText(bytes),
      when === "idle" ? `at most ${bytesText(targets.idleStateBytes)}` : "",
    ])
  );
  return tableOf("Native memory of a thread's state", ["runtime", "when", "bytes", "target"], rows);
}
