/**
 * A transport around a transport: everything is passed on. What adds something to a mode (a meter,
 * a second opinion, spans) is made from this.
 */

import type { Room, SetCounts } from "../cover/allocation.ts";
import type { CoverData, Shape } from "../cover/data.ts";
import { RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import type { GuardReport } from "./limits.ts";
import type { Measured, WorkerFacts } from "./metrics.ts";
import type { EngineStatistics } from "./pool_statistics.ts";
import type { Call, Transport } from "./transport.ts";

/** Passes everything on. */
export class Around implements Transport {
  /** Implements {@link Transport.width}. */
  readonly width: number;
  /** Implements {@link Transport.routes}. */
  readonly routes: readonly string[];
  /** Implements {@link Transport.job}. */
  readonly job?: Block;
  /** Implements {@link Transport.sandbox}. */
  readonly sandbox?: GuardReport;
  /** What is inside. */
  protected readonly inner: Transport;

  /** Around this one. */
  constructor(inner: Transport, routes: readonly string[] = []) {
    this.inner = inner;
    this.width = inner.width;
    this.routes = [...inner.routes ?? [], ...routes];
    if (inner.job !== undefined) this.job = inner.job;
    if (inner.sandbox !== undefined) this.sandbox = inner.sandbox;
  }

  /** Implements {@link Transport.runSync}. */
  runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    return this.inner.runSync(job, call, read);
  }

  /** Implements {@link Transport.run}. */
  run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    return this.inner.run(job, call, read, now);
  }

  /** Implements {@link Transport.restart}. */
  restart(rolling: boolean): void {
    this.inner.restart?.(rolling);
  }

  /** Implements {@link Transport.drained}. */
  async drained(): Promise<void> {
    await this.inner.drained?.();
  }

  /** Implements {@link Transport.allocate}. */
  allocate(shape: Shape, counts: SetCounts): Room | undefined {
    return this.inner.allocate?.(shape, counts);
  }

  /** Implements {@link Transport.free}. */
  free(cover: CoverData): void {
    this.inner.free?.(cover);
  }

  /** Implements {@link Transport.workers}. */
  workers(): readonly WorkerFacts[] {
    return this.inner.workers?.() ?? [];
  }

  /** Implements {@link Transport.measured}. */
  measured(): readonly Measured[] | undefined {
    return this.inner.measured?.();
  }

  /** Implements {@link Transport.statistics}. */
  statistics(): EngineStatistics | undefined {
    return this.inner.statistics?.();
  }

  /** Implements {@link Transport.close}. */
  close(cancel: boolean): Promise<void> {
    return this.inner.close(cancel);
  }

  /** Implements {@link Transport.closeNow}. */
  closeNow(): void {
    this.inner.closeNow();
  }
}

/** Passes everything on, and hears once of each job's beginning and end. */
export abstract class Observed extends Around {
  /**
   * A job begins. What is returned is called once, when it has ended: with an answer, an error, or
   * given up, after which nothing else is ever heard of it.
   */
  protected abstract begin(job: Block, call: Call): (error?: unknown) => void;

  /** Implements {@link Transport.runSync}. */
  override runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    const end = this.begin(job, call);
    let answer: T;
    try {
      answer = this.inner.runSync(job, call, read);
    } catch (error) {
      end(error);
      throw error;
    }
    end();
    return answer;
  }

  /** Implements {@link Transport.run}. */
  override run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    const end = this.begin(job, call);
    let open = true;
    const once = (error?: unknown): void => {
      if (open) end(error);
      open = false;
    };
    const given = (): void => once(new RistrettoError("Cancelled", "the job was given up"));
    return this.inner.run(job, untilGivenUp(call, given), read, now).then((answer) => {
      once();
      return answer;
    }, (error: unknown) => {
      once(error);
      throw error;
    });
  }
}

/** The call, such that giving its job up is an end of it. */
function untilGivenUp(call: Call, end: () => void): Call {
  const { onStart } = call;
  if (onStart === undefined) return call;
  return {
    ...call,
    onStart: (giveUp) =>
      onStart(() => {
        giveUp();
        end();
      }),
  };
}
