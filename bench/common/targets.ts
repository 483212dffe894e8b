// What the figures are held against: the project's targets, and the figures of Espresso 2.3 (by
// way of the crate, from Rust) that were measured when the targets were set. A target is a wish; a
// run measures the rival again beside us.

/** Small random functions of one output, from TypeScript, decode included: microseconds a call. */
export const smallFunctions: Readonly<Record<number, { target: number; espresso: number }>> = {
  4: { target: 3, espresso: 83 },
  6: { target: 15, espresso: 456 },
  8: { target: 120, espresso: 2477 },
  10: { target: 1500, espresso: 24_100 },
};

/** A million functions of 4 inputs in one call: nanoseconds each. */
export const batchNs = 1000;
/** `direct`, the smallest job, over a foreign call that does nothing: nanoseconds. */
export const smallestJobNs = 300;
/** Memory of a thread's state until it works. */
export const idleStateBytes = 16 * 1024;

/** How much faster than Espresso 2.3: geometric mean over the files it needs over 1 ms for. */
export const speed = { fast: 10, default: 4, aboveMs: 1 };
/** Milliseconds that no file may take, by effort. */
export const longestMs = { default: 2000, high: 60_000 };
/** Cubes in total over the best known, as a share. */
export const cubesOverBest = { fast: 0.02, default: 0.005, high: 0 };
/** Resident memory of a run. */
export const memoryBytes = {
  /** Over Espresso's own. */
  fastOver: 4 * 2 ** 20,
  default: 64 * 2 ** 20,
  high: 2 ** 30,
};
/** A unate chain of 65 pairs, whose off-set explodes. */
export const unateChainMs = 50;
/** Cubes that effort `high` must be below where the best known cover is not proven minimal. */
export const below: Readonly<Record<string, number>> = { test3: 429 };
