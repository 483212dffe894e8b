// Finds the worker processes of a host, for tests.

import { readdirSync, readFileSync } from "node:fs";

/** Processes that a process has started, of our kind. */
export function workersOf(parent: number): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
    try {
      const [, state, ppid] = /^\d+ \(.*\) (\S+) (\d+) /s.exec(
        readFileSync(`/proc/${id}/stat`, "utf8"),
      )!;
      return Number(ppid) === parent && state !== "Z" &&
        /(^|\/)ristretto-worker\0/.test(readFileSync(`/proc/${id}/cmdline`, "utf8"));
    } catch {
      return false; // it ended meanwhile
    }
  });
}
