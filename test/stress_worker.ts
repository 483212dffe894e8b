// A Worker of the stress test: waits for the others, then runs all its jobs at once.

import { parentPort, workerData } from "node:worker_threads";
import { createEngine } from "../mod.ts";
import type { Isolation } from "../mod.ts";
import { answerOf, stressJob, type StressTask } from "./stress_jobs.ts";

const { isolation, first, count, gate } = workerData as StressTask;

const jobs = Array.from({ length: count }, (_, index) => stressJob(first + index));
await using engine = await createEngine({ isolation: isolation as Isolation });
if (Atomics.add(gate, 0, 1) + 1 === gate[1]) Atomics.notify(gate, 0);
for (let ready = 0; (ready = Atomics.load(gate, 0)) < gate[1]!;) {
  Atomics.wait(gate, 0, ready, 10_000);
}
const results = await Promise.all(jobs.map((job) => engine.run(job)));
parentPort!.postMessage(results.map(answerOf));
