// The comparison with which the project began: 10,000 requests over four workers, processes
// against threads. A request is a small minimisation that is awaited; 64 are on their way.

import { fromRows, toCover } from "../common/function_text.ts";
import { median, quantile, rounded, spread } from "../common/statistics.ts";
import { randomFunction } from "../generators.ts";
import type { ChildPlan } from "./child.ts";
import { collect, pause } from "./measure.ts";
import { descendants, memoryOf, treeCpuUs } from "./processes.ts";
import type { Seeds } from "./result.ts";
import { openWay, type Way } from "./ways.ts";

const WORKERS = 4;
const IN_FLIGHT = 64;
const covers = Array.from(
  { length: 64 },
  (_, i) => toCover(fromRows("random", randomFunction({ inputs: 6, seed: 6000 + i }))),
);

/** One way and one round. */
interface Round {
  readonly perSecond: number;
  readonly us: readonly number[];
  readonly cpuUs: number;
  readonly memory: number | undefined;
}

/** Every way but `direct`, which has no workers; they take turns. */
export async function measureSeeds(
  wanted: readonly Way[],
  plan: ChildPlan,
  tell: (what: string) => void,
): Promise<Seeds[]> {
  const requests = plan.quick ? 1000 : 10_000;
  const rounds = new Map<Way, Round[]>();
  for (let round = 0; round < (plan.quick ? 1 : 5); round++) {
    for (const way of wanted) {
      if (way.mode === "direct") continue;
      tell(`${requests} requests over ${WORKERS} workers: ${way.name}`);
      const figures = await once(way, requests);
      if (figures !== undefined) rounds.set(way, [...rounds.get(way) ?? [], figures]);
      await pause(10);
    }
  }
  return Array.from(rounds, ([way, all]): Seeds => {
    const us = all.flatMap((one) => one.us).sort((a, b) => a - b);
    const known = all.flatMap(({ memory }) => memory ?? []);
    return {
      way: way.name,
      workers: WORKERS,
      requests,
      inFlight: IN_FLIGHT,
      perSecond: rounded(median(all.map(({ perSecond }) => perSecond))),
      us: { ...spread(us), p999: quantile(us, 0.999) },
      cpuUs: rounded(median(all.map(({ cpuUs }) => cpuUs))),
      memory: known.length === 0 ? undefined : median(known),
      rounds: {
        perSecond: all.map(({ perSecond }) => rounded(perSecond)),
        us: all.map((one) => rounded(median(one.us))),
      },
    };
  });
}

async function once(way: Way, requests: number): Promise<Round | undefined> {
  collect();
  const before = memoryOf("self")?.own;
  const engine = await openWay(way, WORKERS);
  if (typeof engine === "string") return undefined;
  const drive = async (count: number, us: number[]): Promise<void> => {
    let begun = 0;
    const keep = async (): Promise<void> => {
      while (begun < count) {
        const cover = covers[begun++ % covers.length]!;
        const start = performance.now();
        await engine.minimize(cover);
        us.push(1000 * (performance.now() - start));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, keep));
  };
  await drive(requests / 10, []);
  const us: number[] = [];
  const cpu = treeCpuUs("start");
  const start = performance.now();
  await drive(requests, us);
  const perSecond = requests * 1000 / (performance.now() - start);
  const cpuUs = (treeCpuUs("end") - cpu) / requests;
  const workers = descendants().flatMap((id) => memoryOf(id)?.own ?? []);
  collect();
  const after = memoryOf("self")?.own;
  await engine.close();
  const grown = before === undefined || after === undefined ? undefined : after - before;
  return {
    perSecond,
    us,
    cpuUs,
    memory: grown === undefined
      ? undefined
      : Math.max(0, grown) + workers.reduce((sum, own) => sum + own, 0),
  };
}
