// Workers of the native tests: what they do is in their data.

import { parentPort, workerData } from "node:worker_threads";
import { Cover, minimize } from "../mod.ts";

/** What a Worker of the tests is told. */
export interface WorkerTask {
  /** `first`: wait for the others, then minimise. `work`: minimise. `mutate`: scribble on. */
  readonly kind: "first" | "work" | "mutate";
  /** Two words: Workers that are ready; a flag. */
  readonly gate: Int32Array;
  /** How many Workers there are; how many jobs to run. */
  readonly count: number;
  /** Memory to scribble on. */
  readonly memory?: Uint8Array;
}

const { kind, gate, count, memory } = workerData as WorkerTask;

if (kind === "first") {
  if (Atomics.add(gate, 0, 1) + 1 === count) {
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
  } else Atomics.wait(gate, 1, 0, 20_000);
  parentPort!.postMessage(minimize(Cover.fromTruthTable(2, "0111")).stats.cubes);
} else if (kind === "work") {
  const answers: string[] = [];
  for (let job = 0; job < count; job++) answers.push(answerOf(job));
  parentPort!.postMessage(answers.join("\n"));
} else {
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  for (let round = 0; Atomics.load(gate, 1) === 0; round++) {
    memory![round * 7919 % memory!.length]! ^= 1 << round % 8;
  }
  parentPort!.postMessage("done");
}

/** The answer of job number `job`, which every thread computes alike. */
export function answerOf(job: number): string {
  const on = Array.from({ length: 64 }, (_, point) => point).filter((point) =>
    (Math.imul(point + 1, 2654435761 + 97 * job) >>> 16) % 3 === 0
  );
  return minimize(Cover.fromMinterms(6, on)).cover.toSumOfProducts();
}
