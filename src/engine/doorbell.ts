/**
 * What wakes a sleeping event loop: one file each way, chosen by what was measured (docs/pool.md).
 * A byte in a socket pair is the quickest in Bun and in Deno; where there is none (Windows), Deno
 * parks a call that does not block, and the rest looks from time to time.
 */

import { native } from "../native/open.ts";
import { runtimeName } from "../native/runtime.ts";
import { openBunDoorbell } from "./doorbell_bun.ts";
import { openParkedDoorbell } from "./doorbell_parked.ts";
import { openSocketDoorbell } from "./doorbell_socket.ts";
import { openTimerDoorbell } from "./doorbell_timer.ts";

/** Calls what it was opened with when the doorbell rings; perhaps also when it did not. */
export interface Doorbell {
  /** The loop is about to sleep: a ring must wake it, and the process must not end meanwhile. */
  hold(): void;
  /** The loop is awake. */
  release(): void;
}

/** Opens the doorbell of this thread's mailbox, whose number is `handle`. */
export function openDoorbell(handle: number, ring: () => void): Doorbell {
  const socket = native().rst_mailbox_socket(handle);
  if (socket >= 0) {
    return runtimeName === "bun" ? openBunDoorbell(socket, ring) : openSocketDoorbell(socket, ring);
  }
  return runtimeName === "deno" ? openParkedDoorbell(handle, ring) : openTimerDoorbell(ring);
}
