// A Worker of tools/leaks.ts: runs jobs that make the thread's state and its arenas, and answers
// with the bytes that the state holds.

import { parentPort } from "node:worker_threads";
import { Cover, minimize } from "../mod.ts";
import { native } from "../src/native/open.ts";

for (const inputs of [4, 7, 10]) {
  const points = Array.from({ length: 2 ** inputs / 3 }, (_, n) => n * 37 % 2 ** inputs);
  minimize(Cover.fromMinterms(inputs, points));
}
parentPort!.postMessage(native().rst_thread_memory());
