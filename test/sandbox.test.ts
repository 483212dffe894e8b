// The sandbox of workers and their limits, from JavaScript: what is reached is told, what is
// required and cannot be had is an error, what is beyond a limit fails its job and no other.

import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { Engine, EngineOptions, MinimizeOptions } from "../mod.ts";
import { workersOf } from "./workers.ts";
import { lasting, lastingCover } from "./lasting.ts";
import { manyCubes } from "./many_cubes.ts";

const linux = process.platform === "linux";
const only = linux ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");

/** Runs a job that is short, but not on every machine, with a limit of time that is. */
async function answers(engine: Engine, options: MinimizeOptions = {}): Promise<void> {
  for (let turn = 0;; turn++) {
    try {
      assertEquals((await engine.minimize(small, options)).stats.cubes, 4);
      assertEquals(engine.minimizeSync(small, options).stats.cubes, 4);
      return;
    } catch (error) {
      assert(error instanceof RistrettoError && error.limit === "time" && turn < 20, `${error}`);
    }
  }
}

async function kindOf(options: EngineOptions): Promise<[string, string]> {
  const error = await assertRejects(() => createEngine(options), RistrettoError);
  return [error.kind, error.message];
}

only("an engine tells which guards its workers reached, and the kernel agrees", async () => {
  await using engine = await createEngine({ isolation: "process", limits: { nice: 3 } });
  const { sandbox } = engine.isolation;
  assert(sandbox !== undefined);
  for (const always of ["memory", "limits", "privileges", "undumpable", "handles"] as const) {
    assert(sandbox.guards.includes(always), always);
  }
  const [worker] = workersOf(process.pid);
  const status = readFileSync(`/proc/${worker}/status`, "utf8");
  assertEquals(/NoNewPrivs:\t1/.test(status), sandbox.guards.includes("privileges"));
  assertEquals(/Seccomp:\t2/.test(status), sandbox.guards.includes("calls"));
  assertEquals(/CapEff:\t0+$/m.test(status), true);
  assertEquals(sandbox.systemCalls <= 9, sandbox.guards.includes("calls"));
  assertEquals(sandbox.landlock > 0, sandbox.guards.includes("files"));
  const limits = readFileSync(`/proc/${worker}/limits`, "utf8");
  assertEquals(/Max core file size +0 +0/.test(limits), true);
  assertEquals(/Max file size +0 +0/.test(limits), true);
  assertEquals(/Max open files +5 +5/.test(limits), true);
  assertEquals(engine.minimizeSync(small).stats.cubes, 4);
});

only("what is required is had, or it is an error that names it", async () => {
  await using plain = await createEngine({ isolation: "process" });
  const { guards } = plain.isolation.sandbox!;
  await using engine = await createEngine({ isolation: "fresh", require: guards });
  assertEquals(engine.isolation.sandbox!.guards, guards);
  assertEquals((await engine.minimize(small)).stats.cubes, 4);
  for (const guard of ["user", "network"] as const) {
    const options = { isolation: "process", require: [guard] } as const;
    try {
      await using other = await createEngine(options);
      assert(other.isolation.sandbox!.guards.includes(guard));
    } catch (error) { // this machine, or this user, has none
      assert(error instanceof RistrettoError);
      assertEquals([error.kind, error.message.includes(guard)], ["Unavailable", true]);
    }
  }
});

only("limits are checked, and say what is right", async () => {
  const isolation = "process";
  for (
    const [limits, part] of [
      [{ memory: "12" }, "limits.memory"],
      [{ memory: -1 }, "limits.memory"],
      [{ time: "1.5" }, "limits.time"],
      [{ time: 0 }, "limits.time"],
      [{ cpuTime: "soon" }, "limits.cpuTime"],
      [{ cores: 0 }, "limits.cores"],
      [{ output: "1B" }, "limits.output"],
      [{ nice: 20 }, "limits.nice"],
      [{ oomScore: 1.5 }, "limits.oomScore"],
      [{ disk: 1 }, "disk"],
      [7, "limits"],
    ] as const
  ) {
    const [kind, message] = await kindOf({ isolation, limits } as unknown as EngineOptions);
    assertEquals(kind, "InvalidInput");
    assert(message.includes(part), message);
  }
  for (const require of ["all", ["everything"], ["cores"]] as const) {
    const [kind] = await kindOf({ isolation, require } as unknown as EngineOptions);
    assertEquals(kind, "InvalidInput");
  }
  assertEquals((await kindOf({ isolation: "direct", limits: { nice: 1 } }))[0], "InvalidInput");
});

only("a limit that nothing keeps is told, and refused where it is required", async () => {
  const limits = { cores: 1.5, memory: "64MiB", time: "1.5s" };
  // Over standard streams nobody makes a control group.
  const options = { isolation: "process", ffi: false, limits } as const;
  await using engine = await createEngine(options);
  assertEquals(engine.isolation.sandbox!.limits, {
    cores: { value: 1.5, enforced: false },
    memory: { value: 2 ** 26, enforced: true },
    time: { value: 1500, enforced: true },
  });
  const [kind, message] = await kindOf({ ...options, require: ["cores"] });
  assertEquals([kind, message.includes("cores")], ["Unavailable", true]);
});

only("a job beyond a limit of its worker fails, and the next one is answered", async () => {
  const cases = [
    [{ time: "1.5s" }, "time"], // the small jobs after it have that, too
    [{ memory: "1MiB" }, "memory"],
    [{ output: "1KiB" }, "size"],
  ] as const;
  const job = manyCubes(28, 4000);
  const long = lastingCover();
  const ways = cases.flatMap((one) => [[...one, true] as const, [...one, false] as const]);
  for (const [limits, limit, ffi] of ways) {
    await using engine = await createEngine({ isolation: "process", limits, ffi });
    const error = await assertRejects(
      () => limit === "size" ? engine.minimize(job, { budget: 1 }) : engine.minimize(long, lasting),
      RistrettoError,
    );
    assertEquals([error.kind, error.limit], ["LimitExceeded", limit]);
    await answers(engine);
  }
});

only("a job that is ended by force says how its worker was", async () => {
  const isolation = "process";
  await using engine = await createEngine({ isolation, limits: { time: "300ms" } });
  const job = lastingCover();
  for (const stop of [false, true]) {
    let seen: RistrettoError["worker"];
    for (let turn = 0; turn < 20 && seen === undefined; turn++) { // a busy machine may see nothing
      while (workersOf(process.pid).length === 0) await wait(5); // the next one is on its way
      const failed = assertRejects(() => engine.minimize(job, lasting), RistrettoError);
      if (stop) { for (const id of workersOf(process.pid)) process.kill(id, "SIGSTOP"); }
      const error = await failed;
      assertEquals([error.kind, error.limit], ["LimitExceeded", "time"]);
      seen = error.worker;
      if (seen !== undefined) assert(error.message.includes(stop ? "stopped" : "computing"));
    }
    assertEquals(seen, stop ? "stopped" : "computing");
    await answers(engine, { method: "heuristic" });
  }
});

only("a mark for memory is checked, and workers below it stay", async () => {
  const options = { isolation: "process", recycleMemory: "1GiB" } as const;
  await using engine = await createEngine(options);
  const before = workersOf(process.pid);
  for (let n = 0; n < 20; n++) assertEquals((await engine.minimize(small)).stats.cubes, 4);
  assertEquals(workersOf(process.pid), before);
  for (const recycleMemory of ["1MiB", -1, "much"]) {
    assertEquals((await kindOf({ ...options, recycleMemory }))[0], "InvalidInput");
  }
  assertEquals((await kindOf({ ...options, ffi: false }))[0], "InvalidInput");
});

only("a worker that has used up its processor time ends, and the next one goes on", async () => {
  const limits = { cpuTime: "1s" };
  const job = lastingCover();
  for (const ffi of [true, false]) {
    await using engine = await createEngine({ isolation: "process", limits, ffi });
    const error = await assertRejects(
      () => engine.minimize(job, { ...lasting, memory: "3GiB" }),
      RistrettoError,
    );
    assertEquals([error.kind, error.limit], ["LimitExceeded", "cpu"]);
    assertEquals((await engine.minimize(small)).stats.cubes, 4);
  }
});

only("workers over standard streams have the same sandbox", async () => {
  await using library = await createEngine({ isolation: "process" });
  const { guards, landlock, systemCalls } = library.isolation.sandbox!;
  await library.close();
  const options = { isolation: "process", ffi: false, require: guards } as const;
  await using engine = await createEngine(options);
  const { sandbox } = engine.isolation;
  assertEquals(sandbox, { guards, landlock, systemCalls, limits: {} });
  const workers = workersOf(process.pid);
  assertEquals(workers.length, 1);
  const status = readFileSync(`/proc/${workers[0]}/status`, "utf8");
  assertEquals(/Seccomp:\t2/.test(status), guards.includes("calls"));
  const limits = readFileSync(`/proc/${workers[0]}/limits`, "utf8");
  assertEquals(/Max open files +3 +3/.test(limits), true);
  for (const guard of ["user", "network"] as const) {
    if (guards.includes(guard)) continue;
    try {
      await using other = await createEngine({ ...options, require: [guard] });
      assert(other.isolation.sandbox!.guards.includes(guard));
    } catch (error) {
      assert(error instanceof RistrettoError);
      assertEquals([error.kind, error.message.includes(guard)], ["Unavailable", true]);
    }
  }
});
