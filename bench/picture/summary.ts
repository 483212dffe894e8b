// Pictures that put a whole benchmark into one: how much faster on how many functions, how many
// proven within which time, pools beside each other, calls of small functions.

import type { Finish } from "../common/race.ts";
import { numberText, timeText } from "../common/table.ts";
import { type Entry, espresso, speedUp } from "../core/result.ts";
import * as targets from "../common/targets.ts";
import type { RuntimeReport as FfiRuntime } from "../ffi/report.ts";
import type { RuntimeReport as PoolRuntime } from "../pool/report.ts";
import type { ExactEntry } from "../report/results.ts";
import { type Curve, type Mark, panelsPicture, type Row, rowsPicture } from "./plots.ts";
import type { LegendEntry, Series } from "./svg.ts";

/** Ratios beyond this would press all others together. */
const MOST = 100;

const times = { label: "time, logarithmic", show: timeText };

/** How many times as fast as Espresso 2.3, functions in order: the whole corpus in two curves. */
export function speedsPicture(entries: readonly Entry[]): string | undefined {
  const slow = entries.filter((entry) =>
    (espresso(entry, "default")?.wallMs?.median ?? 0) > targets.speed.aboveMs
  );
  const curves = (["fast", "default"] as const).flatMap((effort): Curve[] => {
    const ratios = slow.flatMap((entry) => speedUp(entry, effort) ?? []).sort((a, b) => b - a);
    const points = ratios.map((ratio, i) =>
      [(i + 1) / ratios.length * 100, Math.min(ratio, MOST)] as const
    );
    return points.length === 0 ? [] : [{ series: effort, name: `effort ${effort}`, points }];
  });
  if (curves.length === 0) return undefined;
  const steps = curves.flatMap(({ points }) => points.map(([x]) => x));
  return panelsPicture(
    {
      title: "How much faster than Espresso 2.3",
      description: `Functions that Espresso needs more than ${targets.speed.aboveMs} ms for, ` +
        `fastest first: at half the width is the median. More than ${MOST}× is drawn as ${MOST}×.`,
      legend: [],
    },
    {
      x: { label: "share of the functions", show: (value) => `${numberText(value)} %` },
      y: { label: "Espresso's time / ours", show: (value) => `${numberText(value)}×` },
      range: [0, 100, ...steps],
    },
    curves.map((curve) => ({ title: curve.name, curves: [curve], mark: [1, "as fast"] as const })),
  );
}

/** How many functions are done within which time. */
export function exactPicture(entries: readonly ExactEntry[]): string | undefined {
  const who = [["default", "ristretto exact"], ["espresso", "espresso exact"]] as const;
  const curves = who.flatMap(([series, key]): Curve[] => {
    const done = entries.flatMap((entry) =>
      key === "ristretto exact" && entry.cubes !== entry.lowerBound
        ? []
        : entry.results[key]?.wallMs?.median ?? []
    ).sort((a, b) => a - b);
    const points = done.map((ms, i) => [ms, i + 1] as const);
    return points.length === 0 ? [] : [{ series, name: key, points }];
  });
  if (curves.length === 0) return undefined;
  return panelsPicture(
    {
      title: "Functions with a proven minimum, by the time that each takes",
      description: `Of ${entries.length} functions; a curve further up and to the left is better.`,
      legend: curves.map(({ series, name }): LegendEntry => [series, name]),
    },
    {
      x: { label: "time of a function at most", show: timeText },
      y: { label: "functions", show: numberText },
    },
    [{ title: "Exact method", curves }],
  );
}

const poolColours: Readonly<Record<string, Series>> = {
  ristretto: "fast",
  piscina: "strong",
  tinypool: "extra",
  workerpool: "high",
};

/** One awaited job after the other, in each pool. */
export function poolPicture(runtimes: readonly PoolRuntime[]): string | undefined {
  const names = [...new Set(runtimes.flatMap((one) => one.contestants.map(({ name }) => name)))];
  const jobs = [
    ...new Set(
      runtimes.flatMap(({ contestants }) =>
        contestants.flatMap(({ sizes }) => sizes.map(({ job }) => job))
      ),
    ),
  ];
  const rows = runtimes.flatMap(({ runtime, contestants }): Row[] => [
    { label: runtime === "bun" ? "Bun" : "Deno", marks: [] },
    ...jobs.map((job): Row => ({
      label: job,
      marks: contestants.flatMap(({ name, sizes }): Mark[] =>
        sizes.filter((size) => size.job === job).map(({ awaited, ownUs }) => ({
          series: poolColours[name] ?? "other",
          at: awaited.median / 1000,
          from: awaited.median / 1000,
          to: awaited.p99 / 1000,
          words: `${name}, ${job}: p50 ${timeText(awaited.median / 1000)}, p99 ${
            timeText(awaited.p99 / 1000)
          }; alone ${timeText(ownUs / 1000)}`,
        }))
      ),
    })),
  ]);
  if (!rows.some(({ marks }) => marks.length > 0)) return undefined;
  return rowsPicture(
    {
      title: "One awaited job after the other, in pools of threads",
      description: "The dot is the median, the bar ends at the 99th percentile. A pool without a " +
        "row does not answer in that runtime.",
      legend: names.map((name): LegendEntry => [poolColours[name] ?? "other", name]),
    },
    times,
    rows,
  );
}

/** Calls of `minimize` on small functions, beside Espresso 2.3. */
export function functionsPicture(
  runtimes: readonly FfiRuntime[],
  espressoTimes: Readonly<Record<string, Finish>>,
): string | undefined {
  const sizes = [
    ...new Set(runtimes.flatMap(({ functions }) => functions.map(({ inputs }) => inputs))),
  ];
  const rows = sizes.flatMap((inputs): Row[] => {
    const its = espressoTimes[`${inputs} inputs`]?.wallMs;
    const mine = runtimes.map(({ runtime, functions }, i): Row => ({
      label: runtime === "bun" ? "Bun" : "Deno",
      marks: functions.filter((one) => one.inputs === inputs).map(({ effort, perCall }) => ({
        series: effort,
        at: perCall.median / 1e6,
        from: perCall.median / 1e6,
        to: perCall.p99 / 1e6,
        hollow: i > 0,
        words: `${runtime}, effort ${effort}: p50 ${timeText(perCall.median / 1e6)}, p99 ${
          timeText(perCall.p99 / 1e6)
        }`,
      })),
    }));
    const rival: Row[] = its === undefined ? [] : [{
      label: "Espresso 2.3, from Rust",
      marks: [{
        series: "espresso",
        at: its.median,
        from: its.median,
        to: its.p99,
        words: `Espresso: ${timeText(its.median)}`,
      }],
    }];
    return [{ label: `${inputs} inputs`, marks: [] }, ...mine, ...rival];
  });
  if (rows.length === 0) return undefined;
  return rowsPicture(
    {
      title: "A call of minimize, random functions of one output",
      description: "The dot is the median, the bar ends at the 99th percentile; our calls begin " +
        "and end in TypeScript.",
      legend: [["fast", "effort fast"], ["default", "effort default"], ["espresso", "Espresso"]],
    },
    times,
    rows,
  );
}
