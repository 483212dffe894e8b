/**
 * Any mode, with its jobs counted: a transport around a transport. Engines without the option
 * `metrics` do not have it, so their jobs pay nothing.
 */

import type { Room, SetCounts } from "../cover/allocation.ts";
import type { CoverData, Shape } from "../cover/data.ts";
import { RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import type { Meter } from "./metrics.ts";
import type { Call, Transport } from "./transport.ts";

/** The transport, with a meter that hears of each job's beginning and end. */
export function metered(inner: Transport, meter: Meter): Transport {
  const outer: Transport = {
    width: inner.width,
    runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
      const since = meter.begin();
      try {
        const answer = inner.runSync(job, call, read);
        meter.end(since);
        return answer;
      } catch (error) {
        meter.end(since, error);
        throw error;
      }
    },
    run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
      const since = meter.begin();
      let open = true;
      const end = (error?: unknown): void => {
        if (open) meter.end(since, error);
        open = false;
      };
      return inner.run(job, watched(call, end), read, now).then((answer) => {
        end();
        return answer;
      }, (error: unknown) => {
        end(error);
        throw error;
      });
    },
    close: (cancel) => inner.close(cancel),
    closeNow: () => inner.closeNow(),
    metrics: () => meter.text(inner.workers?.()),
    allocate: (shape: Shape, counts: SetCounts): Room | undefined =>
      inner.allocate?.(shape, counts),
    free: (cover: CoverData) => inner.free?.(cover),
    ...(inner.job === undefined ? {} : { job: inner.job }),
    ...(inner.sandbox === undefined ? {} : { sandbox: inner.sandbox }),
    ...(inner.statistics === undefined ? {} : { statistics: () => inner.statistics!() }),
  };
  return outer;
}

/** The call, such that giving its job up is an end of it: nothing else may ever be heard of it. */
function watched(call: Call, end: (error: unknown) => void): Call {
  const { onStart } = call;
  if (onStart === undefined) return call;
  return {
    ...call,
    onStart: (giveUp) =>
      onStart(() => {
        giveUp();
        end(new RistrettoError("Cancelled", "the job was given up"));
      }),
  };
}
