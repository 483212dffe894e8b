/**
 * What happens to the workers of an engine, as an operator wants to know it: typed events, told to
 * one listener.
 *
 * @module
 */

import { HEALTHS, invalid, type WorkerHealth } from "../errors.ts";
import { native } from "../native/open.ts";
import { show } from "../options.ts";
import { mailbox } from "./completion.ts";
import { signalName } from "./signals.ts";

/** Why a worker was ended on purpose, and another one started in its place. */
export type RecycleCause = "jobs" | "memory" | "restart" | "idle";

/** Why a worker was killed: its job ran past its time, or did not stop when it was told to; it
 * broke the rules; it did not become ready. */
export type KillCause = "deadline" | "cancelled" | "violation" | "start";

/** Which workers of an engine it was, where there are several kinds. */
export interface EventOrigin {
  /** Their class, where the engine has classes. */
  readonly class?: string;
  /** The tenant that they serve. */
  readonly tenant?: string;
  /** They give second opinions (`verify: "second-worker"`). */
  readonly second?: true;
}

/** A worker: where it sits and which process it is. */
export interface WorkerName extends EventOrigin {
  /** The place of the worker, from 0 on; the next one in this place has the same number. */
  readonly worker: number;
  /** Its process. */
  readonly pid: number;
  /** No two workers of a program have the same. */
  readonly epoch: number;
}

/** Something that happened to the workers of an engine. */
export type EngineEvent =
  /** A worker is ready for jobs. */
  | WorkerName & { readonly type: "worker-started" }
  /** A worker has ended by itself: how, and the hash of the job that it died of, if it had one. */
  | WorkerName & {
    readonly type: "worker-crashed";
    readonly signal?: string;
    readonly exitCode?: number;
    readonly job?: string;
  }
  /** A worker was killed; how it was when its job had run past its time. */
  | WorkerName & {
    readonly type: "worker-killed";
    readonly cause: KillCause;
    readonly health?: WorkerHealth;
  }
  /** A worker has ended because its time had come. */
  | WorkerName & { readonly type: "worker-recycled"; readonly cause: RecycleCause }
  /** A worker could not be started; it is tried again. */
  | EventOrigin & { readonly type: "worker-failed"; readonly worker: number }
  /** A job killed two workers: it is refused from now on. The hash tells it from others. */
  | EventOrigin & { readonly type: "job-quarantined"; readonly job: string }
  /** `opened`: ten workers in a row ended before they had finished a job; calls fail with
   * `Unavailable` while none lives. `closed`: one has finished a job again. */
  | EventOrigin & { readonly type: "breaker-opened" | "breaker-closed" }
  /** So many events were not kept, as this thread was busy for too long to take them. */
  | EventOrigin & { readonly type: "events-lost"; readonly count: number };

/** Who is told. */
export type EventListener = (event: EngineEvent) => void;

/** The option, checked. Errors: `InvalidInput`. */
export function checkListener(value: unknown): EventListener | undefined {
  if (value === undefined || typeof value === "function") return value as EventListener | undefined;
  throw invalid(`option onEvent: expected a function, got ${show(value)}`);
}

/** The options of an engine whose events say that they come from there. */
export function fromThere<Options extends { readonly onEvent?: EventListener | undefined }>(
  options: Options,
  origin: EventOrigin,
): Options {
  const { onEvent } = options;
  if (onEvent === undefined) return options;
  return { ...options, onEvent: (event: EngineEvent) => onEvent({ ...event, ...origin }) };
}

/** Tells an event; what the listener throws is nobody's here to catch, and harms no other call. */
export function tellEvent(listener: EventListener, event: EngineEvent): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Why a worker is no more; `closed`: its engine is, which nobody is told. */
export type EndCause = "crash" | "closed" | RecycleCause | KillCause;

/** Causes by their number (c/isolate/events.h). */
export const END_CAUSES: readonly EndCause[] = [
  ...["crash", "jobs", "memory", "restart", "idle", "closed"] as const,
  ...["deadline", "cancelled", "violation", "start"] as const,
];
const RECYCLES: readonly EndCause[] = ["jobs", "memory", "restart", "idle"];

/** How a worker ended, as an event. */
export function endEvent(
  name: WorkerName,
  cause: EndCause,
  signal: string | undefined,
  exitCode: number | undefined,
  job: string | undefined,
): EngineEvent | undefined {
  if (cause === "closed") return undefined;
  if (cause !== "crash") {
    return RECYCLES.includes(cause)
      ? { type: "worker-recycled", ...name, cause: cause as RecycleCause }
      : { type: "worker-killed", ...name, cause: cause as KillCause };
  }
  return {
    type: "worker-crashed",
    ...name,
    ...(signal === undefined ? {} : { signal }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(job === undefined ? {} : { job }),
  };
}

/** Words of an event, and how many are taken at once. */
const WORDS = 10, BATCH = 64;

/** Has a crew of the library tell its events, until what this gives is called. */
export function listenTo(crew: number, listener: EventListener): () => void {
  const library = native();
  const box = mailbox();
  const words = new Uint32Array(WORDS * BATCH);
  let over = false;
  const take = (): void => {
    let count = BATCH;
    while (count === BATCH && !over) {
      count = library.rst_process_events(crew, words, BATCH);
      const events: EngineEvent[] = [];
      for (let at = 0; at < count; at++) {
        const event = readEvent(words.subarray(WORDS * at, WORDS * (at + 1)));
        if (event !== undefined) events.push(event);
      }
      for (const event of events) tellEvent(listener, event);
    }
  };
  const ticket = box.listen(take);
  library.rst_process_listen(crew, box.handle, ticket);
  return () => {
    if (over) return;
    take();
    over = true;
    box.unlisten(ticket);
  };
}

function readEvent(words: Uint32Array): EngineEvent | undefined {
  const [kind, worker, pid, cause, signal, code, low, high] = words as unknown as number[];
  const hash = (BigInt(words[9]!) << 32n | BigInt(words[8]!)).toString(16).padStart(16, "0");
  const name = { worker: worker!, pid: pid!, epoch: low! + high! * 2 ** 32 };
  switch (kind) {
    case 1:
      return { type: "worker-started", ...name };
    case 2: {
      const by = signal! | 0;
      const job = words[8] === 0 && words[9] === 0 ? undefined : hash;
      const how = by > 0 ? signalName(by) : undefined;
      const exitCode = by === 0 ? code! | 0 : undefined;
      const ended = endEvent(name, END_CAUSES[cause! & 0xffff] ?? "crash", how, exitCode, job);
      const health = HEALTHS[(cause! >>> 16) - 1];
      return ended?.type !== "worker-killed" || health === undefined ? ended : { ...ended, health };
    }
    case 3:
      return { type: "worker-failed", worker: worker! };
    case 4:
      return { type: "job-quarantined", job: hash };
    case 5:
      return { type: "breaker-opened" };
    case 6:
      return { type: "breaker-closed" };
    case 7:
      return { type: "events-lost", count: words[8]! };
    default:
      return undefined; // of a library that knows more
  }
}
