// How much faster than Espresso 2.3, function by function: a row each, on a logarithmic axis.

import { numberText, timeText } from "../common/table.ts";
import { efforts, type Entry, espresso, ours, speedUp } from "../core/result.ts";
import { dot, legend, line, logScale, svg, text } from "./svg.ts";

const ROW = 14;
const LEFT = 150;
const TOP = 102;
const WIDTH = 900;
/** Ratios beyond this are written, not drawn: they would press all others together. */
const MOST = 100;

/** The picture; `undefined` when there is nothing to compare. */
export function timePicture(entries: readonly Entry[]): string | undefined {
  const rows = entries
    .filter((entry) => efforts.some((effort) => speedUp(entry, effort) !== undefined))
    .sort((a, b) => key(b) - key(a));
  if (rows.length === 0) return undefined;
  const ratios = rows.flatMap((entry) => efforts.map((effort) => speedUp(entry, effort) ?? NaN))
    .filter((value) => !Number.isNaN(value));
  const scale = logScale([...ratios.map(drawn), 1], LEFT, WIDTH - 80);
  const bottom = TOP + rows.length * ROW;
  const shapes = scale.ticks.flatMap((tick) => [
    line(scale.place(tick), TOP - 8, scale.place(tick), bottom, tick === 1 ? "mark" : "grid"),
    text(scale.place(tick), TOP - 14, `${numberText(tick)}×`, "quiet middle"),
    text(scale.place(tick), bottom + 16, `${numberText(tick)}×`, "quiet middle"),
  ]);
  for (const [i, entry] of rows.entries()) {
    const y = TOP + (i + 0.5) * ROW;
    shapes.push(text(LEFT - 10, y + 4, entry.name, "end quiet"));
    for (const effort of efforts) {
      const ratio = speedUp(entry, effort);
      if (ratio === undefined) continue;
      const words = `${entry.name}, ${effort}: ${numberText(ratio)} times as fast (` +
        `${timeText(ours(entry, effort)!.wallMs!.median)}, Espresso ` +
        `${timeText(espresso(entry, "default")!.wallMs!.median)})`;
      shapes.push(dot(scale.place(drawn(ratio)), y, effort, words));
      if (ratio > MOST) {
        shapes.push(text(scale.place(MOST) + 8, y + 4, `${numberText(ratio)}×`, "quiet"));
        break; // one number is enough to say that it is far outside
      }
    }
  }
  const present = efforts.filter((each) => rows.some((row) => speedUp(row, each) !== undefined));
  shapes.push(...legend(LEFT, TOP - 36, present.map((each) => [each, `effort ${each}`])));
  return svg({
    width: WIDTH,
    height: bottom + 30,
    title: "Espresso's time over ours, per function",
    description:
      "Right of 1×: Ristretto is faster. Medians of interleaved runs, results verified; " +
      "logarithmic axis.",
  }, shapes);
}

function drawn(ratio: number): number {
  return Math.min(ratio, MOST);
}

function key(entry: Entry): number {
  return speedUp(entry, "default") ?? speedUp(entry, "fast") ?? 0;
}
