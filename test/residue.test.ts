// Nothing of one job is in the memory in which another runs: the whole memory of the spare workers
// of `fresh` is searched for a mark that jobs before carried. The same search finds it in a warm
// worker of `process`, so it can find one.

import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assert, assertEquals } from "@std/assert";
import { createEngine, type Engine } from "../mod.ts";
import { marked, refusal, search } from "./memory_search.ts";
import { workersOf } from "./workers.ts";

async function spares(engine: Engine, count: number): Promise<number[]> {
  const end = performance.now() + 60_000;
  let before: number[] = [];
  for (;;) {
    const ids = workersOf(process.pid);
    const ready = engine.workers().flatMap(({ state, pid }) => state === "idle" ? [pid] : []);
    // The same for a while, and ready: none is about to end.
    const stay = ids.length === count && ids.every((id) => before.includes(id));
    if (stay && ids.every((id) => ready.includes(id))) return ids;
    assert(performance.now() < end, `${ids} are there, ${ready} are ready`);
    before = ids;
    await wait(60);
  }
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
