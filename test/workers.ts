// Finds the worker processes of a host, for tests.

import { readdirSync, readFileSync } from "node:fs";

/** The workers that a process has started. */
export function workersOf(parent: number): number[] {
  return childrenOf(parent, "worker");
}

/** The processes that its workers of `fresh` are copies of. */
export function zygotesOf(parent: number): number[] {
  return childrenOf(parent, "zygote");
}

function childrenOf(parent: number, kind: string): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
    try {
      const [, state, ppid] = /^\d+ \(.*\) (\S+) (\d+) /s.exec(
        readFileSync(`/proc/${id}/stat`, "utf8"),
      )!;
      const [name = ""] = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
      return Number(ppid) === parent && state !== "Z" &&
        name.split("/").at(-1) === `ristretto-${kind}`;
    } catch {
      return false; // it ended meanwhile
    }
  });
}
