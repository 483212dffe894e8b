// Runners: programs that hold functions and minimise them on request, each a process of its own so
// that one which hangs, crashes or eats the memory ends alone. Ours and every peer's speak the same
// few lines (README.md, "Runners"): words with tabs on standard input, JSON behind an `@` back.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import process from "node:process";

/** How a program is started. */
export interface Command {
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What a runner says of itself when it is ready. */
export interface Hello {
  readonly name: string;
  readonly version: string;
  readonly variants: readonly string[];
}

/** What a runner says of one pass over its functions: an entry for each of them. */
export interface Pass {
  /** Nanoseconds of one minimisation, the mean of those that were asked for. */
  readonly wall: readonly number[];
  /** Nanoseconds of processor time for all functions together, of the whole process. */
  readonly cpu: number;
  readonly cubes: readonly number[];
  readonly inputLiterals: readonly number[];
  readonly outputLiterals: readonly number[];
  /** Most bytes that our own core held at a time. */
  readonly coreBytes?: number;
  /** False where our own core ended a run before it was done. */
  readonly complete?: boolean;
  /** Why functions could not be minimised, by their number; their other entries mean nothing. */
  readonly failed?: Readonly<Record<string, string>>;
}

/** Bytes of a runner's process in memory, now and at most. */
export interface Memory {
  readonly resident: number | null;
  readonly peak: number | null;
}

/** Why there is no answer: `over` the time, the runner `ended`, or it `refused`. */
export class RunnerFailure extends Error {
  readonly kind: "over" | "ended" | "refused";

  constructor(kind: "over" | "ended" | "refused", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A runner's process, started when it is first needed and anew after it was lost. */
export class Runner {
  readonly command: Command;
  hello: Hello | undefined;
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: ((line: string | undefined) => void) | undefined;
  #errors = "";
  #file: string | undefined;
  #loaded: string | undefined;

  constructor(command: Command) {
    this.command = command;
  }

  /** Names the file of functions that the next requests are about. */
  use(path: string): void {
    this.#file = path;
  }

  /** Minimises every function `count` times. */
  run(variant: string, count: number, limitMs: number): Promise<Pass> {
    return this.#ask<Pass>(["run", variant, String(count)], limitMs);
  }

  /** Has the last results written to a file of functions. */
  write(path: string): Promise<unknown> {
    return this.#ask(["write", path], 60_000);
  }

  /** The memory of its process; with `reset` the peak starts anew. */
  memory(reset = false): Promise<Memory> {
    return this.#ask<Memory>([reset ? "reset" : "memory"], 10_000);
  }

  /** Starts the process, and hears what it is. */
  async start(): Promise<Hello> {
    if (this.#child !== undefined && this.hello !== undefined) return this.hello;
    const [program = "", ...args] = this.command.words;
    const child = spawn(program, args, {
      env: { ...process.env, ...this.command.env },
      stdio: "pipe",
    });
    this.#child = child;
    this.#errors = "";
    this.#loaded = undefined;
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        if (line.startsWith("@")) this.#settle(child, line.slice(1));
      }
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      this.#errors = (this.#errors + piece).slice(-4000);
    });
    child.stdin.on("error", () => {}); // its end is reported by "close"
    child.on("error", (error) => this.#errors += error.message);
    child.on("close", () => {
      this.#settle(child, undefined);
      if (this.#child === child) this.#child = undefined;
    });
    return this.hello = await this.#answer<Hello>("start", 120_000);
  }

  /** Ends the process. */
  stop(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
    this.#waiting = undefined;
  }

  async #ask<T>(words: readonly string[], limitMs: number): Promise<T> {
    await this.start();
    if (this.#file !== undefined && this.#loaded !== this.#file) {
      const path = this.#file;
      this.#send(["load", path]);
      await this.#answer("load", 120_000);
      this.#loaded = path;
    }
    this.#send(words);
    return await this.#answer<T>(words.join(" "), limitMs);
  }

  #send(words: readonly string[]): void {
    this.#child?.stdin.write(`${words.join("\t")}\n`);
  }

  #settle(child: ChildProcessWithoutNullStreams, line: string | undefined): void {
    if (child !== this.#child) return;
    const settle = this.#waiting;
    this.#waiting = undefined;
    settle?.(line);
  }

  #answer<T>(request: string, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.stop();
        reject(new RunnerFailure("over", `over ${limitMs / 1000} s`));
      }, limitMs);
      this.#waiting = (line) => {
        clearTimeout(timer);
        if (line === undefined) {
          const why = this.#errors.trim().split("\n").at(-1) || "it said nothing";
          this.#child = undefined;
          reject(new RunnerFailure("ended", `ended at "${request}": ${why.slice(0, 200)}`));
          return;
        }
        const value = JSON.parse(line) as T & { readonly error?: string };
        if (value.error === undefined) resolve(value);
        else reject(new RunnerFailure("refused", value.error));
      };
    });
  }
}
