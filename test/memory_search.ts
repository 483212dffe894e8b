// Searches the whole memory of worker processes for a mark, for tests that say what is left in it.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import process from "node:process";
import { workersOf } from "./workers.ts";

const PAGE = 4096;
/** A page is in memory, or was moved out of it: the two highest bits of its entry. */
const THERE = 0xc0;

/** Ranges of a process's memory that are there, in pages next to each other. */
function* presentRanges(id: number): Generator<readonly [start: number, length: number]> {
  const pagemap = openSync(`/proc/${id}/pagemap`, "r");
  try {
    for (const line of readFileSync(`/proc/${id}/maps`, "utf8").trim().split("\n")) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line) ?? [];
      const start = Number.parseInt(from ?? "0", 16);
      const end = Number.parseInt(to ?? "0", 16);
      if (end > 2 ** 47 || / \[v/.test(line)) continue; // the kernel's own
      const entries = new Uint8Array(1 << 20);
      let run = -1;
      for (let at = start; at < end;) {
        const wanted = Math.min(entries.length, 8 * (end - at) / PAGE);
        const got = readSync(pagemap, entries, 0, wanted, 8 * at / PAGE);
        if (got <= 0) break;
        for (let entry = 7; entry < got; entry += 8, at += PAGE) {
          if ((entries[entry]! & THERE) !== 0) {
            if (run < 0) run = at;
          } else if (run >= 0) {
            yield [run, at - run];
            run = -1;
          }
        }
      }
      if (run >= 0) yield [run, end - run];
    }
  } finally {
    closeSync(pagemap);
  }
}

/** How often the memory of a process holds some bytes, and how much memory that was. */
export function search(id: number, mark: Uint8Array): { found: number; bytes: number } {
  const memory = openSync(`/proc/${id}/mem`, "r");
  let found = 0;
  let bytes = 0;
  try {
    for (const [start, length] of presentRanges(id)) {
      const range = new Uint8Array(length);
      const got = readSync(memory, range, 0, length, start);
      bytes += got;
      for (let at = 0; at >= 0 && at < got; at++) {
        at = range.indexOf(mark[0]!, at);
        if (at < 0) break;
        if (mark.every((byte, index) => range[at + index] === byte)) found++;
      }
    }
  } finally {
    closeSync(memory);
  }
  return { found, bytes };
}

/** Why the memory of workers cannot be read here; `undefined`: it can. */
export function refusal(): string | undefined {
  const [id] = workersOf(process.pid);
  try {
    closeSync(openSync(`/proc/${id}/mem`, "r"));
    closeSync(openSync(`/proc/${id}/pagemap`, "r"));
    return undefined;
  } catch (error) {
    return `the memory of a worker cannot be read: ${(error as Error).message}`;
  }
}

/** A PLA whose names and cubes are the mark's. */
export function marked(mark: string): string {
  return `.i 3\n.o 1\n.ilb ${mark}a ${mark}b ${mark}c\n.ob ${mark}f\n1-0 1\n011 1\n-11 1\n.e\n`;
}
