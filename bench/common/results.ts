// Where results go, and what every result file begins with (README.md, "Files").

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root, say } from "../../tools/run.ts";
import type { Arguments } from "./arguments.ts";
import { busyProcessors, describeMachine, load, type Machine, machineSlug } from "./machine.ts";

/** Something that was not measured, and why. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** The beginning of every result file. */
export interface Head {
  /** The version of this shape. */
  readonly format: 1;
  readonly benchmark: string;
  /** Fewer inputs and rounds than a real run: to see that it works, not to be quoted. */
  readonly quick: boolean;
  readonly command: string;
  readonly machine: Machine;
  readonly started: string;
  readonly ended: string;
  /** Processors that others kept busy just before it began; over a quarter, times are doubtful. */
  readonly busy: number;
  /** The machine's load when it began and when it ended, with what the benchmark itself does. */
  readonly load: { readonly began: readonly number[]; readonly ended: readonly number[] };
  readonly skipped: readonly Skipped[];
}

/** Whether a machine on which others keep so many processors busy is none to measure on. */
export function isBusy(processors: number): boolean {
  return processors > 0.25;
}

/** A run of a benchmark: where its files go, and what it has to say of itself. */
export class Report {
  readonly folder: string;
  readonly skipped: Skipped[] = [];
  readonly #benchmark: string;
  readonly #options: Arguments;
  readonly #machine = describeMachine();
  readonly #started = new Date();
  readonly #load = load();
  readonly #busy = busyProcessors();

  constructor(benchmark: string, options: Arguments) {
    this.#benchmark = benchmark;
    this.#options = options;
    this.folder = resultsFolder(options, this.#machine);
    if (isBusy(this.#busy)) {
      say(`others keep ${this.#busy} of ${this.#machine.cores} processors busy: times will wander`);
    }
  }

  /** Says, and keeps, that something is left out. */
  skip(what: string, why: string): void {
    this.skipped.push({ what, why });
    say(`skipped: ${what}: ${why}`);
  }

  /** Writes the result file, and says where it is. */
  save(content: object): void {
    const head: Head = {
      format: 1,
      benchmark: this.#benchmark,
      quick: this.#options.quick,
      command: `bench:${this.#benchmark} ${this.#options.given.join(" ")}`.trim(),
      machine: this.#machine,
      started: this.#started.toISOString(),
      ended: new Date().toISOString(),
      busy: this.#busy,
      load: { began: this.#load, ended: load() },
      skipped: this.skipped,
    };
    const text = JSON.stringify({ ...head, ...content }, undefined, 1);
    say(`results are in ${this.#write(`${this.#benchmark}.json`, `${text}\n`)}`);
  }

  /** Writes a picture beside the result file. */
  picture(name: string, svg: string | undefined): void {
    if (svg !== undefined) this.#write(`${this.#benchmark}-${name}.svg`, svg);
  }

  /** The commit that is measured, with `+` when files differ from it. */
  get commit(): string {
    return this.#machine.commit;
  }

  /** Writes a text beside the result file. */
  text(name: string, text: string): void {
    this.#write(name, text);
  }

  #write(name: string, text: string): string {
    mkdirSync(this.folder, { recursive: true });
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path.startsWith(root) ? path.slice(root.length + 1) : path;
  }
}

/** Where the results of a run go. */
export function resultsFolder(options: Arguments, machine: Machine = describeMachine()): string {
  const { quick, only, modes, sizes, runtimes } = options;
  const filtered = [only, modes, sizes, runtimes].some((names) => names.length > 0);
  const part = quick ? "-quick" : filtered ? "-part" : "";
  const day = new Date().toISOString().slice(0, 10);
  const name = `${day}-${machineSlug(machine)}${part}`;
  return options.out ?? join(root, "bench", "results", name);
}

/** Writes the tables, which are the result that a reader at the terminal wants. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
