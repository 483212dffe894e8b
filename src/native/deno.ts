/**
 * The binding of Deno: only typed arrays as arguments, so that it works with a grant for this one
 * library (`--allow-ffi=<library>`).
 */

import { deno } from "./runtime.ts";
import { type Native, SYMBOLS } from "./symbols.ts";

/** Opens the library. Throws what Deno throws. */
export function openWithDeno(path: string): Native {
  return deno!.dlopen(path, SYMBOLS).symbols as Native;
}
