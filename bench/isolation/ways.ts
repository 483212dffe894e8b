// The ways to run a job that are compared: every mode of isolation there is, read from the list of
// the modes themselves, so that a new one is measured without a word here; and variations of a
// mode. One that this version or this system does not have is skipped with the reason it gives.

import { createEngine, type Engine, type EngineOptions, type Isolation } from "../../mod.ts";
import { ISOLATIONS } from "../../src/engine/modes.ts";

/** A way to run jobs. */
export interface Way {
  /** How results name it. */
  readonly name: string;
  readonly mode: Isolation;
  readonly options: EngineOptions;
}

/** Ways that are not just a mode by its name. */
const variations: readonly Way[] = [{
  name: "process, no FFI",
  mode: "process",
  options: { isolation: "process", ffi: false } as EngineOptions,
}];

/** All ways, from the least isolated to the most. */
export const ways: readonly Way[] = [
  ...ISOLATIONS.map((mode): Way => ({ name: mode, mode, options: { isolation: mode } })),
  ...variations,
];

/** Starts a way with so many threads or workers; otherwise why there is none. */
export async function openWay(way: Way, parallel: number): Promise<Engine | string> {
  try {
    return await createEngine({ ...way.options, ...parallelism(way.mode, parallel), queue: 4096 });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parallelism(mode: Isolation, parallel: number): EngineOptions {
  if (mode === "direct") return {};
  return mode === "pool" ? { threads: parallel } : { workers: parallel };
}
