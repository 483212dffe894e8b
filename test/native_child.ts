// Programs that native.test.ts runs in processes of their own: the first argument says which.

import process from "node:process";
import { Worker } from "node:worker_threads";
import { Cover, minimize, RistrettoError } from "../mod.ts";

const programs: Record<string, () => unknown> = {
  /** Uses everything that needs no library. */
  import: () => Cover.fromTruthTable(2, "0110").toSumOfProducts(),

  /** Minimises, and says what came of it. */
  minimize: () => {
    try {
      return minimize(Cover.fromTruthTable(2, "0111")).stats.cubes;
    } catch (error) {
      if (!(error instanceof RistrettoError)) throw error;
      return `${error.kind}\n${error.message}`;
    }
  },

  /** Loads the library for the first time in many Workers at the same moment. */
  workers: async () => {
    const count = Number(process.argv[3]);
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const url = new URL("./native_worker.ts", import.meta.url);
    const answers = await Promise.all(Array.from({ length: count }, () => {
      const worker = new Worker(url, { workerData: { kind: "first", gate, count } });
      return new Promise<number>((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
    }));
    return answers.join(" ");
  },
};

console.log(await programs[process.argv[2] ?? ""]?.());
process.exit(0);
