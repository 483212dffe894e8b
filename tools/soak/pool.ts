// A part of `bun run soak`, or by itself `bun tools/soak/pool.ts [JOBS]`: ten million small jobs
// (or so many) through the pool. Every promise must settle, with the right answer; the counts must
// add up; memory must stay flat; nothing may be left. Every thousandth job is cancelled, at some
// moment of its life. The exit status is 0 when all of that held.

import process from "node:process";
import { Cover, createEngine, minimize, RistrettoError } from "../../mod.ts";
import { native } from "../../src/native/open.ts";
import { median } from "../../bench/common/statistics.ts";
import { main, say, ToolError } from "../run.ts";

const DEFAULT_JOBS = 10_000_000;
const ROUNDS = 20;
/** Jobs on their way. */
const WIDTH = 500;
/** MiB that the process may have grown by, from the second quarter to the last: medians, because
 * collectors settle late and wander. */
const GROWTH_MIB = 32;

const covers = Array.from({ length: 64 }, (_, n) => Cover.fromMinterms(4, [n % 16, 5, n % 7, 11]));
const expected = covers.map((cover) => minimize(cover).stats.cubes);

let settled = 0;
let cancelled = 0;
let wrong = 0;

async function one(engine: Awaited<ReturnType<typeof createEngine>>, n: number): Promise<void> {
  const controller = n % 1000 === 0 ? new AbortController() : undefined;
  if (controller !== undefined) setTimeout(() => controller.abort(), n / 1000 % 4);
  try {
    const index = n % covers.length;
    const { stats } = await engine.minimize(covers[index]!, { signal: controller?.signal });
    if (stats.cubes !== expected[index]) wrong++;
  } catch (error) {
    if (error instanceof RistrettoError && error.kind === "Cancelled") cancelled++;
    else wrong++;
  }
  settled++;
}

function residentMib(): number {
  return process.memoryUsage().rss / 2 ** 20;
}

await main(async () => {
  const jobs = Number(process.argv[2] ?? DEFAULT_JOBS);
  if (!Number.isSafeInteger(jobs) || jobs < ROUNDS) {
    throw new ToolError(`expected a number of jobs from ${ROUNDS} on, got ${process.argv[2]}`);
  }
  const start = performance.now();
  const engine = await createEngine({ isolation: "pool", queue: 256 });
  let next = 0;
  const samples: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const end = Math.round(jobs * round / ROUNDS);
    const keep = async (): Promise<void> => {
      while (next < end) await one(engine, next++);
    };
    await Promise.all(Array.from({ length: WIDTH }, keep));
    const resident = residentMib();
    samples.push(resident);
    const seconds = (performance.now() - start) / 1000;
    say(`${next} jobs, ${Math.round(next / seconds)} a second, ${resident.toFixed(1)} MiB`);
  }
  const counts = engine.statistics()!;
  const sum = counts.waiting + counts.running + counts.completed + counts.failed + counts.cancelled;
  await engine.close();
  const left = native().rst_pool_alive();
  const growth = median(samples.slice(15)) - median(samples.slice(5, 10));
  const held = [
    settled === jobs,
    wrong === 0,
    sum === counts.submitted && counts.failed === 0,
    left === 0,
    growth < GROWTH_MIB,
  ];
  process.stdout.write(
    `${settled} of ${jobs} settled, ${cancelled} cancelled, ${wrong} wrong; ` +
      `${counts.submitted} submitted, ${sum} accounted for; ${left} left; ` +
      `${growth.toFixed(1)} MiB more in the last quarter than in the second\n`,
  );
  return held.every(Boolean) ? 0 : 1;
});
