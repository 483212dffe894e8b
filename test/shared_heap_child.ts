// Programs that shared_heap.test.ts runs in processes of their own: the first argument says which.

import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
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

  workers: async () => {
    const ends = Array.from({ length: 4 }, (_, seed) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: seed });
      return new Promise<string>((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      }).finally(() => worker.terminate());
    });
    console.log([...new Set(await Promise.all(ends))].join("\n"));
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

/** Covers of a Worker's own engine, in place, minimised in both ways: "same" as `direct` gives. */
async function compare(seed: number): Promise<string> {
  await using direct = await createEngine();
  for (const results of ["copy", "view"] as const) {
    await using engine = await createEngine({ isolation: "shared-heap", workers: 2, results });
    for (let round = 0; round < 25; round++) {
      const memory = engine.allocate(6, 1, { on: 20 });
      if (!memory.shared) return "not shared";
      for (let cube = 0; cube < 20; cube++) {
        const random = Math.imul(1 + cube + 20 * (round + 25 * seed), 2654435761) >>> 8;
        for (let input = 0; input < 6; input++) {
          memory.on![2 * cube]! |= (1 + (random >>> (2 * input)) % 3) << (2 * input);
        }
        memory.on![2 * cube]! |= 1 << 12;
      }
      const cover = memory.build();
      const expected = direct.minimizeSync(cover).cover.toPla();
      const awaited = [engine.minimize(cover), engine.minimize(cover, { seed: 0 })];
      const answers = [engine.minimizeSync(cover), ...await Promise.all(awaited)];
      for (const answer of answers) {
        if (answer.cover.toPla() !== expected) return `${seed}, ${round}: another cover`;
        engine.free(answer.cover);
      }
      engine.free(cover);
    }
  }
  return "same";
}

if (isMainThread) await programs[process.argv[2] ?? ""]?.();
else if (workerData !== null && workerData !== undefined) {
  parentPort!.postMessage(await compare(workerData as number));
} else {
  await leave();
  parentPort!.postMessage("ready");
  setInterval(() => {}, 1000);
}
