// The process that the workers of `fresh` are copies of: whatever becomes of it, jobs are answered,
// and it is replaced; it ends with its engine.

import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assert, assertEquals } from "@std/assert";
import { Cover, createEngine, type Engine } from "../mod.ts";
import { workersOf, zygotesOf } from "./workers.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");
const none = (): boolean => workersOf(process.pid).length + zygotesOf(process.pid).length === 0;

/** Runs jobs until something holds; false: it did not, in a time that is enough anywhere. */
async function work(engine: Engine, holds: () => boolean): Promise<boolean> {
  const end = performance.now() + 100_000;
  while (performance.now() < end) {
    const jobs = Array.from({ length: 3 }, () => engine.minimize(small));
    for (const { stats } of await Promise.all(jobs)) assertEquals(stats.cubes, 4);
    assertEquals(engine.minimizeSync(small).stats.cubes, 4);
    if (holds()) return true;
  }
  return false;
}

async function until(holds: () => boolean): Promise<boolean> {
  const end = performance.now() + 100_000;
  while (!holds() && performance.now() < end) await wait(5);
  return holds();
}

only("fresh goes on while its zygote is killed or stopped, and gets another one", async () => {
  const engine = await createEngine({ isolation: "fresh", workers: 2 });
  let zygote: number | undefined;
  const another = (): boolean => {
    const [found] = zygotesOf(process.pid);
    return found !== undefined && found !== zygote;
  };
  assert(await work(engine, another), "there is no zygote");
  for (const signal of ["SIGKILL", "SIGSTOP", "SIGSEGV", "SIGSTOP", "SIGKILL"] as const) {
    [zygote] = zygotesOf(process.pid);
    process.kill(zygote!, signal);
    assert(await work(engine, another), `no other zygote after ${signal}`);
    assertEquals(zygotesOf(process.pid).includes(zygote!), false);
  }
  await engine.close();
  assert(await until(none), "something is left");
});

only("a zygote ends with workers that are not needed, and comes back with them", async () => {
  await using engine = await createEngine({ isolation: "fresh", workers: 1, idleMs: 50 });
  const one = (): boolean => zygotesOf(process.pid).length === 1;
  for (let round = 0; round < 2; round++) {
    assert(await work(engine, one));
    assert(await until(none), "something is left");
  }
});

only("the limits and guards of a copy are those of a worker that was started", async () => {
  const limits = { memory: "64MiB", cpuTime: "10s", nice: 3 } as const;
  await using engine = await createEngine({ isolation: "fresh", limits });
  await using warm = await createEngine({ isolation: "process", limits });
  const copied = (): boolean => zygotesOf(process.pid).length === 1;
  assert(await work(engine, copied));
  for (let n = 0; n < 20; n++) assertEquals(engine.minimizeSync(small).stats.cubes, 4);
  assertEquals(engine.isolation.sandbox, warm.isolation.sandbox);
});
