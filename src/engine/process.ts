/**
 * The modes `process` and `fresh`: jobs run in worker processes that native code starts, watches
 * and replaces (c/isolate). A synchronous call talks to its worker itself; a promise is settled
 * through this thread's mailbox.
 */

import { kindOfNumber, limitOfNumber, RistrettoError } from "../errors.ts";
import { type Block, SMALL, threadResult } from "../job/block.ts";
import { native } from "../native/open.ts";
import { lastError } from "../native/run.ts";
import type { Native } from "../native/symbols.ts";
import { cancelled } from "../options.ts";
import { mailbox, type Source } from "./completion.ts";
import { readCrewOptions } from "./crew_options.ts";
import type { EngineOptions, Isolation } from "./engine.ts";
import { checkTerms, type GuardReport, guardReport, type Terms } from "./limits.ts";
import { checkListener, END_CAUSES, type EventListener, listenTo } from "./events.ts";
import type { SeatFacts, WorkerFacts } from "./metrics.ts";
import { signalName } from "./signals.ts";
import { graceMs, killMs, SHORT_GRACE_MS } from "./streams/rules.ts";
import type { Call, Transport } from "./transport.ts";
import {
  cpuTimeError,
  crashError,
  healthOf,
  lateError,
  longError,
  refusedError,
  workerError,
} from "./worker_errors.ts";

/** How the workers of a mode live. */
export interface Crew {
  /** Processes. */
  readonly workers: number;
  /** Jobs that may wait. */
  readonly queue: number;
  /** Microseconds of looking before sleeping. */
  readonly spinUs: number;
  /** Jobs after which a worker is replaced; 0: never. */
  readonly recycle: number;
  /** KiB of its own with which a worker is replaced after its job; 0: never. */
  readonly recycleKib: number;
  /** Milliseconds without a job after which workers end; 0: never. */
  readonly idleMs: number;
  /** Milliseconds that a core that was told to stop has for its best answer. */
  readonly graceMs: number;
  /** Limits and guards. */
  readonly terms: Terms;
  /** Nothing of a job is left in them. */
  readonly wipe: boolean;
  /** Told what happens to them. */
  readonly onEvent: EventListener | undefined;
  /** MiB of a shared heap; absent: there is none. */
  readonly heapMib?: number;
}

/** Microseconds that either side looks for the other before it sleeps; see docs/isolation.md. */
const SPIN_US = 20;

/** Starts the mode `process`: warm workers, which serve many jobs. */
export function openProcess(options: EngineOptions): Promise<Transport> {
  return Promise.resolve(START_NOW.process!(options));
}

/** Starts the mode `fresh`: workers that wait for one job each, and serve no second one. */
export function openFresh(options: EngineOptions): Promise<Transport> {
  return Promise.resolve(START_NOW.fresh!(options));
}

/** Either, at once. */
export const START_NOW: Partial<
  Readonly<Record<Isolation, (options: EngineOptions) => Transport>>
> = {
  process: (options) => new ProcessTransport(crewOf(options, 1, 0)),
  fresh: (options) => new ProcessTransport(crewOf(options, 2, 1), ["tenant"]),
};

/** The options of an engine that are about its workers, checked. Errors: `InvalidInput`. */
export function crewOf(options: EngineOptions, usual: number, recycle: number): Crew {
  const numbers = readCrewOptions(options, usual);
  const terms = checkTerms(options.limits, options.require);
  const onEvent = checkListener(options.onEvent);
  return { ...numbers, spinUs: SPIN_US, recycle: recycle || numbers.recycle, terms, onEvent };
}

/** Words about the place of a worker, as rst_process_seats tells them. */
const SEAT_WORDS = 16, HEALTH_WORD = 14;
const STATES = ["none", "starting", "idle", "busy", "ending"] as const;

/** Words about a failure: kind, limit, signal, exit code, refused. */
export const failure = new Uint32Array(8);

/** A timer cannot be set for longer. */
const TIMER_MOST_MS = 2 ** 31 - 1;

const NOTHING = new Uint8Array(0);

/** Jobs in the workers of one crew. */
export class ProcessTransport implements Transport, Source {
  /** Implements {@link Transport.width}. */
  readonly width: number;
  /** Implements {@link Transport.routes}. */
  readonly routes: readonly string[];
  /** Implements {@link Transport.sandbox}. */
  readonly sandbox: GuardReport;
  /** The library. */
  protected readonly native: Native = native();
  /** The crew's handle. */
  protected readonly crew: number;
  /** Milliseconds that any job may take. */
  readonly #time: number | undefined;
  /** Milliseconds that a core that was told to stop has for its best answer. */
  readonly #graceMs: number;
  #pending = 0;
  #closed: { readonly resolve: () => void } | undefined;
  readonly #cancels = new Set<() => void>();
  /** Who waits for room in the queue. */
  readonly #room: (() => void)[] = [];
  /** Those of them that were told that there is some. */
  #returning = 0;
  /** Who waits until no job is on its way. */
  #idle: (() => void)[] = [];
  readonly #deaf: (() => void) | undefined;
  #gone = false;

  /** Opens a crew. Errors: `Unavailable`, `Unsupported`, `LimitExceeded`. */
  constructor(crew: Crew, routes: readonly string[] = []) {
    this.routes = crew.wipe ? ["tenant"] : routes;
    const { workers, queue, spinUs, recycle, recycleKib, terms, heapMib = 0, idleMs } = crew;
    const { onEvent, wipe } = crew;
    this.width = 2 * workers;
    const words = Uint32Array.of(
      ...[workers, queue, spinUs, recycle, ...terms.words, heapMib, idleMs],
      ...[onEvent === undefined ? 0 : 1, recycleKib, +wipe],
      Math.round(1000 * (terms.limits.cores ?? 0)),
    );
    this.crew = this.native.rst_process_open(words, words.length);
    if (!(this.crew > 0)) throw lastError();
    const found = new Uint32Array(6);
    this.native.rst_process_guards(this.crew, found, found.length);
    try {
      this.sandbox = guardReport(found, terms);
    } catch (error) {
      this.native.rst_process_release(this.crew);
      throw error;
    }
    this.#time = terms.limits.time;
    this.#graceMs = crew.graceMs;
    this.#deaf = onEvent === undefined ? undefined : listenTo(this.crew, onEvent);
  }

  /** Implements {@link Transport.runSync}. */
  runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    const result = threadResult;
    result.reserve(SMALL);
    const { bytes } = result;
    let n = this.perform(job, this.killUs(call), bytes);
    if (n === 0) n = this.wait(job, bytes);
    if (n < 0) throw failed(failure);
    if (n > bytes.length) {
      result.reserve(n);
      n = this.native.rst_process_kept(result.bytes, result.bytes.length);
      if (n < 0) throw lastError();
    }
    result.length = n;
    return read(result);
  }

  /** Runs a job while the thread waits, as rst_process_run does. */
  protected perform(job: Block, kill: number, out: Uint8Array): number {
    const { bytes, length } = job;
    return this.native.rst_process_run(this.crew, bytes, length, kill, out, out.length, failure);
  }

  /**
   * Waits on for a job that `perform` gave 0 for. In slices: a thread that is to end is told so
   * between two of them.
   */
  protected wait(job: Block, out: Uint8Array, view: Uint8Array = NOTHING): number {
    const bytes = this.bytesOf(job);
    let n = 0;
    while (n === 0) n = this.native.rst_process_wait(bytes, view, out, out.length, failure);
    return n;
  }

  /** The bytes of a job that native code is to read. */
  protected bytesOf(job: Block): Uint8Array {
    return job.bytes;
  }

  /** Submits a job as rst_process_submit does. */
  protected submit(job: Block, kill: number, box: number, ticket: number): number {
    const { bytes, length } = job;
    return this.native.rst_process_submit(this.crew, bytes, length, kill, box, ticket, failure);
  }

  /** What `read` makes of the result of a job that has ended. */
  protected take<T>(handle: number, length: number, call: Call, read: (result: Block) => T): T {
    const result = threadResult;
    result.reserve(Math.max(SMALL, length));
    const n = this.native.rst_process_take(handle, result.bytes, result.bytes.length, failure);
    if (n < 0) throw failed(failure, call);
    result.length = n;
    return read(result);
  }

  /** Implements {@link Transport.run}. */
  run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    return this.#run(job, call, read, now, this.#killAt(call));
  }

  /** The same for a call whose worker is killed at a time by the clock. */
  #run<T>(
    job: Block,
    call: Call,
    read: (result: Block) => T,
    now: boolean,
    killAt: number,
  ): Promise<T> {
    if (call.signal?.aborted) return Promise.reject(cancelled(call.signal));
    return new Promise((resolve, reject) => {
      const box = mailbox();
      let handle = 0;
      const grace = graceMs(call.onLimit, this.#graceMs);
      const cancel = (): void => void this.native.rst_process_cancel(handle, grace);
      const ticket = box.expect((length) => {
        call.signal?.removeEventListener("abort", cancel);
        this.#cancels.delete(cancel);
        try {
          resolve(this.take(handle, length, call, read));
        } catch (error) {
          reject(error);
        }
        done?.();
        this.#settled();
      });
      const done = this.occupy(job);
      const leftMs = killAt === Infinity ? 0 : Math.max(0.001, killAt - performance.now());
      handle = this.submit(job, 1000 * leftMs, box.handle, ticket);
      if (handle < 0) {
        box.forget(ticket);
        done?.();
        const error = failed(failure);
        if (error.kind !== "QueueFull" || now) reject(error);
        else resolve(this.#later(job, call, read, killAt));
        return;
      }
      call.onStart?.(() => void this.native.rst_process_cancel(handle, SHORT_GRACE_MS));
      if (this.#pending++ === 0) box.watch(this);
      this.#cancels.add(cancel);
      call.signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /** Notes that a job is under way; what it gives is called when it no longer is. */
  protected occupy(_job: Block): (() => void) | undefined {
    return undefined;
  }

  /** Implements {@link Source.attend}. */
  attend(again: boolean): void {
    this.native.rst_process_attend(this.crew, +again);
  }

  /** Implements {@link Transport.workers}. */
  workers(): readonly WorkerFacts[] {
    const words = new Uint32Array(3);
    this.native.rst_process_facts(this.crew, words, words.length);
    const [ready = 0, started = 0, queued = 0] = words;
    return [{ ready, started, queued, labels: {}, seats: this.#seats() }];
  }

  #seats(): SeatFacts[] {
    const words = new Uint32Array(SEAT_WORDS * this.width / 2);
    this.native.rst_process_seats(this.crew, words, words.length / SEAT_WORDS);
    return Array.from({ length: words.length / SEAT_WORDS }, (_, seat) => {
      const [state, pid = 0, jobs = 0, , ...rest] = words.subarray(SEAT_WORDS * seat);
      const ends = END_CAUSES.map((cause, index) => [cause, rest[index]!] as const);
      const health = healthOf(rest[HEALTH_WORD - 4]!);
      return { state: STATES[state!]!, pid, jobs, health, ends };
    });
  }

  /** Implements {@link Transport.restart}. */
  restart(rolling: boolean): void {
    this.native.rst_process_restart(this.crew, +rolling);
  }

  /** Implements {@link Transport.drained}. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#endIfIdle();
    });
  }

  /** Implements {@link Transport.close}. */
  close(cancel: boolean): Promise<void> {
    if (cancel) { for (const stop of this.#cancels) stop(); }
    return new Promise((resolve) => {
      this.#closed = { resolve };
      this.#endIfIdle();
    });
  }

  /** Implements {@link Transport.closeNow}. */
  closeNow(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#deaf?.();
    this.native.rst_process_release(this.crew);
  }

  /** Waits for room in the queue: until some job of this thread has settled. */
  async #later<T>(
    job: Block,
    call: Call,
    read: (result: Block) => T,
    killAt: number,
  ): Promise<T> {
    const own = job.keep();
    await this.#awaitRoom(call, killAt);
    this.#returning--;
    const answer = this.#run(own, call, read, false, killAt);
    this.#endIfIdle(); // where it was refused
    return await answer;
  }

  /** Until somebody says that there is room. Errors: the call's time is over before that, or it is
   * cancelled, or the engine cancels all jobs. */
  #awaitRoom({ signal }: Call, killAt: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#cancels.delete(stop);
      };
      const go = (): void => {
        leave();
        resolve();
      };
      const fail = (error: RistrettoError): void => {
        leave();
        this.#room.splice(this.#room.indexOf(go), 1);
        reject(error);
      };
      const abort = (): void => fail(cancelled(signal!));
      const stop = (): void => fail(stoppedError());
      const left = killAt - performance.now();
      const timer = left < TIMER_MOST_MS ? setTimeout(() => fail(roomError()), left) : undefined;
      signal?.addEventListener("abort", abort, { once: true });
      this.#cancels.add(stop);
      this.#room.push(go);
    });
  }

  /** Microseconds after which a worker is killed; 0: never. */
  protected killUs(call: Call): number {
    return 1000 * (killMs(call, this.#time, this.#graceMs) ?? 0);
  }

  #killAt(call: Call): number {
    const ms = killMs(call, this.#time, this.#graceMs);
    return ms === undefined ? Infinity : performance.now() + ms;
  }

  #settled(): void {
    if (--this.#pending === 0) mailbox().unwatch(this);
    const next = this.#room.shift();
    if (next !== undefined) this.#returning++;
    next?.();
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#pending + this.#returning > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
    if (this.#closed === undefined) return;
    this.closeNow();
    this.#closed.resolve();
  }
}

/** The error that the words about a failure stand for. */
export function failed(words: Uint32Array, call: Call = {}): RistrettoError {
  const kind = kindOfNumber(words[0]!) ?? "Internal";
  switch (kind) {
    case "WorkerCrashed":
      if (signalName(words[2]! | 0) === "SIGXCPU") return cpuTimeError();
      return words[4] === 1 ? refusedError() : crashed(words[2]! | 0, words[3]! | 0);
    case "LimitExceeded": {
      const limit = limitOfNumber(words[1]!) ?? "memory";
      if (limit === "time") return lateError(healthOf(words[5]!));
      if (limit === "size") return longError();
      return new RistrettoError(kind, "there is no memory for the job or its result", { limit });
    }
    case "Cancelled":
      return call.signal === undefined
        ? stoppedError()
        : cancelled(call.signal, healthOf(words[5]!));
    default:
      return workerError(kind);
  }
}

function stoppedError(): RistrettoError {
  return new RistrettoError("Cancelled", "the engine was closed, and its jobs told to stop");
}

function roomError(): RistrettoError {
  const message = "the job's time was over before there was room for it";
  return new RistrettoError("LimitExceeded", message, { limit: "time" });
}

function crashed(signal: number, code: number): RistrettoError {
  const name = signal > 0 ? signalName(signal) : undefined;
  return crashError(name, signal === 0 ? code : undefined);
}
