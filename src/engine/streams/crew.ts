/**
 * Worker processes without foreign calls: what c/isolate does natively, over the workers' standard
 * streams. The rules are the same: a death fails the job that ran and no other, a job that had not
 * begun goes to another worker, one that killed two is refused, and workers that keep dying are
 * started ever more slowly.
 */

import { RistrettoError } from "../../errors.ts";
import type { Block } from "../../job/block.ts";
import { cancelled } from "../../options.ts";
import { VERSION } from "../../native/locate.ts";
import {
  END_CAUSES,
  type EndCause,
  endEvent,
  type EngineEvent,
  type EventListener,
  tellEvent,
  type WorkerName,
} from "../events.ts";
import { type GuardReport, guardReport, GUARDS, type Terms, USUAL_OUTPUT } from "../limits.ts";
import type { WorkerFacts } from "../metrics.ts";
import type { Call } from "../transport.ts";
import {
  cpuTimeError,
  crashError,
  lateError,
  longError,
  refusedError,
  workerError,
} from "../worker_errors.ts";
import { type Child, type End, startChild } from "./child.ts";
import { FRAME, FRAME_HEAD, FrameReader, writeFrame } from "./frames.ts";
import { graceMs, Guilty, killMs, restartDelayMs, SHORT_GRACE_MS } from "./rules.ts";

/** How the workers of a crew live. */
export interface CrewOptions {
  /** Processes. */
  readonly workers: number;
  /** Jobs that may wait, where a caller will not wait for room. */
  readonly queue: number;
  /** Jobs after which a worker is replaced; 0 = never. */
  readonly recycle: number;
  /** Milliseconds that a core that was told to stop has for its best answer. */
  readonly graceMs: number;
  /** What workers must do to themselves, and may use. */
  readonly terms: Terms;
  /** The command of a worker, looked for at each start. Throws what cannot be started. */
  readonly command: () => readonly string[];
  /** Told what happens to them. */
  readonly onEvent?: EventListener | undefined;
}

/** A job on its way. */
interface Flight {
  readonly frame: Uint8Array;
  readonly call: Call;
  readonly resolve: (result: Block) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
  seat: Seat | undefined;
  /** Times that it was given to a worker that ended before it began. */
  tries: number;
  /** What it fails with when its worker is killed for its sake. */
  verdict: RistrettoError | undefined;
  readonly timers: ReturnType<typeof setTimeout>[];
  abort: (() => void) | undefined;
}

/** Where a worker sits. */
interface Seat extends Sitting {
  /** Its number, from 0. */
  readonly worker: number;
  /** Of all workers that sat here: jobs, and how many ended of each cause. */
  served: number;
  readonly ends: Map<EndCause, number>;
}

/** What begins anew with each worker. */
interface Sitting {
  state: "empty" | "starting" | "idle" | "busy" | "doomed";
  child: Child | undefined;
  flight: Flight | undefined;
  begun: boolean;
  sequence: number;
  jobs: number;
  /** It is ended by us, and no crash. */
  expected: boolean;
  /** Why it is to end. */
  cause: EndCause;
  epoch: number;
  /** It is to be replaced when its turn comes. */
  old: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is empty: not before. */
  startAt: number;
}

const START_MS = 5000;
/** ISO_VERSION, and where the build's name begins in the worker's hello. */
const VERSION_OF_PROTOCOL = 1, READY_BUILD = 16;
const MISFIRES_MOST = 10;
const TRIES_MOST = 4;

/** Workers, and the jobs that wait for them. */
export class StreamCrew {
  readonly #options: CrewOptions;
  readonly #seats: Seat[];
  readonly #line: Flight[] = [];
  readonly #flights = new Set<Flight>();
  readonly #guilty = new Guilty();
  #misfires = 0;
  #started = 0;
  /** The restart under way replaces one worker after the other. */
  #rolling = false;
  #startError: unknown;
  #sandbox: GuardReport | undefined;
  #closed = false;
  /** Who waits for a change: the first worker, the last job. */
  #watchers: (() => void)[] = [];

  private constructor(options: CrewOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.workers }, (_, worker) => ({
      ...{ worker, served: 0, ends: new Map<EndCause, number>() },
      ...emptySeat(),
    }));
  }

  /** Starts the workers, and waits until the first is ready. Errors: `Unavailable`. */
  static async open(options: CrewOptions): Promise<StreamCrew> {
    const crew = new StreamCrew(options);
    for (const seat of crew.#seats) crew.#start(seat);
    while (!crew.#seats.some(({ state }) => state === "idle")) {
      const error = crew.#startError;
      if (error !== undefined || crew.#misfires > 2) {
        crew.closeNow();
        if (error instanceof RistrettoError) throw error;
        const message = "no worker process could be started, or none that is a worker";
        throw new RistrettoError("Unavailable", message, { cause: error, tried: [] });
      }
      await new Promise<void>((resolve) => crew.#watchers.push(resolve));
    }
    return crew;
  }

  /** What its workers did to themselves. */
  get sandbox(): GuardReport {
    return this.#sandbox!;
  }

  /** Numbers about its workers. */
  get facts(): WorkerFacts {
    return {
      labels: {},
      ready: this.#seats.filter(isServing).length,
      started: this.#started,
      queued: this.#line.length,
      seats: this.#seats.map(({ state, child, served, ends }) => ({
        state: state === "empty" ? "none" : state === "doomed" ? "ending" : state,
        pid: child?.id ?? 0,
        jobs: served,
        ends: END_CAUSES.map((cause) => [cause, ends.get(cause) ?? 0] as const),
      })),
    };
  }

  /** The processes of its workers. */
  get processes(): number[] {
    return this.#seats.flatMap(({ child }) => child === undefined ? [] : [child.id]);
  }

  /** Runs a job, which is copied. The result is the caller's. With `now` it may be `QueueFull`. */
  run(job: Uint8Array, call: Call, now: boolean): Promise<Block> {
    if (call.signal?.aborted) return Promise.reject(cancelled(call.signal));
    for (const seat of this.#seats) {
      // Those that wait for their time without anybody waiting for them.
      if (seat.state === "empty" && !this.#closed) this.#startWhenDue(seat);
    }
    const refusal = this.#refuse(job, now);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const flight: Flight = {
        ...{ frame: writeFrame(FRAME.RUN, 0, job), call, resolve, reject },
        ...{ settled: false, seat: undefined, tries: 0, verdict: undefined },
        ...{ timers: [], abort: undefined },
      };
      if (this.#flights.size === 0) this.#hold(true);
      this.#flights.add(flight);
      this.#line.push(flight);
      this.#watch(flight);
      this.#serve();
    });
  }

  /** Waits until its jobs have settled, then ends it. With `cancel` they are told to stop. */
  async close(cancel: boolean): Promise<void> {
    if (cancel) {
      const why = "the engine was closed, and its jobs told to stop";
      for (const flight of this.#flights) this.#stop(flight, new RistrettoError("Cancelled", why));
    }
    await this.drained();
    this.closeNow();
  }

  /** Waits until no job is on its way. */
  async drained(): Promise<void> {
    while (this.#flights.size > 0) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Ends its workers at once; jobs that have not settled fail with `Closed`. */
  closeNow(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const flight of [...this.#flights]) this.#fail(flight, workerError("Closed"));
    for (const seat of this.#seats) {
      clearTimeout(seat.timer);
      this.#doom(seat, true, "closed");
    }
    this.#tell();
  }

  #refuse(job: Uint8Array, now: boolean): RistrettoError | undefined {
    if (this.#closed) return workerError("Closed");
    if (this.#guilty.isRefused(job)) return refusedError();
    const lives = this.#seats.some(({ state }) => state !== "empty" && state !== "doomed");
    if (!lives && this.#misfires >= MISFIRES_MOST) return workerError("Unavailable");
    const full = this.#line.length >= this.#options.queue;
    return now && full ? workerError("QueueFull") : undefined;
  }

  /** Has the signal and the time limit of a call end its job. */
  #watch(flight: Flight): void {
    const { signal, onStart } = flight.call;
    if (signal !== undefined) {
      const ms = graceMs(flight.call.onLimit, this.#options.graceMs);
      flight.abort = () => this.#stop(flight, cancelled(signal), ms);
      signal.addEventListener("abort", flight.abort, { once: true });
    }
    onStart?.(() => this.#stop(flight, new RistrettoError("Cancelled", "nobody waits for it")));
    const { terms, graceMs: best } = this.#options;
    const ms = killMs(flight.call, terms.limits.time, best);
    if (ms !== undefined) this.#killIn(flight, ms, lateError(), "deadline");
  }

  #killIn(flight: Flight, ms: number, verdict: RistrettoError, cause: EndCause): void {
    const end = (): void => {
      if (flight.settled) return;
      flight.verdict = verdict;
      if (flight.seat !== undefined) this.#doom(flight.seat, true, cause);
      this.#fail(flight, verdict);
    };
    flight.timers.push(setTimeout(end, Math.min(ms, 0x7fff_ffff)));
  }

  /** Out of the line, or told to stop, and killed if it has not after that time. */
  #stop(flight: Flight, verdict: RistrettoError, ms = SHORT_GRACE_MS): void {
    if (flight.settled) return;
    if (flight.seat === undefined) {
      this.#fail(flight, verdict);
      return;
    }
    flight.seat.child?.write(writeFrame(FRAME.CANCEL, flight.seat.sequence));
    this.#killIn(flight, ms, verdict, "cancelled");
  }

  /** Gives jobs that wait to workers that are free. */
  #serve(): void {
    for (const seat of this.#seats) {
      if (this.#line.length === 0) return;
      if (seat.state === "idle") this.#give(seat, this.#line.shift()!);
    }
  }

  /** Whether the workers keep this program alive: while a job is on its way. */
  #hold(alive: boolean): void {
    // One that starts does keep it alive, and is asked once it is ready: in Bun, what is said to a
    // pipe before anything came from it is forgotten.
    for (const { child, state } of this.#seats) if (state !== "starting") child?.hold(alive);
  }

  #give(seat: Seat, flight: Flight): void {
    seat.state = "busy";
    seat.flight = flight;
    seat.begun = false;
    seat.sequence = (seat.sequence + 1) >>> 0;
    flight.seat = seat;
    new Uint32Array(flight.frame.buffer, 0, 2)[1] = seat.sequence;
    seat.child!.write(flight.frame);
  }

  #start(seat: Seat): void {
    Object.assign(seat, emptySeat(), { state: "starting" });
    const reader = new FrameReader((kind, sequence, body) => {
      return this.#receive(seat, kind, sequence, body);
    }, this.#output());
    let child: Child | undefined;
    try {
      child = startChild(this.#options.command(), {
        onData: (bytes) => {
          if (!reader.push(bytes) && seat.child === child) this.#violate(seat);
        },
        onEnd: (end) => this.#bury(seat, end),
      });
    } catch (error) {
      this.#startError = error;
      this.#note({ type: "worker-failed", worker: seat.worker });
      this.#misfire(seat, 1);
      return;
    }
    seat.child = child;
    seat.epoch = ++epochs;
    this.#started++;
    child.write(writeFrame(FRAME.HELLO, VERSION_OF_PROTOCOL, helloBytes(this.#options.terms)));
    seat.timer = setTimeout(() => this.#doom(seat, false, "start"), START_MS);
  }

  /** A frame of a worker; false: it cannot be. */
  #receive(seat: Seat, kind: number, sequence: number, body: Block): boolean {
    if (seat.state === "doomed") return true; // whatever it says, it was killed
    if (seat.state === "starting") return kind === FRAME.READY && this.#greet(seat, sequence, body);
    const { flight } = seat;
    if (seat.state !== "busy" || flight === undefined || sequence !== seat.sequence) return false;
    if (kind === FRAME.BEGUN && !seat.begun) return seat.begun = true;
    if (kind !== FRAME.DONE || !seat.begun || body.length === 0) return false;
    seat.flight = undefined;
    seat.jobs++;
    seat.served++;
    if (this.#misfires >= MISFIRES_MOST) this.#note({ type: "breaker-closed" });
    this.#misfires = 0;
    this.#settle(flight);
    if (body.length <= this.#output()) flight.resolve(body);
    else flight.reject(longError());
    this.#rest(seat);
    return true;
  }

  /** Bytes that a result may have. */
  #output(): number {
    return this.#options.terms.limits.output ?? USUAL_OUTPUT;
  }

  #greet(seat: Seat, version: number, body: Block): boolean {
    if (version !== VERSION_OF_PROTOCOL || body.length <= READY_BUILD) return false;
    const text = new TextDecoder().decode(body.bytes.subarray(READY_BUILD, body.length));
    if (text.split(" ", 1)[0] !== VERSION) return false;
    const { terms } = this.#options;
    const report = guardReport(body.words.subarray(0, READY_BUILD / 4), terms);
    const lacking = terms.words[0]! & ~body.words[0]!;
    if (lacking !== 0) {
      const guard = GUARDS[31 - Math.clz32(lacking & -lacking)];
      const message = `this system cannot give workers the required guard "${guard}"`;
      this.#startError = new RistrettoError("Unavailable", message, { tried: [] });
      return false;
    }
    clearTimeout(seat.timer);
    this.#startError = undefined;
    this.#sandbox ??= report;
    seat.child!.hold(this.#flights.size > 0);
    this.#note({ type: "worker-started", ...nameOf(seat) });
    this.#rest(seat);
    if (this.#rolling) this.#retire();
    this.#tell();
    return true;
  }

  /** The worker has nothing to do: the next job, or its end. */
  #rest(seat: Seat): void {
    seat.state = "idle";
    if (seat.jobs >= (this.#options.recycle || Infinity)) this.#doom(seat, true, "jobs");
    else if (seat.old) this.#retire();
    this.#serve();
  }

  /** Replaces the workers, each once it has no job; `rolling`: and once all others serve. */
  restart(rolling: boolean): void {
    this.#rolling = rolling;
    for (const seat of this.#seats) seat.old = seat.state === "idle" || seat.state === "busy";
    this.#retire();
  }

  /** Ends old workers that have no job. */
  #retire(): void {
    for (const seat of this.#seats) {
      if (this.#rolling && !this.#seats.every(isServing)) return;
      if (seat.old && seat.state === "idle") this.#doom(seat, true, "restart");
    }
  }

  #note(event: EngineEvent): void {
    const { onEvent } = this.#options;
    if (onEvent !== undefined && !this.#closed) tellEvent(onEvent, event);
  }

  #violate(seat: Seat): void {
    const { flight } = seat;
    this.#doom(seat, false, "violation");
    if (flight !== undefined) this.#fail(flight, workerError("ProtocolViolation"));
  }

  #doom(seat: Seat, expected: boolean, cause: EndCause): void {
    if (seat.child === undefined || seat.state === "doomed") return;
    seat.state = "doomed";
    seat.expected = expected;
    seat.cause = cause;
    seat.child.kill();
  }

  /** A worker has ended. */
  #bury(seat: Seat, { signal, code }: End): void {
    clearTimeout(seat.timer);
    const name = nameOf(seat);
    seat.child = undefined;
    const { flight, begun, expected, cause } = seat;
    let guilty: string | undefined;
    seat.flight = undefined;
    if (flight !== undefined && !flight.settled) {
      flight.seat = undefined;
      if (!begun && ++flight.tries < TRIES_MOST) {
        this.#line.unshift(flight);
      } else {
        guilty = this.#guilty.blame(jobOf(flight));
        this.#fail(flight, signal === "SIGXCPU" ? cpuTimeError() : crashError(signal, code));
      }
    }
    seat.ends.set(cause, (seat.ends.get(cause) ?? 0) + 1);
    const event = endEvent(name, cause, signal, code, guilty);
    if (event !== undefined) this.#note(event);
    if (guilty !== undefined && this.#guilty.isNew) {
      this.#note({ type: "job-quarantined", job: guilty });
    }
    if (expected) this.#again(seat, 0);
    else this.#misfire(seat);
  }

  /** A worker ended, or could not be started, without anybody's wish. */
  #misfire(seat: Seat, leastMs = 0): void {
    if (++this.#misfires === MISFIRES_MOST) this.#note({ type: "breaker-opened" });
    this.#again(seat, Math.max(leastMs, restartDelayMs(this.#misfires)));
  }

  #again(seat: Seat, ms: number): void {
    seat.state = "empty";
    this.#tell();
    if (this.#closed) return;
    seat.startAt = performance.now() + ms;
    if (ms === 0 || this.#flights.size > 0) this.#startWhenDue(seat);
  }

  #startWhenDue(seat: Seat): void {
    const ms = seat.startAt - performance.now();
    clearTimeout(seat.timer);
    if (ms <= 0) this.#start(seat);
    else seat.timer = setTimeout(() => this.#start(seat), ms);
  }

  #fail(flight: Flight, error: RistrettoError): void {
    if (flight.settled) return;
    const line = this.#line.indexOf(flight);
    if (line >= 0) this.#line.splice(line, 1);
    this.#settle(flight);
    flight.reject(error);
  }

  #settle(flight: Flight): void {
    flight.settled = true;
    for (const timer of flight.timers) clearTimeout(timer);
    if (flight.abort !== undefined) flight.call.signal!.removeEventListener("abort", flight.abort);
    this.#flights.delete(flight);
    if (this.#flights.size === 0) this.#hold(false);
    this.#tell();
  }

  #tell(): void {
    const watchers = this.#watchers;
    if (watchers.length === 0) return;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}

/** Workers ever started by this thread. */
let epochs = 0;

function nameOf({ worker, child, epoch }: Seat): WorkerName {
  return { worker, pid: child?.id ?? 0, epoch };
}

function isServing({ state }: Seat): boolean {
  return state === "idle" || state === "busy";
}

function emptySeat(): Sitting {
  return {
    ...{ state: "empty", child: undefined, flight: undefined, begun: false },
    ...{ sequence: 0, jobs: 0, expected: false, timer: undefined, startAt: 0 },
    ...{ cause: "crash", epoch: 0, old: false },
  };
}

function helloBytes({ words }: Terms): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}

function jobOf({ frame }: Flight): Uint8Array {
  return frame.subarray(FRAME_HEAD);
}
