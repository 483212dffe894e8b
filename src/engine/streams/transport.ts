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
import { checkTerms, type GuardReport, type Terms } from "../limits.ts";
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
  const { workers, queue } = readCrewOptions(options, usual);
  const terms = checkTerms(options.limits, options.require);
  const crew = await StreamCrew.open({ workers, queue, recycle, terms, command: workerCommand });
  return new StreamTransport(crew, workers, recycle, terms);
}

class StreamTransport implements Transport {
  readonly width: number;
  readonly sandbox: GuardReport;
  readonly #crew: StreamCrew;
  readonly #waiting: WaitingCalls;

  constructor(crew: StreamCrew, workers: number, recycle: number, terms: Terms) {
    this.width = 2 * workers;
    this.sandbox = crew.sandbox;
    this.#crew = crew;
    this.#waiting = new WaitingCalls(recycle > 0 ? workers : 1, recycle, terms);
  }

  runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    return read(this.#waiting.run(job, call));
  }

  async run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    return read(await this.#crew.run(job.bytes.subarray(0, job.length), call, now));
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
