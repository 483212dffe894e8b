// Many functions on native threads: an endless source, results in order, a deadline, and what the
// engine counted.

import { Cover, createEngine } from "@ristretto/espresso";

await using engine = await createEngine({ isolation: "pool", queue: 64 });

const points = Array.from({ length: 32 }, (_, point) => point);

function* covers(): Generator<Cover> {
  for (let seed = 1;; seed = (seed * 48271) % 2147483647) {
    yield Cover.fromMinterms(5, points.filter((point) => (point * seed) % 7 < 3));
  }
}

let cubes = 0;
let count = 0;
for await (const { stats } of engine.minimizeAll(covers(), { timeoutMs: 1000 })) {
  cubes += stats.cubes;
  if (++count === 1000) break; // the source is closed, jobs that were ahead are cancelled
}
console.log(`${count} functions, ${(cubes / count).toFixed(1)} cubes each`);

const { completed, ran, threads } = engine.statistics()!;
console.log(`${completed} jobs completed, ${(ran.totalMs / ran.count).toFixed(3)} ms each`);
for (const { jobs } of threads) console.log(`a thread ran ${jobs} of them`);
