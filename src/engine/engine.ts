/**
 * What an engine is: the same operations in every place where the core can run.
 *
 * @module
 */

import type { Allocation, SetCounts } from "../cover/allocation.ts";
import type { Cover } from "../cover/cover.ts";
import type { Names } from "../cover/names.ts";
import type {
  MinimaOptions,
  MinimizeOptions,
  PlaOptions,
  RunOptions,
  TablesOptions,
} from "../options.ts";
import type { ExplainedCube } from "../operations/explain.ts";
import type { MinimizeResult } from "../operations/minimize.ts";
import type { MinimumCovers } from "../operations/minima.ts";
import type { MinimizedTables } from "../operations/tables.ts";
import type { PlaResult } from "../operations/text.ts";
import type { Progress } from "../stats.ts";
import type { EngineEvent } from "./events.ts";
import type { Guard, GuardReport, WorkerLimit, WorkerLimits } from "./limits.ts";
import type { TracerLike } from "./tracing.ts";
import type { WorkerState } from "./metrics.ts";
import type { EngineStatistics } from "./pool_statistics.ts";

/** A place where the core can run, from the least isolated to the most. */
export type Isolation = "direct" | "pool" | "process" | "shared-heap" | "fresh";

/** Which place an engine runs its jobs in, and why that one. */
export interface IsolationReport {
  /** The place. */
  readonly mode: Isolation;
  /** What decided: the option, the variable RISTRETTO_ISOLATION, or that neither was given. */
  readonly source: "option" | "environment" | "default";
  /** The decision in a sentence. */
  readonly reason: string;
  /** Processes: what their workers did to themselves, and the limits they keep. */
  readonly sandbox?: GuardReport;
  /** How the place is reached: by calls of the native library, or over the standard streams of
   * worker processes, which needs no foreign calls. */
  readonly via: "library" | "streams";
}

/** Options of {@link createEngine}. */
export interface EngineOptions {
  /** Where the core runs; wins over the variable RISTRETTO_ISOLATION. Default `direct`. `auto`:
   * the least isolated place that `minIsolation` allows and that can be reached here. */
  readonly isolation?: Isolation | "auto" | undefined;
  /** Where the core runs when the native library, which `direct` and `pool` need, cannot be
   * loaded. */
  readonly fallback?: "process" | undefined;
  /** `false`: the native library is not loaded into this program, and jobs go to worker processes
   * over their standard streams; default true. */
  readonly ffi?: boolean | undefined;
  /** The least isolation that is acceptable; to go below is an error, whoever asked for it. */
  readonly minIsolation?: Isolation | undefined;
  /** Mode `pool`: jobs that may run at once. Default: the processors that affinity and the quota of
   * a container allow. */
  readonly threads?: number | undefined;
  /** Jobs that may wait for a thread; default 1024. Beyond that, calls wait for room. */
  readonly queue?: number | undefined;
  /** Mode `pool`: the share of the threads where several engines want them; default `normal`. */
  readonly priority?: Priority | undefined;
  /** Mode `pool`: count how long jobs wait and run; default true. */
  readonly statistics?: boolean | undefined;
  /** Mode `pool`: bytes of a thread's stack, or text like `"512KiB"`; default 256 KiB. */
  readonly stack?: number | string | undefined;
  /** Mode `pool`: what the threads are called, in 1 to 11 characters; default `ristretto`. Engines
   * share the threads of engines with the same name and stack. */
  readonly threadName?: string | undefined;
  /** Mode `shared-heap`: what jobs may take at most, and again the results of each worker; bytes,
   * or text like `"512MiB"`. 1 MiB to 64 GiB, default 4 GiB; memory is taken as it is needed. */
  readonly heap?: number | string | undefined;
  /** Mode `shared-heap`: the covers of results are copied (default), or a `view` of the memory
   * where the worker wrote them, until the engine is closed or {@link Engine.free} called. */
  readonly results?: "copy" | "view" | undefined;
  /** Worker processes: milliseconds that a core that was told to stop has for its best answer
   * before it is killed; default 100. What is left to do then, a check and writing, takes longer
   * for a larger cover; a core that hangs is noticed sooner with less. */
  readonly graceMs?: number | undefined;
  /** Worker processes: milliseconds without a job after which they end; the next job starts them
   * again. Default: never. */
  readonly idleMs?: number | undefined;
  /** Modes `process` and `shared-heap`: jobs after which a worker is replaced. Default: never. */
  readonly recycle?: number | undefined;
  /** Modes `process` and `shared-heap`, not with `ffi: false`: bytes of memory of its own with
   * which a worker is replaced after its job, or text like `"64MiB"`; at least 4 MiB. Default:
   * never. */
  readonly recycleMemory?: number | string | undefined;
  /** Processes: of `process` and `shared-heap` (default 1), or kept ready for `fresh` (default 2).
   * At most 1,024. */
  readonly workers?: number | undefined;
  /** Count jobs and how long they take, for {@link Engine.metrics}; default false. */
  readonly metrics?: boolean | undefined;
  /** Modes `process` and `fresh`: classes of workers by their names, each with its own workers,
   * queue and limits; what one does not say is as the engine has it. A job chooses one with its
   * option `class`, else it goes to the first. */
  readonly classes?: Readonly<Record<string, ClassOptions>> | undefined;
  /** Mode `process`: how many tenants may have workers at a time, 1 to 1,024. Jobs with the option
   * `tenant` then run in worker processes that serve this tenant alone. */
  readonly tenants?: number | undefined;
  /** Mode `process`, with the library: nothing of a job is left in the memory of its worker when it
   * is answered; default false. Jobs of different tenants then share workers. */
  readonly wipe?: boolean | undefined;
  /** A tracer of `@opentelemetry/api`: a span is made for each job. Default: that of the provider
   * which the application has registered when the engine is made; `false`: none. */
  readonly tracer?: TracerLike | false | undefined;
  /** Told what happens to worker processes, in order, on this thread (docs/isolation.md). It keeps
   * no program alive. What it throws is an uncaught error of the program. */
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
  /** Processes: what a worker, and each of its jobs, may use. */
  readonly limits?: WorkerLimits | undefined;
  /** Processes: guards and limits without which the engine must not start. Those that are not named
   * here are had where the system gives them, and {@link Engine.isolation} tells which are. */
  readonly require?: readonly (Guard | WorkerLimit)[] | undefined;
}

/** One of {@link EngineOptions.classes}. */
export interface ClassOptions {
  /** Processes. */
  readonly workers?: number | undefined;
  /** Jobs that may wait. */
  readonly queue?: number | undefined;
  /** Bytes that the jobs of a worker may have: `limits.memory`. */
  readonly memory?: number | string | undefined;
  /** What a worker, and each of its jobs, may use; beside the engine's. */
  readonly limits?: WorkerLimits | undefined;
  /** As {@link EngineOptions.recycle}. */
  readonly recycle?: number | undefined;
  /** As {@link EngineOptions.recycleMemory}. */
  readonly recycleMemory?: number | string | undefined;
  /** As {@link EngineOptions.idleMs}. */
  readonly idleMs?: number | undefined;
  /** As {@link EngineOptions.graceMs}. */
  readonly graceMs?: number | undefined;
}

/** How much of the threads an engine gets beside others: each eight times what the one before. */
export type Priority = "low" | "normal" | "high";

/** Options of {@link Engine.run}. */
export interface RawOptions {
  /** As {@link RunOptions.class}. */
  readonly class?: string | undefined;
  /** As {@link RunOptions.tenant}. */
  readonly tenant?: string | undefined;
  /** Cancels the job. */
  readonly signal?: AbortSignal | undefined;
  /** `best`: a job that is cancelled while it runs gives its best so far; default `error`. */
  readonly onLimit?: "best" | "error" | undefined;
  /** Mode `pool`: told about every 50 ms how far the job is, while it waits (step 0) and runs. What
   * it throws rejects the call, and cancels the job. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of {@link Engine.restart}. */
export interface RestartOptions {
  /** One after the other: each once all others are ready, so that never more than one is
   * missing. */
  readonly rolling?: boolean | undefined;
}

/** Options of {@link Engine.close}. */
export interface CloseOptions {
  /** What becomes of jobs that are on their way: they `finish` (default), or are told to stop. */
  readonly jobs?: "finish" | "cancel" | undefined;
}

/**
 * Runs jobs in one place. Every operation has a synchronous form, which ends in `Sync`, and one
 * that gives a promise. A closed engine answers every call with an error of kind `Closed`.
 */
export interface Engine extends Disposable, AsyncDisposable {
  /** Where the jobs run, and why. */
  readonly isolation: IsolationReport;
  /** The engine is closed. */
  readonly closed: boolean;

  /** Minimises a cover. */
  minimize(cover: Cover, options?: MinimizeOptions): Promise<MinimizeResult>;
  /**
   * {@link Engine.minimize}, but it does not wait for room in a full queue: it rejects with
   * `QueueFull`.
   */
  tryMinimize(cover: Cover, options?: MinimizeOptions): Promise<MinimizeResult>;
  /** {@link Engine.minimize}, while the calling thread waits. */
  minimizeSync(cover: Cover, options?: MinimizeOptions): MinimizeResult;
  /** Minimises the text of a PLA file; text is read and written where the engine runs. */
  minimizePla(text: string | Uint8Array, options?: PlaOptions): Promise<PlaResult>;
  /** {@link Engine.minimizePla}, while the calling thread waits. */
  minimizePlaSync(text: string | Uint8Array, options?: PlaOptions): PlaResult;
  /**
   * Minimises many covers; results come in the order of the covers. The iterable is drawn from
   * only as results are taken, so it may be endless.
   */
  minimizeAll(
    covers: Iterable<Cover> | AsyncIterable<Cover>,
    options?: MinimizeOptions,
  ): AsyncIterableIterator<MinimizeResult>;

  /** Minimises many small functions, given as truth tables, in one job. */
  minimizeTables(
    inputs: number,
    tables: ArrayBufferView,
    options?: TablesOptions,
  ): Promise<MinimizedTables>;
  /** {@link Engine.minimizeTables}, while the calling thread waits. */
  minimizeTablesSync(
    inputs: number,
    tables: ArrayBufferView,
    options?: TablesOptions,
  ): MinimizedTables;

  /** The complement: 1 where the function is 0, with the same don't-cares. */
  complement(cover: Cover, options?: RunOptions): Promise<Cover>;
  /** {@link Engine.complement}, while the calling thread waits. */
  complementSync(cover: Cover, options?: RunOptions): Cover;
  /** All prime implicants, as a cover. */
  primes(cover: Cover, options?: RunOptions): Promise<Cover>;
  /** {@link Engine.primes}, while the calling thread waits. */
  primesSync(cover: Cover, options?: RunOptions): Cover;
  /** The essential prime implicants, as a cover. */
  essentialPrimes(cover: Cover, options?: RunOptions): Promise<Cover>;
  /** {@link Engine.essentialPrimes}, while the calling thread waits. */
  essentialPrimesSync(cover: Cover, options?: RunOptions): Cover;
  /** All minimum covers of a small function. */
  minimumCovers(cover: Cover, options?: MinimaOptions): Promise<MinimumCovers>;
  /** {@link Engine.minimumCovers}, while the calling thread waits. */
  minimumCoversSync(cover: Cover, options?: MinimaOptions): MinimumCovers;
  /** Whether two covers are the same function wherever neither is don't-care. */
  equivalent(a: Cover, b: Cover, options?: RunOptions): Promise<boolean>;
  /** {@link Engine.equivalent}, while the calling thread waits. */
  equivalentSync(a: Cover, b: Cover, options?: RunOptions): boolean;
  /** Whether the function is 1 or don't-care everywhere, for every output. */
  isTautology(cover: Cover, options?: RunOptions): Promise<boolean>;
  /** {@link Engine.isTautology}, while the calling thread waits. */
  isTautologySync(cover: Cover, options?: RunOptions): boolean;
  /** What each cube of the ON set is for. */
  explain(cover: Cover, options?: RunOptions): Promise<ExplainedCube[]>;
  /** {@link Engine.explain}, while the calling thread waits. */
  explainSync(cover: Cover, options?: RunOptions): ExplainedCube[];

  /**
   * Runs the bytes of a job (docs/job-format.md) and gives the bytes of its result, whose errors
   * are in it. The job is copied before anything looks at it: it may lie in a SharedArrayBuffer.
   * Errors: `InvalidInput` for a view of a resizable buffer.
   */
  run(job: Uint8Array, options?: RawOptions): Promise<Uint8Array>;
  /** {@link Engine.run}, while the calling thread waits. */
  runSync(job: Uint8Array): Uint8Array;

  /**
   * Memory for a cover with so many cubes in each set, in which the caller writes their rows, and
   * which `build` makes a cover of. In the mode `shared-heap` it is memory that the workers read,
   * so that a job of the cover is not copied; elsewhere, and where the runtime does not permit it
   * (Deno without `--allow-ffi` for all libraries), it is ordinary memory. Errors: `InvalidInput`;
   * `LimitExceeded` when the heap is full.
   *
   * @example A cover that is never copied
   * ```ts
   * import { createEngine } from "@ristretto/espresso";
   *
   * await using engine = await createEngine({ isolation: "direct" }); // or "shared-heap"
   * const memory = engine.allocate(2, 1, { on: 2 });
   * memory.on!.set([0b1_10_01, 0, 0b1_10_10, 0]); // a' b, a b: a row is two words of 32 bits
   * const { cover } = engine.minimizeSync(memory.build());
   * console.log(cover.toSumOfProducts()); // b
   * ```
   */
  allocate(inputs: number, outputs: number, counts: SetCounts, names?: Names): Allocation;
  /**
   * Gives back the memory of a cover that was allocated, or is a result in place (option
   * `results`): it, and whatever shows the same rows, fails with `Closed` from then on. A cover in
   * ordinary memory stays as it is. Not needed for covers that nobody uses any more, but quicker.
   */
  free(cover: Cover): void;

  /** Replaces the worker processes, if there are any: each once it has no job. */
  restart(options?: RestartOptions): void;
  /**
   * No new jobs from now on: calls are answered with `Closed`. Resolves once all that were accepted
   * before have settled. The engine stays open, for its metrics, until it is closed.
   */
  drain(): Promise<void>;

  /** What became of the engine's jobs so far; `undefined` in modes without a queue. */
  statistics(): EngineStatistics | undefined;
  /**
   * The worker processes, each as it is at this moment: what it does, whether it gets on, what it
   * uses. Empty in modes without any. Nobody looks at a worker between two calls.
   */
  workers(): readonly WorkerState[];
  /**
   * Counters and a histogram of the engine's jobs, and numbers about its workers, as text that
   * Prometheus scrapes (docs/metrics.md). Error: `InvalidInput` for an engine that was created
   * without `metrics: true`.
   */
  metrics(): string;

  /**
   * Ends the engine, once its jobs have settled; calling it again does no harm. With `jobs` being
   * `cancel`, they are told to stop, and those that cannot answer with their best so far reject
   * with `Cancelled`.
   */
  close(options?: CloseOptions): Promise<void>;
  /** Ends the engine without waiting; jobs that are on their way reject with `Closed`. */
  [Symbol.dispose](): void;
  /** {@link Engine.close}. */
  [Symbol.asyncDispose](): Promise<void>;
}
