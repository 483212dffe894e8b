// Measures somebody's own files in every mode, the modes taking turns, and prints what comes of it.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { Cover, type Engine, RistrettoError } from "../../mod.ts";
import { rankOf } from "../../src/engine/modes.ts";
import { say, ToolError } from "../../tools/run.ts";
import { Progress } from "../common/progress.ts";
import { median } from "../common/statistics.ts";
import { tableText } from "../common/table.ts";
import { type Job, minimizeJob } from "../isolation/jobs.ts";
import { measureCell, pause } from "../isolation/measure.ts";
import { descendants, memoryOf } from "../isolation/processes.ts";
import { openWay, type Way, ways } from "../isolation/ways.ts";
import { choose, figuresTable, type WayFigures } from "./choose.ts";

const ROUNDS = 3;
const IN_FLIGHT = 16;
/** Milliseconds for all timed calls of a form in one way and round. */
const BUDGET_MS = 300;

interface Open {
  readonly way: Way;
  readonly engine: Engine;
  readonly workerBytes: number | undefined;
}

/** Measures, prints the figures and the advice; the exit status. */
export async function advise(
  files: readonly string[],
  { accept, json }: { readonly accept: number; readonly json: boolean },
): Promise<number> {
  const covers = files.map(readCover);
  const jobs = covers.map((cover, i) => minimizeJob(files[i]!, [cover]));
  const all = minimizeJob("all", covers);
  const open = await openAll(jobs[0]!);
  const progress = new Progress(ROUNDS);
  const figures = await measureAll(open, jobs, all, progress);
  progress.end();
  for (const { engine } of open) await engine.close();
  const advice = choose(figures, files.length, accept);
  if (json) process.stdout.write(`${JSON.stringify({ files, figures, advice }, undefined, 1)}\n`);
  else {
    const lines = advice.wishes.map(([wish, take]) => `  ${wish}: ${take}`);
    process.stdout.write(
      `${tableText(figuresTable(figures, files.length))}\n` +
        `Take ${advice.take}: ${advice.because}.\n\nIf what matters is\n${lines.join("\n")}\n`,
    );
  }
  return 0;
}

function readCover(file: string): Cover {
  try {
    return Cover.fromPla(readFileSync(file));
  } catch (error) {
    const place = error instanceof RistrettoError && error.line !== undefined
      ? `:${error.line}:${error.column}`
      : "";
    throw new ToolError(`${file}${place}: ${error instanceof Error ? error.message : error}`);
  }
}

async function openAll(job: Job): Promise<Open[]> {
  const parallel = Math.min(4, availableParallelism());
  const found: Open[] = [];
  for (const way of ways) {
    const before = new Set(descendants());
    const engine = await openWay(way, parallel);
    if (typeof engine === "string") {
      say(`skipped: ${way.name}: ${engine}`);
      continue;
    }
    await job.run(engine);
    const workers = descendants().filter((id) => !before.has(id));
    const own = workers.flatMap((id) => memoryOf(id)?.own ?? []);
    found.push({ way, engine, workerBytes: own.length === 0 ? undefined : median(own) });
  }
  return found;
}

async function measureAll(
  open: readonly Open[],
  jobs: readonly Job[],
  all: Job,
  progress: Progress,
): Promise<WayFigures[]> {
  const sync = new Map<string, number[][]>(open.map(({ way }) => [way.name, jobs.map(() => [])]));
  const awaited = new Map<string, number[][]>(
    open.map(({ way }) => [way.name, jobs.map(() => [])]),
  );
  const rates = new Map<string, number[]>(open.map(({ way }) => [way.name, []]));
  const budgetMs = Math.max(5, BUDGET_MS / jobs.length);
  for (let round = 0; round < ROUNDS; round++) {
    progress.next("round");
    for (let turn = 0; turn < open.length; turn++) {
      const { way, engine } = open[(turn + round) % open.length]!;
      for (const [j, job] of jobs.entries()) {
        progress.tell(`${way.name}, ${job.info.name}`);
        const plan = { way: way.name, job, flight: 1, budgetMs };
        const waits = await measureCell(engine, { ...plan, form: "sync" });
        const promised = await measureCell(engine, { ...plan, form: "awaited" });
        sync.get(way.name)![j]!.push(waits.us.median);
        awaited.get(way.name)![j]!.push(promised.us.median);
      }
      const many = { way: way.name, job: all, form: "awaited", flight: IN_FLIGHT } as const;
      const { perSecond } = await measureCell(engine, { ...many, budgetMs: BUDGET_MS });
      rates.get(way.name)!.push(perSecond);
      await pause(5);
    }
  }
  const sum = (lists: readonly (readonly number[])[]) =>
    lists.reduce((total, list) => total + median(list), 0);
  return open.map(({ way, workerBytes }) => ({
    way: way.name,
    rank: rankOf(way.mode),
    syncUs: sum(sync.get(way.name)!),
    awaitedUs: sum(awaited.get(way.name)!),
    perSecond: median(rates.get(way.name)!),
    workerBytes,
  }));
}
