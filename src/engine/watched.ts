/**
 * A job on a native thread of its own, watched from here: for programs that show progress, and that
 * want the best answer so far when their user has waited long enough.
 */

import { RistrettoError } from "../errors.ts";
import { Block, SMALL } from "../job/block.ts";
import { native } from "../native/open.ts";
import { lastError } from "../native/run.ts";
import { cancelled } from "../options.ts";
import type { Progress } from "../stats.ts";
import { PROGRESS_WORDS, readProgress } from "./progress.ts";

/** How a job is watched. */
export interface WatchOptions {
  /** Called with what the job has reached, at most every `intervalMs`, while it runs. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborting it asks the job to answer with the best so far; the promise still resolves. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two looks at a long job; default 50. Short jobs are looked at sooner. */
  readonly intervalMs?: number | undefined;
}

/**
 * Runs a job on a native thread and gives its result, whose errors are in it. A job whose signal is
 * aborted before it starts is `Cancelled`.
 */
export async function runWatched(job: Block, options: WatchOptions = {}): Promise<Block> {
  const { signal, onProgress, intervalMs = 50 } = options;
  if (signal?.aborted) throw cancelled(signal);
  const { rst_task_start, rst_task_cancel, rst_task_close } = native();
  const task = rst_task_start(job.bytes, job.length);
  if (!(task > 0)) throw lastError();
  let taken = false;
  const cancel = (): void => void rst_task_cancel(task);
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    await untilReady(task, intervalMs, onProgress);
    const result = takeResult(task);
    taken = true;
    return result;
  } finally {
    signal?.removeEventListener("abort", cancel);
    if (!taken) rst_task_close(task);
  }
}

/** Looks at the task after 1, 2, 4, … milliseconds, up to the interval, until it is ready. */
async function untilReady(
  task: number,
  intervalMs: number,
  onProgress: WatchOptions["onProgress"],
): Promise<void> {
  const { rst_task_poll } = native();
  const words = new Uint32Array(PROGRESS_WORDS);
  const start = performance.now();
  let wait = 1;
  let shown = start;
  while (true) {
    const state = rst_task_poll(task, words);
    if (state < 0) throw lastError();
    if (state === 1) return;
    const now = performance.now();
    if (onProgress !== undefined && now - shown >= intervalMs) {
      shown = now;
      onProgress(readProgress(words, now - start));
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, intervalMs);
  }
}

function takeResult(task: number): Block {
  const { rst_task_take } = native();
  const result = new Block(SMALL);
  let length = rst_task_take(task, result.bytes, result.bytes.length);
  if (length > result.bytes.length) {
    result.reserve(length);
    length = rst_task_take(task, result.bytes, result.bytes.length);
  }
  if (!(length > 0)) throw lastError();
  if (length > result.bytes.length) {
    throw new RistrettoError("Internal", "the result of a task changed its length");
  }
  result.length = length;
  return result;
}
