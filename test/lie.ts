// Makes a result of minimising a lie: another function, in a block that nothing is wrong with.

import type { Block } from "../src/job/block.ts";
import * as format from "../src/job/format.ts";

/** A copy in which the first input of the first cube was 0 and is 1, or was anything else and is
 * 0. */
export function lie(result: Block): Block {
  const other = result.keep();
  for (let entry = 0; entry < other.words[format.HEADER_SECTIONS / 4]!; entry++) {
    const at = (format.HEADER_SIZE + entry * format.ENTRY_SIZE) / 4;
    if (other.words[at + format.ENTRY_KIND / 4] !== format.SECTION_ON) continue;
    const row = other.words[at + format.ENTRY_OFFSET / 4]! / 4;
    other.words[row] = other.words[row]! & ~3 | ((other.words[row]! & 3) === 1 ? 2 : 1);
  }
  return other;
}
