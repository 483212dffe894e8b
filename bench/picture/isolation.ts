// The pictures of bench:isolation.

import { binStart } from "../common/histogram.ts";
import { bytesText, numberText, timeText } from "../common/table.ts";
import { median, quantile } from "../common/statistics.ts";
import { BREAK_EVEN, cellOf, overheads, presentWays } from "../isolation/figures.ts";
import type { Form, IsolationResult, RuntimeReport } from "../isolation/result.ts";
import { FORMS, SMALL, us } from "../isolation/tables.ts";
import {
  type BarRow,
  barsPicture,
  type Mark,
  type Panel,
  panelsPicture,
  ridgesPicture,
  type Row,
  rowsPicture,
} from "./plots.ts";
import type { LegendEntry, Series } from "./svg.ts";

const colours: Readonly<Record<string, Series>> = {
  "direct": "other",
  "pool": "fast",
  "process": "default",
  "shared-heap": "high",
  "fresh": "espresso",
};
const spare: readonly Series[] = ["strong", "extra"];

/** The colour of a way, the same in every picture. */
export function colourOf(result: IsolationResult, way: string): Series {
  const others = result.ways.filter(({ name }) => colours[name] === undefined);
  return colours[way] ?? spare[others.findIndex(({ name }) => name === way) % spare.length]!;
}

function waysLegend(result: IsolationResult, without: readonly string[] = []): LegendEntry[] {
  const present = new Set(result.runtimes.flatMap(presentWays));
  return result.ways.filter(({ name }) => present.has(name) && !without.includes(name))
    .map(({ name }): LegendEntry => [colourOf(result, name), name]);
}

const formName = (form: Form) => form === "sync" ? "while the thread waits" : "awaited";
const time = (label: string) => ({ label, show: us });

/** Filled for the first runtime, a ring for the second. */
function runtimesLegend(result: IsolationResult): LegendEntry[] {
  return result.runtimes.map(({ runtime }, i): LegendEntry => [
    "other",
    runtime === "bun" ? "Bun" : "Deno",
    i === 0 ? "" : "hollow",
  ]);
}

/** What one small job costs in each way: median, and a line to the 99th percentile. */
export function callsPicture(result: IsolationResult): string | undefined {
  const rows: Row[] = [];
  for (const form of FORMS) {
    rows.push({ label: form === "sync" ? "the thread waits" : "awaited", marks: [] });
    for (const { name } of result.ways) {
      const marks = result.runtimes.flatMap((runtime, i): Mark[] => {
        const cell = cellOf(runtime, name, SMALL, form);
        if (cell === undefined) return [];
        const { median: at, p99 } = cell.us;
        const words = `${name}, ${runtime.runtime}, ${formName(form)}: p50 ${us(at)}, p99 ${
          us(p99)
        }`;
        const series = colourOf(result, name);
        return [{ series, at, from: at, to: p99, hollow: i > 0, words }];
      });
      if (marks.length > 0) rows.push({ label: name, marks });
    }
  }
  if (!rows.some(({ marks }) => marks.length > 0)) return undefined;
  return rowsPicture(
    {
      title: "What one small job takes in each mode",
      description: "Minimising a random function of 4 inputs, one call after the other: the dot " +
        "is the median, the bar ends at the 99th percentile.",
      legend: runtimesLegend(result),
    },
    time("time of a call, logarithmic"),
    rows,
  );
}

/** Distributions of the same calls. */
export function latencyPicture(result: IsolationResult): string | undefined {
  const panels = FORMS.flatMap((form) =>
    result.runtimes.map((runtime) => ({
      title: `${runtime.runtime === "bun" ? "Bun" : "Deno"}, ${formName(form)}`,
      ridges: presentWays(runtime).flatMap((way) => {
        const cell = cellOf(runtime, way, SMALL, form);
        if (cell === undefined) return [];
        const { from, counts } = cell.histogram;
        return [{
          label: way,
          series: colourOf(result, way),
          bins: counts.map((count, n) => [binStart(from + n), count] as const),
          median: cell.us.median,
          high: cell.us.p99,
          words: `${way}: p50 ${us(cell.us.median)}, p99 ${us(cell.us.p99)}, ${cell.calls} calls`,
        }];
      }),
    }))
  ).filter(({ ridges }) => ridges.length > 0);
  if (panels.length === 0) return undefined;
  return ridgesPicture(
    {
      title: "How the times of single calls are distributed",
      description: "The same job; all rounds together. Upright: the median; ring: the 99th " +
        "percentile. Heights are relative to each mode's own peak.",
      legend: [],
    },
    time("time of a call, logarithmic"),
    panels,
  );
}

/** What a way adds, against the job's own time; in time, or as a share of it. */
export function overheadPicture(
  result: IsolationResult,
  as: "time" | "share",
): string | undefined {
  const panels = FORMS.flatMap((form) =>
    result.runtimes.map((runtime): Panel => ({
      title: `${runtime.runtime === "bun" ? "Bun" : "Deno"}, ${formName(form)}`,
      curves: presentWays(runtime).filter((way) => way !== "direct").map((way) => ({
        series: colourOf(result, way),
        name: way,
        points: overheads(runtime, way, form).map(({ directUs, overUs, share }) =>
          [directUs, as === "time" ? overUs : share] as const
        ),
      })),
      mark: as === "share" ? [BREAK_EVEN, `${BREAK_EVEN * 100} %`] : undefined,
    }))
  ).filter(({ curves }) => curves.some(({ points }) => points.length > 0));
  if (panels.length === 0) return undefined;
  return panelsPicture(
    {
      title: as === "time"
        ? "What a mode adds to a job, against the job's own time"
        : "The same as a share of the job's own time",
      description: "Medians over a plain call in direct; both axes logarithmic. Where a mode is " +
        "not slower there is no point.",
      legend: waysLegend(result, ["direct"]),
    },
    {
      x: time("time of the job itself"),
      y: as === "time" ? time("added") : { label: "added, share of the job", show: shareText },
    },
    panels,
  );
}

/** Jobs a second against how many are in flight. */
export function throughputPicture(result: IsolationResult): string | undefined {
  const steps = [...new Set(result.runtimes.flatMap(({ cells }) => cells.map((c) => c.flight)))]
    .sort((a, b) => a - b);
  const panels = [SMALL, "8 inputs"].flatMap((job) =>
    result.runtimes.map((runtime): Panel => ({
      title: `${runtime.runtime === "bun" ? "Bun" : "Deno"}, ${job}`,
      curves: presentWays(runtime).map((way) => ({
        series: colourOf(result, way),
        name: way,
        points: steps.flatMap((flight) => {
          const cell = cellOf(runtime, way, job, "awaited", flight);
          return cell === undefined ? [] : [[flight, cell.perSecond] as const];
        }),
      })),
    }))
  ).filter(({ curves }) => curves.some(({ points }) => points.length > 0));
  if (panels.length === 0) return undefined;
  return panelsPicture(
    {
      title: "Throughput, by how many jobs are in flight",
      description: `Awaited jobs, a new one whenever one is done; ${result.parallel} threads or ` +
        "workers.",
      legend: waysLegend(result),
    },
    {
      x: { label: "jobs in flight", show: (value) => String(value) },
      y: { label: "jobs/s", show: rate },
      steps,
    },
    panels,
  );
}

function shareText(value: number): string {
  return value < 10 ? `${numberText(value * 100)} %` : `${numberText(value)}×`;
}

function rate(value: number): string {
  if (value >= 1e6) return `${numberText(value / 1e6)} M`;
  return value >= 1000 ? `${numberText(value / 1000)} k` : numberText(value);
}

/** Processor time of everybody for a job: one by one and many in flight. */
export function processorPicture(result: IsolationResult): string | undefined {
  const kinds: readonly (readonly [string, Form, number])[] = [
    ["the thread waits", "sync", 1],
    ["awaited one by one", "awaited", 1],
    ["awaited, 64 in flight", "awaited", 64],
  ];
  const rows = kinds.flatMap(([label, form, flight]): Row[] => [
    { label, marks: [] },
    ...result.ways.flatMap(({ name }): Row[] => {
      const marks = result.runtimes.flatMap((runtime, i): Mark[] => {
        const cell = cellOf(runtime, name, SMALL, form, flight);
        if (cell === undefined || !(cell.cpuUs > 0)) return [];
        const words = `${name}, ${runtime.runtime}, ${label}: ${us(cell.cpuUs)}`;
        return [{ series: colourOf(result, name), at: cell.cpuUs, hollow: i > 0, words }];
      });
      return marks.length === 0 ? [] : [{ label: name, marks }];
    }),
  ]);
  if (!rows.some(({ marks }) => marks.length > 0)) return undefined;
  return rowsPicture(
    {
      title: "Processor time of a small job",
      description: "All threads of the caller (its collector and compiler too) and all workers; " +
        "minimising 4 inputs.",
      legend: runtimesLegend(result),
    },
    time("processor time a job, logarithmic"),
    rows,
  );
}

/** Start-up, and recovery after a crash. */
export function eventsPicture(result: IsolationResult): string | undefined {
  const kinds = [
    ["start to first answer", "startMs", 1000],
    ["crash noticed", "noticedUs", 1],
    ["crash to next answer", "servingUs", 1],
    ["a whole program", "coldMs", 1000],
  ] as const;
  const rows = kinds.flatMap(([label, key, factor]): Row[] => [
    { label, marks: [] },
    ...result.ways.flatMap(({ name }): Row[] => {
      const marks = result.runtimes.flatMap(({ runtime, events }, i): Mark[] => {
        const values = events.find(({ way }) => way === name)?.[key] ?? [];
        if (values.length === 0) return [];
        const sorted = values.map((value) => value * factor).sort((a, b) => a - b);
        const [at, to] = [median(sorted), quantile(sorted, 1)];
        const words = `${name}, ${runtime}, ${label}: median ${us(at)}, ` +
          `${us(sorted[0])} to ${us(to)}, ${sorted.length} times`;
        const series = colourOf(result, name);
        return [{ series, at, from: sorted[0], to, hollow: i > 0, words }];
      });
      return marks.length === 0 ? [] : [{ label: name, marks }];
    }),
  ]);
  const filled = rows.filter(({ marks }, i) =>
    marks.length > 0 || (rows[i + 1]?.marks.length ?? 0) > 0
  );
  if (filled.length === 0) return undefined;
  return rowsPicture(
    {
      title: "Start-up, and recovery after a crash",
      description: "Dots are medians, bars reach from the least to the most. A crash in direct " +
        "and pool ends the program.",
      legend: runtimesLegend(result),
    },
    time("time, logarithmic"),
    filled,
  );
}

/** Memory of a worker or a thread. */
export function memoryPicture(result: IsolationResult): string | undefined {
  const rows = result.runtimes.flatMap(({ runtime, events }): BarRow[] => {
    const own = events.filter(({ way, memory }) =>
      way !== "direct" && memory.hostOwn !== undefined
    );
    if (own.length === 0) return [];
    return [
      { label: runtime === "bun" ? "Bun" : "Deno", parts: [], note: "" },
      ...own.map(({ way, memory }): BarRow => {
        const series = colourOf(result, way);
        const part = (value: number | undefined, what: string, faint = false) =>
          value === undefined || value === 0
            ? []
            : [{ series, value, faint, words: `${way}, ${what}: ${bytesText(value)}` }];
        const { workerOwn, workerShared, hostOwn } = memory;
        return {
          label: way,
          parts: [
            ...part(workerOwn, "the worker's own"),
            ...part(hostOwn, "growth of the caller for each"),
            ...part(workerShared, "shared with others", true),
          ],
          note: `${bytesText((workerOwn ?? 0) + (hostOwn ?? 0))} + ${
            bytesText(workerShared ?? 0)
          } shared`,
        };
      }),
    ];
  });
  if (rows.length === 0) return undefined;
  return barsPicture(
    {
      title: "Memory of a worker or a thread",
      description: "One of eight, after small jobs. Full: its own pages and what the caller grew " +
        "by; pale: pages that others map as well.",
      legend: [],
    },
    { label: "memory", show: bytesText, unit: 1024 },
    rows,
  );
}

/** 10,000 requests over four workers: latency, and throughput in words. */
export function seedsPicture(result: IsolationResult): string | undefined {
  const rows = result.runtimes.flatMap(({ runtime, seeds }): Row[] => [
    { label: runtime === "bun" ? "Bun" : "Deno", marks: [] },
    ...seeds.map(({ way, us: times, perSecond, memory }): Row => ({
      label: `${way}: ${rate(perSecond)}/s`,
      marks: [{
        series: colourOf(result, way),
        at: times.median,
        from: times.median,
        to: times.p99,
        words: `${way}: ${numberText(perSecond)} requests/s, p50 ${us(times.median)}, p99 ${
          us(times.p99)
        }, memory ${bytesText(memory)}`,
      }],
    })),
  ]);
  if (!rows.some(({ marks }) => marks.length > 0)) return undefined;
  const requests = result.runtimes[0]!.seeds[0]?.requests;
  return rowsPicture(
    {
      title: `${numberText(requests ?? NaN)} requests over four workers`,
      description: "64 in flight, minimising 6 inputs: requests a second, and how long one takes " +
        "from call to answer (the dot is the median, the bar ends at the 99th percentile).",
      legend: [],
    },
    time("time of a request, logarithmic"),
    rows,
  );
}

/** The bare primitives. */
export function floorPicture(result: IsolationResult): string | undefined {
  if (result.floor.length === 0) return undefined;
  const mark = (runtime: RuntimeReport): Mark => ({
    series: "fast",
    at: runtime.noopNs.median / 1000,
    words: `a foreign call that does nothing, ${runtime.runtime}: ${
      timeText(runtime.noopNs.median / 1e6)
    }`,
  });
  const rows: Row[] = [
    { label: "foreign call that does nothing", marks: [] },
    ...result.runtimes.map((runtime) => ({
      label: runtime.runtime === "bun" ? "Bun" : "Deno",
      marks: [mark(runtime)],
    })),
    { label: "between two processes, scheduler free", marks: [] },
    ...floorRows(result, false),
    { label: "pinned to two processors", marks: [] },
    ...floorRows(result, true),
  ];
  return rowsPicture(
    {
      title: "The floor: what the system itself takes",
      description: "Round trips of two processes and the start of a small program, in C; dots " +
        "are medians, bars end at the 99th percentile.",
      legend: [],
    },
    time("time, logarithmic"),
    rows.filter(({ marks }, i) => marks.length > 0 || (rows[i + 1]?.marks.length ?? 0) > 0),
  );
}

function floorRows({ floor }: IsolationResult, pinned: boolean): Row[] {
  return floor.filter((one) => one.pinned === pinned).map(({ name, p50Us, p99Us, cpuUs }): Row => ({
    label: name === "spawn" ? "start of a program" : name,
    marks: [{
      series: name.startsWith("ring") ? "default" : "strong",
      at: p50Us,
      from: p50Us,
      to: p99Us,
      words: `${name}: p50 ${us(p50Us)}, p99 ${us(p99Us)}, processor ${us(cpuUs)}`,
    }],
  }));
}
