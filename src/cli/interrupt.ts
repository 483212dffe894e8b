// Ctrl-C. The first one ends the running job, whose best cover so far is then printed; the second,
// or any while no job runs, ends the program at once with status 130, as shells expect.

import process from "node:process";

/** The exit status of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

// Programs that start us (`deno task`, for one) pass on the signal that the terminal gave us too.
const SAME_KEY_MS = 300;

/** Watches for Ctrl-C from its making to `stop()`. */
export class Interrupt {
  #running: AbortController | undefined;
  #happenedAt: number | undefined;
  readonly #cleanUp: () => void;
  readonly #listener = (): void => {
    const now = performance.now();
    if (this.#happenedAt !== undefined && now - this.#happenedAt < SAME_KEY_MS) return;
    const first = this.#happenedAt === undefined;
    this.#happenedAt = now;
    if (first && this.#running !== undefined) return this.#running.abort();
    this.#cleanUp();
    process.exit(INTERRUPTED);
  };

  /** `cleanUp` is called before the program is ended at once. */
  constructor(cleanUp: () => void) {
    this.#cleanUp = cleanUp;
    process.on("SIGINT", this.#listener);
  }

  /** Whether Ctrl-C was pressed. */
  get happened(): boolean {
    return this.#happenedAt !== undefined;
  }

  /** Runs a job that the first Ctrl-C cancels through the signal. */
  async during<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#running = new AbortController();
    try {
      return await job(this.#running.signal);
    } finally {
      this.#running = undefined;
    }
  }

  /** Ends the watch. */
  stop(): void {
    process.off("SIGINT", this.#listener);
  }
}
