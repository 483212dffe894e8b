// Programs that shared_heap.test.ts runs in processes of their own: the first argument says which.

import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { Cover, createEngine, type RistrettoError } from "../mod.ts";

const small = Cover.fromTruthTable(3, "01101001");

/** An engine with covers and results in its memory, which nobody ever closes. */
async function leave(): Promise<void> {
  const engine = await createEngine({ isolation: "shared-heap", results: "view" });
  const memory = engine.allocate(3, 1, { on: 1 });
  memory.on![0] = 0b1_10_10_10;
  const { cover } = engine.minimizeSync(memory.build());
  Object.assign(globalThis, { kept: [memory, cover, (await engine.minimize(small)).cover] });
}

const programs: Record<string, () => unknown> = {
  ends: async () => {
    await leave();
    console.log("done");
  },

  exits: async () => {
    await leave();
    console.log("done");
    process.exit(0);
  },

  terminates: async () => {
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(new URL(import.meta.url));
      await new Promise((resolve) => worker.once("message", resolve));
      await worker.terminate();
    }
    console.log("done");
    process.exit(0);
  },

  grant: async () => {
    await using engine = await createEngine({ isolation: "shared-heap" });
    const { stats } = await engine.minimize(small);
    const { shared } = engine.allocate(3, 1, { on: 1 });
    const refused = await createEngine({ isolation: "shared-heap", results: "view" })
      .catch((error: RistrettoError) => error.kind);
    console.log(stats.cubes, engine.minimizeSync(small).stats.cubes, shared, refused);
  },
};

if (isMainThread) await programs[process.argv[2] ?? ""]?.();
else {
  await leave();
  parentPort!.postMessage("ready");
  setInterval(() => {}, 1000);
}
