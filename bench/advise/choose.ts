// The rule by which a mode is advised, from figures alone.

import { type Cell, numberText, type Table } from "../common/table.ts";
import { bytesText } from "../common/table.ts";
import { percent, us } from "../isolation/tables.ts";

/** What was measured of a way with somebody's files. */
export interface WayFigures {
  readonly way: string;
  /** How much it protects: 0 not at all, 1 from a crash, 2 from what another job left. */
  readonly rank: number;
  /** The median time of a job, summed over all files: microseconds. */
  readonly syncUs: number;
  readonly awaitedUs: number;
  /** Jobs a second with many in flight. */
  readonly perSecond: number;
  readonly workerBytes: number | undefined;
}

/** Which mode to take, and why. */
export interface Advice {
  readonly take: string;
  readonly because: string;
  /** The same for other wishes. */
  readonly wishes: readonly (readonly [wish: string, take: string])[];
}

/** A thread that waits longer than this for each job is felt by whoever else needs it. */
const STALL_US = 5000;

/**
 * The most protection that costs at most the accepted share, and of equal protection the cheapest.
 * Where none does, the pool if the files take so long that the thread should not wait for them, or
 * if it gets more of them done; else direct.
 */
export function choose(figures: readonly WayFigures[], files: number, accept: number): Advice {
  const direct = figures.find(({ way }) => way === "direct");
  if (direct === undefined) throw new Error("nothing was measured in direct");
  const added = (one: WayFigures) => one.syncUs / direct.syncUs - 1;
  const best = (rank: number) =>
    figures.filter((one) => one.rank >= rank && one.way !== "direct")
      .sort((a, b) => a.syncUs - b.syncUs)[0];
  const pool = figures.find(({ way }) => way === "pool");
  const affordable = figures.filter((one) => one.rank > 0 && added(one) <= accept)
    .sort((a, b) => b.rank - a.rank || a.syncUs - b.syncUs)[0];
  const wishes: (readonly [string, string])[] = [
    ["the least time for one job after the other", "direct"],
  ];
  if (pool !== undefined) {
    const gain = pool.perSecond / direct.perSecond;
    wishes.push([
      "a thread that never waits, all processors at work",
      `pool: ${numberText(gain)} times as many jobs a second as direct`,
    ]);
  }
  for (
    const [rank, wish] of [
      [1, "a crash of the core must not end the program"],
      [2, "nothing of one job may be where another runs"],
    ] as const
  ) {
    const one = best(rank);
    if (one !== undefined) wishes.push([wish, `${one.way}: ${addedText(added(one))}`]);
  }
  if (affordable !== undefined) {
    return {
      take: affordable.way,
      because: `${addedText(added(affordable))}, and ` +
        (affordable.rank > 1
          ? "each job gets a process of its own"
          : "a crash of the core then costs one job, not the program"),
      wishes,
    };
  }
  const cheapest = best(1);
  const price = cheapest === undefined
    ? "there are no worker processes here"
    : `protection would add at least ${percent(added(cheapest))} (${cheapest.way})`;
  const long = direct.syncUs / files > STALL_US;
  if (pool !== undefined && (long || pool.perSecond > 1.2 * direct.perSecond)) {
    const why = long ? "your jobs would hold up the thread" : "it gets more jobs done a second";
    return { take: "pool", because: `${why}; ${price}`, wishes };
  }
  return { take: "direct", because: price, wishes };
}

/** Shares below this are lost among the differences of one run to the next. */
const NOISE = 0.02;

function addedText(share: number): string {
  return share < NOISE ? "it adds nothing to speak of" : `it adds ${percent(share)} to your jobs`;
}

/** The figures as a table. */
export function figuresTable(figures: readonly WayFigures[], files: number): Table {
  const direct = figures.find(({ way }) => way === "direct")!;
  return {
    title: `Your ${files} ${files === 1 ? "file" : "files"}: mean of the median times`,
    head: [
      "mode",
      "call",
      "added",
      "awaited",
      "added",
      "jobs/s, many at once",
      "a worker's memory",
      "a crash of the core",
    ],
    rows: figures.map((one): Cell[] => [
      one.way,
      us(one.syncUs / files),
      one === direct ? "" : percent(one.syncUs / direct.syncUs - 1),
      us(one.awaitedUs / files),
      percent(one.awaitedUs / direct.syncUs - 1),
      numberText(one.perSecond),
      bytesText(one.workerBytes),
      one.rank === 0 ? "ends the program" : "fails that job",
    ]),
  };
}
