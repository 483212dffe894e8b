// How many cubes over the best cover known, function by function: only functions on which somebody
// is not there yet; the others are counted in words.

import { efforts, type Entry, espresso, ours } from "../core/result.ts";
import { dot, legend, line, linearScale, type Series, svg, text } from "./svg.ts";

const ROW = 16;
const LEFT = 150;
const TOP = 102;
const WIDTH = 900;

interface Row {
  readonly name: string;
  readonly best: number;
  readonly marks: readonly (readonly [Series, string, number])[];
}

/** The picture; `undefined` when nothing is known about the functions of the run. */
export function cubesPicture(entries: readonly Entry[]): string | undefined {
  const all = entries.flatMap((entry): Row[] => {
    const best = entry.known?.bestCubes;
    return best === undefined || best === 0
      ? []
      : [{ name: entry.name, best, marks: marksOf(entry) }];
  });
  if (all.length === 0) return undefined;
  const rows = all.filter(({ best, marks }) => marks.some(([, , cubes]) => cubes !== best))
    .sort((a, b) => most(b) - most(a));
  const scale = linearScale(100 * Math.max(0.01, ...rows.map(most)), LEFT, WIDTH - 40);
  const bottom = TOP + rows.length * ROW;
  const shapes = scale.ticks.flatMap((tick) => [
    line(scale.place(tick), TOP - 8, scale.place(tick), bottom, tick === 0 ? "mark" : "grid"),
    text(scale.place(tick), TOP - 14, `+${tick} %`, "quiet middle"),
    text(scale.place(tick), bottom + 16, `+${tick} %`, "quiet middle"),
  ]);
  for (const [i, { name, best, marks }] of rows.entries()) {
    const y = TOP + (i + 0.5) * ROW;
    shapes.push(text(LEFT - 10, y + 4, `${name} (${best})`, "end quiet"));
    // The larger dots come first, so that where several coincide each leaves a ring to be seen.
    for (const [k, [series, who, cubes]] of marks.entries()) {
      const x = scale.place(Math.max(0, (cubes / best - 1) * 100));
      shapes.push(dot(x, y, series, `${name}, ${who}: ${cubes} cubes, best known ${best}`, 7 - k));
    }
  }
  const entriesOfLegend = new Map(rows.flatMap(({ marks }) => marks.map(([s, who]) => [s, who])));
  shapes.push(...legend(LEFT, TOP - 36, [...entriesOfLegend]));
  return svg({
    width: WIDTH,
    height: bottom + 30,
    title: "Cubes over the best cover known, per function",
    description: `At the left line: as good as the best known. ${all.length - rows.length} of ` +
      `${all.length} functions are left out: there, everybody is.`,
  }, shapes);
}

function marksOf(entry: Entry): Row["marks"] {
  const found: [Series, string, number][] = [];
  const add = (series: Series, who: string, cubes: number | undefined) => {
    if (cubes !== undefined) found.push([series, who, cubes]);
  };
  add("espresso", "Espresso", espresso(entry, "default")?.cubes ?? entry.known?.espressoCubes);
  add("strong", "Espresso strong", espresso(entry, "strong")?.cubes ?? entry.known?.strongCubes);
  for (const effort of efforts) add(effort, `effort ${effort}`, ours(entry, effort)?.cubes);
  return found;
}

function most({ best, marks }: Row): number {
  return Math.max(...marks.map(([, , cubes]) => cubes / best - 1));
}
