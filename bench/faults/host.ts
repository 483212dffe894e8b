// A host that is to be killed, brought to a state by its first argument. It says "ready" and stays
// there:
//
//     idle        two workers, without a job
//     computing   two workers, each with a job that lasts
//     stopped     two workers, stopped by SIGSTOP
//     spawning    workers are replaced again and again
//     spare       spares of the mode `fresh`, which wait for their job
//     heap        two workers that compute, with a shared heap

import process from "node:process";
import { Cover, createEngine } from "../../mod.ts";
import { lasting, lastingCover } from "../../test/lasting.ts";
import { descendants } from "../isolation/processes.ts";

const state = process.argv[2] ?? "idle";
const small = Cover.fromTruthTable(3, "01101001");
const isolation = state === "spare" ? "fresh" : state === "heap" ? "shared-heap" : "process";
const engine = await createEngine({ isolation, workers: 2 });
await Promise.all(Array.from({ length: 20 }, () => engine.minimize(small)));

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Only workers that are there can be left behind. */
async function untilTwo(): Promise<void> {
  while (descendants().length < 2) await pause(1);
}

await untilTwo();
if (state === "computing" || state === "heap") {
  for (let n = 0; n < 2; n++) engine.minimize(lastingCover(n), lasting).catch(() => {});
  await pause(20);
} else if (state === "stopped") {
  for (const id of descendants()) process.kill(id, "SIGSTOP");
}
console.log("ready");
if (state === "spawning") {
  for (;;) {
    engine.restart();
    await pause(0);
  }
}
setInterval(() => {}, 1000);
