// The jobs of the stress test: number in, bytes out, the same in every thread; and what of a result
// is its answer.

import { Cover } from "../mod.ts";
import { dataOf } from "../src/cover/cover.ts";
import { Block } from "../src/job/block.ts";
import { encodeJob, type JobInput } from "../src/job/encode.ts";
import * as format from "../src/job/format.ts";
import { checkOptions } from "../src/options.ts";

/** What a Worker of the stress test is told. */
export interface StressTask {
  /** The mode of its engine. */
  readonly isolation: string;
  /** Its jobs: numbers from `first` on. */
  readonly first: number;
  readonly count: number;
  /** Two words: Workers that are ready; how many there are. */
  readonly gate: Int32Array;
}

/** Job number `n`: eight kinds of them, on functions of 3 to 9 inputs. */
export function stressJob(n: number): Uint8Array<ArrayBuffer> {
  const job = new Block(64);
  encodeJob(job, inputOf(n));
  return job.copy();
}

function inputOf(n: number): JobInput {
  const a = dataOf("a", coverOf(n));
  const text = new TextEncoder().encode(textOf(n));
  switch (n % 8) {
    case 0:
      return { operation: format.OP_MINIMIZE, cover: a };
    case 1:
      return { operation: format.OP_COMPLEMENT, cover: a };
    case 2:
      return { operation: format.OP_TAUTOLOGY, cover: a };
    case 3:
      return { operation: format.OP_EQUIVALENT, cover: a, second: dataOf("b", coverOf(n + 8)) };
    case 4:
      return { operation: format.OP_EXPLAIN, cover: a };
    case 5:
      return { operation: format.OP_MINIMIZE, text, options: checkOptions({ effort: "high" }) };
    case 6:
      return { operation: format.OP_PRINT, text, options: checkOptions({ outputType: "fdr" }) };
    default:
      return {
        operation: format.OP_MINIMIZE,
        cover: a,
        options: checkOptions({ method: "exact" }),
      };
  }
}

/** A function of some inputs and two outputs, some points of it don't-care. */
function coverOf(n: number): Cover {
  return Cover.fromPla(textOf(n));
}

function textOf(n: number): string {
  const inputs = 3 + n % 8 % 7;
  let random = Math.imul(n + 1, 2654435761) >>> 0;
  const below = (count: number): number => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor(random / 2 ** 32 * count);
  };
  const pick = (symbols: string, count: number): string =>
    Array.from({ length: count }, () => symbols[below(symbols.length)]).join("");
  const rows = Array.from(
    { length: 4 + below(40) },
    () => `${pick("01-", inputs)} ${pick("01-", 2)}`,
  );
  return `.i ${inputs}\n.o 2\n${rows.join("\n")}\n.e\n`;
}

/** A result without its trailer, which tells of the run and not of the answer; as text. */
export function answerOf(result: Uint8Array): string {
  const bytes = result.slice();
  const words = new Uint32Array(bytes.buffer);
  for (let entry = 0; entry < words[format.HEADER_SECTIONS / 4]!; entry++) {
    const at = (format.HEADER_SIZE + entry * format.ENTRY_SIZE) / 4;
    if (words[at + format.ENTRY_KIND / 4] !== format.SECTION_TRAILER) continue;
    const start = words[at + format.ENTRY_OFFSET / 4]!;
    bytes.fill(0, start, start + words[at + format.ENTRY_LENGTH / 4]!);
  }
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
