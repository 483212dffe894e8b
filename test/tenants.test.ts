// Tenants: the worker of one never serves another, and nothing of one is in the memory of another's
// worker.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { EngineEvent } from "../mod.ts";
import { lasting, lastingCover } from "./lasting.ts";
import { marked, refusal, search } from "./memory_search.ts";
import { workersOf } from "./workers.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");

only("each tenant has workers of its own, and only so many tenants have some", async () => {
  const events: EngineEvent[] = [];
  await using engine = await createEngine({
    ...{ isolation: "process", tenants: 2, metrics: true },
    onEvent: (event) => events.push(event),
  });
  const servedBy = new Map<number, Set<string>>();
  for (let n = 0; n < 60; n++) {
    const tenant = "abcde"[Math.imul(n + 1, 2654435761) >>> 29] ?? "a";
    const job = n % 2 === 0
      ? Promise.resolve(engine.minimizeSync(small, { tenant }))
      : engine.minimize(small, { tenant });
    assertEquals((await job).stats.cubes, 4);
  }
  assertEquals((await engine.minimize(small)).stats.cubes, 4);
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const event of events) {
    if (event.type !== "worker-started") continue;
    const tenants = servedBy.get(event.epoch) ?? new Set();
    servedBy.set(event.epoch, tenants.add(event.tenant ?? ""));
  }
  for (const tenants of servedBy.values()) assertEquals(tenants.size, 1);
  assert(servedBy.size > 3);
  const text = engine.metrics();
  const labels = [...text.matchAll(/^ristretto_workers\{mode="process"(?:,tenant="(.)")?\}/gm)];
  assertEquals(labels.length, 3); // two tenants, and those without
  assert(text.includes('ristretto_jobs_total{mode="process",outcome="ok"} 61'));
});

only("nothing of a tenant is in the memory of another one's workers", async (t) => {
  const mark = `tenant-${crypto.randomUUID()}`;
  const bytes = new TextEncoder().encode(mark);
  await using engine = await createEngine({ isolation: "process", tenants: 2 });
  const why = refusal();
  if (why !== undefined) {
    (t as { skip?: (why: string) => void } | undefined)?.skip?.(why);
    console.log(`skipped: ${why}`);
    return;
  }
  const before = workersOf(process.pid);
  assert(engine.minimizePlaSync(marked(mark), { tenant: "a" }).text.includes(mark));
  const ofA = workersOf(process.pid).filter((id) => !before.includes(id));
  assertEquals(engine.minimizePlaSync(marked("other"), { tenant: "b" }).text.includes(mark), false);
  assert((await engine.minimizePla(marked("other"), { tenant: "b" })).stats.cubes > 0);
  const others = workersOf(process.pid).filter((id) => !ofA.includes(id));
  assertEquals([ofA.length, others.length], [1, 2]);
  assert(search(ofA[0]!, bytes).found > 0); // the search can find it
  for (const id of others) {
    const { found, bytes: seen } = search(id, bytes);
    assert(seen > 100_000);
    assertEquals(found, 0);
  }
});

only("a tenant waits while all others have jobs; its signal and time are kept", async () => {
  const engine = await createEngine({ isolation: "process", tenants: 1 });
  const controller = new AbortController();
  const busy = engine.minimize(lastingCover(), {
    ...{ ...lasting, tenant: "a", signal: controller.signal },
  });
  const waits = engine.minimize(small, { tenant: "b" });
  let settled = false;
  waits.then(() => settled = true);
  const kindOf = async (job: Promise<unknown>) =>
    (await assertRejects(() => job, RistrettoError)).kind;
  const late = engine.minimize(small, { tenant: "c", timeoutMs: 20 });
  assertEquals(await kindOf(late), "LimitExceeded");
  const other = AbortSignal.timeout(20);
  assertEquals(await kindOf(engine.minimize(small, { tenant: "d", signal: other })), "Cancelled");
  assertEquals(await kindOf(engine.tryMinimize(small, { tenant: "e" })), "QueueFull");
  assertThrows(() => engine.minimizeSync(small, { tenant: "e" }), RistrettoError, "tenants");
  assertEquals(settled, false);
  controller.abort();
  assertEquals(await kindOf(busy), "Cancelled");
  assertEquals((await waits).stats.cubes, 4);
  const blocked = engine.minimize(lastingCover(), { ...lasting, tenant: "a" });
  const lost = engine.minimize(small, { tenant: "b" });
  engine[Symbol.dispose]();
  assertEquals(await Promise.all([kindOf(blocked), kindOf(lost)]), ["Closed", "Closed"]);
});

only("closing and draining wait for tenants, also for those that wait", async () => {
  const engine = await createEngine({ isolation: "process", tenants: 2 });
  const jobs = Array.from({ length: 40 }, (_, n) => engine.minimize(small, { tenant: `${n % 7}` }));
  let settled = 0;
  for (const job of jobs) job.then(() => settled++);
  await engine.drain();
  assertEquals(settled, 40);
  await engine.close();
  const second = await createEngine({ isolation: "process", tenants: 2 });
  const more = Array.from({ length: 40 }, (_, n) => second.minimize(small, { tenant: `${n % 7}` }));
  await second.close();
  for (const { stats } of await Promise.all(more)) assertEquals(stats.cubes, 4);
});

test("a tenant is refused where it could not be kept apart", async () => {
  await using engine = await createEngine();
  assertThrows(() => engine.minimizeSync(small, { tenant: "a" }), RistrettoError, "tenants");
  await assertRejects(() => createEngine({ tenants: 2 }), RistrettoError, "process");
  await assertRejects(() => createEngine({ tenants: 0 }), RistrettoError, "tenants");
  if (process.platform !== "linux") return;
  await using fresh = await createEngine({ isolation: "fresh" }); // no worker serves two jobs
  assertEquals((await fresh.minimize(small, { tenant: "a" })).stats.cubes, 4);
  await using other = await createEngine({ isolation: "fresh", ffi: false });
  assertEquals((await other.minimize(small, { tenant: "a" })).stats.cubes, 4);
  const streams = { isolation: "process", ffi: false, tenants: 2 } as const;
  assertEquals(
    (await assertRejects(() => createEngine(streams), RistrettoError)).kind,
    "Unsupported",
  );
});
