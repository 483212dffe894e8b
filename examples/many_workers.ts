// Many functions on many threads. Each Worker has its own state in the native library: no locks, no
// copies, nothing to share. Covers cross between threads as PLA text.

import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { Cover, minimize } from "@ristretto/espresso";

const WORKERS = 4;
const FUNCTIONS = 40;

/** Function k: the numbers whose remainder modulo k + 2 is small. */
function text(k: number): string {
  const points = Array.from({ length: 256 }, (_, x) => x).filter((x) => x % (k + 2) <= k / 3);
  return Cover.fromMinterms(8, points).toPla();
}

if (isMainThread) {
  let [next, done, before, after] = [0, 0, 0, 0];
  for (let i = 0; i < WORKERS; i++) {
    const worker = new Worker(new URL(import.meta.url));
    const give = () => next < FUNCTIONS ? worker.postMessage(text(next++)) : worker.terminate();
    worker.on("message", (cubes: [number, number]) => {
      [done, before, after] = [done + 1, before + cubes[0], after + cubes[1]];
      if (done === FUNCTIONS) console.log(`${done} functions: ${before} → ${after} cubes`);
      give();
    });
    give();
  }
} else {
  parentPort!.on("message", (pla: string) => {
    const { stats } = minimize(Cover.fromPla(pla));
    parentPort!.postMessage([stats.before.cubes, stats.cubes]);
  });
}
