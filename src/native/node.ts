/**
 * The binding of Node: koffi, an optional package that the user installs.
 */

import { RistrettoError } from "../errors.ts";
import { node } from "./runtime.ts";
import { type Native, type NativeType, SYMBOLS } from "./symbols.ts";

interface Koffi {
  load(path: string): {
    func(name: string, result: string, parameters: readonly string[]): unknown;
  };
}

const TYPES: Readonly<Record<NativeType, string>> = {
  buffer: "void *",
  u32: "uint32_t",
  i32: "int32_t",
  f64: "double",
  void: "void",
};

/** Opens the library. Throws what koffi throws; `Unavailable` when there is no koffi. */
export function openWithNode(path: string): Native {
  const library = koffi().load(path);
  const symbols = Object.entries(SYMBOLS).map(([name, { parameters, result }]) => [
    name,
    library.func(name, TYPES[result], parameters.map((type) => TYPES[type])),
  ]);
  return Object.fromEntries(symbols) as Native;
}

function koffi(): Koffi {
  const { createRequire } = node?.getBuiltinModule("node:module") as {
    createRequire(from: string): (name: string) => unknown;
  };
  try {
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch (cause) {
    throw new RistrettoError(
      "Unavailable",
      "Node has no foreign calls of its own: install the package koffi (npm install koffi)",
      { cause, tried: ["the package koffi"] },
    );
  }
}
