// Programs that endings.test.ts and tools/endings.ts run in processes of their own: they end in the
// middle of whatever an engine can be doing, and nothing may hold that up.
//
//     workers MODE COUNT [MOMENT] Workers that end, one after the other, at every moment in every
//                                 way (or at this moment, by their parent): how long the slowest
//                                 took, and what is left of them, "left POOLS JOBS THREADS CREWS"
//     exit | throw MODE MOMENT    the process ends, at that moment, with status 3 or 1

import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Cover, createEngine, type Engine, type Isolation } from "../mod.ts";
import { native } from "../src/native/open.ts";
import { runtimeName } from "../src/native/runtime.ts";
import { lasting, lastingCover } from "./lasting.ts";

/** What a Worker is told. */
interface Task {
  readonly isolation: Isolation;
  readonly moment: Moment;
  readonly ending: Ending;
}

/** What an engine is doing when the end comes. */
const moments = ["idle", "submitting", "running", "streaming", "waiting", "closing"] as const;
type Moment = (typeof moments)[number];

/** How a Worker ends: by its parent, or by itself. */
const endings = ["terminate", "terminate", "exit", "throw"] as const;
type Ending = (typeof endings)[number];

/** A Worker that does not end within this is held up; it is far more than any machine takes. */
const PATIENCE_MS = 60_000;

const small = Cover.fromTruthTable(4, "0110100110010110");

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Brings an engine to the moment; calls `reached` there, and goes on as if nobody listened. */
async function bringTo(
  moment: Moment,
  engine: Engine,
  reached: () => void,
): Promise<void> {
  const forget = (): void => {};
  switch (moment) {
    case "idle":
      await engine.minimize(small);
      return reached();
    case "submitting":
      for (let n = 0;; n++) {
        for (let job = 0; job < 50; job++) engine.minimize(small).catch(forget);
        if (n === 2) reached();
        await turn();
      }
    case "running": {
      const cover = lastingCover();
      for (let n = 0; n < 20; n++) engine.minimize(cover, lasting).catch(forget);
      await sleep(5); // some run and some wait by now, and the loop sleeps
      return reached();
    }
    case "streaming": {
      let taken = 0;
      const endless = (function* () {
        for (;;) yield small;
      })();
      for await (const _ of engine.minimizeAll(endless)) if (++taken === 20) reached();
      return;
    }
    case "waiting": {
      const cover = lastingCover();
      reached();
      engine.minimizeSync(cover, sliced ? lasting : { ...lasting, timeoutMs: 300 });
      return;
    }
    case "closing": {
      const cover = lastingCover();
      for (let n = 0; n < 5; n++) engine.minimize(cover, lasting).catch(forget);
      await turn();
      engine.close().catch(forget);
      return reached();
    }
  }
}

/**
 * Whether a Worker that waits can be ended at any time. Deno 2.9 ends none that is busy, were it in
 * an empty loop.
 */
const sliced = runtimeName !== "deno";

function endOf(ending: Ending): () => void {
  if (ending === "exit") return () => process.exit(3);
  return () => {
    throw new Error("thrown on purpose");
  };
}

async function beWorker({ isolation, moment, ending }: Task): Promise<void> {
  const engine = await createEngine({ isolation, queue: 64 });
  await bringTo(moment, engine, () => {
    parentPort!.postMessage(moment);
    if (ending !== "terminate") endOf(ending)();
  });
}

/** A Worker's life: milliseconds from its end being told to it; a rejection when it was held up. */
async function oneWorker(task: Task): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  worker.on("error", () => {}); // what it throws on purpose
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  await Promise.race([new Promise((resolve) => worker.once("message", resolve)), ended]);
  if (task.moment === "waiting") await sleep(20); // it takes a while to get into native code
  const told = performance.now();
  if (task.ending === "terminate") await worker.terminate();
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([
    ended,
    new Promise<never>((_resolve, reject) => {
      const what = `a Worker was held up: ${task.moment}, ${task.ending}`;
      timer = setTimeout(() => reject(new Error(what)), PATIENCE_MS);
    }),
  ]);
  clearTimeout(timer);
  return performance.now() - told;
}

async function runWorkers(isolation: Isolation, count: number, only?: Moment): Promise<void> {
  let slowestMs = 0;
  for (let n = 0; n < count; n++) {
    const moment = only ?? moments[n % moments.length]!;
    const ending = only ? "terminate" : endings[Math.floor(n / moments.length) % endings.length]!;
    slowestMs = Math.max(slowestMs, await oneWorker({ isolation, moment, ending }));
  }
  console.log(`slowest ${Math.ceil(slowestMs)} ms`);
  const { rst_pool_alive, rst_thread_count, rst_process_count } = native();
  const left = (): boolean =>
    rst_pool_alive() > 0 || rst_thread_count() > 0 || rst_process_count() > 0;
  const patience = performance.now() + PATIENCE_MS;
  while (left() && performance.now() < patience) await sleep(10);
  const alive = rst_pool_alive();
  const counts = [Math.floor(alive / 1e9), alive % 1e9, rst_thread_count(), rst_process_count()];
  console.log(`left ${counts.join(" ")}`);
}

/** A thread that waits in native code cannot end a process; another one can. */
async function beProcess(ending: Ending, isolation: Isolation, moment: Moment): Promise<void> {
  if (moment === "waiting") {
    const task: Task = { isolation, moment, ending: "terminate" };
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    await new Promise((resolve) => worker.once("message", resolve));
    return endOf(ending)();
  }
  const engine = await createEngine({ isolation, queue: 64 });
  await bringTo(moment, engine, endOf(ending));
}

if (!isMainThread) await beWorker(workerData as Task);
else {
  const [what = "", isolation = "pool", ...rest] = process.argv.slice(2);
  if (what === "workers") {
    await runWorkers(isolation as Isolation, Number(rest[0]), rest[1] as Moment);
  } else await beProcess(what as Ending, isolation as Isolation, rest[0] as Moment);
}
