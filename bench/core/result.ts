// What a result of bench:core holds for each function (README.md, "Files").

import type { Finish } from "../common/race.ts";
import type { Growth, Known } from "../inputs/input.ts";

/** Memory of one run in a fresh process. */
export interface MemoryUse {
  /** Bytes by which the process's resident memory grew, at its peak. */
  readonly grewBytes: number | null;
  /** Bytes of the whole process, runtime and all, at its peak. */
  readonly peakBytes: number | null;
}

/** A function and all that was measured of it. */
export interface Entry {
  readonly name: string;
  readonly group: "corpus" | "generated" | "growth";
  readonly growth?: Growth | undefined;
  readonly inputs: number;
  readonly outputs: number;
  /** Cubes of the ON set that was given. */
  readonly cubes: number;
  readonly known?: Known | undefined;
  /** By contestant: `ristretto fast`, `espresso default`, … */
  readonly results: Readonly<Record<string, Finish>>;
  /** By contestant, in fresh processes; empty in a quick run. */
  readonly memory: Readonly<Record<string, MemoryUse>>;
}

/** Our efforts that are compared. */
export const efforts = ["fast", "default", "high"] as const;
/** One of them. */
export type EffortName = (typeof efforts)[number];

/** What an effort of ours made of a function; `undefined` where it did not run or failed. */
export function ours(entry: Entry, effort: EffortName): Finish | undefined {
  return ended(entry.results[`ristretto ${effort}`]);
}

/** What Espresso made of a function in this run; `undefined` where it did not run or failed. */
export function espresso(entry: Entry, variant: "default" | "strong"): Finish | undefined {
  return ended(entry.results[`espresso ${variant}`]);
}

function ended(finish: Finish | undefined): Finish | undefined {
  return finish?.failure === undefined ? finish : undefined;
}

/** Espresso's cubes by default: of this run, else of the index. */
export function espressoCubes(entry: Entry): number | undefined {
  return espresso(entry, "default")?.cubes ?? entry.known?.espressoCubes;
}

/** All literals of a result. */
export function literals({ inputLiterals, outputLiterals }: Finish): number {
  return (inputLiterals ?? 0) + (outputLiterals ?? 0);
}

/** How many times as long as ours Espresso takes, by the clock or by the processor's time. */
export function speedUp(
  entry: Entry,
  effort: EffortName,
  by: "wall" | "least" | "cpu" = "wall",
): number | undefined {
  const mine = ours(entry, effort);
  const its = espresso(entry, "default");
  if (mine?.wallMs === undefined || its?.wallMs === undefined) return undefined;
  if (by === "cpu") return its.cpuMs! / mine.cpuMs!;
  return by === "least" ? its.wallMs.min / mine.wallMs.min : its.wallMs.median / mine.wallMs.median;
}
