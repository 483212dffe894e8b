/**
 * Memory for one block, a job or a result, with the two views that reading and writing need. A
 * thread keeps one of each for its synchronous calls, so that a small job allocates nothing.
 */

import { invalid, RistrettoError } from "../errors.ts";
import type { JobInput } from "./encode.ts";

/** Bytes that a thread's blocks have at least, once they are used. */
export const SMALL = 64 * 1024;
/** Bytes above which a thread's block is given up at the next small job. */
const LARGE = 4 * 1024 * 1024;
/** The length of a block is a 32-bit number; runtimes' arrays end a little below. */
const LONGEST = 0xffff_ffff - 63;

/** A block: its memory, and how much of it is in use. */
export class Block {
  /** All of the memory. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The same memory as 32-bit words. */
  words: Uint32Array<ArrayBuffer>;
  /** Bytes in use. */
  length = 0;
  /** Rows of it were handed out where they are. */
  kept = false;

  /** A block with room for so many bytes, a multiple of 4; or over memory that is there. */
  constructor(memory: number | ArrayBuffer) {
    this.words = typeof memory === "number" ? new Uint32Array(memory / 4) : new Uint32Array(memory);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /**
   * Whether the bytes can change at any time, because a worker sees them, too: what is read must be
   * copied first.
   */
  get foreign(): boolean {
    return false;
  }

  /** Takes a job as it is, where it is in place already; false: it must be written. */
  adopt(_job: JobInput): boolean {
    return false;
  }

  /** A block with the bytes in use, which this one's next use does not change. */
  keep(): Block {
    return Block.copyOf(this.bytes.subarray(0, this.length));
  }

  /** A block with a copy of bytes. */
  static copyOf(bytes: Uint8Array): Block {
    const block = new Block(4 * Math.ceil(bytes.length / 4));
    block.bytes.set(bytes);
    block.length = bytes.length;
    return block;
  }

  /** Puts a copy of bytes in place of what was in the block. */
  take(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes);
    this.length = bytes.length;
  }

  /** The bytes in use, copied. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  /** Makes room for so many bytes; what was in the block is lost. Gives up what is far too much. */
  reserve(length: number): void {
    const capacity = this.bytes.length;
    if (length <= capacity && (capacity <= LARGE || length > SMALL)) return;
    if (length > LONGEST) {
      throw new RistrettoError("LimitExceeded", `a block of ${length} bytes is too long`, {
        limit: "size",
      });
    }
    let buffer: ArrayBuffer;
    try {
      buffer = new ArrayBuffer(Math.max(SMALL, 64 * Math.ceil(length / 64)));
    } catch (cause) {
      throw new RistrettoError("LimitExceeded", `no memory for a block of ${length} bytes`, {
        limit: "memory",
        cause,
      });
    }
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
  }
}

/** This thread's job: written anew for every call. */
export const threadJob: Block = new Block(0);

/** This thread's result: valid until the next call. */
export const threadResult: Block = new Block(0);

/**
 * The bytes of a view for a job, copied if another thread could write them meanwhile. Errors:
 * `InvalidInput` for what is no view, and as {@link refuseUnsteady}.
 */
export function steadyBytes(argument: string, given: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!(given instanceof Uint8Array)) throw invalid(`${argument}: expected a Uint8Array`);
  refuseUnsteady(argument, given.buffer);
  if (given.buffer instanceof ArrayBuffer) return given as Uint8Array<ArrayBuffer>;
  const copy = new Uint8Array(given.length);
  copy.set(given);
  return copy;
}

/** `InvalidInput` for a buffer that can change its size, or that was transferred. */
export function refuseUnsteady(argument: string, buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer ? buffer.resizable : buffer.growable) {
    throw invalid(
      `${argument}: expected bytes in a buffer of fixed size, got a resizable one; copy it first`,
    );
  }
  if (buffer instanceof ArrayBuffer && buffer.detached) {
    throw invalid(`${argument}: the memory of the view was given away`);
  }
}
