/**
 * The modes `process` and `fresh` without foreign calls: the worker's standard streams, by the
 * runtime's own subprocess API. Nothing native is loaded into this program.
 *
 *     promises            this thread ──► a worker's pipe, and back
 *     synchronous calls   this thread sleeps; a thread of its own ──► a worker's pipe, and back
 */

import type { Block } from "../../job/block.ts";
import type { EngineOptions } from "../engine.ts";
import type { Call, Transport } from "../transport.ts";
import { readCrewOptions } from "../crew_options.ts";
import { checkListener } from "../events.ts";
import { invalid } from "../../errors.ts";
import type { WorkerFacts } from "../metrics.ts";
import { checkTerms, coresError, type GuardReport } from "../limits.ts";
import { StreamCrew } from "./crew.ts";
import { workerCommand } from "./program.ts";
import { WaitingCalls } from "./waiting.ts";

/** Starts the mode `process`, over standard streams. */
export function openProcessStreams(options: EngineOptions): Promise<Transport> {
  return open(options, 1, 0);
}

/** Starts the mode `fresh`, over standard streams. */
export function openFreshStreams(options: EngineOptions): Promise<Transport> {
  return open(options, 2, 1);
}

async function open(options: EngineOptions, usual: number, recycle: number): Promise<Transport> {
  const crewNumbers = readCrewOptions(options, usual);
  if (crewNumbers.idleMs > 0) {
    throw invalid("option idleMs: workers over standard streams do not end when idle");
  }
  if (crewNumbers.recycleKib > 0) {
    throw invalid("option recycleMemory: nobody looks at workers over standard streams");
  }
  const numbers = { ...crewNumbers, recycle: recycle || crewNumbers.recycle };
  const terms = checkTerms(options.limits, options.require);
  if (terms.required.has("cores")) throw coresError(); // groups are made by the library
  const onEvent = checkListener(options.onEvent);
  const crew = await StreamCrew.open({ ...numbers, terms, command: workerCommand, onEvent });
  const { workers, recycle: most, graceMs } = numbers;
  const waiting = new WaitingCalls(recycle > 0 ? workers : 1, most, graceMs, terms);
  return new StreamTransport(crew, workers, waiting, recycle > 0 ? ["tenant"] : []);
}

/** Jobs in the workers of a crew over standard streams. */
export class StreamTransport implements Transport {
  readonly width: number;
  readonly routes: readonly string[];
  readonly sandbox: GuardReport;
  readonly #crew: StreamCrew;
  readonly #waiting: WaitingCalls;

  constructor(
    crew: StreamCrew,
    workers: number,
    waiting: WaitingCalls,
    routes: readonly string[] = [],
  ) {
    this.routes = routes;
    this.width = 2 * workers;
    this.sandbox = crew.sandbox;
    this.#crew = crew;
    this.#waiting = waiting;
  }

  runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    return read(this.#waiting.run(job, call));
  }

  async run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    return read(await this.#crew.run(job.bytes.subarray(0, job.length), call, now));
  }

  restart(rolling: boolean): void {
    this.#crew.restart(rolling);
    this.#waiting.close();
  }

  drained(): Promise<void> {
    return this.#crew.drained();
  }

  workers(): readonly WorkerFacts[] {
    return [this.#crew.facts];
  }

  async close(cancel: boolean): Promise<void> {
    await this.#crew.close(cancel);
    this.#waiting.close();
  }

  closeNow(): void {
    this.#crew.closeNow();
    this.#waiting.close();
  }
}
