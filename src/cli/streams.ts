// Standard streams and files, as bytes. Standard output carries only results, all of them whole;
// standard error everything else.
//
// Reading and writing go through file descriptors, not through `process.stdout`: what is written is
// written when the promise settles, an error is an exception, and Bun, Deno and Node behave alike.

import { read, write, writeFileSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isatty } from "node:tty";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

// When a descriptor does not block and takes only a part of a write, Deno 2.9 reports an error, not
// the part. A pipe takes up to this size whole or not at all.
const CHUNK = "Deno" in globalThis ? 4096 : 65536;

/** The reader of our output has gone; nobody is to be told. */
export class PipeClosed extends Error {}
/** A file cannot be read; the message says why. */
export class InputError extends Error {}
/** Standard output or a file cannot be written; the message says why. */
export class OutputError extends Error {}

/** Whether standard error is a terminal. */
export function stderrIsTerminal(): boolean {
  return isatty(STDERR);
}

/** Whether results go elsewhere than the rest, which is on a terminal. */
export function stdoutIsApart(): boolean {
  return isatty(STDERR) && !isatty(STDOUT);
}

/** Writes bytes to standard output; settles when the system has taken them all. */
export async function writeResult(data: Uint8Array): Promise<void> {
  try {
    let offset = 0;
    while (offset < data.length) {
      const part = data.subarray(offset, offset + CHUNK);
      offset += await retried((done) => write(STDOUT, part, 0, part.length, null, done));
    }
  } catch (error) {
    if (["EPIPE", "ECONNRESET"].includes(codeOf(error) ?? "")) throw new PipeClosed();
    throw new OutputError(`standard output: ${describe(error)}`, { cause: error });
  }
}

/** Writes text to standard error. A standard error that takes none is not worth an error. */
export function say(text: string): void {
  const data = new TextEncoder().encode(text);
  for (let offset = 0, waits = 0; offset < data.length && waits < 1000;) {
    try {
      offset += writeSync(STDERR, data.subarray(offset, offset + CHUNK));
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") return;
      waits++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** Writes a text into a file. */
export function writeOutput(name: string, text: string): void {
  try {
    writeFileSync(name, text);
  } catch (error) {
    throw new OutputError(`${name}: ${describe(error)}`, { cause: error });
  }
}

/** The bytes of a file, or of standard input for "-". */
export async function readInput(name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return name === "-" ? await readStdin() : new Uint8Array(await readFile(name));
  } catch (error) {
    throw new InputError(describe(error), { cause: error });
  }
}

async function readStdin(): Promise<Uint8Array<ArrayBuffer>> {
  if (isatty(STDIN)) say("ristretto: reading PLA text from the terminal; Ctrl-D ends it\n");
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(65536);
    const count = await retried((done) => read(STDIN, part, 0, part.length, null, done));
    if (count === 0) return joined(parts);
    parts.push(part.subarray(0, count));
  }
}

/** A call on a descriptor, again and again while the descriptor is not ready. */
async function retried(
  call: (done: (error: NodeJS.ErrnoException | null, count: number) => void) => void,
): Promise<number> {
  for (;;) {
    try {
      return await new Promise((resolve, reject) => {
        call((error, count) => error ? reject(error) : resolve(count));
      });
    } catch (error) {
      if (codeOf(error) === "EOF") return 0; // how Windows says that a pipe has ended
      if (codeOf(error) !== "EAGAIN") throw error;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** A system's error in words. */
function describe(error: unknown): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: "no such file",
    EACCES: "permission denied",
    EISDIR: "is a folder, not a file",
    ENOSPC: "no space left on the device",
  };
  return known[codeOf(error) ?? ""] ?? (error instanceof Error ? error.message : String(error));
}
