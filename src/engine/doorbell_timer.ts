/**
 * The doorbell where nothing better is known (Bun and Node on Windows): a look after 1, 2, 4, …
 * milliseconds, at most 16 apart.
 */

import type { Doorbell } from "./doorbell.ts";

const MOST_MS = 16;

/** Rings from time to time. */
export function openTimerDoorbell(ring: () => void): Doorbell {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = 1;
  let rang = false;
  return {
    hold() {
      // Held again because the last ring was for nothing: the next one may come later.
      wait = rang ? Math.min(2 * wait, MOST_MS) : 1;
      rang = false;
      timer = setTimeout(() => {
        rang = true;
        ring();
      }, wait);
    },
    release() {
      clearTimeout(timer);
    },
  };
}
