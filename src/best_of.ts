/**
 * One function, minimised several times, the cheapest answer taken.
 *
 * @module
 */

import type { Cover } from "./cover/cover.ts";
import type { Engine } from "./engine/engine.ts";
import { invalid } from "./errors.ts";
import type { MinimizeResult } from "./operations/minimize.ts";
import type { MinimizeOptions } from "./options.ts";

/** Runs that one call may ask for. */
const MOST = 10_000;

/**
 * Minimises a cover `tries` times, with the seeds `seed` (of the options; default 0), `seed` + 1,
 * …, and gives the answer with the fewest cubes, then literals, then the lowest seed. The runs go
 * to the engine at once: on a pool of several threads, or in several worker processes, they run
 * side by side, which is how a big function uses more than one processor. The answer is the same
 * however many there are.
 *
 * Errors: `InvalidInput` for a number of tries that is not a whole number from 1 to 10,000; else as
 * `minimize`: the first of the runs that fails.
 *
 * @example Four tries on two threads
 * ```ts
 * import { bestOf, Cover, createEngine } from "@ristretto/espresso";
 *
 * await using engine = await createEngine({ isolation: "pool", threads: 2 });
 * const cover = Cover.fromMinterms(4, [1, 3, 5, 6, 7, 9, 14]);
 * const { stats } = await bestOf(engine, cover, 4, { effort: "high" });
 * console.log(stats.cubes, stats.literals);
 * ```
 */
export async function bestOf(
  engine: Engine,
  cover: Cover,
  tries: number,
  options: MinimizeOptions = {},
): Promise<MinimizeResult> {
  if (!Number.isInteger(tries) || tries < 1 || tries > MOST) {
    throw invalid(`tries: expected a whole number from 1 to ${MOST}, got ${String(tries)}`);
  }
  const first = options.seed ?? 0;
  const runs = Array.from(
    { length: tries },
    (_, k) => engine.minimize(cover, { ...options, seed: first + k }),
  );
  const results = await Promise.all(runs);
  return results.reduce((best, other) => cheaper(other, best) ? other : best);
}

function cheaper({ stats: a }: MinimizeResult, { stats: b }: MinimizeResult): boolean {
  return a.cubes === b.cubes ? a.literals < b.literals : a.cubes < b.cubes;
}
