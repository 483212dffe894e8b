// A Worker of tools/leaks.ts: runs jobs that make the thread's state and its arenas, and answers.

import { parentPort } from "node:worker_threads";
import { Cover, minimize } from "../mod.ts";

const stats = [4, 6, 8].map((inputs) =>
  minimize(Cover.fromMinterms(inputs, [0, 1, 3, 7, 8, 12, 15])).stats.cubes
);
parentPort!.postMessage(stats);
