// Result blocks made by hand, for tests of their reader.

import { Block } from "../src/job/block.ts";
import * as format from "../src/job/format.ts";

/** A section: its kind, its words, its count, its flags. */
export type Section = readonly [
  kind: number,
  words: readonly number[],
  count: number,
  flags?: number,
];

/** Fields of the header that are to be wrong. */
export interface Header {
  readonly magic?: number;
  readonly version?: number;
  readonly operation?: number;
  readonly sections?: number;
  readonly length?: number;
  readonly status?: number;
}

/** A result block with these sections. */
export function result(sections: readonly Section[], header: Header = {}): Block {
  let end = 64 * Math.ceil((64 + 32 * sections.length) / 64);
  const offsets = sections.map(([, words]) => {
    const offset = end;
    end += 64 * Math.ceil(words.length / 16);
    return offset;
  });
  const block = new Block(end);
  block.length = end;
  block.words.set([
    header.magic ?? format.MAGIC_RESULT,
    header.version ?? format.FORMAT_VERSION,
    header.operation ?? format.OP_MINIMIZE,
    header.sections ?? sections.length,
    header.length ?? end,
    header.status ?? 0,
  ]);
  for (const [index, [kind, words, count, flags = 0]] of sections.entries()) {
    block.words.set([kind, flags, offsets[index]!, 4 * words.length, count], 16 + 8 * index);
    block.words.set(words, offsets[index]! / 4);
  }
  return block;
}
