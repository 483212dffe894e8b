// Many operations at once: 640 different jobs of every kind over 8 Workers, in every mode there is.
// Each result must be, byte for byte, what one thread computes alone.

import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { assert, assertEquals } from "@std/assert";
import { createEngine } from "../mod.ts";
import { MODES } from "../src/engine/modes.ts";
import { HEADER_STATUS } from "../src/job/format.ts";
import { answerOf, stressJob, type StressTask } from "./stress_jobs.ts";

const WORKERS = 8;
const JOBS = 80;

let alone: string[] | undefined;

/** The answers of a single thread, one job after the other. */
async function expected(): Promise<string[]> {
  await using engine = await createEngine({ isolation: "direct" });
  return alone ??= Array.from(
    { length: WORKERS * JOBS },
    (_, n) => answerOf(engine.runSync(stressJob(n))),
  );
}

function answersOf(task: StressTask): Promise<string[]> {
  const worker = new Worker(new URL("./stress_worker.ts", import.meta.url), { workerData: task });
  return new Promise<string[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  }).finally(() => worker.terminate());
}

for (const isolation of Object.keys(MODES)) {
  test(`${isolation}: 640 operations on 8 Workers at once give what one thread gives`, async () => {
    const gate = new Int32Array(new SharedArrayBuffer(8));
    gate[1] = WORKERS;
    const tasks = Array.from({ length: WORKERS }, (_, worker) => {
      return answersOf({ isolation, first: worker * JOBS, count: JOBS, gate });
    });
    const answers = (await Promise.all(tasks)).flat();
    const reference = await expected();
    assertEquals(answers.length, WORKERS * JOBS);
    const different = answers.flatMap((answer, n) => answer === reference[n] ? [] : [n]);
    assertEquals(different, []);
    const status = (answer: string): string =>
      answer.slice(2 * HEADER_STATUS, 2 * HEADER_STATUS + 8);
    assert(reference.every((answer) => status(answer) === "00000000"), "some jobs fail");
    assert(new Set(reference).size > 500, "the jobs are too much alike to tell answers apart");
  });
}
