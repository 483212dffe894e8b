/**
 * Runs a job on the calling thread: the one call that everything comes down to.
 */

import { kindOfNumber, RistrettoError } from "../errors.ts";
import { type Block, SMALL, threadResult } from "../job/block.ts";
import { native } from "./open.ts";

/**
 * Runs a job. The result, whose errors are in it, is this thread's {@link threadResult}: valid
 * until the next call. Errors: `Unavailable` without a library; the library's own for a call that
 * cannot even have a result.
 */
export function runHere(job: Block): Block {
  const { rst_run, rst_take } = native();
  const result = threadResult;
  result.reserve(SMALL);
  const needed = rst_run(job.bytes, job.length, result.bytes, result.bytes.length);
  if (needed > result.bytes.length) {
    result.reserve(needed);
    if (rst_take(result.bytes, result.bytes.length) !== needed) throw lastError();
  } else if (!(needed > 0)) {
    throw lastError();
  }
  result.length = needed;
  return result;
}

/** The calling thread's last misuse of the library, as an error. */
export function lastError(): RistrettoError {
  const message = new Uint8Array(512);
  const length = new Uint32Array(1);
  const number = native().rst_last_error(message, message.length, length);
  const text = new TextDecoder().decode(message.subarray(0, Math.min(length[0]!, message.length)));
  const kind = kindOfNumber(number) ?? "Internal";
  return new RistrettoError(kind, text || "the library refused the call and did not say why", {
    limit: kind === "LimitExceeded" ? "memory" : undefined,
  });
}

/** Facts about the library's build, as `key=value` lines. */
export function buildInfo(): Readonly<Record<string, string>> {
  const { rst_build_info } = native();
  const bytes = new Uint8Array(rst_build_info(new Uint8Array(1), 0));
  rst_build_info(bytes, bytes.length);
  const lines = new TextDecoder().decode(bytes).split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  }));
}
