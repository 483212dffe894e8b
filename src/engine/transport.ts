/**
 * What a mode of isolation is, seen from an engine: a way to bring a job's bytes in front of the
 * core and its result's bytes back. A mode is one file that offers this, and one line in modes.ts.
 */

import type { Room, SetCounts } from "../cover/allocation.ts";
import type { CoverData, Shape } from "../cover/data.ts";
import type { Block } from "../job/block.ts";
import type { Progress } from "../stats.ts";
import type { EngineOptions } from "./engine.ts";
import type { GuardReport } from "./limits.ts";
import type { Measured, WorkerFacts } from "./metrics.ts";
import type { EngineStatistics } from "./pool_statistics.ts";

/** What a call asks for beside its job. */
export interface Call {
  /** Cancels the job, before it runs and while it does. */
  readonly signal?: AbortSignal | undefined;
  /** `best`: a job that is cancelled while it runs gives its best so far, if it can. */
  readonly onLimit?: "best" | "error" | undefined;
  /** Milliseconds that the job has, from the call on. */
  readonly timeoutMs?: number | undefined;
  /** The class of workers that it goes to. */
  readonly class?: string | undefined;
  /** Whoever it is for. */
  readonly tenant?: string | undefined;
  /** `second-worker`: run it twice, and compare. */
  readonly verify?: boolean | "host" | "second-worker" | undefined;
  /** Told from time to time how far the job is, where the mode can look. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told, once the job is on its way, how to give it up: its promise then never matters. */
  readonly onStart?: ((giveUp: () => void) => void) | undefined;
}

/** A way to run jobs. Neither form looks into a job; errors of a job are in its result. */
export interface Transport {
  /** Where jobs for it are written; absent: the thread's job. */
  readonly job?: Block;
  /** Runs a job while the thread waits, and gives what `read` makes of the result, which is valid
   * only while `read` runs. */
  runSync<T>(job: Block, call: Call, read: (result: Block) => T): T;
  /**
   * Runs a job that is copied before this returns, and gives what `read` makes of the result, which
   * is valid only while `read` runs. It settles once; what `read` throws is what it rejects with.
   * Where the queue is full it waits for room, or with `now` rejects with `QueueFull`.
   */
  run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T>;
  /** What calls may ask for here beside what every mode knows: names of options. */
  readonly routes?: readonly string[];
  /** Jobs worth having on their way at the same time; the next ones are drawn as these settle. */
  readonly width: number;
  /** Replaces its workers, each once it has no job, and `rolling` once all others are ready; absent
   * where there are none. */
  restart?(rolling: boolean): void;
  /** Resolves once no job is on its way; absent where none ever is when a call has returned. */
  drained?(): Promise<void>;
  /** What its workers reached, where there are any. */
  readonly sandbox?: GuardReport;
  /** Memory for a cover where workers see it, too; absent or `undefined`: there is none. */
  allocate?(shape: Shape, counts: SetCounts): Room | undefined;
  /** Gives back memory of {@link Transport.allocate} and of results. */
  free?(cover: CoverData): void;
  /** Numbers about its workers, one for each crew, where there are any. */
  workers?(): readonly WorkerFacts[];
  /** Its jobs for a monitoring system, where they are counted. */
  measured?(): readonly Measured[] | undefined;
  /** What became of its jobs; only while it is open, and only where there is a queue. */
  statistics?(): EngineStatistics | undefined;
  /** Ends the mode once its jobs have settled; with `cancel` it tells them to stop. Called once. */
  close(cancel: boolean): Promise<void>;
  /** Ends the mode without waiting; its jobs reject with `Closed`. Called once, perhaps after
   * {@link Transport.close}. */
  closeNow(): void;
}

/** Starts a mode. Errors: `Unavailable`, `Unsupported`, with the reason. */
export type OpenTransport = (options: EngineOptions) => Promise<Transport>;
