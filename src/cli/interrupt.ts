// Ctrl-C. The first one ends the running job, whose best cover so far is then printed; the second,
// or any while no job runs, ends the program at once with status 130, as shells expect.

import process from "node:process";

/** The exit status of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Watches for Ctrl-C from its making to `stop()`. */
export class Interrupt {
  #running: AbortController | undefined;
  #happened = false;
  readonly #cleanUp: () => void;
  readonly #listener = (): void => {
    const first = !this.#happened;
    this.#happened = true;
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
    return this.#happened;
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
