/**
 * What the errors of worker processes say, whichever way the workers are talked to.
 */

import { type ErrorKind, HEALTHS, RistrettoError, type WorkerHealth } from "../errors.ts";

const MESSAGES: Readonly<Partial<Record<ErrorKind, string>>> = {
  QueueFull: "the queue is full",
  ProtocolViolation: "a worker sent what no worker sends; it was killed",
  Unavailable: "workers keep ending before they have done anything; the next start waits",
  Closed: "the engine is closed",
};

/** An error that says no more than its kind. */
export function workerError(kind: ErrorKind): RistrettoError {
  return new RistrettoError(kind, MESSAGES[kind] ?? "a worker failed");
}

const STATES: Readonly<Record<WorkerHealth, string>> = {
  computing: "was computing",
  astray: "was using the processor without getting on",
  blocked: "was asleep",
  stopped: "had been stopped",
};

/** The word for a number of native code; undefined: it is not known. */
export function healthOf(number: number): WorkerHealth | undefined {
  return HEALTHS[number - 1];
}

/** A job ran past its time, and its worker with it. */
export function lateError(worker?: WorkerHealth): RistrettoError {
  const how = worker === undefined ? "" : `, which ${STATES[worker]},`;
  return new RistrettoError(
    "LimitExceeded",
    `the job ran past its time, and its worker${how} was killed`,
    { limit: "time", worker },
  );
}

/** A worker has used up the processor time of its whole life. */
export function cpuTimeError(): RistrettoError {
  const what = "the worker of the job has used up limits.cpuTime";
  return new RistrettoError("LimitExceeded", what, { limit: "cpu" });
}

/** A result is longer than it may be. */
export function longError(): RistrettoError {
  const what = "the result is longer than limits.output, which is 1 GiB at most if not given";
  return new RistrettoError("LimitExceeded", what, { limit: "size" });
}

/** The worker of a job ended. */
export function crashError(signal: string | undefined, code: number | undefined): RistrettoError {
  const how = signal !== undefined
    ? `was killed by ${signal}`
    : code === undefined
    ? "ended, and nobody knows how"
    : `ended with status ${code}`;
  const message = `the worker that ran the job ${how}`;
  return new RistrettoError("WorkerCrashed", message, { signal, exitCode: code });
}

/** A job that is not run because of what it did before. */
export function refusedError(): RistrettoError {
  return new RistrettoError("WorkerCrashed", "the job was not run: it killed two workers before");
}
