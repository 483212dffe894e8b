// One line of progress on standard error, where that is a terminal; elsewhere nothing.

import process from "node:process";

/** Tells how far a benchmark is. */
export class Progress {
  readonly #all: number;
  #done = 0;
  #what = "";

  constructor(all: number) {
    this.#all = all;
  }

  /** The next input begins. */
  next(what: string): void {
    this.#done++;
    this.#what = what;
    this.tell("");
  }

  /** What is being done with it. */
  tell(detail: string): void {
    const text = `${this.#done}/${this.#all} ${this.#what} ${detail}`.trimEnd();
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text.slice(0, 100)}`);
  }

  /** Takes the line away. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
