/**
 * What an engine tells a monitoring system: counters and histograms of its jobs, in the text format
 * that Prometheus scrapes.
 *
 * @module
 */

import { RistrettoError, type WorkerHealth } from "../errors.ts";
import type { Isolation } from "./engine.ts";
import type { EndCause } from "./events.ts";
import { usageOf } from "./usage.ts";

/** Upper ends of the spans that durations are counted in, in seconds: 10 µs to 100 s. */
const BOUNDS: readonly number[] = [
  ...[1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3],
  ...[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 100],
];

/** A worker of an engine, as it is at this moment. */
export interface WorkerState {
  /** What tells its crew from others of the engine: `class`, `tenant`, or `crew` being `second`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Its place in the crew, from 0 on. One that ends is replaced in its place. */
  readonly worker: number;
  /** `none`: nobody is there now. */
  readonly state: "none" | "starting" | "idle" | "busy" | "ending";
  /** Its process; `undefined`: there is none. */
  readonly pid: number | undefined;
  /** Jobs that the workers of this place have finished. */
  readonly jobs: number;
  /** How it is: `stopped` at once; the others when it had the same job at an earlier call, 20 ms
   * ago or more. `undefined`: it is well, as far as that can be told. */
  readonly health: WorkerHealth | undefined;
  /** Processor time that it has had, in seconds; `undefined` where the system does not tell. */
  readonly cpuSeconds: number | undefined;
  /** Bytes of memory that it has now, shared ones included; `undefined` as above. */
  readonly residentBytes: number | undefined;
}

/** The workers of crews. */
export function workersOf(crews: readonly WorkerFacts[]): WorkerState[] {
  return crews.flatMap(({ labels, seats }) =>
    seats.map(({ state, pid, jobs, health }, worker) => {
      const usage = usageOf(pid);
      return {
        ...{ labels, worker, state, pid: pid || undefined, jobs, health },
        ...{ cpuSeconds: usage?.cpuSeconds, residentBytes: usage?.residentBytes },
      };
    })
  );
}

/** The place of a worker, and those that sat there. */
export interface SeatFacts {
  /** What the one that is there does. */
  readonly state: WorkerState["state"];
  /** How it is, where that is known. */
  readonly health?: WorkerHealth | undefined;
  /** The process that is there now; 0: none. */
  readonly pid: number;
  /** Jobs that all of them finished. */
  readonly jobs: number;
  /** How many of them ended of each cause. */
  readonly ends: readonly (readonly [EndCause, number])[];
}

/** Numbers about the workers of a crew, at this moment. */
export interface WorkerFacts {
  /** What tells it from other crews of the engine. */
  readonly labels: Labels;
  /** Workers that are ready. */
  readonly ready: number;
  /** Workers ever started. */
  readonly started: number;
  /** Jobs that wait. */
  readonly queued: number;
  /** Its workers. */
  readonly seats: readonly SeatFacts[];
}

type Labels = Readonly<Record<string, string>>;

/** What one meter has counted, and the crews whose jobs those were. */
export interface Measured {
  /** Its labels. */
  readonly labels: Labels;
  /** The meter. */
  readonly meter: Meter;
  /** Its crews. */
  readonly workers: readonly WorkerFacts[];
}

/** Counts what becomes of the jobs of one engine, or of one class of them. */
export class Meter {
  readonly #outcomes = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #seconds = 0;
  #running = 0;

  /** A job begins; what this gives is to be handed to {@link Meter.end}. */
  begin(): number {
    this.#running++;
    return performance.now();
  }

  /** The job has ended: with an answer, or with an error. */
  end(since: number, error?: unknown): void {
    const seconds = (performance.now() - since) / 1000;
    this.#running--;
    this.#seconds += seconds;
    let span = 0;
    while (span < BOUNDS.length && seconds > BOUNDS[span]!) span++;
    this.#counts[span]!++;
    add(this.#outcomes, outcomeOf(error));
    const cause = causeOf(error);
    if (cause !== undefined) add(this.#ends, cause);
  }

  /** Jobs that have ended, by what became of them. */
  get outcomes(): ReadonlyMap<string, number> {
    return this.#outcomes;
  }

  /** Jobs that cost a worker its life, by cause. */
  get failures(): ReadonlyMap<string, number> {
    return this.#ends;
  }

  /** Jobs that wait or run. */
  get running(): number {
    return this.#running;
  }

  /** How long jobs took: how many in each span, and all of them in seconds. */
  get durations(): readonly [Float64Array, number] {
    return [this.#counts, this.#seconds];
  }
}

/** All that was counted as text, with numbers about workers where there are some. */
export function expose(mode: Isolation, all: readonly Measured[]): string {
  const text = new Exposition(mode);
  text.family("ristretto_jobs_total", "counter", "Jobs that have ended, by what became of them.");
  for (const { labels, meter } of all) {
    for (const [outcome, count] of meter.outcomes) text.sample({ ...labels, outcome }, count);
  }
  text.family("ristretto_jobs_in_progress", "gauge", "Jobs that wait or run now.");
  for (const { labels, meter } of all) text.sample(labels, meter.running);
  text.family(
    "ristretto_job_duration_seconds",
    "histogram",
    "Time from the call to the answer or the error.",
  );
  for (const { labels, meter } of all) text.histogram(labels, BOUNDS, ...meter.durations);
  if (all.some(({ workers }) => workers.length > 0)) exposeWorkers(text, all);
  return text.end();
}

function exposeWorkers(text: Exposition, all: readonly Measured[]): void {
  const crews = all.flatMap(({ labels, workers }) =>
    workers.map((facts) => ({ ...facts, labels: { ...labels, ...facts.labels } }))
  );
  text.family("ristretto_queue_jobs", "gauge", "Jobs that wait for a worker now.");
  for (const { labels, queued } of crews) text.sample(labels, queued);
  text.family("ristretto_workers", "gauge", "Worker processes that are ready.");
  for (const { labels, ready } of crews) text.sample(labels, ready);
  text.family("ristretto_worker_starts_total", "counter", "Worker processes ever started.");
  for (const { labels, started } of crews) text.sample(labels, started);
  text.family(
    "ristretto_worker_failures_total",
    "counter",
    "Jobs that cost a worker its life, by cause.",
  );
  for (const { labels, meter } of all) {
    for (const [cause, count] of meter.failures) text.sample({ ...labels, cause }, count);
  }
  const seats = crews.flatMap(({ labels, seats }) =>
    seats.map((seat, worker) => ({ ...seat, labels: { ...labels, worker: `${worker}` } }))
  );
  text.family("ristretto_worker_jobs_total", "counter", "Jobs that a worker has finished.");
  for (const { labels, jobs } of seats) text.sample(labels, jobs);
  text.family("ristretto_worker_ends_total", "counter", "Workers that have ended, by cause.");
  for (const { labels, ends } of seats) {
    for (const [cause, count] of ends) if (count > 0) text.sample({ ...labels, cause }, count);
  }
  const used = seats.map(({ labels, pid }) => ({ labels, usage: usageOf(pid) }));
  text.family(
    "ristretto_worker_resident_memory_bytes",
    "gauge",
    "Memory that a worker has now, what it shares with its host included.",
  );
  for (const { labels, usage } of used) if (usage) text.sample(labels, usage.residentBytes);
  text.family(
    "ristretto_worker_cpu_seconds_total",
    "counter",
    "Processor time of the process that is a worker now.",
  );
  for (const { labels, usage } of used) if (usage) text.sample(labels, usage.cpuSeconds);
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** `ok`, or the kind of the error in the spelling of labels. */
function outcomeOf(error: unknown): string {
  if (error === undefined) return "ok";
  if (!(error instanceof RistrettoError)) return "internal";
  return error.kind.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
}

/** Why a worker ended, where an error tells that one did. */
function causeOf(error: unknown): string | undefined {
  if (!(error instanceof RistrettoError)) return undefined;
  switch (error.kind) {
    case "WorkerCrashed":
      return error.signal ?? (error.exitCode === undefined ? undefined : "exit");
    case "ProtocolViolation":
      return "violation";
    default:
      return undefined;
  }
}

/** Writes the text format, version 0.0.4. */
class Exposition {
  readonly #mode: string;
  readonly #lines: string[] = [];
  #name = "";

  constructor(mode: string) {
    this.#mode = mode;
  }

  family(name: string, type: string, help: string): void {
    this.#name = name;
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  sample(labels: Labels, value: number, suffix = ""): void {
    const pairs = Object.entries({ mode: this.#mode, ...labels });
    const text = pairs.map(([name, value]) => `${name}="${escape(value)}"`).join(",");
    this.#lines.push(`${this.#name}${suffix}{${text}} ${value}`);
  }

  histogram(labels: Labels, bounds: readonly number[], counts: Float64Array, sum: number): void {
    let count = 0;
    for (const [index, bound] of bounds.entries()) {
      count += counts[index]!;
      this.sample({ ...labels, le: `${bound}` }, count, "_bucket");
    }
    count += counts[bounds.length]!;
    this.sample({ ...labels, le: "+Inf" }, count, "_bucket");
    this.sample(labels, sum, "_sum");
    this.sample(labels, count, "_count");
  }

  end(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
