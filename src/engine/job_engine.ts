/**
 * The engine of every mode: each operation writes its job, has the mode run it, and reads the
 * result. Nothing here knows where that happens.
 */

import { allocate, type Allocation, ownRoom, type SetCounts } from "../cover/allocation.ts";
import { type Cover, dataOf } from "../cover/cover.ts";
import type { Names } from "../cover/names.ts";
import { invalid, RistrettoError } from "../errors.ts";
import { type Block, steadyBytes, threadJob } from "../job/block.ts";
import { decodeComplement, encodeComplement } from "../operations/complement.ts";
import { decodeEquivalent, encodeEquivalent } from "../operations/equivalent.ts";
import { decodeEssential, encodeEssential } from "../operations/essential.ts";
import { decodeExplain, encodeExplain, type ExplainedCube } from "../operations/explain.ts";
import {
  checkMinimize,
  decodeMinimize,
  encodeMinimize,
  functionOf,
  type MinimizeResult,
} from "../operations/minimize.ts";
import { decodeMinima, encodeMinima, type MinimumCovers } from "../operations/minima.ts";
import { checkAnswer, mustBeCheckable, unsupported } from "../operations/check_answer.ts";
import { decodePrimes, encodePrimes } from "../operations/primes.ts";
import { decodeTautology, encodeTautology } from "../operations/tautology.ts";
import { decodeTables, encodeTables, type MinimizedTables } from "../operations/tables.ts";
import { decodeText, encodeText, type PlaResult } from "../operations/text.ts";
import {
  cancelled,
  checkOptions,
  type JobOptions,
  type MinimaOptions,
  type MinimizeOptions,
  type PlaOptions,
  type RunOptions,
  show,
  type TablesOptions,
} from "../options.ts";
import { inOrder } from "./in_order.ts";
import type {
  CloseOptions,
  Engine,
  IsolationReport,
  RawOptions,
  RestartOptions,
} from "./engine.ts";
import { expose, workersOf, type WorkerState } from "./metrics.ts";
import type { EngineStatistics } from "./pool_statistics.ts";
import type { Call, Transport } from "./transport.ts";

/** An engine over one mode. */
export class JobEngine implements Engine {
  /** Where the jobs run, and why. */
  readonly isolation: IsolationReport;
  readonly #transport: Transport;
  readonly #job: Block;
  #closing: Promise<void> | undefined;
  #gone = false;
  #draining = false;

  /** An engine whose mode was started. */
  constructor(transport: Transport, isolation: IsolationReport) {
    this.#transport = transport;
    this.#job = transport.job ?? threadJob;
    this.isolation = isolation;
  }

  /** Whether the engine is closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Implements {@link Engine.minimize}. */
  minimize(cover: Cover, options?: MinimizeOptions): Promise<MinimizeResult> {
    return this.#minimize(cover, options, false);
  }

  /** Implements {@link Engine.tryMinimize}. */
  tryMinimize(cover: Cover, options?: MinimizeOptions): Promise<MinimizeResult> {
    return this.#minimize(cover, options, true);
  }

  /** Implements {@link Engine.minimizeSync}. */
  minimizeSync(cover: Cover, options?: MinimizeOptions): MinimizeResult {
    return this.#runSync(options, this.#writeMinimize(cover, options));
  }

  /** Implements {@link Engine.minimizePla}. */
  minimizePla(text: string | Uint8Array, options?: PlaOptions): Promise<PlaResult> {
    return this.#run(options, () => {
      encodeText(this.#job, text, this.#options(options));
      return decodeText;
    });
  }

  /** Implements {@link Engine.minimizePlaSync}. */
  minimizePlaSync(text: string | Uint8Array, options?: PlaOptions): PlaResult {
    encodeText(this.#job, text, this.#options(options));
    return this.#runSync(options, decodeText);
  }

  /** Implements {@link Engine.minimizeAll}. */
  minimizeAll(
    covers: Iterable<Cover> | AsyncIterable<Cover>,
    options?: MinimizeOptions,
  ): AsyncGenerator<MinimizeResult, void, undefined> {
    return inOrder(
      covers,
      this.#transport.width,
      (cover, onStart) => this.#minimize(cover, options, false, onStart),
    );
  }

  /** Implements {@link Engine.minimizeTables}. */
  minimizeTables(
    inputs: number,
    tables: ArrayBufferView,
    options?: TablesOptions,
  ): Promise<MinimizedTables> {
    return this.#run(options, () => {
      const input = encodeTables(this.#job, inputs, tables, this.#noHost(options), true);
      return (result) => decodeTables(result, input);
    });
  }

  /** Implements {@link Engine.minimizeTablesSync}. */
  minimizeTablesSync(
    inputs: number,
    tables: ArrayBufferView,
    options?: TablesOptions,
  ): MinimizedTables {
    const input = encodeTables(this.#job, inputs, tables, this.#noHost(options), true);
    return this.#runSync(options, (result) => decodeTables(result, input));
  }

  /** Implements {@link Engine.complement}. */
  complement(cover: Cover, options?: RunOptions): Promise<Cover> {
    return this.#run(options, () => {
      const data = dataOf("cover", cover);
      encodeComplement(this.#job, data, this.#options(options));
      return (result) => decodeComplement(result, data);
    });
  }

  /** Implements {@link Engine.complementSync}. */
  complementSync(cover: Cover, options?: RunOptions): Cover {
    const data = dataOf("cover", cover);
    encodeComplement(this.#job, data, this.#options(options));
    return this.#runSync(options, (result) => decodeComplement(result, data));
  }

  /** Implements {@link Engine.primes}. */
  primes(cover: Cover, options?: RunOptions): Promise<Cover> {
    return this.#run(options, () => {
      const data = dataOf("cover", cover);
      encodePrimes(this.#job, data, this.#options(options));
      return (result) => decodePrimes(result, data);
    });
  }

  /** Implements {@link Engine.primesSync}. */
  primesSync(cover: Cover, options?: RunOptions): Cover {
    const data = dataOf("cover", cover);
    encodePrimes(this.#job, data, this.#options(options));
    return this.#runSync(options, (result) => decodePrimes(result, data));
  }

  /** Implements {@link Engine.essentialPrimes}. */
  essentialPrimes(cover: Cover, options?: RunOptions): Promise<Cover> {
    return this.#run(options, () => {
      const data = dataOf("cover", cover);
      encodeEssential(this.#job, data, this.#options(options));
      return (result) => decodeEssential(result, data);
    });
  }

  /** Implements {@link Engine.essentialPrimesSync}. */
  essentialPrimesSync(cover: Cover, options?: RunOptions): Cover {
    const data = dataOf("cover", cover);
    encodeEssential(this.#job, data, this.#options(options));
    return this.#runSync(options, (result) => decodeEssential(result, data));
  }

  /** Implements {@link Engine.minimumCovers}. */
  minimumCovers(cover: Cover, options?: MinimaOptions): Promise<MinimumCovers> {
    return this.#run(options, () => {
      const data = dataOf("cover", cover);
      encodeMinima(this.#job, data, this.#options(options));
      return (result) => decodeMinima(result, data);
    });
  }

  /** Implements {@link Engine.minimumCoversSync}. */
  minimumCoversSync(cover: Cover, options?: MinimaOptions): MinimumCovers {
    const data = dataOf("cover", cover);
    encodeMinima(this.#job, data, this.#options(options));
    return this.#runSync(options, (result) => decodeMinima(result, data));
  }

  /** Implements {@link Engine.equivalent}. */
  equivalent(a: Cover, b: Cover, options?: RunOptions): Promise<boolean> {
    return this.#run(options, () => {
      encodeEquivalent(this.#job, dataOf("a", a), dataOf("b", b), this.#options(options));
      return decodeEquivalent;
    });
  }

  /** Implements {@link Engine.equivalentSync}. */
  equivalentSync(a: Cover, b: Cover, options?: RunOptions): boolean {
    encodeEquivalent(this.#job, dataOf("a", a), dataOf("b", b), this.#options(options));
    return this.#runSync(options, decodeEquivalent);
  }

  /** Implements {@link Engine.isTautology}. */
  isTautology(cover: Cover, options?: RunOptions): Promise<boolean> {
    return this.#run(options, () => {
      encodeTautology(this.#job, dataOf("cover", cover), this.#options(options));
      return decodeTautology;
    });
  }

  /** Implements {@link Engine.isTautologySync}. */
  isTautologySync(cover: Cover, options?: RunOptions): boolean {
    encodeTautology(this.#job, dataOf("cover", cover), this.#options(options));
    return this.#runSync(options, decodeTautology);
  }

  /** Implements {@link Engine.explain}. */
  explain(cover: Cover, options?: RunOptions): Promise<ExplainedCube[]> {
    return this.#run(options, () => {
      const data = dataOf("cover", cover);
      encodeExplain(this.#job, data, this.#options(options));
      return (result) => decodeExplain(result, data);
    });
  }

  /** Implements {@link Engine.explainSync}. */
  explainSync(cover: Cover, options?: RunOptions): ExplainedCube[] {
    const data = dataOf("cover", cover);
    encodeExplain(this.#job, data, this.#options(options));
    return this.#runSync(options, (result) => decodeExplain(result, data));
  }

  /** Implements {@link Engine.run}. */
  run(job: Uint8Array, options: RawOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#promise(() => {
      if (options.signal?.aborted) throw cancelled(options.signal);
      this.#checkRoutes(options);
      threadJob.take(steadyBytes("job", job));
      return this.#transport.run(threadJob, options, copied, false);
    });
  }

  /** Implements {@link Engine.runSync}. */
  runSync(job: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#checkTakes();
    threadJob.take(steadyBytes("job", job));
    return this.#transport.runSync(threadJob, NO_CALL, copied);
  }

  /** Implements {@link Engine.allocate}. */
  allocate(inputs: number, outputs: number, counts: SetCounts, names: Names = {}): Allocation {
    this.#checkOpen();
    return allocate(
      inputs,
      outputs,
      counts,
      names,
      (shape, counts) => this.#transport.allocate?.(shape, counts) ?? ownRoom(shape, counts),
    );
  }

  /** Implements {@link Engine.free}. */
  free(cover: Cover): void {
    this.#transport.free?.(dataOf("cover", cover));
  }

  /** Implements {@link Engine.restart}. */
  restart(options: RestartOptions = {}): void {
    this.#checkOpen();
    this.#transport.restart?.(checkRestart(options));
  }

  /** Implements {@link Engine.drain}. */
  async drain(): Promise<void> {
    this.#checkOpen();
    this.#draining = true;
    await this.#transport.drained?.();
    // Whoever awaits the last of them hears of it before.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Implements {@link Engine.statistics}. */
  statistics(): EngineStatistics | undefined {
    this.#checkOpen();
    return this.#transport.statistics?.();
  }

  /** Implements {@link Engine.workers}. */
  workers(): readonly WorkerState[] {
    this.#checkOpen();
    return workersOf(this.#transport.workers?.() ?? []);
  }

  /** Implements {@link Engine.metrics}. */
  metrics(): string {
    this.#checkOpen();
    const measured = this.#transport.measured?.();
    if (measured !== undefined) return expose(this.isolation.mode, measured);
    throw invalid("the engine counts nothing: it was created without the option metrics");
  }

  /** Implements {@link Engine.close}. */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#closing ??= this.#transport.close(checkClose(options));
  }

  /** Implements {@link Engine}'s end of a `using` block. */
  [Symbol.dispose](): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#closing ??= Promise.resolve();
    this.#transport.closeNow();
  }

  /** Implements {@link Engine}'s end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #minimize(
    cover: Cover,
    options: MinimizeOptions | undefined,
    now: boolean,
    onStart?: Call["onStart"],
  ): Promise<MinimizeResult> {
    return this.#run(
      options,
      () => this.#writeMinimize(cover, options),
      now,
      onStart,
    );
  }

  /** Writes the job; what reads its result. */
  #writeMinimize(
    cover: Cover,
    options: MinimizeOptions | undefined,
  ): (result: Block) => MinimizeResult {
    const data = functionOf(cover, options);
    const host = options?.verify === "host";
    if (host) mustBeCheckable(data, options.singleOutput);
    this.#checkRoutes(options);
    encodeMinimize(this.#job, data, checkMinimize(options, true));
    if (!host) return (result) => decodeMinimize(result, data);
    return (result) => {
      // A copy: what was checked must be what is given.
      const answer = decodeMinimize(result.foreign ? result.keep() : result, data);
      checkAnswer(data, answer.cover);
      return answer;
    };
  }

  /** The options of an operation that has no answer to check here. */
  #options(options: PlaOptions | undefined): Readonly<JobOptions> {
    return checkOptions(this.#noHost(options), [], true);
  }

  #noHost<Options extends PlaOptions | TablesOptions>(
    options: Options | undefined,
  ): Options | undefined {
    if (options?.verify === "host") throw unsupported("host", "for text and for tables");
    this.#checkRoutes(options);
    return options;
  }

  /** Whether a call asks for what this engine has. */
  #checkRoutes(call: Call | undefined): void {
    if (call === undefined || call === null) return; // what else is no object, others tell
    if (
      call.class === undefined && call.tenant === undefined && call.verify !== "second-worker"
    ) return;
    const { routes } = this.#transport;
    for (
      const [name, value, why] of [
        ["class", call.class, "the engine was created without classes"],
        ["tenant", call.tenant, "the engine was created without tenants"],
      ] as const
    ) {
      if (value !== undefined && !routes?.includes(name)) throw invalid(`option ${name}: ${why}`);
    }
    if (call.verify === "second-worker" && !routes?.includes("second-worker")) {
      throw unsupported("second-worker", "but in process and fresh, with the library");
    }
  }

  /** `write` makes this thread's job, which is on its way before another can be written. */
  #run<T>(
    options: RunOptions | undefined,
    write: () => (result: Block) => T,
    now = false,
    onStart?: Call["onStart"],
  ): Promise<T> {
    return this.#promise(() => {
      const read = write();
      const call = onStart === undefined ? options ?? NO_CALL : { ...options, onStart };
      return this.#transport.run(this.#job, call, read, now);
    });
  }

  /** What is wrong with a call rejects, too. */
  #promise<T>(start: () => Promise<T>): Promise<T> {
    try {
      this.#checkTakes();
      return start();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #runSync<T>(options: RunOptions | undefined, read: (result: Block) => T): T {
    this.#checkTakes();
    return this.#transport.runSync(this.#job, options ?? NO_CALL, read);
  }

  #checkTakes(): void {
    this.#checkOpen();
    if (!this.#draining) return;
    throw new RistrettoError("Closed", "the engine was drained: it takes no new jobs");
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new RistrettoError("Closed", "the engine is closed");
  }
}

const NO_CALL: Call = {};

function copied(result: Block): Uint8Array<ArrayBuffer> {
  return result.copy();
}

function checkRestart({ rolling = false }: RestartOptions): boolean {
  if (typeof rolling === "boolean") return rolling;
  throw invalid(`option rolling: expected true or false, got ${show(rolling)}`);
}

function checkClose({ jobs = "finish" }: CloseOptions): boolean {
  if (jobs === "finish" || jobs === "cancel") return jobs === "cancel";
  throw invalid(`option jobs: expected "finish" or "cancel", got ${show(jobs)}`);
}
