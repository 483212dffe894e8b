// Programs that pool_process.test.ts runs in processes of their own: the first argument says which.

import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { Cover, createEngine, type Engine } from "../mod.ts";
import { lasting, lastingCover } from "./lasting.ts";

const small = Cover.fromTruthTable(2, "0110");
const open = (): Promise<Engine> => createEngine({ isolation: "pool", threads: 2 });

/** An engine that has a job running and others waiting, of which nobody will hear. */
async function busy(): Promise<Engine> {
  const engine = await open();
  const cover = lastingCover();
  for (let n = 0; n < 20; n++) engine.minimize(cover, lasting).catch(() => {});
  while (engine.statistics()!.running === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 20)); // its loop sleeps by now
  return engine;
}

const programs: Record<string, () => unknown> = {
  /** An engine that is open and idle, and not closed. */
  idle: async () => {
    const engine = await open();
    console.log((await engine.minimize(small)).stats.cubes);
  },

  /** Nothing but a job keeps the process. */
  job: async () => {
    const engine = await open();
    const options = { ...lasting, onLimit: "best", timeoutMs: 50 } as const;
    engine.minimize(lastingCover(), options).then(({ stats }) => console.log(stats.stopped));
  },

  exit: async () => {
    await busy();
    console.log("busy");
    process.exit(3);
  },

  throw: async () => {
    await busy();
    console.log("busy");
    throw new Error("thrown on purpose");
  },

  terminate: async () => {
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve) => worker.once("message", resolve));
    console.log("busy");
    await worker.terminate();
    process.exitCode = 3;
  },

  /** Engines in Workers that are ended in the middle, again and again. */
  workers: async () => {
    for (let round = 0; round < 8; round++) {
      const worker = new Worker(new URL(import.meta.url));
      await new Promise((resolve) => worker.once("message", resolve));
      await worker.terminate();
    }
    const { native } = await import("../src/native/open.ts");
    const end = performance.now() + 40_000;
    while (native().rst_pool_alive() > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    console.log(native().rst_pool_alive());
  },

  /** An engine that is collected without having been closed. */
  leak: async () => {
    const { native } = await import("../src/native/open.ts");
    console.warn = (text: string): void => console.log(text.includes("without being closed"));
    await (async () => {
      const engine = await open();
      await engine.minimize(small);
    })();
    const { Bun, gc } = globalThis as { Bun?: { gc(force: boolean): void }; gc?: () => void };
    const end = performance.now() + 40_000;
    while (native().rst_pool_alive() > 0 && performance.now() < end) {
      Bun === undefined ? gc?.() : Bun.gc(true);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    console.log(native().rst_pool_alive());
  },

  /** Whether all threads had no context switch, of any kind, in two idle seconds. */
  switches: async () => {
    const { readdirSync, readFileSync } = await import("node:fs");
    const engine = await open();
    await Promise.all(Array.from({ length: 100 }, () => engine.minimize(small)));
    const count = (): number =>
      readdirSync("/proc/self/task").filter((task) =>
        readFileSync(`/proc/self/task/${task}/comm`, "utf8").startsWith("ristretto")
      ).map((task) => {
        const status = readFileSync(`/proc/self/task/${task}/status`, "utf8");
        return [...status.matchAll(/ctxt_switches:\s+(\d+)/g)].reduce((sum, [, n]) => sum + +n!, 0);
      }).reduce((sum, n) => sum + n, 0);
    // On a busy machine they may come to rest late; who wakes up by a clock never does.
    let switches = Infinity;
    for (let turn = 0; turn < 10 && switches > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = count();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      switches = before > 0 ? count() - before : Infinity;
    }
    console.log(switches);
    await engine.close();
  },
};

if (isMainThread) await programs[process.argv[2] ?? ""]?.();
else {
  await busy();
  parentPort!.postMessage("busy");
}
