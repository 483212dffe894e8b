/**
 * Any mode, with its jobs counted: a transport around a transport. Engines without the option
 * `metrics` do not have it, so their jobs pay nothing.
 */

import { Observed } from "./around.ts";
import { type Measured, Meter } from "./metrics.ts";
import type { Transport } from "./transport.ts";

/** The transport, with a meter that hears of each job's beginning and end. */
export function metered(inner: Transport, labels: Measured["labels"]): Transport {
  return new MeteredTransport(inner, labels);
}

class MeteredTransport extends Observed {
  readonly #meter = new Meter();
  readonly #labels: Measured["labels"];

  constructor(inner: Transport, labels: Measured["labels"]) {
    super(inner);
    this.#labels = labels;
  }

  protected override begin(): (error?: unknown) => void {
    const since = this.#meter.begin();
    return (error) => this.#meter.end(since, error);
  }

  override measured(): readonly Measured[] {
    return [{ labels: this.#labels, meter: this.#meter, workers: this.workers() }];
  }
}
