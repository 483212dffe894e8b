// The tables of bench:isolation: on the terminal, and behind the plots of the report.

import { bytesText, type Cell as Text, numberText, timeText } from "../common/table.ts";
import { type Table, tableText } from "../common/table.ts";
import { median } from "../common/statistics.ts";
import { BREAK_EVEN, breakEven, cellOf, overheads, presentWays } from "./figures.ts";
import type { Cell, Form, IsolationResult } from "./result.ts";

/** The job that stands for the small ones. */
export const SMALL = "4 inputs";
/** The forms, in the order of all tables. */
export const FORMS: readonly Form[] = ["sync", "awaited"];

/** Microseconds as text. */
export function us(value: number | undefined): string {
  return value === undefined ? "–" : timeText(value / 1000);
}

/** A share as text. */
export function percent(share: number): string {
  if (Math.abs(share) >= 10) return `${numberText(1 + share)}×`;
  return `${share >= 0 ? "+" : "−"}${numberText(Math.abs(share) * 100)} %`;
}

/** All tables, for the terminal. */
export function isolationTables(result: IsolationResult): string {
  return [
    callsTable(result),
    sizesTable(result, "sync"),
    sizesTable(result, "awaited"),
    breakEvenTable(result),
    flightTable(result),
    eventsTable(result),
    memoryTable(result),
    seedsTable(result),
    floorTable(result),
  ].filter(({ rows }) => rows.length > 0).map(tableText).join("\n");
}

/** Least and largest of the rounds' medians. */
function roundsText({ rounds }: Cell): string {
  return `${us(Math.min(...rounds.us))} … ${us(Math.max(...rounds.us))}`;
}

/** What one small call costs, in every way. */
export function callsTable(result: IsolationResult): Table {
  const rows = result.runtimes.flatMap((runtime) =>
    FORMS.flatMap((form) => {
      const direct = cellOf(runtime, "direct", SMALL, "sync");
      return presentWays(runtime).flatMap((way): Text[][] => {
        const cell = cellOf(runtime, way, SMALL, form);
        if (cell === undefined) return [];
        const over = direct === undefined ? undefined : cell.us.median - direct.us.median;
        return [[
          runtime.runtime,
          form,
          way,
          us(cell.us.median),
          us(cell.us.p99),
          us(cell.us.p999),
          roundsText(cell),
          over === undefined ? "–" : us(over),
          us(cell.cpuUs),
          numberText(Math.round(cell.perSecond)),
        ]];
      });
    })
  );
  return {
    title: "One small job after the other (minimise, 4 inputs; over: over a plain call in direct)",
    head: [
      "runtime",
      "form",
      "mode",
      "p50",
      "p99",
      "p99.9",
      "rounds' medians",
      "over direct",
      "processor time",
      "jobs/s",
    ],
    rows,
  };
}

/** Every size: the job's own time, and what each way adds. */
export function sizesTable(result: IsolationResult, form: Form): Table {
  const ways = [...new Set(result.runtimes.flatMap(presentWays))]
    .filter((way) => way !== "direct" || form === "awaited");
  const rows = result.runtimes.flatMap((runtime) =>
    runtime.jobs.map((job): Text[] => [
      runtime.runtime,
      job.name,
      job.inputs,
      job.outputs,
      job.cubes,
      us(cellOf(runtime, "direct", job.name, "sync")?.us.median),
      ...ways.map((way) => {
        const one = overheads(runtime, way, form).find((each) => each.job === job.name);
        return one === undefined ? "–" : `${us(one.overUs)} (${percent(one.share)})`;
      }),
    ])
  );
  return {
    title: `What a mode adds to a job's own time, p50, ${
      form === "sync" ? "while the thread waits" : "awaited"
    }`,
    head: ["runtime", "job", "inputs", "outputs", "cubes", "direct", ...ways],
    rows,
  };
}

/** From which size of a job on a way costs little. */
export function breakEvenTable(result: IsolationResult): Table {
  const rows = result.runtimes.flatMap((runtime) =>
    presentWays(runtime).filter((way) => way !== "direct").map((way): Text[] => [
      runtime.runtime,
      way,
      ...FORMS.flatMap((form) => {
        const list = overheads(runtime, way, form);
        return [breakText(breakEven(list)), breakText(breakEven(list, 1))];
      }),
    ])
  );
  const share = `≤ ${BREAK_EVEN * 100} %`;
  return {
    title: "Break-even: how long a job must take alone for the mode to add at most so much",
    head: [
      "runtime",
      "mode",
      `sync: ${share}`,
      "sync: ≤ 100 %",
      `awaited: ${share}`,
      "awaited: ≤ 100 %",
    ],
    rows,
  };
}

/** A break-even size as text. */
export function breakText(found: ReturnType<typeof breakEven>): string {
  if (found === undefined) return "–";
  const time = us(found.us);
  return found.is === "at" ? time : found.is === "below" ? `any (from ${time})` : `over ${time}`;
}

/** Many in flight: jobs a second, latency and processor time. */
export function flightTable(result: IsolationResult): Table {
  const rows = result.runtimes.flatMap((runtime) =>
    runtime.cells.filter(({ form }) => form === "awaited").map((cell): Text[] => [
      runtime.runtime,
      cell.job,
      cell.way,
      cell.flight,
      numberText(cell.perSecond),
      us(cell.us.median),
      us(cell.us.p99),
      us(cell.cpuUs),
    ])
  );
  return {
    title: `Awaited, so many in flight (${result.parallel} threads or workers)`,
    head: ["runtime", "job", "mode", "in flight", "jobs/s", "p50", "p99", "processor time a job"],
    rows,
  };
}

/** Start-up and recovery. */
export function eventsTable(result: IsolationResult): Table {
  const middle = (values: readonly number[], factor = 1): string =>
    values.length === 0 ? "–" : timeText(median(values) * factor);
  const most = (values: readonly number[], factor = 1): string =>
    values.length === 0 ? "–" : timeText(Math.max(...values) * factor);
  const rows = result.runtimes.flatMap(({ runtime, events }) =>
    events.map((one): Text[] => [
      runtime,
      one.way,
      middle(one.startMs),
      most(one.startMs),
      middle(one.coldMs),
      one.memory.workerOwn === undefined ? "ends the program" : middle(one.noticedUs, 0.001),
      most(one.noticedUs, 0.001),
      middle(one.servingUs, 0.001),
      most(one.servingUs, 0.001),
      one.noticedUs.length,
    ])
  );
  return {
    title:
      "Start-up, and what a crash costs (medians and worst; a worker is killed as it computes)",
    head: [
      "runtime",
      "mode",
      "start to answer",
      "worst",
      "whole program",
      "crash noticed",
      "worst",
      "serving again",
      "worst",
      "crashes",
    ],
    rows,
  };
}

/** Memory of threads and workers. */
export function memoryTable(result: IsolationResult): Table {
  const rows = result.runtimes.flatMap(({ runtime, events }) =>
    events.map(({ way, memory }): Text[] => [
      runtime,
      way,
      bytesText(memory.workerOwn),
      bytesText(memory.workerShared),
      bytesText(memory.hostOwn),
    ])
  );
  return {
    title: "Memory of a worker or thread, one of eight, after small jobs",
    head: ["runtime", "mode", "the worker's own", "shared with others", "the caller's, each"],
    rows,
  };
}

/** 10,000 requests over four workers. */
export function seedsTable(result: IsolationResult): Table {
  const rows = result.runtimes.flatMap(({ runtime, seeds }) =>
    seeds.map((one): Text[] => [
      runtime,
      one.way,
      one.requests,
      numberText(one.perSecond),
      us(one.us.median),
      us(one.us.p99),
      us(one.us.p999),
      us(one.cpuUs),
      bytesText(one.memory),
    ])
  );
  return {
    title: "Requests over four workers, 64 in flight (minimise, 6 inputs, awaited)",
    head: [
      "runtime",
      "mode",
      "requests",
      "requests/s",
      "p50",
      "p99",
      "p99.9",
      "processor time each",
      "memory, all",
    ],
    rows,
  };
}

/** The bare primitives. */
export function floorTable(result: IsolationResult): Table {
  const rows = result.floor.map((one): Text[] => [
    one.name === "spawn" ? "start and end of a small program" : `${one.name}, round trip`,
    one.pinned ? "pinned to two" : "free",
    us(one.p50Us),
    us(one.p99Us),
    us(one.p999Us),
    us(one.cpuUs),
  ]);
  for (const { runtime, noopNs } of result.runtimes) {
    rows.push([`a foreign call that does nothing, ${runtime}`, "", us(noopNs.median / 1000)]);
  }
  if (result.messagesPerSecond !== undefined) {
    rows.push([`ring, one way: ${numberText(result.messagesPerSecond / 1e6)} million messages/s`]);
  }
  return {
    title: "The floor: bare primitives between two processes",
    head: ["primitive", "processors", "p50", "p99", "p99.9", "processor time, both"],
    rows,
  };
}
