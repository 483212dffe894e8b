// What a run tells on standard error beside its result: the summary (`-s`), its total, the same as
// JSON (`--json`), and what the caller must know in any case: that a limit ended the run early.

import type { CoverSize, Stats, StoppedBy } from "../stats.ts";
import { formatCount, formatDuration } from "./quantities.ts";

const reasons: Readonly<Record<StoppedBy, string>> = {
  memory: "the memory limit",
  time: "the time limit",
  cpu: "the processor time limit",
  size: "the size limit",
  cubes: "the limit of cubes",
  budget: "the budget",
  cancel: "Ctrl-C",
};

function reasonOf({ stopped }: Stats): string {
  return stopped === undefined ? "a limit" : reasons[stopped];
}

/** What a result is when something stopped the run before it was done. */
export function incomplete(stats: Stats): string {
  const bound = stats.lowerBound > 0 ? `; no cover has fewer than ${stats.lowerBound}` : "";
  return `stopped by ${reasonOf(stats)} after ${
    formatDuration(stats.elapsedMs)
  }; this is the best cover ` +
    `so far, with ${formatCount(stats.cubes)} cubes${bound}${
      stats.verified ? "" : "; not verified"
    }`;
}

function sizes(before: CoverSize, after: CoverSize): string {
  const change = (from: number, to: number) =>
    `${formatCount(from).padStart(7)} → ${formatCount(to).padStart(6)}`;
  return `cubes ${change(before.cubes, after.cubes)}   literals ` +
    change(before.literals, after.literals);
}

function proof(stats: Stats): string {
  if (!stats.complete) return `, stopped by ${reasonOf(stats)}`;
  return stats.optimal ? ", minimum" : "";
}

/** Collects the summary of all files. */
export class Summary {
  readonly #width: number;
  #files = 0;
  #verified = 0;
  #elapsedMs = 0;
  #before: CoverSize = nothing;
  #after: CoverSize = nothing;

  /** The names are needed in advance, so that the columns of all lines agree. */
  constructor(names: readonly string[]) {
    this.#width = Math.max(...names.map((name) => name.length));
  }

  /** Counts a file in, and gives its line. */
  line(name: string, stats: Stats): string {
    this.#files++;
    this.#verified += stats.verified ? 1 : 0;
    this.#elapsedMs += stats.elapsedMs;
    this.#before = sum(this.#before, stats.before);
    this.#after = sum(this.#after, stats);
    const checked = stats.verified ? "verified" : "not verified";
    return this.#row(name, stats.before, stats, stats.elapsedMs, checked + proof(stats));
  }

  /** The line of a file that was read, not minimised. */
  size(name: string, { before, elapsedMs }: Stats): string {
    return `${name.padEnd(this.#width)}   cubes ${formatCount(before.cubes).padStart(7)}   ` +
      `literals ${formatCount(before.literals).padStart(7)}   ${formatDuration(elapsedMs)}\n`;
  }

  /** The line of all files, when there were several. */
  total(): string {
    if (this.#files < 2) return "";
    const checked = this.#verified === this.#files
      ? "all verified"
      : `${this.#verified} of ${this.#files} verified`;
    return this.#row("total", this.#before, this.#after, this.#elapsedMs, checked);
  }

  #row(name: string, before: CoverSize, after: CoverSize, ms: number, checked: string): string {
    const time = formatDuration(ms).padStart(9);
    return `${name.padEnd(this.#width)}   ${sizes(before, after)}   ${time}   ${checked}\n`;
  }
}

const nothing: CoverSize = { cubes: 0, inputLiterals: 0, outputLiterals: 0, literals: 0 };

function sum(a: CoverSize, b: CoverSize): CoverSize {
  return {
    cubes: a.cubes + b.cubes,
    inputLiterals: a.inputLiterals + b.inputLiterals,
    outputLiterals: a.outputLiterals + b.outputLiterals,
    literals: a.literals + b.literals,
  };
}

/** One line of JSON. Things that are not there are left out. */
export function jsonLine(file: string, facts: object): string {
  return JSON.stringify({ file, ...facts }) + "\n";
}
