// What a long run shows while it goes on: one line on standard error, when that is a terminal,
// after the first second, and wiped away afterwards. The trace (`-t`) is the lasting form: a line a
// step.

import process from "node:process";
import type { Progress } from "../stats.ts";
import { formatCount, formatDuration } from "./quantities.ts";
import { say, stderrIsTerminal } from "./streams.ts";

/** The steps of c/base/context.h, by number. */
export const stepNames: readonly string[] = [
  "starting",
  "reading",
  "complement",
  "expand",
  "irredundant",
  "essential primes",
  "reduce",
  "gasp",
  "sparse",
  "primes",
  "covering",
  "verifying",
  "writing",
];

const SHOW_AFTER_MS = 1000;
const REFRESH_MS = 100;

/** Shows how the job of a file goes on. */
export class ProgressLine {
  readonly #name: string;
  readonly #trace: boolean;
  readonly #terminal = stderrIsTerminal();
  #shown = false;
  #lastShownMs = 0;
  #lastStep = -1;
  #lastRound = -1;

  /** `name` is the file's; with `trace`, each step that is seen is told on a line of its own. */
  constructor(name: string, trace: boolean) {
    this.#name = name;
    this.#trace = trace;
  }

  /** Takes a new state of the run. */
  update(progress: Progress): void {
    if (this.#trace) this.#tell(progress);
    if (!this.#terminal || progress.elapsedMs < SHOW_AFTER_MS) return;
    if (this.#shown && progress.elapsedMs - this.#lastShownMs < REFRESH_MS) return;
    this.#shown = true;
    this.#lastShownMs = progress.elapsedMs;
    const width = Math.max(20, (process.stderr.columns || 80) - 1);
    const state = describe(progress);
    const room = Math.max(8, width - state.length - 2);
    const name = this.#name.length <= room ? this.#name : `…${this.#name.slice(1 - room)}`;
    const line = `${name}: ${state}`;
    const hint = "   Ctrl-C: take the best so far";
    const whole = line.length + hint.length <= width ? line + hint : line.slice(0, width);
    say(`\r${whole}\x1b[K`);
  }

  /** Wipes the line away, if there is one. */
  clear(): void {
    if (this.#shown) say("\r\x1b[K");
    this.#shown = false;
  }

  #tell(progress: Progress): void {
    if (progress.step === this.#lastStep && progress.round === this.#lastRound) return;
    [this.#lastStep, this.#lastRound] = [progress.step, progress.round];
    this.clear();
    say(`# ${this.#name}: ${describe(progress)}, work ${formatCount(progress.work)}\n`);
  }
}

function describe({ step, round, cubes, bound, elapsedMs }: Progress): string {
  return [
    (stepNames[step] ?? `step ${step}`) + (round > 0 ? `, round ${round}` : ""),
    ...(cubes > 0 ? [`${formatCount(cubes)} cubes`] : []),
    ...(bound > 0 ? [`at least ${formatCount(bound)}`] : []),
    formatDuration(elapsedMs),
  ].join(", ");
}
