/**
 * What an engine tells a monitoring system: counters and histograms of its jobs, in the text format
 * that Prometheus scrapes.
 *
 * @module
 */

import { RistrettoError } from "../errors.ts";
import type { Isolation } from "./engine.ts";

/** Upper ends of the spans that durations are counted in, in seconds: 10 µs to 100 s. */
const BOUNDS: readonly number[] = [
  ...[1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3],
  ...[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 100],
];

/** Numbers about the workers of an engine, at this moment. */
export interface WorkerFacts {
  /** Workers that are ready. */
  readonly ready: number;
  /** Workers ever started. */
  readonly started: number;
  /** Jobs that wait. */
  readonly queued: number;
}

/** Counts what becomes of the jobs of one engine. */
export class Meter {
  readonly #mode: Isolation;
  readonly #outcomes = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #seconds = 0;
  #running = 0;

  /** A meter of an engine of this mode. */
  constructor(mode: Isolation) {
    this.#mode = mode;
  }

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

  /** All of it as text, with numbers about workers where there are some. */
  text(workers: WorkerFacts | undefined): string {
    const text = new Exposition(this.#mode);
    text.family("ristretto_jobs_total", "counter", "Jobs that have ended, by what became of them.");
    for (const [outcome, count] of this.#outcomes) text.sample({ outcome }, count);
    text.family("ristretto_jobs_in_progress", "gauge", "Jobs that wait or run now.");
    text.sample({}, this.#running);
    text.family(
      "ristretto_job_duration_seconds",
      "histogram",
      "Time from the call to the answer or the error.",
    );
    text.histogram(BOUNDS, this.#counts, this.#seconds);
    if (workers !== undefined) this.#workers(text, workers);
    return text.end();
  }

  #workers(text: Exposition, { ready, started, queued }: WorkerFacts): void {
    text.family("ristretto_queue_jobs", "gauge", "Jobs that wait for a worker now.");
    text.sample({}, queued);
    text.family("ristretto_workers", "gauge", "Worker processes that are ready.");
    text.sample({}, ready);
    text.family("ristretto_worker_starts_total", "counter", "Worker processes ever started.");
    text.sample({}, started);
    text.family(
      "ristretto_worker_failures_total",
      "counter",
      "Jobs that cost a worker its life, by cause.",
    );
    for (const [cause, count] of this.#ends) text.sample({ cause }, count);
  }
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

  sample(labels: Readonly<Record<string, string>>, value: number, suffix = ""): void {
    const pairs = Object.entries({ mode: this.#mode, ...labels });
    const text = pairs.map(([name, value]) => `${name}="${escape(value)}"`).join(",");
    this.#lines.push(`${this.#name}${suffix}{${text}} ${value}`);
  }

  histogram(bounds: readonly number[], counts: Float64Array, sum: number): void {
    let count = 0;
    for (const [index, bound] of bounds.entries()) {
      count += counts[index]!;
      this.sample({ le: `${bound}` }, count, "_bucket");
    }
    count += counts[bounds.length]!;
    this.sample({ le: "+Inf" }, count, "_bucket");
    this.sample({}, sum, "_sum");
    this.sample({}, count, "_count");
  }

  end(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
