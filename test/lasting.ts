// A job that lasts until it is stopped: the proven minimum of a random function of 13 inputs, which
// no computer of today would see the end of.

import { Cover } from "../mod.ts";

/** The options with which it lasts. */
export const lasting = { method: "exact", onLimit: "error" } as const;

/** The function; another one for each seed. */
export function lastingCover(seed = 0): Cover {
  const points: number[] = [];
  for (let point = 0; point < 2 ** 13; point++) {
    if ((Math.imul(point + 1 + seed, 2654435761) >>> 13) % 5 < 2) points.push(point);
  }
  return Cover.fromMinterms(13, points);
}
