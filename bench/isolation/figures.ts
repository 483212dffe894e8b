// What the cells of bench:isolation come down to: what a way costs over `direct`, and from which
// size of a job on that no longer matters. Used by tables, pictures, the report and the chooser.

import type { Cell, Form, RuntimeReport } from "./result.ts";

/** The share of a job's own time that a way may cost at the break-even size. */
export const BREAK_EVEN = 0.1;

/** The cell of a way, a job, a form and a number in flight. */
export function cellOf(
  { cells }: RuntimeReport,
  way: string,
  job: string,
  form: Form,
  flight = 1,
): Cell | undefined {
  return cells.find((cell) =>
    cell.way === way && cell.job === job && cell.form === form && cell.flight === flight
  );
}

/** What a way costs for jobs of one size, over `direct` in the same form. */
export interface Overhead {
  readonly way: string;
  readonly job: string;
  readonly form: Form;
  /** Median time of the job in `direct`, and in the way: microseconds. */
  readonly directUs: number;
  readonly us: number;
  /** The difference, and its share of the job's own time. */
  readonly overUs: number;
  readonly share: number;
}

/** A way's overhead for every size, by the job's own time. */
export function overheads(report: RuntimeReport, way: string, form: Form): Overhead[] {
  return report.jobs.flatMap(({ name }): Overhead[] => {
    // Both forms are held against a plain call: that a promise was made is part of the cost.
    const direct = cellOf(report, "direct", name, "sync");
    const cell = cellOf(report, way, name, form);
    if (direct === undefined || cell === undefined) return [];
    const directUs = direct.us.median;
    const overUs = cell.us.median - directUs;
    const share = overUs / directUs;
    return [{ way, job: name, form, directUs, us: cell.us.median, overUs, share }];
  }).sort((a, b) => a.directUs - b.directUs);
}

/**
 * Microseconds that a job must take for a way to cost at most a share of it: between the last size
 * at which it costs more and the next, on a straight line in logarithms. `below` the first where it
 * never costs more, `above` the last where it always does.
 */
export function breakEven(
  list: readonly Overhead[],
  share = BREAK_EVEN,
): { readonly us: number; readonly is: "at" | "below" | "above" } | undefined {
  if (list.length === 0) return undefined;
  const last = list.findLastIndex((one) => one.share > share);
  if (last < 0) return { us: list[0]!.directUs, is: "below" };
  const [a, b] = [list[last]!, list[last + 1]];
  if (b === undefined) return { us: a.directUs, is: "above" };
  const log = (value: number) => Math.log(Math.max(value, share / 100));
  const at = (log(a.share) - Math.log(share)) / (log(a.share) - log(b.share));
  return { us: a.directUs * (b.directUs / a.directUs) ** at, is: "at" };
}

/** The number in flight with the highest throughput. */
export function bestThroughput(report: RuntimeReport, way: string, job: string): Cell | undefined {
  return report.cells.filter((cell) => cell.way === way && cell.job === job)
    .sort((a, b) => b.perSecond - a.perSecond)[0];
}

/** The ways that have figures, in their order. */
export function presentWays(report: RuntimeReport): string[] {
  return [...new Set(report.cells.map(({ way }) => way))].sort((a, b) =>
    orderOf(report, a) - orderOf(report, b)
  );
}

function orderOf({ events }: RuntimeReport, way: string): number {
  const at = events.findIndex((one) => one.way === way);
  return at < 0 ? events.length : at;
}
