// Classes of workers: each has its own workers, queue and limits, and what is stuck in one delays
// nobody in another.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, minimize, RistrettoError } from "../mod.ts";
import type { EngineEvent, EngineOptions } from "../mod.ts";
import { lasting, lastingCover } from "./lasting.ts";
import { workersOf } from "./workers.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");

for (const ffi of [true, false]) {
  only(`stuck jobs of one class delay no other (${ffi ? "library" : "streams"})`, async () => {
    const events: EngineEvent[] = [];
    await using engine = await createEngine({
      ...{ isolation: "process", ffi, metrics: true, onEvent: (event) => events.push(event) },
      classes: { small: { workers: 2 }, huge: { workers: 1, memory: "2GiB", queue: 2 } },
    });
    assertEquals(workersOf(process.pid).length, 3);
    const controller = new AbortController();
    const { signal } = controller;
    const stuck = [0, 1, 2].map((seed) =>
      engine.minimize(lastingCover(seed), { ...lasting, class: "huge", signal })
    );
    let ended = 0;
    for (const job of stuck) job.catch(() => ended++);
    for (let n = 0; n < 200; n++) {
      assertEquals((await engine.minimize(small)).stats.cubes, 4);
      assertEquals((await engine.minimize(small, { class: "small" })).stats.cubes, 4);
    }
    assertEquals(engine.minimizeSync(small, { class: "small" }).stats.cubes, 4);
    assertEquals(ended, 0);
    const full = () => engine.tryMinimize(small, { class: "huge" });
    assertEquals((await assertRejects(full, RistrettoError)).kind, "QueueFull");
    assertEquals((await engine.tryMinimize(small)).stats.cubes, 4);
    controller.abort();
    await Promise.allSettled(stuck);
    assertEquals((await engine.minimize(small, { class: "huge" })).stats.cubes, 4);
    const text = engine.metrics();
    const count = (labels: string): string | undefined =>
      new RegExp(`^ristretto_jobs_total\\{mode="process",${labels}\\} (\\d+)$`, "m").exec(text)
        ?.[1];
    assertEquals(count('class="small",outcome="ok"'), "402");
    assertEquals(count('class="huge",outcome="ok"'), "1");
    assertEquals(count('class="huge",outcome="cancelled"'), "3");
    assert(text.includes('ristretto_workers{mode="process",class="small"} 2'));
    assert(text.includes('ristretto_worker_jobs_total{mode="process",class="huge",worker="0"}'));
    const started = events.filter(({ type }) => type === "worker-started");
    assertEquals(started.map((event) => event.class).toSorted().slice(-2), ["small", "small"]);
  });
}

only("a class has its own limits, beside those of the engine", async () => {
  await using engine = await createEngine({
    ...{ isolation: "process", limits: { nice: 2, memory: "64MiB" } },
    classes: { tiny: { memory: "1MiB" }, usual: {}, quick: { limits: { time: "20ms" } } },
  });
  const outcome = async (name: string): Promise<unknown> => {
    const job = engine.minimize(lastingCover(), { ...lasting, class: name, timeoutMs: 5000 });
    return await job.catch(({ limit }) => limit);
  };
  assertEquals([await outcome("tiny"), await outcome("quick")], ["memory", "time"]);
  assertEquals((await engine.minimize(small, { class: "usual" })).stats.cubes, 4);
  assertEquals(engine.isolation.sandbox!.limits.memory!.value, 2 ** 20); // of the first class
  for await (const { stats } of engine.minimizeAll([small, small], { class: "usual" })) {
    assertEquals(stats.cubes, 4);
  }
});

only("what is wrong with a class is told, and leaves no worker", async () => {
  const open = (classes: unknown, more: object = {}) => {
    return () => createEngine({ isolation: "process", classes, ...more } as EngineOptions);
  };
  for (
    const [classes, part] of [
      [{}, "1 to 64"],
      [[], "classes"],
      [7, "classes"],
      [{ a: 1 }, "classes.a"],
      [{ "a b": {} }, "a b"],
      [{ a: { threads: 1 } }, "threads"],
      [{ a: { workers: 0 } }, "classes.a"],
      [{ ok: {}, a: { memory: "12" } }, "classes.a"],
      [{ a: { memory: "2MiB", limits: { memory: "1MiB" } } }, "twice"],
    ] as const
  ) {
    const error = await assertRejects(open(classes), RistrettoError, part);
    assertEquals(error.kind, "InvalidInput");
  }
  for (const isolation of ["direct", "pool", "shared-heap"]) {
    const error = await assertRejects(open({ a: {} }, { isolation }), RistrettoError, "classes");
    assertEquals(error.kind, "InvalidInput");
  }
  for (let left = 2000; workersOf(process.pid).length > 0 && left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(workersOf(process.pid), []);
});

test("a class that there is not is an error of the call", async () => {
  await using plain = await createEngine();
  assertThrows(() => plain.minimizeSync(small, { class: "a" }), RistrettoError, "classes");
  await assertRejects(() => plain.minimize(small, { class: "a" }), RistrettoError, "classes");
  assertThrows(() => minimize(small, { class: "a" }), RistrettoError, "engine");
  if (process.platform !== "linux") return;
  await using engine = await createEngine({ isolation: "process", classes: { a: {}, b: {} } });
  await assertRejects(() => engine.minimize(small, { class: "c" }), RistrettoError, "a, b");
  const wrong = { class: 1 } as unknown as { class: string };
  await assertRejects(() => engine.minimize(small, wrong), RistrettoError, "class");
});
