/**
 * The mode `shared-heap`: the workers of `process`, which read jobs where JavaScript built them and
 * leave results where JavaScript can see them. What travels is where things are.
 */

import type { Room, SetCounts } from "../cover/allocation.ts";
import type { CoverData, Shape } from "../cover/data.ts";
import { invalid, RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import { viewRefusal } from "../native/memory.ts";
import { bytesOf, show } from "../options.ts";
import type { EngineOptions } from "./engine.ts";
import { HeapJob, ResultView, SharedHeap } from "./heap.ts";
import { type Crew, crewOf, failed, failure, ProcessTransport } from "./process.ts";
import type { Call, Transport } from "./transport.ts";

const MIB = 2 ** 20;
const USUAL_HEAP = 4096 * MIB;
const MOST_HEAP = 65_536 * MIB;
const NOTHING = new Uint8Array(0);

/** Starts the mode. */
export function openSharedHeap(options: EngineOptions): Promise<Transport> {
  const crew = crewOf(options, 1, 0);
  const heap = options.heap === undefined ? USUAL_HEAP : bytesOf(options.heap, "heap");
  if (heap < MIB || heap > MOST_HEAP) {
    throw invalid(`option heap: expected 1 MiB to 64 GiB, got ${show(options.heap)}`);
  }
  const { results = "copy" } = options;
  if (results !== "copy" && results !== "view") {
    throw invalid(`option results: expected "copy" or "view", got ${show(results)}`);
  }
  const refusal = viewRefusal();
  if (results === "view" && refusal !== undefined) {
    throw new RistrettoError("Unavailable", `option results: ${refusal}`);
  }
  const heapMib = Math.floor(heap / MIB);
  return Promise.resolve(new HeapTransport({ ...crew, heapMib }, results === "view"));
}

/** The handle of a piece, as it comes out of a call. */
const piece = new Float64Array(1);
const pieceBytes = new Uint8Array(piece.buffer);

class HeapTransport extends ProcessTransport {
  readonly job: HeapJob;
  readonly #heap: SharedHeap;
  readonly #views: boolean;

  constructor(crew: Crew, views: boolean) {
    super(crew);
    this.#heap = new SharedHeap(this.crew);
    this.#views = views;
    this.job = new HeapJob(this.#heap);
  }

  override runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    if (!this.#views) return super.runSync(job, call, read);
    let length = this.perform(job, this.killUs(call), NOTHING);
    if (length === 0) length = this.wait(job, NOTHING, pieceBytes);
    if (length < 0) throw failed(failure);
    return this.#read(length, read);
  }

  override closeNow(): void {
    this.#heap.close();
    super.closeNow();
  }

  allocate(shape: Shape, counts: SetCounts): Room | undefined {
    return viewRefusal() === undefined ? this.#heap.room(shape, counts) : undefined;
  }

  free(cover: CoverData): void {
    this.#heap.free(cover);
  }

  protected override perform(job: Block, kill: number, out: Uint8Array): number {
    const { length } = job;
    return this.native.rst_heap_run(
      this.crew,
      this.bytesOf(job),
      length,
      pieceOf(job),
      kill,
      pieceBytes,
      out,
      out.length,
      failure,
    );
  }

  protected override submit(job: Block, kill: number, box: number, ticket: number): number {
    return this.native.rst_heap_submit(
      this.crew,
      this.bytesOf(job),
      job.length,
      pieceOf(job),
      kill,
      +this.#views,
      box,
      ticket,
      failure,
    );
  }

  protected override take<T>(
    handle: number,
    length: number,
    call: Call,
    read: (result: Block) => T,
  ): T {
    if (!this.#views) return super.take(handle, length, call, read);
    const n = this.native.rst_heap_take(handle, pieceBytes, failure);
    if (n < 0) throw failed(failure, call);
    return this.#read(n, read);
  }

  protected override bytesOf(job: Block): Uint8Array {
    return pieceOf(job) === 0 ? job.bytes : NOTHING;
  }

  protected override occupy(job: Block): (() => void) | undefined {
    const place = job instanceof HeapJob ? job.place : undefined;
    if (place === undefined) return undefined;
    place.busy++;
    return () => void place.busy--;
  }

  /** Reads a result in place, which stays there only if rows of it were handed out. */
  #read<T>(length: number, read: (result: Block) => T): T {
    const number = piece[0]!;
    const buffer = this.#heap.show(number, 64 * Math.ceil(length / 64)); // whole pages are its own
    const result = new ResultView(buffer, length);
    try {
      return read(result);
    } catch (error) {
      result.kept = false;
      throw error;
    } finally {
      if (!result.kept) this.#heap.release(number, buffer);
    }
  }
}

function pieceOf(job: Block): number {
  return job instanceof HeapJob && job.place !== undefined ? job.place.piece : 0;
}
