/**
 * The modes of isolation, and their order. A new mode is a file of its own
 * and a line here.
 */

import { openDirect } from "./direct.ts";
import type { Isolation } from "./engine.ts";
import { openPool } from "./pool.ts";
import { openFresh, openProcess } from "./process.ts";
import { openSharedHeap } from "./shared_heap.ts";
import { openFreshStreams, openProcessStreams } from "./streams/transport.ts";
import type { OpenTransport } from "./transport.ts";

/** All modes, from the least isolated to the most. */
export const ISOLATIONS: readonly Isolation[] = [
  "direct",
  "pool",
  "process",
  "shared-heap",
  "fresh",
];

/** How to start each mode. */
export const MODES: Readonly<Record<Isolation, OpenTransport>> = {
  direct: openDirect,
  pool: openPool,
  process: openProcess,
  "shared-heap": openSharedHeap,
  fresh: openFresh,
};

/** How to start those that need no foreign calls. */
export const STREAMS: Partial<Readonly<Record<Isolation, OpenTransport>>> = {
  process: openProcessStreams,
  fresh: openFreshStreams,
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
