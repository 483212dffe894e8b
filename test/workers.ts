// Finds the worker processes of a host, and waits for what they do, for tests.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { assert } from "@std/assert";
import { usageOf } from "../src/engine/usage.ts";

/** The workers that a process has started, but for those that are about to end. */
export function workersOf(parent: number): number[] {
  return childrenOf(parent, "worker");
}

/** The processes that its workers of `fresh` are copies of. */
export function zygotesOf(parent: number): number[] {
  return childrenOf(parent, "zygote");
}

/** PF_EXITING: it gives its memory back. */
const EXITS = 4;

/** Whether it was killed, and has not come to it yet. */
function killed(id: number): boolean {
  const status = readFileSync(`/proc/${id}/status`, "utf8");
  return [...status.matchAll(/^(?:Sig|Shd)Pnd:\s*([0-9a-f]+)$/gm)].some(([, signals]) =>
    (Number.parseInt(signals!.slice(-4), 16) & 0x100) !== 0
  );
}

function childrenOf(parent: number, kind: string): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
    try {
      const [, state, ppid, flags] = /^\d+ \(.*\) (\S+) (\d+) (?:\S+ ){4}(\d+) /s.exec(
        readFileSync(`/proc/${id}/stat`, "utf8"),
      )!;
      const [name = ""] = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
      return Number(ppid) === parent && state !== "Z" && !(Number(flags) & EXITS) && !killed(id) &&
        name.split("/").at(-1) === `ristretto-${kind}`;
    } catch {
      return false; // it ended meanwhile
    }
  });
}

/** Until a process has had 0.2 s of a processor: far more than any start takes. */
export async function computes(pid: number): Promise<void> {
  const end = performance.now() + 60_000;
  while ((usageOf(pid)?.cpuSeconds ?? 0) < 0.2) {
    assert(performance.now() < end, "it does not compute");
    await wait(5);
  }
}
