// Programs that process.test.ts runs in processes of their own: the first argument says which.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Cover, createEngine, type Engine, type RistrettoError } from "../mod.ts";
import { lasting, lastingCover } from "./lasting.ts";

const small = Cover.fromTruthTable(3, "01101001");

function workers(): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
    try {
      const [, rest] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${id}/stat`, "utf8"))!;
      const [state, ppid] = rest!.split(" ");
      return Number(ppid) === process.pid && state !== "Z";
    } catch {
      return false; // it ended meanwhile
    }
  });
}

const streams = process.argv[3] === "streams" || workerData === "streams";
const fresh = process.argv[3] === "fresh";
const way = streams ? { ffi: false } : {};

async function start(): Promise<Engine> {
  const isolation = fresh ? "fresh" : "process";
  const engine = await createEngine({ isolation, workers: 2, ...way });
  await Promise.all(Array.from({ length: 20 }, () => engine.minimize(small)));
  return engine;
}

async function report(): Promise<Engine> {
  const engine = await start();
  let ids = workers();
  // Two, and what copies of `fresh` are made of; none of them just born.
  const settled = () => engine.workers().every(({ state }) => state === "idle");
  while (ids.length !== (fresh ? 3 : 2) || !settled()) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    ids = workers();
  }
  console.log(`workers ${ids.join(" ")}`);
  return engine;
}

const programs: Record<string, () => unknown> = {
  ends: report,

  exits: async () => {
    await report();
    process.exit(3);
  },

  throws: async () => {
    await report();
    throw new Error("thrown on purpose");
  },

  terminates: async () => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: streams ? "streams" : undefined,
    });
    await new Promise((resolve) => worker.once("message", resolve));
    console.log(`${workers().length} there`);
    await worker.terminate();
    const end = performance.now() + 30_000;
    while (workers().length > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(workers().length === 0 ? "none left" : "some left");
    process.exit(0);
  },

  idles: async () => {
    await report();
    setInterval(() => {}, 1000);
  },

  computes: async () => {
    const engine = await report();
    for (let n = 0; n < 2; n++) engine.minimize(lastingCover(n), lasting);
    setInterval(() => {}, 1000);
  },

  stopped: async () => {
    await report();
    for (const id of workers()) process.kill(id, "SIGSTOP");
    setInterval(() => {}, 1000);
  },

  grant: async () => {
    await using engine = await createEngine({ isolation: "process", ...way });
    const { stats } = await engine.minimize(small);
    console.log(`${stats.cubes} ${engine.minimizeSync(small).stats.cubes} ${engine.isolation.via}`);
  },

  fallback: async () => {
    for (const options of [{ isolation: "auto" }, { fallback: "process" }] as const) {
      await using engine = await createEngine(options);
      const { stats } = await engine.minimize(small);
      console.log(engine.isolation.mode, engine.isolation.via, stats.cubes);
      console.log(engine.isolation.reason);
    }
  },

  refused: async () => {
    try {
      await createEngine({ isolation: "process", ...way });
    } catch (error) {
      const { kind, message } = error as RistrettoError;
      console.log(kind, message);
    }
  },
};

if (isMainThread) await programs[process.argv[2] ?? ""]?.();
else {
  await start();
  parentPort!.postMessage("ready");
  setInterval(() => {}, 1000);
}
