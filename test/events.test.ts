// What an operator sees of an engine's workers: events, a drain, a replacement one after the other.

import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { EngineEvent, EngineOptions } from "../mod.ts";
import { lasting, lastingCover } from "./lasting.ts";
import { runChild } from "./native_spawn.ts";
import { fileURLToPath } from "node:url";
import { computes, workersOf } from "./workers.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");
const ways: readonly EngineOptions[] = [
  { isolation: "process" },
  { isolation: "shared-heap" },
  { isolation: "process", ffi: false },
];

/** An engine's events, and a way to wait for one. */
class Log {
  readonly all: EngineEvent[] = [];
  readonly onEvent = (event: EngineEvent): void => void this.all.push(event);

  types(): string[] {
    return this.all.map(({ type }) => type);
  }

  async until<Type extends EngineEvent["type"]>(
    type: Type,
    count = 1,
  ): Promise<Extract<EngineEvent, { type: Type }>> {
    const end = performance.now() + 60_000;
    while (performance.now() < end) {
      const found = this.all.filter((event) => event.type === type);
      if (found.length >= count) return found[count - 1] as Extract<EngineEvent, { type: Type }>;
      await wait(5);
    }
    throw new Error(`no ${type} in 60 s, but ${JSON.stringify(this.all)}`);
  }
}

only("a crash is told while nobody calls, and what comes in the worker's place", async () => {
  for (const way of ways) {
    const log = new Log();
    await using engine = await createEngine({ ...way, workers: 1, onEvent: log.onEvent });
    const first = await log.until("worker-started");
    assertEquals([first.worker, workersOf(process.pid)], [0, [first.pid]]);
    process.kill(first.pid, "SIGSEGV");
    const crash = await log.until("worker-crashed");
    assertEquals(crash, {
      ...{ type: "worker-crashed", worker: 0, pid: first.pid, epoch: first.epoch },
      signal: "SIGSEGV",
    });
    assertEquals((await engine.minimize(small)).stats.cubes, 4);
    const second = await log.until("worker-started", 2);
    assert(second.epoch > first.epoch && second.pid !== first.pid);
    assertEquals(log.types(), ["worker-started", "worker-crashed", "worker-started"]);
  }
});

only(
  "a job that killed two workers is quarantined, by the hash that both crashes tell",
  async () => {
    for (const way of ways) {
      const log = new Log();
      await using engine = await createEngine({ ...way, workers: 1, onEvent: log.onEvent });
      for (let n = 1; n <= 2; n++) {
        const { pid } = await log.until("worker-started", n);
        const job = engine.minimize(lastingCover(), lasting);
        await computes(pid);
        process.kill(pid, "SIGKILL");
        const { kind } = await assertRejects(() => job, RistrettoError);
        assertEquals(kind, "WorkerCrashed");
      }
      const { job } = await log.until("job-quarantined");
      const crashes = log.all.filter(({ type }) => type === "worker-crashed");
      assertEquals(crashes.map((event) => (event as { job?: string }).job), [job, job]);
      const refused = await assertRejects(() => engine.minimize(lastingCover(), lasting));
      assert((refused as Error).message.includes("killed two workers"));
    }
  },
);

only("workers that are replaced or killed say why", async () => {
  for (const way of ways) {
    const log = new Log();
    await using engine = await createEngine({
      ...{ ...way, workers: 1, recycle: 2, graceMs: 1, onEvent: log.onEvent },
    });
    await engine.minimize(small);
    await engine.minimize(small);
    assertEquals((await log.until("worker-recycled")).cause, "jobs");
    await log.until("worker-started", 2);
    engine.restart();
    assertEquals((await log.until("worker-recycled", 2)).cause, "restart");
    await log.until("worker-started", 3);
    // One that is stopped cannot answer: it is killed.
    const { pid } = await log.until("worker-started", 3);
    process.kill(pid, "SIGSTOP");
    await assertRejects(() => engine.minimize(small, { timeoutMs: 100, onLimit: "error" }));
    const killed = await log.until("worker-killed");
    assertEquals(killed.cause, "deadline");
    // One look may be too early to tell.
    if (killed.health !== undefined) assertEquals(killed.health, "stopped");
  }
});

only("workers that keep ending open the breaker, and a finished job closes it", async () => {
  const log = new Log();
  await using engine = await createEngine({ isolation: "process", onEvent: log.onEvent });
  for (let n = 1; n <= 10; n++) {
    const { pid } = await log.until("worker-started", n);
    process.kill(pid, "SIGKILL");
  }
  await log.until("breaker-opened");
  await log.until("worker-started", 11);
  assertEquals((await engine.minimize(small)).stats.cubes, 4);
  await log.until("breaker-closed");
});

only("more events than are kept are counted", async () => {
  const log = new Log();
  await using engine = await createEngine({ isolation: "fresh", onEvent: log.onEvent });
  for (let n = 0; n < 400; n++) engine.minimizeSync(small); // this thread takes none meanwhile
  const { count } = await log.until("events-lost");
  assert(count > 0);
  assert(log.types().filter((type) => type === "worker-recycled").length > 100);
});

only("what a listener throws is no job's error, and other events are told", () => {
  const file = fileURLToPath(new URL("./events_child.ts", import.meta.url));
  const { output, status } = runChild(["throws"], {}, ["-A"], file);
  assertEquals([output, status], ["caught: a listener's own\nworker-started\n4\nended", 0]);
});

only("an engine that listens keeps no program alive", () => {
  const file = fileURLToPath(new URL("./events_child.ts", import.meta.url));
  const { output, status } = runChild(["leaves"], {}, ["-A"], file);
  assertEquals([output, status], ["worker-started", 0]);
});

test("a listener that is none is refused", async () => {
  const wrong = { onEvent: "log" } as unknown as EngineOptions;
  const error = await assertRejects(() => createEngine(wrong), RistrettoError, "onEvent");
  assertEquals(error.kind, "InvalidInput");
});

for (const isolation of ["direct", "pool", "process", "shared-heap", "fresh"] as const) {
  const has = isolation === "direct" || isolation === "pool" ? test : only;
  has(`${isolation}: a drain settles what is there, and takes nothing new`, async () => {
    await using engine = await createEngine({ isolation, metrics: true, queue: 4 });
    const jobs = Array.from({ length: 40 }, () => engine.minimize(small));
    let settled = 0;
    for (const job of jobs) job.then(() => settled++);
    await engine.drain();
    await Promise.resolve();
    assertEquals(settled, 40);
    for (const call of [() => engine.minimize(small), () => engine.run(new Uint8Array(64))]) {
      assertEquals((await assertRejects(call, RistrettoError)).kind, "Closed");
    }
    assertEquals(assertThrows(() => engine.minimizeSync(small), RistrettoError).kind, "Closed");
    assertEquals(engine.closed, false);
    assert(engine.metrics().includes('outcome="ok"} 40'));
    await engine.drain();
  });
}

only("closing waits for jobs that wait for room in the queue, too", async () => {
  for (const isolation of ["process", "fresh"] as const) {
    const engine = await createEngine({ isolation, queue: 1 });
    const jobs = Array.from({ length: 50 }, () => engine.minimize(small));
    await engine.close();
    for (const { stats } of await Promise.all(jobs)) assertEquals(stats.cubes, 4);
  }
});

only(
  "a rolling restart replaces all workers, one at a time, and every job is answered",
  async () => {
    for (const way of ways) {
      const workers = 3;
      const log = new Log();
      await using engine = await createEngine({ ...way, workers, onEvent: log.onEvent });
      await log.until("worker-started", workers);
      let replaced = false;
      let answers = 0;
      const caller = async (): Promise<void> => {
        while (!replaced) {
          assertEquals((await engine.minimize(small)).stats.cubes, 4);
          answers++;
        }
      };
      const callers = Array.from({ length: 2 * workers }, caller);
      await wait(20);
      engine.restart({ rolling: true });
      await log.until("worker-started", 2 * workers);
      replaced = true;
      await Promise.all(callers);
      assert(answers > 2 * workers);
      let serving = 0;
      let least = workers;
      for (const event of log.all) {
        if (event.type === "worker-started") serving++;
        else if (event.type === "worker-recycled") {
          assertEquals(event.cause, "restart");
          least = Math.min(least, --serving);
        } else throw new Error(`not expected: ${event.type}`);
      }
      assertEquals([serving, least], [workers, workers - 1]);
      const before = log.all.slice(0, workers).map((event) => (event as { pid: number }).pid);
      assertEquals(workersOf(process.pid).filter((pid) => before.includes(pid)), []);
    }
    await using engine = await createEngine({ isolation: "process" });
    const wrong = { rolling: 1 } as unknown as { rolling: boolean };
    assertThrows(() => engine.restart(wrong), RistrettoError, "rolling");
  },
);
