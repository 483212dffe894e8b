/**
 * The modes of isolation that this version has, and their order. A new mode is a file of its own
 * and a line here.
 */

import { openDirect } from "./direct.ts";
import type { Isolation } from "./engine.ts";
import { openPool } from "./pool.ts";
import { openFresh, openProcess } from "./process.ts";
import type { OpenTransport } from "./transport.ts";

/** All modes, from the least isolated to the most. */
export const ISOLATIONS: readonly Isolation[] = [
  "direct",
  "pool",
  "process",
  "shared-heap",
  "fresh",
];

/** How to start each mode that there is. */
export const MODES: Partial<Readonly<Record<Isolation, OpenTransport>>> = {
  direct: openDirect,
  pool: openPool,
  process: openProcess,
  fresh: openFresh,
};

/** How much a mode protects the caller: a crash in one of a lower rank can reach it more easily. */
export function rankOf(mode: Isolation): number {
  return RANKS[mode];
}

const RANKS: Readonly<Record<Isolation, number>> = {
  "direct": 0,
  "pool": 0,
  "process": 1,
  "shared-heap": 1,
  "fresh": 2,
};
