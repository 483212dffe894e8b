/**
 * The doorbell of Deno where there are no socket pairs: one foreign call that waits on a thread of
 * Deno's, for a tenth of a second at a time, because a terminated Worker is not rid of it sooner.
 */

import { library, native } from "../native/open.ts";
import { deno } from "../native/runtime.ts";
import type { Doorbell } from "./doorbell.ts";

const SLICE_MS = 100;

const SYMBOLS = {
  rst_mailbox_wait: { parameters: ["f64", "u32"], result: "i32", nonblocking: true },
} as const;

/** Waits for the mailbox whose number is `handle`. */
export function openParkedDoorbell(handle: number, ring: () => void): Doorbell {
  const { rst_mailbox_wait: park } = deno!.dlopen(library().path, SYMBOLS).symbols as {
    rst_mailbox_wait(handle: number, ms: number): Promise<number>;
  };
  let held = false;
  let parked = false;
  const wait = async (): Promise<void> => {
    if (parked) return;
    parked = true;
    while (held && await park(handle, SLICE_MS) === 0);
    parked = false;
    if (held) ring();
  };
  return {
    hold() {
      held = true;
      wait();
    },
    release() {
      held = false;
      if (parked) native().rst_mailbox_ring(handle);
    },
  };
}
