// The pools that are measured: ours, and those of npm, each behind the same two calls.

import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createEngine } from "../../mod.ts";

/** A pool of so many threads that runs jobs. */
export interface Contestant {
  readonly name: string;
  open(threads: number): Promise<OpenPool>;
}

/** One that is open. */
export interface OpenPool {
  run(job: Uint8Array): Promise<Uint8Array>;
  close(): Promise<unknown>;
}

interface Runs {
  run(job: Uint8Array): Promise<Uint8Array>;
  destroy(): Promise<void>;
}

interface PoolClass {
  new (options: object): Runs;
}

const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** The contestants; `peers` is a file in the folder where those of npm are. */
export function contestants(peers: string): Contestant[] {
  const require = createRequire(peers);
  process.env["BENCH_POOL_PEERS"] = peers;
  return [
    { name: "ristretto", open: openOurs },
    {
      name: "piscina",
      open: (threads) => {
        const { Piscina } = require("piscina") as { Piscina: PoolClass };
        return fromClass(Piscina, threads);
      },
    },
    {
      name: "tinypool",
      open: async (threads) => {
        const { Tinypool } = await import(require.resolve("tinypool")) as { Tinypool: PoolClass };
        return fromClass(Tinypool, threads);
      },
    },
    { name: "workerpool", open: (threads) => openWorkerpool(require, threads) },
  ];
}

async function openOurs(threads: number): Promise<OpenPool> {
  const engine = await createEngine({ isolation: "pool", threads, queue: 1 << 16 });
  return { run: (job) => engine.run(job), close: () => engine.close() };
}

async function fromClass(Pool: PoolClass, threads: number): Promise<OpenPool> {
  const pool = new Pool({ filename: worker, minThreads: threads, maxThreads: threads });
  return await Promise.resolve({ run: (job) => pool.run(job), close: () => pool.destroy() });
}

interface WorkerPool {
  exec(method: string, parameters: readonly unknown[]): Promise<Uint8Array>;
  terminate(): Promise<unknown>;
}

async function openWorkerpool(require: NodeJS.Require, threads: number): Promise<OpenPool> {
  process.env["BENCH_POOL_WORKER"] = "workerpool";
  const { pool: create } = require("workerpool") as {
    pool(script: string, options: object): WorkerPool;
  };
  const options = { minWorkers: threads, maxWorkers: threads, workerType: "thread" };
  const pool = create(worker, options);
  await pool.exec("run", [new Uint8Array(0)]); // its threads have read the variable by now
  return {
    run: (job) => pool.exec("run", [job]),
    close: () => {
      delete process.env["BENCH_POOL_WORKER"];
      return pool.terminate();
    },
  };
}
