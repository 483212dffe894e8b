// Tables on a terminal: text to the left, numbers to the right, no column wider than it must be.

import { rounded } from "./statistics.ts";

/** A cell: text, a number, or nothing. */
export type Cell = string | number | undefined;

/** A table before it is text: for the terminal, for Markdown, for a page. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A table. */
export function tableOf(title: string, head: Table["head"], rows: Table["rows"]): Table {
  return { title, head, rows };
}

/** A table for the terminal. */
export function tableText({ title, head, rows }: Table): string {
  return table(title, head, rows);
}

/** The text of a table: a title, a head, rows. */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const texts = rows.map((row) => row.map((cell) => cellText(cell)));
  const widths = head.map((name, i) =>
    Math.max(name.length, ...texts.map((row) => (row[i] ?? "").length))
  );
  const right = head.map((_, i) => i > 0 && rows.some((row) => typeof row[i] === "number"));
  const line = (row: readonly string[]) =>
    row.map((text, i) => right[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))
      .join("  ").trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [title, line(head), rule, ...texts.map(line), ""].join("\n");
}

/** The text of a cell. */
export function cellText(cell: Cell): string {
  if (cell === undefined) return "";
  return typeof cell === "string" ? cell : numberText(cell);
}

/** A number as it is read best: three digits, or all of a whole number. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toString();
  return rounded(Number(value.toPrecision(3))).toString();
}

/** A time in the unit that fits it. */
export function timeText(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(ms)) return "–";
  if (ms < 0.001) return `${numberText(ms * 1e6)} ns`;
  if (ms < 1) return `${numberText(ms * 1000)} µs`;
  return ms < 1000 ? `${numberText(ms)} ms` : `${numberText(ms / 1000)} s`;
}

/** Bytes in the unit that fits them. */
export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return "–";
  if (bytes < 10_240) return `${numberText(bytes)} B`;
  if (bytes < 1024 ** 2) return `${numberText(bytes / 1024)} KiB`;
  return bytes < 1024 ** 3
    ? `${numberText(bytes / 1024 ** 2)} MiB`
    : `${numberText(bytes / 1024 ** 3)} GiB`;
}
