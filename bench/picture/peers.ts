// Time a function against the number of inputs, for everybody: random functions of one output.

import type { PeerEntry } from "../peers/result.ts";
import { timeText } from "../common/table.ts";
import { dot, line, logScale, path, type Series, svg, text } from "./svg.ts";

const WIDTH = 900;
const HEIGHT = 480;
const [LEFT, RIGHT, TOP, BOTTOM] = [80, 700, 70, 430];

/** Whose colour: of peers that are Espresso 2.3, the crate has it. */
const series: Readonly<Record<string, Series>> = {
  "ristretto fast": "fast",
  "ristretto default": "default",
  "espresso-logic": "espresso",
  "espresso-logic-minimizer": "strong",
  "espresso-iisojs": "high",
};

/** The picture; `undefined` when no functions of one output were run. */
export function peersPicture(entries: readonly PeerEntry[]): string | undefined {
  const curve = entries.filter(({ name }) => /^random-\d+x1$/.test(name));
  const times = curve.flatMap(({ results }) =>
    Object.values(results).flatMap(({ wallMs }) => wallMs?.median ?? [])
  );
  if (curve.length < 2 || times.length === 0) return undefined;
  const sizes = curve.map(({ inputs }) => inputs);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const across = (inputs: number) => LEFT + (inputs - low) / (high - low) * (RIGHT - LEFT);
  const up = logScale(times, BOTTOM, TOP);
  const shapes = [
    ...sizes.flatMap((inputs) => [
      line(across(inputs), TOP, across(inputs), BOTTOM, "grid"),
      text(across(inputs), BOTTOM + 18, `${inputs}`, "quiet middle"),
    ]),
    ...up.ticks.flatMap((tick) => [
      line(LEFT, up.place(tick), RIGHT, up.place(tick), "grid"),
      text(LEFT - 8, up.place(tick) + 4, timeText(tick), "quiet end"),
    ]),
    text((LEFT + RIGHT) / 2, BOTTOM + 38, "inputs", "quiet middle"),
  ];
  const keys = [...new Set(curve.flatMap(({ results }) => Object.keys(results)))];
  const labels: { key: string; x: number; y: number }[] = [];
  for (const key of keys) {
    const points = curve.flatMap(({ inputs, results }) => {
      const ms = results[key]?.wallMs?.median;
      return ms === undefined ? [] : [{ inputs, ms, at: [across(inputs), up.place(ms)] as const }];
    });
    const last = points.at(-1);
    if (last === undefined) continue;
    const colour = series[key] ?? "other";
    shapes.push(path(points.map(({ at }) => at), colour));
    for (const { inputs, ms, at } of points) {
      shapes.push(dot(at[0], at[1], colour, `${key}, ${inputs} inputs: ${timeText(ms)}`));
    }
    labels.push({ key, x: last.at[0], y: last.at[1] });
  }
  // Names at the ends of the lines, pushed apart where lines end close to each other.
  let lowest = -Infinity;
  for (const { key, x, y } of labels.sort((a, b) => a.y - b.y)) {
    lowest = Math.max(y + 4, lowest + 15);
    const left = Math.max(x, RIGHT) + 12;
    shapes.push(dot(left + 5, lowest - 4, series[key] ?? "other", key));
    shapes.push(text(left + 14, lowest, key));
  }
  return svg({
    width: WIDTH,
    height: HEIGHT,
    title: "Random functions of one output: time a function",
    description:
      "Medians over different functions, density 1/2, given as minterms; logarithmic axis.",
  }, shapes);
}
