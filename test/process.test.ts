// Worker processes from JavaScript: the same bytes in every mode, crashes that fail one job, and
// nothing left behind, however the host ends.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { EngineOptions } from "../mod.ts";
import { library } from "../src/native/open.ts";
import { runtimeName } from "../src/native/runtime.ts";
import { lasting, lastingCover } from "./lasting.ts";
import { manyCubes } from "./many_cubes.ts";
import { runChild } from "./native_spawn.ts";
import { answerOf, stressJob } from "./stress_jobs.ts";
import { workersOf } from "./workers.ts";

/** The modes of worker processes, and both ways to talk to workers. */
const modes: readonly EngineOptions[] = [
  { isolation: "process" },
  { isolation: "shared-heap" },
  { isolation: "fresh" },
  { isolation: "process", ffi: false },
  { isolation: "fresh", ffi: false },
];
const supported = process.platform === "linux";
const only = supported ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");

/** A process that has ended may wait until its parent, or the system's first one, notices. */
function isAlive(id: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The kinds of the errors that promises reject with. */
async function kindsOf(...promises: readonly Promise<unknown>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason?.kind);
}

/** False: it did not come true, in a time that is enough anywhere. */
async function until(holds: () => boolean): Promise<boolean> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    if (holds()) return true;
    await wait(5);
  }
  return false;
}

only("a thousand jobs give the same bytes in every mode, both ways of asking", async () => {
  await using direct = await createEngine({ isolation: "direct" });
  const jobs = Array.from({ length: 1000 }, (_, n) => stressJob(n));
  const expected = jobs.map((job) => answerOf(direct.runSync(job)));
  const all: EngineOptions[] = [{ isolation: "direct" }, { isolation: "pool" }, ...modes];
  for (const mode of all) {
    await using engine = await createEngine({ ...mode, workers: 2 });
    const results = await Promise.all(jobs.map((job) => engine.run(job)));
    assertEquals(results.map(answerOf), expected);
    for (const [n, job] of jobs.entries()) {
      assertEquals(answerOf(engine.runSync(job)), expected[n]!);
    }
  }
});

only("a result that is larger than any before comes whole", async () => {
  const cover = manyCubes(24, 10_000);
  const options = { budget: 1, verify: false };
  await using direct = await createEngine({ isolation: "direct" });
  const expected = direct.minimizeSync(cover, options).cover.words("on")!;
  assert(expected.length * 4 > 65_536);
  for (const mode of modes) {
    await using engine = await createEngine(mode);
    for (let round = 0; round < 2; round++) {
      assertEquals(engine.minimizeSync(cover, options).cover.words("on"), expected);
      assertEquals((await engine.minimize(cover, options)).cover.words("on"), expected);
      assertEquals(engine.minimizeSync(small).stats.cubes, 4);
    }
  }
});

/** The worker that has computed for a while: 300 ms, far more than any start takes. */
function busyWorker(): number | undefined {
  return workersOf(process.pid).find((id) => {
    try {
      const [, times] = /\) (?:\S+ ){11}(\d+) /.exec(readFileSync(`/proc/${id}/stat`, "utf8"))!;
      return Number(times) >= 30;
    } catch {
      return false; // it ended meanwhile
    }
  });
}

only("a killed worker fails its job, with the signal, and no other", async () => {
  for (const mode of modes) {
    await using engine = await createEngine({ ...mode, workers: 1 });
    for (const [seed, signal] of (["SIGSEGV", "SIGKILL", "SIGABRT"] as const).entries()) {
      const job = lastingCover(seed); // another one each time: none is to blame twice
      const doomed = engine.minimize(job, lasting);
      const waiting = engine.minimize(small);
      let victim: number | undefined;
      assert(await until(() => (victim = busyWorker()) !== undefined));
      process.kill(victim!, signal);
      const [outcome] = await Promise.allSettled([doomed]);
      const { reason } = outcome as PromiseRejectedResult;
      assertEquals([reason.kind, reason.signal], ["WorkerCrashed", signal]);
      assertEquals((await waiting).stats.cubes, 4);
      assertEquals(engine.minimizeSync(small).stats.cubes, 4);
    }
  }
});

only("a signal ends a job that runs, and one that waits", async () => {
  for (const mode of modes) {
    await using engine = await createEngine({ ...mode, workers: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const slow = lastingCover();
    const error = engine.minimize(slow, { ...lasting, signal });
    // Large as well: the first may stop, and this one begin, before the signal tells it.
    const waits = engine.minimize(slow, { ...lasting, signal });
    await wait(30);
    controller.abort(); // they have no other end
    assertEquals(await kindsOf(error, waits), ["Cancelled", "Cancelled"]);
    assertEquals((await engine.minimize(small)).stats.cubes, 4);
  }
});

only(
  "more jobs than the queue holds are done all the same; one that will not wait is told",
  async () => {
    await using engine = await createEngine({ isolation: "process" });
    const controller = new AbortController();
    const { signal } = controller;
    const first = engine.minimize(lastingCover(), { ...lasting, signal });
    const jobs = Array.from({ length: 1500 }, () => engine.minimize(small));
    const told = await assertRejects(() => engine.tryMinimize(small), RistrettoError);
    assertEquals(told.kind, "QueueFull");
    controller.abort();
    assertEquals(await kindsOf(first), ["Cancelled"]);
    for (const { stats } of await Promise.all(jobs)) assertEquals(stats.cubes, 4);
  },
);

only("closing waits for jobs; ending at once rejects them", async () => {
  for (const mode of modes) {
    const first = await createEngine(mode);
    const job = first.minimize(small);
    await first.close();
    assertEquals((await job).stats.cubes, 4);
    const second = await createEngine(mode);
    const lost = second.minimize(lastingCover(), lasting);
    second[Symbol.dispose]();
    assertEquals(await kindsOf(lost), ["Closed"]);
    assertEquals(assertThrows(() => second.minimizeSync(small), RistrettoError).kind, "Closed");
  }
  assert(await until(() => workersOf(process.pid).length === 0));
});

only("workers are replaced after some jobs and at a restart, and end while idle", async () => {
  const pids = async (count: number): Promise<number[]> => {
    let ids: number[] = [];
    assert(await until(() => (ids = workersOf(process.pid)).length === count), `${count}`);
    return ids;
  };
  for (const isolation of ["process", "shared-heap"] as const) {
    await pids(0);
    await using engine = await createEngine({ isolation, recycle: 3 });
    const seen = new Set<number>();
    for (let n = 0; n < 12; n++) {
      assertEquals(engine.minimizeSync(small).stats.cubes, 4);
      for (const id of workersOf(process.pid)) seen.add(id);
    }
    assert(seen.size >= 3);
    const [before] = await pids(1);
    engine.restart();
    assert(await until(() => !workersOf(process.pid).includes(before!)));
    assertEquals((await engine.minimize(small)).stats.cubes, 4);
    await engine.close();
    await pids(0);
    await using lazy = await createEngine({ isolation, idleMs: 50 });
    for (let round = 0; round < 2; round++) {
      assertEquals(lazy.minimizeSync(small).stats.cubes, 4);
      await pids(0); // it rests
      assertEquals((await lazy.minimize(small)).stats.cubes, 4);
      await pids(0);
    }
  }
  for (const options of [{ graceMs: 0 }, { idleMs: -1 }, { recycle: 1.5 }]) {
    const error = await assertRejects(
      () => createEngine({ isolation: "process", ...options }),
      RistrettoError,
    );
    assertEquals(error.kind, "InvalidInput");
  }
});

only("a number of workers that cannot be is refused", async () => {
  for (const workers of [0, -1, 1.5, 1025, Number.NaN]) {
    const error = await assertRejects(
      () => createEngine({ isolation: "process", workers }),
      RistrettoError,
    );
    assertEquals(error.kind, "InvalidInput");
  }
});

const file = fileURLToPath(new URL("./process_child.ts", import.meta.url));

const ways = ["library", "streams"];

for (const way of ways) {
  for (const name of ["ends", "exits", "throws"]) testEnd(name, way);
}

function testEnd(name: string, way: string): void {
  only(`a program that ${name} leaves no worker, and is not held up (${way})`, async () => {
    const { output, status } = runChild([name, way], {}, ["-A"], file); // it has a minute
    assertEquals(status, name === "throws" ? 1 : name === "exits" ? 3 : 0, output);
    const ids = /workers (.*)/.exec(output)![1]!.split(" ").map(Number);
    assertEquals(ids.length, 2);
    assert(await until(() => !ids.some(isAlive)));
  });
}

only("the workers of a Worker end when it is terminated", () => {
  for (const way of ways) {
    const { output, status } = runChild(["terminates", way], {}, ["-A"], file);
    assertEquals([output.split("\n").at(-1), status], ["none left", 0], way);
  }
});

only("a host that is killed takes its workers with it, whatever they do", async () => {
  const programs = ["library", "fresh"].flatMap((way) =>
    ["idles", "computes", "stopped"].map((name) => [name, way])
  );
  // A stopped one does not see the end of its input; only the library's die with their host.
  for (const program of [...programs, ["idles", "streams"], ["computes", "streams"]]) {
    const permissions = runtimeName === "deno" ? ["run", "-A", "--no-check"] : [];
    const host = spawn(process.execPath, [...permissions, file, ...program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) => host.stdout!.once("data", resolve));
    const ids = /workers (.*)/.exec(`${line}`)![1]!.split(" ").map(Number);
    assertEquals(ids.length, program.includes("fresh") ? 3 : 2);
    await wait(20);
    host.kill("SIGKILL");
    assert(await until(() => !ids.some(isAlive)), program.join(" "));
  }
});

if (runtimeName === "deno") {
  only("the grant for the library is enough", () => {
    const { output, status } = runChild(["grant"], {}, [`--allow-ffi=${library().path}`], file);
    assertEquals([output, status], ["4 4 library", 0]);
  });
}

only("a call that waits for room hears its signal, and its time goes on", async () => {
  const options = { isolation: "process", workers: 1, queue: 1 } as const;
  const job = lastingCover();
  for (const mode of ["signal", "time", "close"] as const) {
    const engine = await createEngine(options);
    const stop = new AbortController();
    const settled = [0, 0];
    const others = settled.map(async (_, n) => {
      const call = engine.minimize(job, { ...lasting, signal: stop.signal });
      const error = await assertRejects(() => call, RistrettoError);
      settled[n]!++;
      return error.kind;
    });
    const own = new AbortController();
    const limits = mode === "time" ? { timeoutMs: 50 } : { signal: own.signal };
    const waiting = assertRejects(
      () => engine.minimize(job, { ...lasting, ...limits }),
      RistrettoError,
    );
    let closed: Promise<void> | undefined;
    if (mode === "signal") setTimeout(() => own.abort(), 50);
    if (mode === "close") closed = engine.close({ jobs: "cancel" });
    const patience = setTimeout(() => stop.abort(), 60_000); // where nobody hears it
    const { kind, limit, message } = await waiting;
    clearTimeout(patience);
    if (mode !== "close") assertEquals(settled, [0, 0]); // it did not wait for them
    const expected = mode === "time" ? ["LimitExceeded", "time"] : ["Cancelled", undefined];
    assertEquals([kind, limit], expected);
    if (mode === "time") assert(message.includes("room"), message);
    stop.abort();
    assertEquals(await Promise.all(others), ["Cancelled", "Cancelled"]);
    await (closed ?? engine.close());
  }
});
