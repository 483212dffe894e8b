/**
 * The engine of every mode: each operation writes its job, has the mode run it, and reads the
 * result. Nothing here knows where that happens.
 */

import { type Cover, dataOf } from "../cover/cover.ts";
import { RistrettoError } from "../errors.ts";
import { Block, steadyBytes, threadJob } from "../job/block.ts";
import { decodeComplement, encodeComplement } from "../operations/complement.ts";
import { decodeEquivalent, encodeEquivalent } from "../operations/equivalent.ts";
import { decodeExplain, encodeExplain, type ExplainedCube } from "../operations/explain.ts";
import {
  checkMinimize,
  decodeMinimize,
  encodeMinimize,
  functionOf,
  type MinimizeResult,
} from "../operations/minimize.ts";
import { decodeTautology, encodeTautology } from "../operations/tautology.ts";
import { decodeText, encodeText, type PlaResult } from "../operations/text.ts";
import {
  cancelled,
  checkOptions,
  type MinimizeOptions,
  type PlaOptions,
  type RunOptions,
} from "../options.ts";
import type { Engine, IsolationReport } from "./engine.ts";
import type { Transport } from "./transport.ts";

/** An engine over one mode. */
export class JobEngine implements Engine {
  /** Where the jobs run, and why. */
  readonly isolation: IsolationReport;
  readonly #transport: Transport;
  #closing: Promise<void> | undefined;

  /** An engine whose mode was started. */
  constructor(transport: Transport, isolation: IsolationReport) {
    this.#transport = transport;
    this.isolation = isolation;
  }

  /** Whether the engine is closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Implements {@link Engine.minimize}. */
  async minimize(cover: Cover, options?: MinimizeOptions): Promise<MinimizeResult> {
    const data = functionOf(cover, options);
    encodeMinimize(threadJob, data, checkMinimize(options));
    return decodeMinimize(await this.#run(options), data);
  }

  /** Implements {@link Engine.minimizeSync}. */
  minimizeSync(cover: Cover, options?: MinimizeOptions): MinimizeResult {
    const data = functionOf(cover, options);
    encodeMinimize(threadJob, data, checkMinimize(options));
    return decodeMinimize(this.#runSync(threadJob), data);
  }

  /** Implements {@link Engine.minimizePla}. */
  async minimizePla(text: string | Uint8Array, options?: PlaOptions): Promise<PlaResult> {
    encodeText(threadJob, text, checkOptions(options));
    return decodeText(await this.#run(options));
  }

  /** Implements {@link Engine.minimizePlaSync}. */
  minimizePlaSync(text: string | Uint8Array, options?: PlaOptions): PlaResult {
    encodeText(threadJob, text, checkOptions(options));
    return decodeText(this.#runSync(threadJob));
  }

  /** Implements {@link Engine.minimizeAll}. */
  async *minimizeAll(
    covers: Iterable<Cover> | AsyncIterable<Cover>,
    options?: MinimizeOptions,
  ): AsyncGenerator<MinimizeResult, void, undefined> {
    for await (const cover of covers) yield await this.minimize(cover, options);
  }

  /** Implements {@link Engine.complement}. */
  async complement(cover: Cover, options?: RunOptions): Promise<Cover> {
    const data = dataOf("cover", cover);
    encodeComplement(threadJob, data, checkOptions(options));
    return decodeComplement(await this.#run(options), data);
  }

  /** Implements {@link Engine.complementSync}. */
  complementSync(cover: Cover, options?: RunOptions): Cover {
    const data = dataOf("cover", cover);
    encodeComplement(threadJob, data, checkOptions(options));
    return decodeComplement(this.#runSync(threadJob), data);
  }

  /** Implements {@link Engine.equivalent}. */
  async equivalent(a: Cover, b: Cover, options?: RunOptions): Promise<boolean> {
    encodeEquivalent(threadJob, dataOf("a", a), dataOf("b", b), checkOptions(options));
    return decodeEquivalent(await this.#run(options));
  }

  /** Implements {@link Engine.equivalentSync}. */
  equivalentSync(a: Cover, b: Cover, options?: RunOptions): boolean {
    encodeEquivalent(threadJob, dataOf("a", a), dataOf("b", b), checkOptions(options));
    return decodeEquivalent(this.#runSync(threadJob));
  }

  /** Implements {@link Engine.isTautology}. */
  async isTautology(cover: Cover, options?: RunOptions): Promise<boolean> {
    encodeTautology(threadJob, dataOf("cover", cover), checkOptions(options));
    return decodeTautology(await this.#run(options));
  }

  /** Implements {@link Engine.isTautologySync}. */
  isTautologySync(cover: Cover, options?: RunOptions): boolean {
    encodeTautology(threadJob, dataOf("cover", cover), checkOptions(options));
    return decodeTautology(this.#runSync(threadJob));
  }

  /** Implements {@link Engine.explain}. */
  async explain(cover: Cover, options?: RunOptions): Promise<ExplainedCube[]> {
    const data = dataOf("cover", cover);
    encodeExplain(threadJob, data, checkOptions(options));
    return decodeExplain(await this.#run(options), data);
  }

  /** Implements {@link Engine.explainSync}. */
  explainSync(cover: Cover, options?: RunOptions): ExplainedCube[] {
    const data = dataOf("cover", cover);
    encodeExplain(threadJob, data, checkOptions(options));
    return decodeExplain(this.#runSync(threadJob), data);
  }

  /** Implements {@link Engine.run}. */
  async run(
    job: Uint8Array,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (options.signal?.aborted) throw cancelled(options.signal);
    this.#checkOpen();
    const own = Block.copyOf(steadyBytes("job", job));
    return (await this.#transport.run(own, options.signal)).copy();
  }

  /** Implements {@link Engine.runSync}. */
  runSync(job: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#checkOpen();
    return this.#transport.runSync(Block.copyOf(steadyBytes("job", job))).copy();
  }

  /** Implements {@link Engine.close}. */
  close(): Promise<void> {
    return this.#closing ??= this.#transport.close();
  }

  /** Implements {@link Engine}'s end of a `using` block. */
  [Symbol.dispose](): void {
    if (this.#closing !== undefined) return;
    this.#closing = Promise.resolve();
    this.#transport.closeNow();
  }

  /** Implements {@link Engine}'s end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The job of this thread, on its way before anything else can write another one. */
  #run(options: RunOptions | undefined): Promise<Block> {
    this.#checkOpen();
    return this.#transport.run(threadJob, options?.signal);
  }

  #runSync(job: Block): Block {
    this.#checkOpen();
    return this.#transport.runSync(job);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new RistrettoError("Closed", "the engine is closed");
  }
}
