/**
 * Any mode, with its jobs counted: a transport around a transport. Engines without the option
 * `metrics` do not have it, so their jobs pay nothing.
 */

import { RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import { Around, untilGivenUp } from "./around.ts";
import { type Measured, Meter } from "./metrics.ts";
import type { Call, Transport } from "./transport.ts";

/** The transport, with a meter that hears of each job's beginning and end. */
export function metered(inner: Transport, labels: Measured["labels"]): Transport {
  return new MeteredTransport(inner, labels);
}

class MeteredTransport extends Around {
  readonly #meter = new Meter();
  readonly #labels: Measured["labels"];

  constructor(inner: Transport, labels: Measured["labels"]) {
    super(inner);
    this.#labels = labels;
  }

  override runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    const meter = this.#meter;
    const since = meter.begin();
    try {
      const answer = this.inner.runSync(job, call, read);
      meter.end(since);
      return answer;
    } catch (error) {
      meter.end(since, error);
      throw error;
    }
  }

  override run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    const meter = this.#meter;
    const since = meter.begin();
    let open = true;
    const end = (error?: unknown): void => {
      if (open) meter.end(since, error);
      open = false;
    };
    const given = (): void => end(new RistrettoError("Cancelled", "the job was given up"));
    return this.inner.run(job, untilGivenUp(call, given), read, now).then((answer) => {
      end();
      return answer;
    }, (error: unknown) => {
      end(error);
      throw error;
    });
  }

  override measured(): readonly Measured[] {
    return [{ labels: this.#labels, meter: this.#meter, workers: this.workers() }];
  }
}
