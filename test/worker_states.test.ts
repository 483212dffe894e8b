// What an engine tells of its workers when it is asked.

import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine } from "../mod.ts";
import type { Engine, WorkerState } from "../mod.ts";
import { lasting, lastingCover } from "./lasting.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");

/** The first worker, once it is as wanted: asked again and again. */
async function until(engine: Engine, wanted: (worker: WorkerState) => boolean) {
  const end = performance.now() + 60_000;
  for (;;) {
    const worker = engine.workers()[0]!;
    if (wanted(worker)) return worker;
    assert(performance.now() < end, `it stays ${JSON.stringify(worker)}`);
    await wait(10);
  }
}

only("an idle worker is told with its process, its jobs and what it uses", async () => {
  for (const ffi of [true, false]) {
    const engine = await createEngine({ isolation: "process", workers: 2, ffi });
    await engine.minimize(small);
    await engine.minimize(small);
    const { pid } = await until(engine, ({ state }) => state === "idle");
    const all = engine.workers();
    assertEquals(all.map(({ worker }) => worker), [0, 1]);
    assertEquals(all.reduce((sum, { jobs }) => sum + jobs, 0), 2);
    assert(pid !== undefined && pid !== process.pid);
    assert(all[0]!.residentBytes === undefined || all[0]!.residentBytes > 0);
    assertEquals([all[0]!.health, all[0]!.labels], [undefined, {}]);
    await engine.close();
    assertThrows(() => engine.workers(), "closed");
  }
});

only("a worker with a long job is busy, and known to compute after a second look", async () => {
  await using engine = await createEngine({ isolation: "process", graceMs: 1 });
  const stop = new AbortController();
  const job = engine.minimize(lastingCover(), { ...lasting, signal: stop.signal });
  const { state, jobs } = await until(engine, ({ health }) => health === "computing");
  assertEquals([state, jobs], ["busy", 0]);
  stop.abort();
  await assertRejects(() => job);
  assertEquals((await until(engine, ({ state }) => state === "idle")).health, undefined);
});

only("a worker that is stopped is known by one look, with a job and without", async () => {
  await using engine = await createEngine({ isolation: "process", graceMs: 1 });
  const { pid } = await until(engine, ({ state }) => state === "idle");
  process.kill(pid!, "SIGSTOP");
  await until(engine, ({ health, state }) => health === "stopped" && state === "idle");
  const job = engine.minimize(small);
  await until(engine, ({ health, state }) => health === "stopped" && state === "busy");
  process.kill(pid!, "SIGCONT");
  assertEquals((await job).stats.cubes, 4);
  assertEquals((await until(engine, ({ state }) => state === "idle")).health, undefined);
});

only("workers of classes and tenants say whose they are", async () => {
  const classes = { few: { workers: 1 }, many: { workers: 2 } };
  await using engine = await createEngine({ isolation: "process", classes });
  const names = engine.workers().map(({ labels, worker }) => `${labels["class"]} ${worker}`);
  assertEquals(names, ["few 0", "many 0", "many 1"]);
});

test("an engine without worker processes tells of none", async () => {
  for (const isolation of ["direct", "pool"] as const) {
    await using engine = await createEngine({ isolation });
    assertEquals(engine.workers(), []);
  }
});
