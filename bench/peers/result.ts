// What a result of bench:peers holds for each group of functions (README.md, "Files").

import type { Finish } from "../common/race.ts";

/** A group of functions, and what everybody made of it. */
export interface PeerEntry {
  readonly name: string;
  readonly functions: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly dontCares: boolean;
  /** By contestant: times a function, cubes and literals of all functions together. */
  readonly results: Readonly<Record<string, Finish>>;
}
