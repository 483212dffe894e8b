// Nothing of one job is in the memory in which another runs: the whole memory of the spare workers
// of `fresh` is searched for a mark that jobs before carried. The same search finds it in a warm
// worker of `process`, so it can find one.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assert, assertEquals } from "@std/assert";
import { createEngine, type Engine } from "../mod.ts";
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
function search(id: number, mark: Uint8Array): { found: number; bytes: number } {
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
function refusal(): string | undefined {
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
function marked(mark: string): string {
  return `.i 3\n.o 1\n.ilb ${mark}a ${mark}b ${mark}c\n.ob ${mark}f\n1-0 1\n011 1\n-11 1\n.e\n`;
}

async function spares(engine: Engine, count: number): Promise<number[]> {
  const end = performance.now() + 10_000;
  let ids = workersOf(process.pid);
  while (performance.now() < end && (ids.length !== count || engine.closed)) {
    await wait(10);
    ids = workersOf(process.pid);
  }
  await wait(50); // those that were just started get ready
  return ids;
}

const only = process.platform === "linux" ? test : test.skip;

only("no spare worker holds anything of a job that another one served", async (t) => {
  const mark = `residue-${crypto.randomUUID()}`;
  const bytes = new TextEncoder().encode(mark);
  await using engine = await createEngine({ isolation: "fresh", workers: 2 });
  await spares(engine, 2);
  const why = refusal();
  if (why !== undefined) {
    (t as { skip?: (why: string) => void } | undefined)?.skip?.(why);
    console.log(`skipped: ${why}`);
    return;
  }
  for (let n = 0; n < 10; n++) {
    assert(engine.minimizePlaSync(marked(mark)).text.includes(mark));
    assert((await engine.minimizePla(marked(mark))).text.includes(mark));
  }
  const ids = await spares(engine, 2);
  assertEquals(ids.length, 2);
  for (const id of ids) {
    const { found, bytes: seen } = search(id, bytes);
    assert(seen > 100_000, `only ${seen} bytes of worker ${id} were seen`);
    assertEquals(found, 0);
  }
});

only("the search finds what a warm worker keeps", async () => {
  const mark = `residue-${crypto.randomUUID()}`;
  await using engine = await createEngine({ isolation: "process", workers: 1 });
  assert(engine.minimizePlaSync(marked(mark)).text.includes(mark));
  if (refusal() !== undefined) return; // the test above says why
  const [id] = workersOf(process.pid);
  assert(search(id!, new TextEncoder().encode(mark)).found > 0);
});
