/**
 * The numbers and small rules that workers share, whichever way they are talked to.
 */

import type { Call } from "../transport.ts";

/** Milliseconds that a core that was told to stop has where only an error can come. */
export const SHORT_GRACE_MS = 3;

/** The time that a job has to answer once it was told to stop; `best`: for its best answer. */
export function graceMs(onLimit: "best" | "error" | undefined, best: number): number {
  return onLimit === "best" ? best : SHORT_GRACE_MS;
}

/** Milliseconds after which a worker is killed, if at all; `most`: those of any job. */
export function killMs(
  { timeoutMs, onLimit }: Call,
  most: number | undefined,
  best: number,
): number | undefined {
  if (timeoutMs === undefined) return most;
  const end = timeoutMs + (onLimit === "error" ? SHORT_GRACE_MS : best);
  return Math.min(end, most ?? end);
}

const FREE_MISFIRES = 3;
const DELAY_MOST_MS = 1000;

/** How long the next start waits after so many deaths in a row without a finished job. */
export function restartDelayMs(misfires: number): number {
  if (misfires <= FREE_MISFIRES) return 0;
  return Math.min(2 ** (misfires - FREE_MISFIRES - 1), DELAY_MOST_MS);
}

const REMEMBERED = 64;
const KILLS_MOST = 2;

/** Jobs that workers died of, known by their hashes. */
export class Guilty {
  readonly #kills = new Map<string, number>();
  /** The job that was blamed last is refused since then. */
  isNew = false;

  /** A worker died of this job; its hash. */
  blame(job: Uint8Array): string {
    const name = hashOf(job);
    const kills = (this.#kills.get(name) ?? 0) + 1;
    this.#kills.delete(name);
    this.#kills.set(name, kills);
    if (this.#kills.size > REMEMBERED) this.#kills.delete(this.#kills.keys().next().value!);
    this.isNew = kills === KILLS_MOST;
    return name;
  }

  /** Whether it killed so many that it is not run any more. */
  isRefused(job: Uint8Array): boolean {
    return this.#kills.size > 0 && (this.#kills.get(hashOf(job)) ?? 0) >= KILLS_MOST;
  }
}

/** Two sums (FNV-1a, and the same from the end) and the length: enough to know a job again. */
function hashOf(bytes: Uint8Array): string {
  let forward = 0x811c9dc5;
  let backward = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) {
    forward = Math.imul(forward ^ bytes[i]!, 0x01000193);
    backward = Math.imul(backward ^ bytes[bytes.length - 1 - i]!, 0x01000193);
  }
  const sums = [forward, backward].map((sum) => (sum >>> 0).toString(16).padStart(8, "0"));
  return `${sums.join("")}-${bytes.length}`;
}
