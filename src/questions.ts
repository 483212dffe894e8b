/**
 * Questions about functions, answered on the calling thread.
 *
 * @module
 */

import { type Cover, dataOf } from "./cover/cover.ts";
import { threadJob } from "./job/block.ts";
import { runHere } from "./native/run.ts";
import { decodeComplement, encodeComplement } from "./operations/complement.ts";
import { decodeEquivalent, encodeEquivalent } from "./operations/equivalent.ts";
import { decodeEssential, encodeEssential } from "./operations/essential.ts";
import { decodeExplain, encodeExplain, type ExplainedCube } from "./operations/explain.ts";
import { decodeMinima, encodeMinima, type MinimumCovers } from "./operations/minima.ts";
import { decodePrimes, encodePrimes } from "./operations/primes.ts";
import { decodeTautology, encodeTautology } from "./operations/tautology.ts";
import { checkOptions, type MinimaOptions, type RunOptions } from "./options.ts";

/**
 * The complement: 1 where the function is 0, 0 where it is 1, and the same don't-cares. It is
 * correct, not minimal. Errors: `LimitExceeded`, `Cancelled`, `InvalidInput`, `Unavailable`.
 *
 * @example De Morgan
 * ```ts
 * import { complement, Cover } from "@ristretto/espresso";
 *
 * console.log(complement(Cover.fromTruthTable(2, "0111")).toSumOfProducts()); // a' b'
 * ```
 */
export function complement(cover: Cover, options?: RunOptions): Cover {
  const data = dataOf("cover", cover);
  encodeComplement(threadJob, data, checkOptions(options));
  return decodeComplement(runHere(threadJob), data);
}

/**
 * All prime implicants: every cube, with its outputs, that lies in ON and don't-cares,
 * and in no larger one. `explain` of the result tells which are essential. Errors: `LimitExceeded`
 * (there can be very many), `Cancelled`, `InvalidInput`, `Unavailable`.
 *
 * @example The primes of three points
 * ```ts
 * import { Cover, primes } from "@ristretto/espresso";
 *
 * const all = primes(Cover.fromMinterms(3, [1, 3, 7]));
 * console.log([...all].map((cube) => cube.inputs).sort().join(" ")); // -11 0-1
 * ```
 */
export function primes(cover: Cover, options?: RunOptions): Cover {
  const data = dataOf("cover", cover);
  encodePrimes(threadJob, data, checkOptions(options));
  return decodePrimes(runHere(threadJob), data);
}

/**
 * The essential prime implicants: those that hold a point of ON, not don't-care, which no other
 * prime holds. Every cover of primes has them. Errors: as {@link primes}; it takes no list of all
 * primes.
 *
 * @example Two of three primes are essential
 * ```ts
 * import { Cover, essentialPrimes } from "@ristretto/espresso";
 *
 * const all = essentialPrimes(Cover.fromMinterms(3, [1, 3, 7, 6]));
 * console.log([...all].map((cube) => cube.inputs).sort().join(" ")); // 0-1 11-
 * ```
 */
export function essentialPrimes(cover: Cover, options?: RunOptions): Cover {
  const data = dataOf("cover", cover);
  encodeEssential(threadJob, data, checkOptions(options));
  return decodeEssential(runHere(threadJob), data);
}

/**
 * All minimum covers of a small function: every set of primes of the fewest cubes that covers it.
 * There can be very many: `covers` says how many are listed at most, and `all` of the answer
 * whether that was enough. Errors: `LimitExceeded` and `Cancelled` before the minimum is known,
 * `Unsupported` for inputs of several values and where the off-set is too large; `InvalidInput`,
 * `Unavailable`.
 *
 * @example The two minima of a cycle
 * ```ts
 * import { Cover, minimumCovers } from "@ristretto/espresso";
 *
 * const { covers, cubes, all } = minimumCovers(Cover.fromMinterms(3, [1, 2, 3, 4, 5, 6]));
 * console.log(covers.length, cubes, all); // 2 3 true
 * ```
 */
export function minimumCovers(cover: Cover, options?: MinimaOptions): MinimumCovers {
  const data = dataOf("cover", cover);
  encodeMinima(threadJob, data, checkOptions(options));
  return decodeMinima(runHere(threadJob), data);
}

/**
 * Whether two covers are the same function wherever neither is don't-care. Errors: `InvalidInput`
 * when their variables differ; `LimitExceeded`, `Cancelled`, `Unavailable`.
 *
 * @example A minimised cover is equivalent
 * ```ts
 * import { Cover, equivalent, minimize } from "@ristretto/espresso";
 *
 * const cover = Cover.fromTruthTable(3, "0110100-");
 * console.log(equivalent(cover, minimize(cover).cover)); // true
 * ```
 */
export function equivalent(a: Cover, b: Cover, options?: RunOptions): boolean {
  encodeEquivalent(threadJob, dataOf("a", a), dataOf("b", b), checkOptions(options));
  return decodeEquivalent(runHere(threadJob));
}

/**
 * Whether the function is 1 or don't-care at every point, for every output. Errors:
 * `LimitExceeded`, `Cancelled`, `InvalidInput`, `Unavailable`.
 *
 * @example The excluded middle
 * ```ts
 * import { Cover, isTautology } from "@ristretto/espresso";
 *
 * console.log(isTautology(Cover.fromRows(["0- 1", "1- 1"]))); // true
 * ```
 */
export function isTautology(cover: Cover, options?: RunOptions): boolean {
  encodeTautology(threadJob, dataOf("cover", cover), checkOptions(options));
  return decodeTautology(runHere(threadJob));
}

/**
 * What each cube of the ON set is for: whether it is prime, essential or redundant, and a point
 * that only it covers. Errors: `LimitExceeded`, `Cancelled`, `InvalidInput`, `Unavailable`.
 *
 * @example A cube too many
 * ```ts
 * import { Cover, explain } from "@ristretto/espresso";
 *
 * for (const cube of explain(Cover.fromRows(["1-0 1", "-11 1", "11- 1"]))) {
 *   console.log(cube.inputs, cube.prime, cube.redundant, cube.point?.inputs);
 * }
 * ```
 */
export function explain(cover: Cover, options?: RunOptions): ExplainedCube[] {
  const data = dataOf("cover", cover);
  encodeExplain(threadJob, data, checkOptions(options));
  return decodeExplain(runHere(threadJob), data);
}
