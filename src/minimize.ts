/**
 * Minimisation on the calling thread.
 *
 * @module
 */

import type { Cover } from "./cover/cover.ts";
import { threadJob } from "./job/block.ts";
import { runHere } from "./native/run.ts";
import {
  checkMinimize,
  decodeMinimize,
  encodeMinimize,
  functionOf,
  type MinimizeResult,
} from "./operations/minimize.ts";
import { decodeTables, encodeTables, type MinimizedTables } from "./operations/tables.ts";
import { decodeText, encodeText, type PlaResult } from "./operations/text.ts";
import {
  checkOptions,
  type MinimizeOptions,
  type PlaOptions,
  type TablesOptions,
} from "./options.ts";

/**
 * A smaller cover of the same function, on the calling thread. Don't-cares are decided so that it
 * becomes small; `dc` and `off` among the options take the place of the cover's own sets, so that
 * `minimize(on, { dc, off })` works as in C programs.
 *
 * Errors: `InvalidInput` for options that are none, for covers of different variables, and where ON
 * and OFF overlap; `LimitExceeded` where a limit ends the run and `onLimit` is `"error"`, or before
 * there is an answer; `Cancelled`; `Unavailable` when the native library cannot be loaded.
 *
 * @example The majority of three
 * ```ts
 * import { Cover, minimize } from "@ristretto/espresso";
 *
 * const cover = Cover.fromMinterms(3, [3, 5, 6, 7]);
 * const { cover: smaller, stats } = minimize(cover, { effort: "high" });
 * console.log(smaller.toSumOfProducts(), stats.cubes); // b c + a c + a b 3
 * ```
 */
export function minimize(cover: Cover, options?: MinimizeOptions): MinimizeResult {
  const data = functionOf(cover, options);
  encodeMinimize(threadJob, data, checkMinimize(options));
  return decodeMinimize(runHere(threadJob), data);
}

/**
 * Minimises the text of a PLA file on the calling thread: text to text, as the command line does.
 *
 * Errors: `InvalidInput` with line and column for a malformed text; else as {@link minimize}.
 *
 * @example A file with a don't-care
 * ```ts
 * import { minimizePla } from "@ristretto/espresso";
 *
 * const { text, stats } = minimizePla(".i 2\n.o 1\n01 1\n10 1\n11 -\n.e\n");
 * console.log(text, stats.before.cubes, "->", stats.cubes); // … 2 -> 2
 * ```
 */
export function minimizePla(text: string | Uint8Array, options?: PlaOptions): PlaResult {
  encodeText(threadJob, text, checkOptions(options));
  return decodeText(runHere(threadJob));
}

/**
 * Minimises many small functions of the same variables in one call, a million in a fraction of a
 * second. They come as truth tables in the bytes of a view, whole bytes a function: of a function
 * of one output, bit `x` is its value at the minterm `x`, whose highest binary digit is the first
 * input, as in `Cover.fromMinterms`. So four inputs are a number of a `Uint16Array`, five one of a
 * `Uint32Array`, six one of a `BigUint64Array`. Further outputs follow, 2^inputs bits each. At most
 * 16 inputs and 64 outputs.
 *
 * Limits are those of the whole call; functions that a limit leaves undone are answered with one
 * cube for each point. Errors: as {@link minimize}, and `InvalidInput` for bytes that are no whole
 * number of functions.
 *
 * @example Two functions of four inputs
 * ```ts
 * import { minimizeTables } from "@ristretto/espresso";
 *
 * const answers = minimizeTables(4, Uint16Array.of(0x8000, 0xff0f), { effort: "fast" });
 * for (const { cubes, cover } of answers) console.log(cubes, cover.toSumOfProducts());
 * ```
 */
export function minimizeTables(
  inputs: number,
  tables: ArrayBufferView,
  options?: TablesOptions,
): MinimizedTables {
  const input = encodeTables(threadJob, inputs, tables, options);
  return decodeTables(runHere(threadJob), input);
}
