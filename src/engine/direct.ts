/**
 * The mode `direct`: the core runs on the calling thread, in that thread's own state. A promise is
 * settled before the call returns; a signal is looked at before the run.
 */

import type { Block } from "../job/block.ts";
import { native } from "../native/open.ts";
import { runHere } from "../native/run.ts";
import type { Call, Transport } from "./transport.ts";

/** Starts the mode: the library is loaded now, so that an error comes early. */
export function openDirect(): Promise<Transport> {
  native();
  return Promise.resolve(direct);
}

const direct: Transport = {
  width: 1,
  runSync<T>(job: Block, _call: Call, read: (result: Block) => T): T {
    return read(runHere(job));
  },
  run<T>(job: Block, _call: Call, read: (result: Block) => T): Promise<T> {
    return new Promise((resolve) => resolve(read(runHere(job))));
  },
  close: (): Promise<void> => Promise.resolve(),
  closeNow: (): void => {},
};
