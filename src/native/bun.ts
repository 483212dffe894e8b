/**
 * The binding of Bun: `bun:ffi`, with typed arrays as arguments.
 */

import { node } from "./runtime.ts";
import { type Native, type NativeType, SYMBOLS } from "./symbols.ts";

interface BunFfi {
  dlopen(path: string, symbols: unknown): { readonly symbols: unknown };
}

const TYPES: Readonly<Record<NativeType, string>> = {
  buffer: "ptr",
  u32: "u32",
  i32: "i32",
  f64: "f64",
  void: "void",
};

/** Opens the library. Throws what Bun throws. */
export function openWithBun(path: string): Native {
  const ffi = node?.getBuiltinModule("bun:ffi") as BunFfi;
  const symbols = Object.entries(SYMBOLS).map(([name, { parameters, result }]) => [
    name,
    { args: parameters.map((type) => TYPES[type]), returns: TYPES[result] },
  ]);
  return ffi.dlopen(path, Object.fromEntries(symbols)).symbols as Native;
}
