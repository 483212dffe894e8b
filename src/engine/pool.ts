/**
 * The mode `pool`: jobs on native threads, which engines of all JavaScript threads share. A job is
 * copied into native memory when it is submitted, and its result read when its thread says so.
 */

import { RistrettoError } from "../errors.ts";
import { Block, SMALL, threadResult } from "../job/block.ts";
import { native } from "../native/open.ts";
import { lastError } from "../native/run.ts";
import { cancelled } from "../options.ts";
import { type Expecting, type Mailbox, mailbox } from "./completion.ts";
import type { EngineOptions } from "./engine.ts";
import { warnOfLeak } from "./leak.ts";
import { checkPoolOptions, FLAG_OWNED, FLAG_STATISTICS } from "./pool_options.ts";
import { PROGRESS_WORDS, readProgress } from "./progress.ts";
import { type EngineStatistics, readStatistics } from "./pool_statistics.ts";
import type { Call, Transport } from "./transport.ts";

/** RST_QUEUE_FULL as a function returns it. */
const FULL = -4;
/** How long a thread of JavaScript may be out of reach, in milliseconds: it cannot be ended. */
const SLICE_MS = 50;
/** Milliseconds between two looks at a job's progress. */
const PROGRESS_MS = 50;

/** Starts the mode. */
export function openPool(options: EngineOptions): Promise<Transport> {
  return Promise.resolve(new PoolTransport(options));
}

const leaks = new FinalizationRegistry<number>((pool) => {
  native().rst_pool_release(pool);
  warnOfLeak("pool");
});

/** A job on its way: from the call to the end of its promise. */
class Flight implements Expecting {
  /** The job's handle, 0 while it waits for room. */
  handle = 0;
  /** Neighbours among those that were submitted. */
  next: Flight | undefined;
  prev: Flight | undefined;
  /** What comes now is nobody's any more. */
  settled = false;
  /** A copy of the job, and when it was called: of those that wait for room. */
  waiting: Block | undefined;
  since = 0;
  timer: ReturnType<typeof setTimeout> | undefined;
  ticker: ReturnType<typeof setInterval> | undefined;
  abort: (() => void) | undefined;
  readonly #pool: PoolTransport;
  readonly call: Call;
  readonly read: (result: Block) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;

  constructor(
    pool: PoolTransport,
    call: Call,
    read: (result: Block) => unknown,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#pool = pool;
    this.call = call;
    this.read = read;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Its completion came. */
  arrive(length: number): void {
    this.#pool.landed(this, length);
  }

  /** Rejects now; what becomes of the job is of no interest. */
  fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.detach();
    this.reject(error);
  }

  /** Ends what would touch it from outside. */
  detach(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    if (this.ticker !== undefined) clearInterval(this.ticker);
    if (this.abort !== undefined) this.call.signal!.removeEventListener("abort", this.abort);
    this.timer = this.ticker = this.abort = undefined;
  }
}

class PoolTransport implements Transport {
  readonly width: number;
  readonly #pool: number;
  readonly #native = native();
  readonly #box: Mailbox = mailbox();
  /** Submitted jobs whose completion has not come, a list of their own. */
  #flying: Flight | undefined;
  /** Those that wait for room in the queue, first come, first served. */
  readonly #line: Flight[] = [];
  #closing = false;
  #released = false;
  #ended: (() => void) | undefined;
  /** Who waits until no job is on its way. */
  #idle: (() => void)[] = [];

  constructor(options: EngineOptions) {
    const { threads, queue, stackKib, weight, statistics, name } = checkPoolOptions(options);
    const flags = FLAG_OWNED + (statistics ? FLAG_STATISTICS : 0);
    this.#pool = this.#native.rst_pool_open(
      ...[threads, queue, stackKib, weight, flags] as const,
      name,
      name.length,
    );
    if (!(this.#pool > 0)) throw lastError();
    this.width = 2 * (threads || this.#native.rst_pool_processors());
    leaks.register(this, this.#pool, this);
  }

  run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const flight = new Flight(this, call, read, resolve as (value: unknown) => void, reject);
      call.onStart?.(() => this.#giveUp(flight));
      if (this.#line.length === 0 && this.#submit(flight, job)) {
        if (isWatched(call)) this.#watch(flight);
      } else if (now) {
        throw queueFull();
      } else {
        flight.waiting = Block.copyOf(job.bytes.subarray(0, job.length));
        flight.since = performance.now();
        this.#line.push(flight);
        this.#watch(flight);
      }
    });
  }

  /** False when there is no room. */
  #submit(flight: Flight, job: Block): boolean {
    const box = this.#box;
    const ticket = box.expect(flight);
    // Only a job that waited for room was called long ago.
    const waitedUs = flight.waiting === undefined
      ? 0
      : microseconds(performance.now() - flight.since);
    const { bytes, length } = job;
    const handle = this.#native.rst_pool_submit_ticket(
      this.#pool,
      bytes,
      length,
      waitedUs,
      box.handle,
      ticket,
    );
    if (handle > 0) {
      flight.handle = handle;
      this.#enlist(flight);
      return true;
    }
    box.forget(ticket);
    if (handle === FULL) return false;
    throw lastError();
  }

  #enlist(flight: Flight): void {
    flight.next = this.#flying;
    if (this.#flying !== undefined) this.#flying.prev = flight;
    this.#flying = flight;
  }

  #strike(flight: Flight): void {
    if (flight.prev === undefined) this.#flying = flight.next;
    else flight.prev.next = flight.next;
    if (flight.next !== undefined) flight.next.prev = flight.prev;
    flight.next = flight.prev = undefined;
  }

  /** A job is done, or was cancelled before it ran (then `length` is 0). */
  landed(flight: Flight, length: number): void {
    this.#strike(flight);
    if (!flight.settled) {
      flight.settled = true;
      flight.detach();
      try {
        if (length === 0) throw this.#whyCancelled(flight);
        flight.resolve(flight.read(this.#take(flight.handle, length)));
      } catch (error) {
        flight.reject(this.#explained(flight, error));
      }
    } else this.#native.rst_pool_forget(flight.handle);
    if (this.#line.length > 0) this.#admit();
    if (this.#closing || this.#idle.length > 0) this.#endIfIdle();
  }

  #take(handle: number, length: number): Block {
    const result = threadResult;
    result.reserve(Math.max(SMALL, length));
    if (this.#native.rst_pool_take(handle, result.bytes, result.bytes.length) !== length) {
      throw lastError();
    }
    result.length = length;
    return result;
  }

  #whyCancelled({ call: { signal }, handle }: Flight): RistrettoError {
    this.#native.rst_pool_forget(handle);
    if (signal?.aborted) return cancelled(signal);
    return new RistrettoError("Cancelled", "the engine was closed before the job ran");
  }

  /** The reason of a signal goes with the error that it led to. */
  #explained({ call: { signal } }: Flight, error: unknown): unknown {
    const ours = error instanceof RistrettoError && error.kind === "Cancelled";
    return ours && signal?.aborted ? cancelled(signal) : error;
  }

  /** Submits those that wait for room, as long as there is some. */
  #admit(): void {
    while (this.#line.length > 0) {
      const flight = this.#line[0]!;
      try {
        if (!this.#submit(flight, flight.waiting!)) return;
        flight.waiting = undefined;
      } catch (error) {
        flight.fail(error);
      }
      this.#line.shift();
    }
  }

  /** Has the signal and the time limit of a call end it, and shows how far it is. */
  #watch(flight: Flight): void {
    const { signal, timeoutMs, onProgress } = flight.call;
    if (signal !== undefined) {
      flight.abort = () => this.#abort(flight, signal);
      signal.addEventListener("abort", flight.abort, { once: true });
    }
    if (onProgress !== undefined) this.#showProgress(flight, onProgress);
    if (timeoutMs === undefined) return;
    flight.timer = setTimeout(() => this.#late(flight), Math.min(timeoutMs, 0x7fff_ffff));
  }

  #showProgress(flight: Flight, show: NonNullable<Call["onProgress"]>): void {
    const words = new Uint32Array(PROGRESS_WORDS);
    const start = performance.now();
    flight.ticker = setInterval(() => {
      if (flight.handle > 0) this.#native.rst_pool_poll(flight.handle, words);
      try {
        show(readProgress(words, performance.now() - start));
      } catch (error) {
        this.#cancel(flight);
        flight.fail(error);
      }
    }, PROGRESS_MS);
  }

  /** True when the job was submitted already: it is told to stop. */
  #cancel(flight: Flight): boolean {
    const line = this.#line.indexOf(flight);
    if (line >= 0) this.#line.splice(line, 1);
    else this.#native.rst_pool_cancel(flight.handle);
    return line < 0;
  }

  #abort(flight: Flight, signal: AbortSignal): void {
    if (this.#cancel(flight) && flight.call.onLimit === "best") return; // it answers, soon
    flight.fail(cancelled(signal));
  }

  #giveUp(flight: Flight): void {
    if (flight.settled) return;
    this.#cancel(flight);
    flight.fail(new RistrettoError("Cancelled", "nobody waits for the job any longer"));
  }

  /** The time of a call is over; a thread that runs it knows that by itself. */
  #late(flight: Flight): void {
    flight.timer = undefined;
    const line = this.#line.indexOf(flight);
    if (line < 0) {
      this.#native.rst_pool_hurry(flight.handle);
      return;
    }
    this.#line.splice(line, 1);
    flight.fail(
      new RistrettoError("LimitExceeded", "the job's time was over before there was room for it", {
        limit: "time",
      }),
    );
  }

  runSync<T>(job: Block, { timeoutMs = Infinity }: Call, read: (result: Block) => T): T {
    const { rst_pool_submit, rst_pool_wait, rst_pool_wait_room, rst_pool_hurry } = this.#native;
    const end = performance.now() + timeoutMs;
    let waited = 0;
    const start = performance.now();
    let handle: number;
    while ((handle = rst_pool_submit(this.#pool, job.bytes, job.length, waited)) === FULL) {
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw queueFull();
      rst_pool_wait_room(this.#pool, Math.ceil(Math.min(leftMs, SLICE_MS)));
      waited = microseconds(performance.now() - start);
    }
    if (!(handle > 0)) throw lastError();
    let hurried = false;
    while (rst_pool_wait(handle, hurried ? SLICE_MS : sliceOf(end)) === 0) {
      if (hurried || performance.now() < end) continue;
      hurried = true;
      rst_pool_hurry(handle);
    }
    const length = this.#native.rst_pool_take(handle, threadResult.bytes, 0);
    if (!(length > 0)) throw lastError();
    return read(this.#take(handle, length));
  }

  close(cancel: boolean): Promise<void> {
    this.#closing = true;
    if (cancel) {
      this.#native.rst_pool_close(this.#pool, 1);
      const why = "the engine was closed before the job ran";
      for (const flight of this.#line.splice(0)) flight.fail(new RistrettoError("Cancelled", why));
    }
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#endIfIdle();
    });
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#endIfIdle();
    });
  }

  closeNow(): void {
    this.#closing = true;
    const flights = this.#line.splice(0);
    for (let flight = this.#flying; flight !== undefined; flight = flight.next) {
      flights.push(flight);
    }
    this.#release();
    for (const flight of flights) {
      flight.fail(new RistrettoError("Closed", "the engine was closed while the job was running"));
    }
    this.#ended?.();
  }

  statistics(): EngineStatistics {
    return readStatistics(this.#pool);
  }

  #endIfIdle(): void {
    if (this.#flying !== undefined || this.#line.length > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
    if (!this.#closing) return;
    this.#release();
    this.#ended?.();
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    leaks.unregister(this);
    this.#native.rst_pool_release(this.#pool);
  }
}

function isWatched({ signal, timeoutMs, onProgress }: Call): boolean {
  return signal !== undefined || timeoutMs !== undefined || onProgress !== undefined;
}

/** Milliseconds to wait until then, in slices. */
function sliceOf(end: number): number {
  return end === Infinity
    ? SLICE_MS
    : Math.ceil(Math.min(Math.max(end - performance.now(), 0), SLICE_MS));
}

function microseconds(ms: number): number {
  return Math.min(Math.trunc(ms * 1000), 0xffff_ffff);
}

function queueFull(): RistrettoError {
  return new RistrettoError("QueueFull", "the queue of the engine has no room");
}
