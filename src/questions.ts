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
import { decodeExplain, encodeExplain, type ExplainedCube } from "./operations/explain.ts";
import { decodePrimes, encodePrimes } from "./operations/primes.ts";
import { decodeTautology, encodeTautology } from "./operations/tautology.ts";
import { checkOptions, type RunOptions } from "./options.ts";

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
