// What the peers' threads run: the same jobs as the pool's, byte for byte, through `rst_run`. Both
// piscina and tinypool take the default export; workerpool is told of it.

import { createRequire } from "node:module";
import process from "node:process";
import { Block } from "../../src/job/block.ts";
import { runHere } from "../../src/native/run.ts";

/** Runs a job; the bytes of its result. */
export default function run(job: Uint8Array): Uint8Array {
  return runHere(Block.copyOf(job)).copy();
}

if (process.env["BENCH_POOL_WORKER"] === "workerpool") {
  const require = createRequire(process.env["BENCH_POOL_PEERS"]!);
  (require("workerpool") as { worker(methods: object): void }).worker({ run });
}
