/**
 * The mode `direct`: the core runs on the calling thread, in that thread's own state. A promise is
 * settled before the call returns; a signal is looked at before the run.
 */

import { Block } from "../job/block.ts";
import { native } from "../native/open.ts";
import { runHere } from "../native/run.ts";
import type { Transport } from "./transport.ts";

/** Starts the mode: the library is loaded now, so that an error comes early. */
export function openDirect(): Promise<Transport> {
  native();
  return Promise.resolve(direct);
}

const direct: Transport = {
  runSync: runHere,
  run(job: Block): Promise<Block> {
    const result = runHere(job);
    const own = new Block(4 * Math.ceil(result.length / 4));
    own.bytes.set(result.bytes.subarray(0, result.length));
    own.length = result.length;
    return Promise.resolve(own);
  },
  close: (): Promise<void> => Promise.resolve(),
  closeNow: (): void => {},
};
