/**
 * Memory that an engine shares with its workers, as JavaScript sees it: pieces of it, each an
 * ArrayBuffer. A piece is given back when `free` or the engine's end says so, or when nothing that
 * JavaScript can reach shows it any more. The first two detach the buffer, so that whoever still
 * has a view of it sees a length of 0 and never foreign memory.
 */

import type { Room, SetCounts } from "../cover/allocation.ts";
import type { CoverData, CoverPlace, Shape } from "../cover/data.ts";
import { RistrettoError } from "../errors.ts";
import { Block } from "../job/block.ts";
import {
  aim,
  type CoverLayout,
  type JobInput,
  layOutCover,
  writeCoverFrame,
} from "../job/encode.ts";
import { memoryAt } from "../native/memory.ts";
import { native } from "../native/open.ts";
import { lastError } from "../native/run.ts";
import { type JobOptions, NO_OPTIONS } from "../options.ts";

/** Buffers that nobody can reach any more; their pieces are given back. */
const forgotten = new FinalizationRegistry<() => void>((free) => free());

/** The pieces of one engine that JavaScript sees. */
export class SharedHeap {
  readonly #crew: number;
  readonly #native = native();
  /** The pieces that are open, and their buffers as long as somebody shows them. */
  readonly #open = new Map<number, WeakRef<ArrayBuffer>>();
  readonly #pieceOf = new WeakMap<ArrayBufferLike, number>();

  /** The heap of a crew that has one. */
  constructor(crew: number) {
    this.#crew = crew;
  }

  /** Pieces that are open. */
  get pieces(): number {
    return this.#open.size;
  }

  /** The memory of a piece. */
  show(piece: number, length: number): ArrayBuffer {
    const buffer = memoryAt(this.#native.rst_heap_address(piece), length);
    this.#open.set(piece, new WeakRef(buffer));
    this.#pieceOf.set(buffer, piece);
    forgotten.register(buffer, () => this.#close(piece), buffer);
    return buffer;
  }

  /** Gives a piece back whose memory is shown by nothing but this buffer. */
  release(piece: number, buffer: ArrayBuffer): void {
    // Whoever has transferred it elsewhere keeps the memory: it stays until the engine ends.
    if (buffer.detached) return;
    forgotten.unregister(buffer);
    buffer.transfer(0);
    this.#close(piece);
  }

  /** Gives back the memory of a cover's rows, as far as it is of this heap. */
  free(cover: CoverData): void {
    for (const rows of [cover.on, cover.dc, cover.off]) {
      const piece = rows === undefined ? undefined : this.#pieceOf.get(rows.buffer);
      if (piece !== undefined) this.release(piece, rows!.buffer as ArrayBuffer);
    }
  }

  /** Detaches and gives back everything. */
  close(): void {
    for (const [piece, shown] of this.#open) {
      const buffer = shown.deref();
      if (buffer === undefined) this.#close(piece);
      else this.release(piece, buffer);
    }
  }

  /** Room for a cover, as a job that only lacks its operation and options. */
  room(shape: Shape, counts: SetCounts): Room {
    const layout = layOutCover(shape, counts);
    const piece = this.#native.rst_heap_allocate(this.#crew, layout.length);
    if (!(piece > 0)) throw this.#refused(layout.length);
    const words = new Uint32Array(this.show(piece, layout.length));
    // Showing a piece lays nothing out, so the plan is still that of this layout.
    writeCoverFrame(words, shape, layout.length);
    const rows = (at: number, count: number | undefined): Uint32Array | undefined =>
      count === undefined ? undefined : words.subarray(at, at + shape.words * count);
    const place = new PlacedJob(this, piece, words, layout, {
      on: rows(layout.on, counts.on),
      dc: rows(layout.dc, counts.dc),
      off: rows(layout.off, counts.off),
    });
    return { rows: place.rows, place };
  }

  #refused(length: number): RistrettoError {
    const error = lastError();
    if (error.kind !== "LimitExceeded") return error;
    return new RistrettoError(
      "LimitExceeded",
      `the shared heap has no room for ${length} bytes: free covers, or open the engine with a ` +
        "larger heap",
      { limit: "memory" },
    );
  }

  #close(piece: number): void {
    if (this.#open.delete(piece)) this.#native.rst_heap_free(piece);
  }
}

/** A cover's rows as the job that they are part of. */
export class PlacedJob implements CoverPlace {
  /** Jobs under way that are this very memory; while there are any, others are written anew. */
  busy = 0;

  /** Whose memory it is. */
  readonly heap: SharedHeap;
  /** The piece. */
  readonly piece: number;
  /** Its words. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** The rows among them. */
  readonly rows: Room["rows"];
  readonly #layout: CoverLayout;

  /** The words of a piece, laid out. */
  constructor(
    heap: SharedHeap,
    piece: number,
    words: Uint32Array<ArrayBuffer>,
    layout: CoverLayout,
    rows: Room["rows"],
  ) {
    this.heap = heap;
    this.piece = piece;
    this.words = words;
    this.rows = rows;
    this.#layout = layout;
  }

  /** Implements {@link CoverPlace.holds}. */
  holds({ on, dc, off }: CoverData): boolean {
    return on === this.rows.on && dc === this.rows.dc && off === this.rows.off;
  }

  /** Makes it a job of this operation; its length. */
  aim(operation: number, options: Readonly<JobOptions>): number {
    return aim(this.words, this.#layout, operation, options);
  }
}

/** The job block of an engine with a heap: written, or a job in place. */
export class HeapJob extends Block {
  /** The job in place, if it is one. */
  place: PlacedJob | undefined;
  readonly #heap: SharedHeap;

  /** For jobs of this heap's engine. */
  constructor(heap: SharedHeap) {
    super(0);
    this.#heap = heap;
  }

  override adopt(input: JobInput): boolean {
    const { cover } = input;
    const place = cover?.place;
    this.place = undefined;
    if (
      !(place instanceof PlacedJob) || place.heap !== this.#heap || place.busy > 0 ||
      input.second !== undefined || input.secondText !== undefined || !place.holds(cover!) ||
      (input.named === true && cover!.inputNames !== undefined) ||
      (input.named === true && cover!.outputNames !== undefined)
    ) return false;
    this.place = place;
    this.length = place.aim(input.operation, input.options ?? NO_OPTIONS);
    return true;
  }

  override keep(): Block {
    if (this.place === undefined) return super.keep();
    return Block.copyOf(new Uint8Array(this.place.words.buffer, 0, this.length));
  }
}

/** A result where its worker left it. */
export class ResultView extends Block {
  /** A result of so many bytes. */
  constructor(buffer: ArrayBuffer, length: number) {
    super(buffer);
    this.length = length;
  }

  override get foreign(): boolean {
    return true;
  }
}
