// How the time grows with the function: a panel a curve, both axes logarithmic where sizes span
// more than a decade; a contestant that stopped ending within the limit has no further points.

import { numberText, timeText } from "../common/table.ts";
import type { Entry } from "../core/result.ts";
import { dot, legend, line, logScale, path, type Scale, type Series, svg, text } from "./svg.ts";

const PANEL = { width: 430, height: 300 };
const TOP = 84;

const contestants: readonly (readonly [Series, string])[] = [
  ["espresso", "espresso default"],
  ["fast", "ristretto fast"],
  ["default", "ristretto default"],
];

/** The picture; `undefined` when no curve was run. */
export function growthPicture(entries: readonly Entry[]): string | undefined {
  const names = new Set(
    entries.flatMap(({ growth }) => growth === undefined ? [] : [growth.curve]),
  );
  const curves = [...names].map((name) => entries.filter(({ growth }) => growth?.curve === name))
    .filter((curve) => curve.some((entry) => times(entry).length > 0));
  if (curves.length === 0) return undefined;
  const shapes = curves.flatMap((curve, i) =>
    panel(curve, 16 + (i % 2) * PANEL.width, TOP + Math.floor(i / 2) * PANEL.height)
  );
  shapes.push(...legend(16, TOP - 18, contestants));
  return svg({
    width: 32 + 2 * PANEL.width,
    height: TOP + Math.ceil(curves.length / 2) * PANEL.height + 10,
    title: "Time against size",
    description: "Median times; a curve ends where the next size took longer than the limit.",
  }, shapes);
}

function times(entry: Entry): number[] {
  return contestants.flatMap(([, key]) => entry.results[key]?.wallMs?.median ?? []);
}

function panel(curve: readonly Entry[], x: number, y: number): string[] {
  const { curve: name, axis } = curve[0]!.growth!;
  const [left, right, top, bottom] = [x + 60, x + PANEL.width - 20, y + 30, y + PANEL.height - 40];
  const sizes = curve.map(({ growth }) => growth!.size);
  const across = axis === "inputs" ? steps(sizes, left, right) : logScale(sizes, left, right);
  const up = logScale(curve.flatMap(times), bottom, top);
  const shapes = [
    text(left, y + 18, `${name}: time against ${axis}`),
    ...across.ticks.flatMap((tick) => [
      line(across.place(tick), top, across.place(tick), bottom, "grid"),
      text(across.place(tick), bottom + 16, numberText(tick), "quiet middle"),
    ]),
    ...up.ticks.flatMap((tick) => [
      line(left, up.place(tick), right, up.place(tick), "grid"),
      text(left - 6, up.place(tick) + 4, timeText(tick), "quiet end"),
    ]),
  ];
  for (const [series, key] of contestants) {
    const points = curve.flatMap((entry) => {
      const ms = entry.results[key]?.wallMs?.median;
      return ms === undefined
        ? []
        : [{ entry, at: [across.place(entry.growth!.size), up.place(ms)], ms }];
    });
    shapes.push(path(points.map(({ at }) => [at[0]!, at[1]!]), series));
    for (const { entry, at, ms } of points) {
      const words = `${key}, ${entry.growth!.size} ${axis}: ${timeText(ms)}`;
      shapes.push(dot(at[0]!, at[1]!, series, words));
    }
  }
  return shapes;
}

/** Equal steps between sizes that are a few apart. */
function steps(sizes: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  return {
    place: (value) =>
      high === low ? (from + to) / 2 : from + (value - low) / (high - low) * (to - from),
    ticks: sizes,
  };
}
