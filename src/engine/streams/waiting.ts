/**
 * Synchronous calls over standard streams: the job goes to a thread (thread.ts), and this one
 * sleeps until the answer is there.
 */

import { Worker } from "node:worker_threads";
import { type ErrorDetails, type ErrorKind, RistrettoError } from "../../errors.ts";
import { type Block, SMALL, threadResult } from "../../job/block.ts";
import type { Terms } from "../limits.ts";
import type { Call } from "../transport.ts";
import { type Letter, MAIL, STATE, type ThreadOptions } from "./mail.ts";

/** Milliseconds that the thread may take to start. */
const START_MS = 20_000;

/** The sleeping end; the thread is started by the first call. */
export class WaitingCalls {
  readonly #workers: number;
  readonly #recycle: number;
  readonly #graceMs: number;
  readonly #terms: Terms;
  readonly #control = new SharedArrayBuffer(4 * MAIL.WORDS);
  readonly #words = new Int32Array(this.#control);
  #thread: Worker | undefined;
  #job = new SharedArrayBuffer(SMALL);
  #answer = new SharedArrayBuffer(SMALL);

  /** For a crew of so many workers. */
  constructor(workers: number, recycle: number, graceMs: number, terms: Terms) {
    this.#workers = workers;
    this.#recycle = recycle;
    this.#graceMs = graceMs;
    this.#terms = terms;
  }

  /** Runs a job; the result is this thread's, valid until the next call. */
  run(job: Block, { timeoutMs, onLimit }: Call): Block {
    const thread = this.#thread ??= this.#start();
    if (job.length > this.#job.byteLength) this.#job = new SharedArrayBuffer(2 * job.length);
    new Uint8Array(this.#job).set(job.bytes.subarray(0, job.length));
    const buffers = { control: this.#control, job: this.#job, answer: this.#answer };
    const state = this.#send(thread, {
      what: "run",
      ...buffers,
      length: job.length,
      timeoutMs,
      onLimit,
    });
    let length = this.#words[MAIL.LENGTH]! >>> 0;
    if (state === STATE.LONGER) {
      this.#answer = new SharedArrayBuffer(length);
      this.#send(thread, { what: "take", control: this.#control, answer: this.#answer });
      length = this.#words[MAIL.LENGTH]! >>> 0;
    }
    const bytes = new Uint8Array(this.#answer, 0, length);
    if (state === STATE.FAILED) throw readError(bytes);
    threadResult.reserve(length);
    threadResult.bytes.set(bytes);
    threadResult.length = length;
    if (this.#answer.byteLength > 16 * SMALL) this.#answer = new SharedArrayBuffer(SMALL);
    if (this.#job.byteLength > 16 * SMALL) this.#job = new SharedArrayBuffer(SMALL);
    return threadResult;
  }

  /** Ends the thread and its workers; a later call starts others. */
  close(): void {
    this.#thread?.postMessage("close");
    this.#thread = undefined;
    Atomics.store(this.#words, MAIL.ALIVE, 0);
  }

  #start(): Worker {
    const workerData: ThreadOptions = {
      control: this.#control,
      workers: this.#workers,
      recycle: this.#recycle,
      graceMs: this.#graceMs,
      terms: this.#terms,
    };
    const thread = new Worker(new URL("./thread.ts", import.meta.url), { workerData });
    thread.on("error", () => {}); // told below, as a thread that does not answer
    thread.unref();
    return thread;
  }

  #send(thread: Worker, letter: Letter): number {
    const words = this.#words;
    Atomics.store(words, MAIL.STATE, STATE.WAITING);
    thread.postMessage(letter);
    const end = performance.now() + START_MS;
    while (Atomics.load(words, MAIL.STATE) === STATE.WAITING) {
      Atomics.wait(words, MAIL.STATE, STATE.WAITING, 1000);
      if (Atomics.load(words, MAIL.ALIVE) === 0 && performance.now() > end) {
        this.#thread = undefined;
        void thread.terminate();
        throw new RistrettoError("Unavailable", "the thread for waiting calls does not start", {
          tried: [],
        });
      }
    }
    return Atomics.load(words, MAIL.STATE);
  }
}

function readError(bytes: Uint8Array): RistrettoError {
  const text = new TextDecoder().decode(bytes.slice());
  try {
    const { kind, message, details } = JSON.parse(text) as {
      kind: ErrorKind;
      message: string;
      details: ErrorDetails;
    };
    return new RistrettoError(kind, message, details);
  } catch {
    return new RistrettoError("Internal", `the thread for waiting calls failed: ${text}`);
  }
}
