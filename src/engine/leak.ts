/**
 * What is said of an engine that was collected without having been closed. Its native part is freed
 * all the same; but when, nobody knows.
 */

import { variable } from "../native/runtime.ts";

/** Warns on standard error, once for each mode, unless the variable NODE_ENV says `production`. */
export function warnOfLeak(mode: string): void {
  if (warned.has(mode) || variable("NODE_ENV") === "production") return;
  warned.add(mode);
  console.warn(
    `ristretto: an engine with isolation "${mode}" was collected without being closed; ` +
      "use `await using`, or call close()",
  );
}

const warned = new Set<string>();
