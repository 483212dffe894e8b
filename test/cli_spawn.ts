// Starts the command line as its users do, in the runtime that runs the test.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A file of the repository, by its path from the root. */
export function inRepository(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** The command that runs a TypeScript file of the repository in this runtime. */
export function command(path: string): [program: string, ...args: string[]] {
  const file = inRepository(path);
  return "Deno" in globalThis
    ? [process.execPath, "run", "-A", "--no-check", file]
    : [process.execPath, file];
}

/** How a program ended. */
export interface Ended {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** What a program is started with. */
export interface Start {
  /** What it finds on standard input. */
  input?: string | Uint8Array;
  /** Variables beside ours. */
  env?: Record<string, string>;
  /** Called with the program as it runs, and with what it has written to standard error so far. */
  onStderr?: (child: ChildProcessWithoutNullStreams, text: string) => void;
  /** Called when the program has been started. */
  onStart?: (child: ChildProcessWithoutNullStreams) => void;
}

/** Runs a program to its end. */
export function runProgram(words: readonly string[], start: Start = {}): Promise<Ended> {
  const [program = "", ...args] = words;
  const env = { ...process.env, NO_COLOR: "1", ...start.env };
  const child = spawn(program, args, { env, stdio: "pipe" });
  const ended: Ended = { status: null, signal: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => ended.stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ended.stderr += text;
    start.onStderr?.(child, ended.stderr);
  });
  child.stdin.on("error", () => {}); // it may end without reading what we give
  if (start.input !== undefined) child.stdin.end(start.input);
  else if (start.onStart === undefined) child.stdin.end();
  start.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ ...ended, status, signal }));
  });
}

/** Runs the command line. */
export function cli(args: readonly string[], start: Start = {}): Promise<Ended> {
  return runProgram([...command("src/cli/main.ts"), ...args], start);
}
