/**
 * The JavaScript thread that runs the jobs of synchronous calls over standard streams: its caller
 * is blocked meanwhile, and could not see what a worker answers. It has workers of its own.
 */

import { parentPort, workerData } from "node:worker_threads";
import { RistrettoError } from "../../errors.ts";
import type { Block } from "../../job/block.ts";
import { StreamCrew } from "./crew.ts";
import { type Letter, MAIL, STATE, type ThreadOptions } from "./mail.ts";
import { workerCommand } from "./program.ts";

const { control, workers, recycle, graceMs, terms } = workerData as ThreadOptions;
let crew: StreamCrew | undefined;
/** An answer that was longer than its buffer. */
let kept: Block | undefined;

function tell(words: Int32Array, state: number, length: number): void {
  words[MAIL.LENGTH] = length;
  Atomics.store(words, MAIL.STATE, state);
  Atomics.notify(words, MAIL.STATE);
}

function answer(words: Int32Array, buffer: SharedArrayBuffer, result: Block): void {
  kept = result.length > buffer.byteLength ? result : undefined;
  if (kept === undefined) {
    new Uint8Array(buffer).set(result.bytes.subarray(0, result.length));
    tell(words, STATE.DONE, result.length);
  } else tell(words, STATE.LONGER, result.length);
}

function fail(words: Int32Array, buffer: SharedArrayBuffer, error: unknown): void {
  const known = error instanceof RistrettoError;
  const { limit, signal, exitCode, tried } = error as RistrettoError;
  const text = JSON.stringify({
    kind: known ? error.kind : "Internal",
    message: error instanceof Error ? error.message : String(error),
    details: known ? { limit, signal, exitCode, tried } : {},
  });
  const bytes = new TextEncoder().encode(text).subarray(0, buffer.byteLength);
  new Uint8Array(buffer).set(bytes);
  tell(words, STATE.FAILED, bytes.length);
}

async function serve(letter: Letter): Promise<void> {
  const words = new Int32Array(letter.control);
  try {
    if (letter.what === "take") return answer(words, letter.answer, kept!);
    const { timeoutMs, onLimit } = letter;
    const numbers = { workers, recycle, graceMs, terms, queue: 1 };
    crew ??= await StreamCrew.open({ ...numbers, command: workerCommand });
    const job = new Uint8Array(letter.job, 0, letter.length);
    answer(words, letter.answer, await crew.run(job, { timeoutMs, onLimit }, false));
  } catch (error) {
    fail(words, letter.answer, error);
  }
}

parentPort!.on("message", (letter: Letter | "close") => {
  if (letter !== "close") return void serve(letter);
  crew?.closeNow();
  // Deno's port has no end of its own; its global scope has.
  (parentPort!.close as (() => void) | undefined)?.();
  (globalThis as { close?: () => void }).close?.();
});
Atomics.store(new Int32Array(control), MAIL.ALIVE, 1);
