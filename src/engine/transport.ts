/**
 * What a mode of isolation is, seen from an engine: a way to bring a job's bytes in front of the
 * core and its result's bytes back. A mode is one file that offers this, and one line in modes.ts.
 */

import type { Block } from "../job/block.ts";
import type { EngineOptions } from "./engine.ts";

/** A way to run jobs. Neither form looks into a job; errors of a job are in its result. */
export interface Transport {
  /** Runs a job while the thread waits. The result is valid until the next call on this thread. */
  runSync(job: Block): Block;
  /** Runs a job that is copied before this returns. The result belongs to the caller. */
  run(job: Block, signal: AbortSignal | undefined): Promise<Block>;
  /** Ends the mode once its jobs have settled. Called once. */
  close(): Promise<void>;
  /** Ends the mode without waiting. Called once, if {@link Transport.close} was not. */
  closeNow(): void;
}

/** Starts a mode. Errors: `Unavailable`, `Unsupported`, with the reason. */
export type OpenTransport = (options: EngineOptions) => Promise<Transport>;
