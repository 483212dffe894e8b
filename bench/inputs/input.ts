// An input of the benchmarks: a function by name, made when it is needed.

import type { TwoLevel } from "../common/function_text.ts";

/** What is known about a function from elsewhere. */
export interface Known {
  /** Espresso 2.3 by default. */
  readonly espressoCubes: number | undefined;
  readonly espressoInputLiterals: number | undefined;
  readonly espressoOutputLiterals: number | undefined;
  /** Espresso 2.3 with -estrong. */
  readonly strongCubes: number | undefined;
  /** The best cover known. */
  readonly bestCubes: number | undefined;
  /** The best known is proven to be the minimum. */
  readonly proven: boolean;
}

/** A place on a growth curve. */
export interface Growth {
  /** The curve. */
  readonly curve: string;
  /** What grows: inputs or cubes. */
  readonly axis: "inputs" | "cubes";
  readonly size: number;
}

/** A function to minimise. */
export interface Input {
  readonly name: string;
  readonly group: "corpus" | "generated" | "growth";
  readonly known?: Known | undefined;
  readonly growth?: Growth | undefined;
  /** Part of a quick run. */
  readonly quick?: boolean | undefined;
  /** Makes the function. */
  make(): TwoLevel;
}
