// What bench:isolation has a runtime do in a process of its own: one round over all cells, or what
// is measured beside them. The argument is a plan in JSON; lines that begin with `~` say how far
// it is, the answer is one line of JSON behind an `@`.

import process from "node:process";
import { do_not_optimize, measure } from "mitata";
import type { Engine } from "../../mod.ts";
import { native } from "../../src/native/open.ts";
import { measureEvents } from "./events.ts";
import { type Job, sources } from "./jobs.ts";
import { measureCell, pause, runtimeVersion } from "./measure.ts";
import type { CellRound, EventsReport, Form, RoundReport, WayEvents } from "./result.ts";
import { measureSeeds } from "./seeds.ts";
import { openWay, ways } from "./ways.ts";

/** What a child is asked. */
export interface ChildPlan {
  readonly task: "round" | "events" | "cold";
  readonly round: number;
  readonly quick: boolean;
  readonly budgetMs: number;
  /** Threads or workers of each way. */
  readonly parallel: number;
  readonly ways: readonly string[];
  readonly jobs: readonly string[];
}

const plan = JSON.parse(process.argv[2] ?? "{}") as ChildPlan;
const wanted = ways.filter(({ name }) => plan.ways.includes(name));
const tell = (what: string): void => void process.stdout.write(`~${what}\n`);

/** Milliseconds that a cell may take beside its budget; what takes longer is measured once, in
 * the first round, and in a quick run not at all. */
const LONG_MS = 400;

if (plan.task === "cold") await cold();
else answer(plan.task === "round" ? await round() : await events());
process.exit(0);

function answer(report: RoundReport | EventsReport): void {
  process.stdout.write(`@${JSON.stringify(report)}\n`);
}

/** Every way with every job; which way comes first is another one each time. */
async function round(): Promise<RoundReport> {
  const skipped: { what: string; why: string }[] = [];
  const engines = new Map<string, Engine>();
  for (const way of wanted) {
    const engine = await openWay(way, plan.parallel);
    if (typeof engine === "string") skipped.push({ what: way.name, why: engine });
    else engines.set(way.name, engine);
  }
  const jobs = sources(plan.quick).filter(({ name }) => plan.jobs.includes(name))
    .map((source) => source.make());
  const cells: CellRound[] = [];
  for (const [j, job] of jobs.entries()) {
    const ms = await verified(job, engines, skipped);
    for (const [f, { form, flight, long }] of shapes(job, ms).entries()) {
      const names = [...engines.keys()];
      for (let turn = 0; turn < names.length; turn++) {
        const way = names[(turn + plan.round + j + f) % names.length]!;
        tell(`${job.info.name}, ${form}${flight > 1 ? `, ${flight} in flight` : ""}, ${way}`);
        const { budgetMs } = plan;
        const cell = { way, job, form, flight, long, budgetMs };
        try {
          cells.push(await measureCell(engines.get(way)!, cell));
        } catch (error) {
          skipped.push({ what: `${way}, ${job.info.name}, ${form}`, why: String(error) });
        }
        if (way === "fresh") await pause(5);
      }
    }
  }
  for (const engine of engines.values()) await engine.close();
  const { rst_noop } = native();
  const { p50 } = await measure(() => do_not_optimize(rst_noop(1)), { min_cpu_time: 5e7 });
  const infos = jobs.map(({ info }) => info);
  return { ...runtimeVersion(), jobs: infos, cells, skipped, noopNs: p50 };
}

/** Has every way's answers compared with those of `direct`; milliseconds of a job in the first. */
async function verified(
  job: Job,
  engines: Map<string, Engine>,
  skipped: { what: string; why: string }[],
): Promise<number> {
  let ms: number | undefined;
  for (const [name, engine] of engines) {
    try {
      await job.verify(engine);
      const start = performance.now();
      job.runSync(engine);
      ms ??= performance.now() - start;
    } catch (error) {
      skipped.push({ what: name, why: `${job.info.name}: ${error}` });
      engines.delete(name);
    }
  }
  return ms ?? 0;
}

/** The forms and numbers in flight that a job is measured with. */
function shapes(job: Job, ms: number): { form: Form; flight: number; long: boolean }[] {
  const small = job.info.name === "4 inputs" || job.info.name === "8 inputs";
  const flights = plan.quick
    ? small ? [1, 4, 16, 64] : [1]
    : small
    ? [1, 2, 4, 8, 16, 32, 64]
    : [1, 4, 16, 64];
  return [
    { form: "sync" as const, flight: 1 },
    ...flights.map((flight) => ({ form: "awaited" as const, flight })),
  ].map((shape) => ({ ...shape, long: shape.flight * ms > LONG_MS }))
    .filter(({ long }) => !long || (plan.round === 0 && !plan.quick));
}

async function events(): Promise<EventsReport> {
  const measured: WayEvents[] = [];
  for (const way of wanted) {
    tell(`start-up, memory, recovery: ${way.name}`);
    const one = await measureEvents(way, plan);
    if (one !== undefined) measured.push(one);
  }
  return { events: measured, seeds: await measureSeeds(wanted, plan, tell) };
}

/** A program that answers one small job and ends: its parent looks at the clock. */
async function cold(): Promise<void> {
  const engine = await openWay(wanted[0]!, 1);
  if (typeof engine === "string") process.exit(2);
  await sources(true)[0]!.make().run(engine);
  await engine.close();
}
