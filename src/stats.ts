/**
 * What a run tells about itself, beside its result.
 *
 * @module
 */

import type { LimitName } from "./errors.ts";
import type { PlaType } from "./options.ts";

/** The size of a cover: the measures that minimisers are compared by. */
export interface CoverSize {
  /** Number of cubes (product terms) of the ON set. */
  readonly cubes: number;
  /** Inputs that appear in cubes, complemented or not, counted over all cubes. */
  readonly inputLiterals: number;
  /** Connections of cubes to outputs, counted over all cubes. */
  readonly outputLiterals: number;
  /** `inputLiterals + outputLiterals`. */
  readonly literals: number;
}

/** What ended a run before it was done. */
export type StoppedBy = LimitName | "cancel";

/** The kernels that a run used. */
export type KernelName = "portable" | "avx2" | "avx512" | "neon" | "wasm-simd";

/** What a run did. All but `elapsedMs`, `peakBytes` and `kernels` depends on the job only. */
export interface Stats extends CoverSize {
  /** The size of the cover that was given. */
  readonly before: CoverSize;
  /** Milliseconds in the native core. */
  readonly elapsedMs: number;
  /** No limit ended the run early. */
  readonly complete: boolean;
  /** What did, when `complete` is false. */
  readonly stopped: StoppedBy | undefined;
  /** The answer was checked against the input, and is right. */
  readonly verified: boolean;
  /** No cover of the function has fewer cubes; 0 where nothing is known. */
  readonly lowerBound: number;
  /** The number of cubes is proven to be the minimum. */
  readonly optimal: boolean;
  /** So is the number of literals, among covers of as few cubes; only looked for on request. */
  readonly fewestLiterals: boolean;
  /** Units of work spent, the currency of the option `budget`. */
  readonly work: number;
  /** Rounds of the outer loop. */
  readonly rounds: number;
  /** Essential primes found. */
  readonly essential: number;
  /** Primes listed; 0 when they were not. */
  readonly primes: number;
  /** Cubes of the off-set that was used; 0 when none was needed. */
  readonly offCubes: number;
  /** Oddities of a PLA text that were tolerated: a wrong `.p`, missing names, …; 0 without text. */
  readonly warnings: number;
  /** The type that a PLA text was read as; `undefined` without text. */
  readonly textType: PlaType | undefined;
  /** Most bytes that the core held at a time. */
  readonly peakBytes: number;
  /** The kernels that ran. */
  readonly kernels: KernelName;
}

/** What a job on a native thread has reached, while it runs. */
export interface Progress {
  /** The step it is in, as a number of the core's list. */
  readonly step: number;
  /** Cubes of the best cover so far. */
  readonly cubes: number;
  /** The proven lower bound so far, 0 where nothing is known. */
  readonly bound: number;
  /** The round of the outer loop. */
  readonly round: number;
  /** Units of work spent. */
  readonly work: number;
  /** Milliseconds since the job was started. */
  readonly elapsedMs: number;
}
