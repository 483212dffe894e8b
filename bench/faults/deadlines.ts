// How far beyond its time a job's promise settles, for jobs that would last for ever: where the
// core answers by itself with the best it has, and where its worker has to be killed.

import { createEngine, type Isolation, RistrettoError } from "../../mod.ts";
import { lasting, lastingCover } from "../../test/lasting.ts";
import { rounded } from "../common/statistics.ts";

/** The ways in which a time ends a job. */
export const WAYS = ["the core answers", "the worker is killed"] as const;
export type Way = (typeof WAYS)[number];

const TIME_MS = 20;

/** Milliseconds beyond the time, of one job after the other. */
export async function overshoots(mode: Isolation, way: Way, jobs: number): Promise<number[]> {
  const killed = way === "the worker is killed";
  const cover = lastingCover();
  const limits = killed ? { time: TIME_MS } : undefined;
  await using engine = await createEngine({ isolation: mode, workers: 1, limits });
  const samples: number[] = [];
  for (let n = 0; n < jobs; n++) {
    const options = killed ? lasting : { method: "exact", timeoutMs: TIME_MS } as const;
    const start = performance.now();
    let late = false;
    try {
      const { stats } = await engine.minimize(cover, options);
      if (stats.complete) throw new Error("a job that lasts has ended");
    } catch (error) {
      late = error instanceof RistrettoError && error.kind === "LimitExceeded";
      if (!late || !killed) throw error;
    }
    samples.push(rounded(performance.now() - start - TIME_MS));
  }
  return samples;
}
