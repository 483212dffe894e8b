// The kinds of pictures: rows with marks on a common axis, panels of lines, ridges, bars. Each
// takes what to show, not where; places, axes and legends are found here, the same in all pictures.

import { legend, type LegendEntry, line, linearScale, logScale, type Scale } from "./svg.ts";
import { area, bar, dot, path, type Series, svg, text } from "./svg.ts";

const WIDTH = 900;
const LEFT = 190;
const RIGHT = WIDTH - 36;

/** What every picture has. */
export interface Caption {
  readonly title: string;
  readonly description: string;
  readonly legend: readonly LegendEntry[];
}

/** How an axis is written: what it is, and its values with their unit. */
export interface Axis {
  readonly label: string;
  readonly show: (value: number) => string;
  /** What equal steps are whole numbers of; 1 unless given. */
  readonly unit?: number;
}

/** Something on a row: a dot, or a line from and to with it. */
export interface Mark {
  readonly series: Series;
  readonly at: number;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly hollow?: boolean | undefined;
  readonly words: string;
}

/** A row; one without marks is a heading. */
export interface Row {
  readonly label: string;
  readonly marks: readonly Mark[];
}

/** Rows with marks on one logarithmic axis. */
export function rowsPicture(caption: Caption, axis: Axis, rows: readonly Row[]): string {
  const values = rows.flatMap(({ marks }) =>
    marks.flatMap(({ at, from, to }) => [at, from ?? at, to ?? at])
  );
  const scale = logScale(values, LEFT, RIGHT);
  const top = 92 + legendRoom(caption.legend);
  const places = rowPlaces(rows, top);
  const bottom = places.end;
  const shapes = upright(scale, axis, top, bottom);
  for (const [i, { label, marks }] of rows.entries()) {
    const y = places.at[i]!;
    shapes.push(
      marks.length === 0 ? text(16, y + 4, label, "group") : text(LEFT - 12, y + 4, label, "end"),
    );
    for (const [m, { series, at, from, to, hollow, words }] of marks.entries()) {
      const shift = (m - (marks.length - 1) / 2) * 9;
      const place = scale.place(at);
      if (from !== undefined && to !== undefined) {
        shapes.push(
          `<g class="faint">${
            path([[scale.place(from), y + shift], [scale.place(to), y + shift]], series)
              .replace('class="line', 'class="line wide')
          }</g>`,
        );
      }
      shapes.push(
        hollow === true
          ? dot(place, y + shift, series, words, 4, "hollow")
          : dot(place, y + shift, series, words, 5),
      );
    }
  }
  shapes.push(...legend(LEFT, 72, caption.legend, RIGHT));
  return svg({ ...caption, width: WIDTH, height: bottom + 52 }, shapes);
}

/** Where rows are: those with several marks need more room, headings have some above. */
function rowPlaces(rows: readonly Row[], top: number): { at: number[]; end: number } {
  let y = top;
  const at = rows.map(({ marks }, i) => {
    const height = marks.length === 0 ? (i === 0 ? 20 : 34) : Math.max(22, 9 * marks.length + 8);
    const place = marks.length === 0 ? y + height - 10 : y + height / 2;
    y += height;
    return place;
  });
  return { at, end: y + 4 };
}

function legendRoom(entries: readonly LegendEntry[]): number {
  let left = LEFT;
  let lines = 1;
  for (const [, name] of entries) {
    const width = 34 + name.length * 6.6;
    if (left > LEFT && left + width > RIGHT) [left, lines] = [LEFT, lines + 1];
    left += width;
  }
  return 18 * (lines - 1) + (entries.length === 0 ? -22 : 0);
}

/** Lines from top to bottom with their values below, and what they are. */
function upright(scale: Scale, axis: Axis, top: number, bottom: number): string[] {
  return [
    ...scale.ticks.flatMap((tick) => [
      line(scale.place(tick), top - 4, scale.place(tick), bottom, "grid"),
      text(scale.place(tick), bottom + 16, axis.show(tick), "quiet middle"),
    ]),
    text((LEFT + RIGHT) / 2, bottom + 36, axis.label, "quiet middle"),
  ];
}

/** A part of a bar; `faint` where it is drawn lighter. */
export interface Part {
  readonly series: Series;
  readonly value: number;
  readonly faint?: boolean | undefined;
  readonly words: string;
}

/** A row of bars, one after the other, and what is written behind them. */
export interface BarRow {
  readonly label: string;
  readonly parts: readonly Part[];
  readonly note: string;
}

/** Bars from 0. */
export function barsPicture(caption: Caption, axis: Axis, rows: readonly BarRow[]): string {
  const sums = rows.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const scale = linearScale(Math.max(...sums, 1e-9), LEFT, RIGHT - 130, axis.unit);
  const top = 92 + legendRoom(caption.legend);
  const places = rowPlaces(
    rows.map(({ label, parts }) => ({ label, marks: parts.length === 0 ? [] : [noMark] })),
    top,
  );
  const shapes = upright(scale, axis, top, places.end);
  for (const [i, { label, parts, note }] of rows.entries()) {
    const y = places.at[i]!;
    if (parts.length === 0 && note === "") {
      shapes.push(text(16, y + 4, label, "group"));
      continue;
    }
    shapes.push(text(LEFT - 12, y + 4, label, "end"));
    let sum = 0;
    for (const { series, value, faint, words } of parts) {
      const x = scale.place(sum);
      sum += value;
      const kind = faint === true ? `${series} faint` : series;
      shapes.push(bar({ x, y: y - 7, width: scale.place(sum) - x, height: 14, words, kind }));
    }
    shapes.push(text(scale.place(sum) + 8, y + 4, note, "quiet"));
  }
  shapes.push(...legend(LEFT, 72, caption.legend, RIGHT));
  return svg({ ...caption, width: WIDTH, height: places.end + 52 }, shapes);
}

const noMark: Mark = { series: "other", at: 1, words: "" };

/** A line of a panel. */
export interface Curve {
  readonly series: Series;
  readonly name: string;
  readonly dashed?: boolean | undefined;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A panel of lines; `mark` is a height that matters, with its word. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly mark?: readonly [y: number, words: string] | undefined;
}

const PANEL = { width: 434, height: 300 };

/** Panels of lines, two beside each other, all with the same axes, both logarithmic. */
export function panelsPicture(
  caption: Caption,
  { x, y, steps, range }: {
    readonly x: Axis;
    readonly y: Axis;
    /** Given values across, in equal steps. */
    readonly steps?: readonly number[];
    /** A linear axis across that holds these. */
    readonly range?: readonly number[];
  },
  panels: readonly Panel[],
): string {
  const points = panels.flatMap(({ curves }) => curves.flatMap((curve) => curve.points))
    .filter(([a, b]) => a > 0 && b > 0);
  const marks = panels.flatMap(({ mark }) => mark === undefined ? [] : [mark[0]]);
  const top = 92 + legendRoom(caption.legend);
  const shapes: string[] = [];
  for (const [i, panel] of panels.entries()) {
    const left = 16 + (i % 2) * PANEL.width;
    const upper = top + Math.floor(i / 2) * PANEL.height;
    const [x0, x1] = [left + 62, left + PANEL.width - 22];
    const [y0, y1] = [upper + 40, upper + PANEL.height - 52];
    const across = steps !== undefined
      ? stepScale(steps, x0, x1)
      : range !== undefined
      ? linearScale(Math.max(...range), x0, x1)
      : logScale(points.map(([a]) => a), x0, x1);
    const up = logScale([...points.map(([, b]) => b), ...marks], y1, y0);
    shapes.push(
      text(x0, upper + 14, panel.title, "group"),
      text(x0 - 56, upper + 32, y.label, "quiet"),
      text((x0 + x1) / 2, y1 + 34, x.label, "quiet middle"),
      ...across.ticks.flatMap((tick) => [
        line(across.place(tick), y0, across.place(tick), y1, "grid"),
        text(across.place(tick), y1 + 16, x.show(tick), "quiet middle"),
      ]),
      ...up.ticks.flatMap((tick) => [
        line(x0, up.place(tick), x1, up.place(tick), "grid"),
        text(x0 - 6, up.place(tick) + 4, y.show(tick), "quiet end"),
      ]),
    );
    if (panel.mark !== undefined) {
      const at = up.place(panel.mark[0]);
      shapes.push(line(x0, at, x1, at, "mark dashed"));
      shapes.push(text(x0 + 6, at - 5, panel.mark[1], "quiet"));
    }
    for (const { series, name, dashed, points: own } of panel.curves) {
      const shown = own.filter(([a, b]) => a > 0 && b > 0);
      const places = shown.map(([a, b]) => [across.place(a), up.place(b)] as const);
      const drawn = path(places, series);
      shapes.push(dashed === true ? drawn.replace('class="line', 'class="line dashed') : drawn);
      for (const [n, [px, py]] of places.entries()) {
        const [a, b] = shown[n]!;
        shapes.push(dot(px, py, series, `${name}, ${x.show(a)}: ${y.show(b)}`, 3.5));
      }
    }
  }
  shapes.push(...legend(78, 72, caption.legend, RIGHT));
  const height = top + Math.ceil(panels.length / 2) * PANEL.height;
  return svg({ ...caption, width: WIDTH, height }, shapes);
}

/** Given values in equal steps. */
function stepScale(ticks: readonly number[], from: number, to: number): Scale {
  const last = Math.max(1, ticks.length - 1);
  return { place: (value) => from + ticks.indexOf(value) / last * (to - from), ticks };
}

/** A distribution: its outline over bins of a logarithmic axis, its median and a high quantile. */
export interface Ridge {
  readonly label: string;
  readonly series: Series;
  /** Where each bin begins, and how much is in it. */
  readonly bins: readonly (readonly [from: number, count: number])[];
  readonly median: number;
  readonly high: number;
  readonly words: string;
}

/** A panel of ridges. */
export interface RidgePanel {
  readonly title: string;
  readonly ridges: readonly Ridge[];
}

/** Distributions, one above the other, two panels beside each other on the same axis. */
export function ridgesPicture(
  caption: Caption,
  axis: Axis,
  panels: readonly RidgePanel[],
): string {
  const values = panels.flatMap(({ ridges }) =>
    ridges.flatMap(({ bins, high }) => [...bins.filter(([, n]) => n > 0).map(([at]) => at), high])
  );
  const rows = Math.max(...panels.map(({ ridges }) => ridges.length));
  const height = 56 + rows * 46 + 44;
  const top = 92 + legendRoom(caption.legend);
  const shapes: string[] = [];
  for (const [i, { title, ridges }] of panels.entries()) {
    const left = 16 + (i % 2) * PANEL.width;
    const upper = top + Math.floor(i / 2) * height;
    const [x0, x1] = [left + 92, left + PANEL.width - 22];
    const bottom = upper + 30 + rows * 46;
    const scale = logScale(values, x0, x1);
    shapes.push(text(x0, upper + 12, title, "group"));
    for (const tick of scale.ticks) {
      shapes.push(
        line(scale.place(tick), upper + 26, scale.place(tick), bottom, "grid"),
        text(scale.place(tick), bottom + 16, axis.show(tick), "quiet middle"),
      );
    }
    shapes.push(text((x0 + x1) / 2, bottom + 34, axis.label, "quiet middle"));
    for (const [r, ridge] of ridges.entries()) {
      const base = upper + 30 + (r + 1) * 46 - 6;
      const most = Math.max(...ridge.bins.map(([, count]) => count), 1);
      const step = ridge.bins.length > 1 ? ridge.bins[1]![0] / ridge.bins[0]![0] : 1.15;
      const outline = ridge.bins.flatMap(([from, count]) => {
        const y = base - 36 * count / most;
        return [[scale.place(from), y], [scale.place(from * step), y]] as [number, number][];
      });
      const [first, last] = [outline[0]!, outline.at(-1)!];
      shapes.push(
        text(x0 - 10, base - 4, ridge.label, "end"),
        area([[first[0], base], ...outline, [last[0], base]], ridge.series, ridge.words),
        line(x0, base, x1, base, "grid"),
        line(scale.place(ridge.median), base + 3, scale.place(ridge.median), base - 38, "mark"),
        dot(scale.place(ridge.high), base, ridge.series, ridge.words, 3.5, "hollow"),
      );
    }
  }
  const lines = Math.ceil(panels.length / 2);
  return svg({ ...caption, width: WIDTH, height: top + lines * height }, shapes);
}
