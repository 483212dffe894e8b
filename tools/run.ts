// What every tool leans on: where the project is, how to run a program, how to speak on standard
// error. Works under Bun, Deno and Node; standard output is left to programs that have a result.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder, ignored by git, into which tools are installed. */
export const toolsDir: string = join(root, ".tools");

/** A failure whose message is all that the user needs: printed without a stack. */
export class ToolError extends Error {}

/** Writes one line about what happens to standard error. */
export function say(message: string): void {
  process.stderr.write(`ristretto: ${message}\n`);
}

/** Lines that Zig writes for its own developers when its build program is not optimised. */
const noise = /^debug: configuration cache .*\n?/gm;

/** How a program ended, with what it wrote when that was captured. */
export interface Outcome {
  /** Its exit status; 128 + the number of the signal that ended it; 127 when it could not start. */
  code: number;
  /** Both its streams, as they came. */
  output: string;
  /** Its standard output alone. */
  stdout: string;
}

/** How to run a program. */
export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** `show` on standard error what is captured; only `capture` it; `inherit` our own streams. */
  io?: "show" | "capture" | "inherit";
  /** After this time the program and all that it started are killed: exit status 124. */
  timeoutMs?: number;
}

/** Runs a program to its end. Never throws: a program that cannot start has exit status 127. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [program = "", ...args] = command;
  const io = options.io ?? "show";
  return new Promise((resolve) => {
    let output = "";
    let stdout = "";
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: io === "inherit" ? "inherit" : ["ignore", "pipe", "pipe"],
      detached: options.timeoutMs !== undefined, // a group of its own, which can be killed as one
    });
    const kill = (signal: NodeJS.Signals) => {
      if (options.timeoutMs === undefined || child.pid === undefined) child.kill(signal);
      else process.kill(-child.pid, signal);
    };
    let late = false;
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => {
      late = true;
      output += `killed after ${options.timeoutMs! / 1000} s\n`;
      kill("SIGKILL");
    }, options.timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      let line = "";
      const show = () => {
        if (io === "show") showOutput(line);
        line = "";
      };
      stream?.on("data", (text: string) => {
        output += text;
        if (stream === child.stdout) stdout += text;
        for (const piece of text.split(/(?<=\n)/)) {
          line += piece;
          if (line.endsWith("\n")) show();
        }
      });
      stream?.on("end", show);
    }
    // A terminal's Ctrl-C reaches a child of our own group by itself; we wait for its answer to it.
    const interrupt = () => options.timeoutMs !== undefined && kill("SIGINT");
    const terminate = () => kill("SIGTERM");
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", terminate);
    const settle = (code: number) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      resolve({ code: late ? 124 : code, output, stdout });
    };
    child.on("error", (error) => {
      output += `${error.message}\n`;
      settle(127);
    });
    child.on("close", (code, signal) => {
      settle(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** Shows at once what a program wrote that ran with its output captured. */
export function showOutput(output: string): void {
  process.stderr.write(output.replace(noise, ""));
}

/** On a terminal, shows the seconds that pass while something long runs; elsewhere nothing. */
export async function withClock<T>(doing: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return await work();
  const start = Date.now();
  const timer = setInterval(() => {
    process.stderr.write(
      `\r\x1b[Kristretto: ${doing}, ${Math.round((Date.now() - start) / 1000)} s`,
    );
  }, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.stderr.write("\r\x1b[K");
  }
}

/** What a quick question to a program answers, or undefined when it cannot be asked. */
export function ask(command: readonly string[]): string | undefined {
  const [program = "", ...args] = command;
  try {
    const answer = spawnSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return answer.status === 0 ? answer.stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** PATH with some folders before it, for the programs that we start. */
export function pathWith(folders: readonly string[]): string {
  return [...folders, process.env.PATH ?? ""].join(delimiter);
}

/** The command that runs a TypeScript file in the runtime that runs this one. */
export function thisRuntime(file: string): string[] {
  return "Deno" in globalThis ? [process.execPath, "run", "-A", file] : [process.execPath, file];
}

/** The last lines of a long output, for an error message; of a full disk only that it is full. */
export function tail(output: string, lines = 15): string {
  if (isDiskFull(output)) return "the disk is full";
  return output.trimEnd().split("\n").slice(-lines).map((line) => line.slice(0, 300)).join("\n");
}

/** Whether a program failed for want of room: by its own words, or by what is left of the disk. */
export function isDiskFull(output: string): boolean {
  if (/no space left|ENOSPC|NoSpaceLeft/i.test(output)) return true;
  try {
    return [root, toolsDir].filter(existsSync).some((folder) => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize < 20_000_000;
    });
  } catch {
    return false; // a system that does not say
  }
}

/** Runs a tool: what it returns is the exit status, a ToolError is a message and status 1. */
export async function main(tool: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await tool();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
