/**
 * The one error class of Ristretto. Its kinds and limits are those of c/base/errors.def; a test
 * holds the two lists against each other.
 *
 * @module
 */

/**
 * The kind of a {@link RistrettoError}:
 * `InvalidInput` (what the caller gave is malformed), `LimitExceeded`, `Cancelled`, `QueueFull`,
 * `WorkerCrashed`, `ProtocolViolation` (a result that is not one), `Unavailable` (something could
 * not be loaded or started), `Unsupported` (not on this platform or in this build), `Closed`
 * (the engine is), `Internal` (a defect of the library).
 */
export type ErrorKind =
  | "InvalidInput"
  | "LimitExceeded"
  | "Cancelled"
  | "QueueFull"
  | "WorkerCrashed"
  | "ProtocolViolation"
  | "Unavailable"
  | "Unsupported"
  | "Closed"
  | "Internal";

/** The name of a limit: bytes, wall-clock time, processor time, size of a block, cubes, work. */
export type LimitName = "memory" | "time" | "cpu" | "size" | "cubes" | "budget";

/**
 * How a worker was when it was killed because its job's time was over: its core went on
 * (`computing`: the job is long, or a loop has no end), it used the processor without its core
 * going on (`astray`), it slept (`blocked`), or somebody had stopped it with SIGSTOP (`stopped`).
 */
export type WorkerHealth = "computing" | "astray" | "blocked" | "stopped";

/** In the order of the numbers of the C ABI, from 1 on. */
export const HEALTHS: readonly WorkerHealth[] = ["computing", "astray", "blocked", "stopped"];

/** The number of each kind in the C ABI. */
export const ERROR_KINDS: Readonly<Record<ErrorKind, number>> = {
  InvalidInput: 1,
  LimitExceeded: 2,
  Cancelled: 3,
  QueueFull: 4,
  WorkerCrashed: 5,
  ProtocolViolation: 6,
  Unavailable: 7,
  Unsupported: 8,
  Closed: 9,
  Internal: 10,
};

/** The number of each limit in the C ABI. */
export const LIMITS: Readonly<Record<LimitName, number>> = {
  memory: 1,
  time: 2,
  cpu: 3,
  size: 4,
  cubes: 5,
  budget: 6,
};

/** The number with which a block says that a cancellation stopped the run. */
export const LIMIT_CANCEL = 15;

/** What an error may tell beside its kind and message. */
export interface ErrorDetails {
  /** The limit that was reached (kind `LimitExceeded`). */
  readonly limit?: LimitName | undefined;
  /** 1-based line of the text that is wrong (kind `InvalidInput`). */
  readonly line?: number | undefined;
  /** 1-based column, in bytes, of the text that is wrong (kind `InvalidInput`). */
  readonly column?: number | undefined;
  /** The signal that killed a worker, as `"SIGSEGV"` (kind `WorkerCrashed`). */
  readonly signal?: string | undefined;
  /** The exit status of a worker that ended by itself (kind `WorkerCrashed`). */
  readonly exitCode?: number | undefined;
  /** How the worker was that was killed (kinds `LimitExceeded` and `Cancelled`). */
  readonly worker?: WorkerHealth | undefined;
  /** What was tried, one line each (kind `Unavailable`). */
  readonly tried?: readonly string[] | undefined;
  /** The error or reason behind this one. */
  readonly cause?: unknown;
}

/** The details that go with each kind: what `instanceof RistrettoError` narrows to. */
export type ErrorCase =
  | {
    readonly kind: "InvalidInput";
    readonly line: number | undefined;
    readonly column: number | undefined;
  }
  | { readonly kind: "LimitExceeded"; readonly limit: LimitName }
  | {
    readonly kind: "WorkerCrashed";
    readonly signal: string | undefined;
    readonly exitCode: number | undefined;
  }
  | { readonly kind: "Unavailable"; readonly tried: readonly string[] }
  | {
    readonly kind:
      | "Cancelled"
      | "QueueFull"
      | "ProtocolViolation"
      | "Unsupported"
      | "Closed"
      | "Internal";
  };

/**
 * Every error that Ristretto throws or rejects with. `kind` says what happened and narrows:
 *
 * @example Telling errors apart
 * ```ts
 * import { Cover, RistrettoError } from "@ristretto/espresso";
 *
 * try {
 *   Cover.builder(3, 1).add("1-", "1");
 * } catch (error) {
 *   if (!(error instanceof RistrettoError)) throw error;
 *   if (error.kind === "LimitExceeded") console.log(error.limit);
 *   if (error.kind === "InvalidInput") console.log(error.line ?? "no text", error.message);
 * }
 * ```
 */
export class RistrettoError extends Error {
  /** `"RistrettoError"`. */
  override readonly name: string = "RistrettoError";
  /** What went wrong. */
  readonly kind: ErrorKind;
  /** The limit that was reached; kind `LimitExceeded` only. */
  readonly limit: LimitName | undefined;
  // Always set, because errors of Bun have a `line` and a `column` of their own otherwise.
  /** 1-based line of a text; kind `InvalidInput`, where a text is to blame. */
  readonly line: number | undefined;
  /** 1-based column in bytes; kind `InvalidInput`, where a text is to blame. */
  readonly column: number | undefined;
  /** The signal that killed a worker; kind `WorkerCrashed`. */
  readonly signal: string | undefined;
  /** The exit status of a worker; kind `WorkerCrashed`. */
  readonly exitCode: number | undefined;
  /** How its worker was, where that was killed to end the job and it could be seen; kinds
   * `LimitExceeded` (time) and `Cancelled`. */
  readonly worker: WorkerHealth | undefined;
  /** What was tried; kind `Unavailable`. */
  readonly tried: readonly string[] | undefined;

  /** An error of a kind; the message says what was found, and what was expected. */
  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.kind = kind;
    this.limit = details.limit;
    this.line = details.line;
    this.column = details.column;
    this.signal = details.signal;
    this.exitCode = details.exitCode;
    this.worker = details.worker;
    this.tried = details.tried;
  }

  /** `error instanceof RistrettoError`, after which a test of `kind` narrows the details. */
  static override [Symbol.hasInstance](value: unknown): value is RistrettoError & ErrorCase {
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

const KIND_OF_NUMBER: ReadonlyMap<number, ErrorKind> = reversed(ERROR_KINDS);
const LIMIT_OF_NUMBER: ReadonlyMap<number, LimitName> = reversed(LIMITS);

function reversed<Name extends string>(table: Record<Name, number>): Map<number, Name> {
  return new Map(Object.entries<number>(table).map(([name, number]) => [number, name as Name]));
}

/** The kind that a number of the C ABI stands for; `undefined` for a number of no kind. */
export function kindOfNumber(number: number): ErrorKind | undefined {
  return KIND_OF_NUMBER.get(number);
}

/** The limit that a number of the C ABI stands for; `undefined` for a number of no limit. */
export function limitOfNumber(number: number): LimitName | undefined {
  return LIMIT_OF_NUMBER.get(number);
}

/** An `InvalidInput` about an argument of a call. */
export function invalid(message: string): RistrettoError {
  return new RistrettoError("InvalidInput", message);
}
