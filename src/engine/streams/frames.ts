/**
 * What is said over a worker's standard streams: frames of a head of 64 bytes (the words of
 * c/isolate/protocol.h) and as many bytes as the head says.
 */

import { Block, SMALL } from "../../job/block.ts";

/** Kinds of frames. */
export const FRAME = { RUN: 1, DONE: 3, CANCEL: 16, READY: 17, BEGUN: 18, HELLO: 19 } as const;

/** Words of a head that say something; all others are 0. */
const KIND = 0, SEQUENCE = 1, LENGTH = 4, WORDS = 16;

/** Bytes of a head. */
export const FRAME_HEAD = 64;
const HEAD = FRAME_HEAD;

/** Bytes that are trusted to come before they have: memory follows what has come. */
const AT_ONCE = 16 * SMALL;

/** A frame with a copy of the bytes. */
export function writeFrame(
  kind: number,
  sequence: number,
  bytes: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const frame = new Uint8Array(HEAD + bytes.length);
  const words = new Uint32Array(frame.buffer, 0, WORDS);
  words[KIND] = kind;
  words[SEQUENCE] = sequence;
  words[LENGTH] = bytes.length;
  frame.set(bytes, HEAD);
  return frame;
}

/** Told of each frame; the block is the listener's. False: it cannot be, read no further. */
export type OnFrame = (kind: number, sequence: number, body: Block) => boolean;

/** Puts frames together from the pieces in which they come. A peer may send anything. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  readonly #most: number;
  readonly #head = new Uint8Array(HEAD);
  readonly #words = new Uint32Array(this.#head.buffer);
  #headLength = 0;
  #body = new Block(0);
  #broken = false;

  /** A reader that tells of each frame. A body of more than `most` bytes is told by its length, and
   * not kept. */
  constructor(onFrame: OnFrame, most = Infinity) {
    this.#onFrame = onFrame;
    this.#most = most;
  }

  /** The next piece. False: what came cannot be; the rest is not looked at. */
  push(piece: Uint8Array): boolean {
    let rest = piece;
    while (rest.length > 0 && !this.#broken) {
      rest = this.#headLength < HEAD ? this.#takeHead(rest) : this.#takeBody(rest);
    }
    return !this.#broken;
  }

  #takeHead(piece: Uint8Array): Uint8Array {
    const part = piece.subarray(0, HEAD - this.#headLength);
    this.#head.set(part, this.#headLength);
    this.#headLength += part.length;
    if (this.#headLength === HEAD) {
      const known = (index: number) => index === KIND || index === SEQUENCE || index === LENGTH;
      this.#broken = this.#words.some((word, index) => word !== 0 && !known(index));
      this.#body = new Block(0);
      if (this.#words[LENGTH] === 0) this.#tell();
    }
    return piece.subarray(part.length);
  }

  #takeBody(piece: Uint8Array): Uint8Array {
    const length = this.#words[LENGTH]!;
    const part = piece.subarray(0, length - this.#body.length);
    if (length <= this.#most) {
      this.#grow(this.#body.length + part.length, length);
      this.#body.bytes.set(part, this.#body.length);
    }
    this.#body.length += part.length;
    if (this.#body.length === length) this.#tell();
    return piece.subarray(part.length);
  }

  #grow(needed: number, whole: number): void {
    const old = this.#body;
    if (needed <= old.bytes.length) return;
    const room = whole <= AT_ONCE ? whole : Math.min(whole, Math.max(AT_ONCE, 2 * needed));
    this.#body = new Block(4 * Math.ceil(room / 4));
    this.#body.bytes.set(old.bytes.subarray(0, old.length));
    this.#body.length = old.length;
  }

  #tell(): void {
    this.#headLength = 0;
    const body = this.#body;
    this.#body = new Block(0);
    if (!this.#broken && !this.#onFrame(this.#words[KIND]!, this.#words[SEQUENCE]!, body)) {
      this.#broken = true;
    }
  }
}
