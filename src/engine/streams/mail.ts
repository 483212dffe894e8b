/**
 * What a thread that waits and the thread that runs its jobs share: one buffer for the job, one for
 * the answer, a few words.
 */

import type { Terms } from "../limits.ts";

/** Words of the control buffer. */
export const MAIL = { STATE: 0, LENGTH: 1, ALIVE: 2, WORDS: 4 } as const;

/** States: nothing yet; the answer is there; it is longer than the buffer; an error is there. */
export const STATE = { WAITING: 0, DONE: 1, LONGER: 2, FAILED: 3 } as const;

/** What the waiting thread sends. */
export type Letter =
  | {
    readonly what: "run";
    readonly control: SharedArrayBuffer;
    readonly job: SharedArrayBuffer;
    readonly length: number;
    readonly answer: SharedArrayBuffer;
    readonly timeoutMs: number | undefined;
    readonly onLimit: "best" | "error" | undefined;
  }
  | {
    readonly what: "take";
    readonly control: SharedArrayBuffer;
    readonly answer: SharedArrayBuffer;
  };

/** What the thread is told when it starts. */
export interface ThreadOptions {
  /** The control buffer, whose word ALIVE it sets. */
  readonly control: SharedArrayBuffer;
  /** Workers of its crew. */
  readonly workers: number;
  /** Jobs after which a worker is replaced; 0 = never. */
  readonly recycle: number;
  /** Milliseconds that a core that was told to stop has for its best answer. */
  readonly graceMs: number;
  /** What workers must do to themselves, and may use. */
  readonly terms: Terms;
}
