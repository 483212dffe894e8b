/**
 * The options of a call: their types, and the one place where they are checked.
 *
 * @module
 */

import type { Cover } from "./cover/cover.ts";
import { invalid, RistrettoError, type WorkerHealth } from "./errors.ts";

/** `heuristic`: fast, near the minimum. `exact`: a proven minimum, or the best of the budget. */
export type Method = "heuristic" | "exact";
/** How much work a heuristic run may spend. */
export type Effort = "fast" | "default" | "high";
/** Which sets a PLA text carries: `f` the ON set, `d` don't-cares, `r` the OFF set. */
export type PlaType = "f" | "d" | "r" | "fd" | "fr" | "dr" | "fdr";

/** Limits and switches that every operation takes. */
export interface RunOptions {
  /** Units of work after which the best cover so far is the answer; a whole number above 0. */
  readonly budget?: number | undefined;
  /** Milliseconds of wall-clock time, from the call on; above 0, fractions count. */
  readonly timeoutMs?: number | undefined;
  /** Bytes that the run may hold, as a number or as text like `"256MiB"`. */
  readonly memory?: number | string | undefined;
  /** Cubes that any cover of the run may have. */
  readonly cubes?: number | undefined;
  /** At a limit: the `best` cover so far, marked incomplete (default), or an `error`. */
  readonly onLimit?: "best" | "error" | undefined;
  /**
   * Cancels the job: its promise rejects with `Cancelled`, or, with `onLimit: "best"` given, it
   * resolves with the best so far of a run. A run on the calling thread looks at it before it
   * begins.
   */
  readonly signal?: AbortSignal | undefined;
  /** The kernels to run: the fastest of this machine (`auto`, default) or the `portable` ones. */
  readonly kernels?: "auto" | "portable" | undefined;
  /** Engines with `classes`: the class of workers that the job goes to; default the first one. */
  readonly class?: string | undefined;
  /** Engines with `tenants`, and `fresh`: whoever the job is for, whose workers serve no other. */
  readonly tenant?: string | undefined;
}

/** How a minimum is searched for. */
export interface SearchOptions extends RunOptions {
  /** Default `heuristic`. */
  readonly method?: Method | undefined;
  /** Default `default`. */
  readonly effort?: Effort | undefined;
  /**
   * Check the answer against the input before it is returned; default true: by the core, where it
   * ran. `"host"`: also here, by other code, which needs no trust in a worker; of covers only.
   * `"second-worker"`: also by a run in another worker process, which must give the same bytes. A
   * wrong answer is an error of kind `ProtocolViolation`.
   */
  readonly verify?: boolean | "host" | "second-worker" | undefined;
  /** Varies the heuristic's choices; the same seed gives the same bytes. A whole number from 0. */
  readonly seed?: number | undefined;
  /** Sort the cubes of the answer, so that equal covers have equal bytes; default false. */
  readonly canonical?: boolean | undefined;
  /**
   * With the method `exact`: answer with a certificate of the minimum; default false. `Unsupported`
   * with `singleOutput`, for outputs with a phase, and for inputs of several values.
   */
  readonly certificate?: boolean | undefined;
  /**
   * Minimise each output by itself, so that no cube has two of them; `"either"`: the output or its
   * complement, whichever has fewer cubes, which `phase` of the answer tells. Default false.
   */
  readonly singleOutput?: boolean | "either" | undefined;
  /**
   * With the method `exact`: `fewest` looks, among all minimum covers, for one with the fewest
   * literals and for the proof (`stats.fewestLiterals`), which can take far longer than the
   * minimum. Default `few`.
   */
  readonly literals?: "few" | "fewest" | undefined;
}

/** Options of `minimize`. */
export interface MinimizeOptions extends SearchOptions {
  /** A cover whose ON set is the function's DC set, in place of the cover's own. */
  readonly dc?: Cover | undefined;
  /** A cover whose ON set is the function's OFF set, in place of the cover's own. */
  readonly off?: Cover | undefined;
}

/** Options of `minimumCovers`. */
export interface MinimaOptions extends RunOptions {
  /** Covers that are listed at most; default 1000. */
  readonly covers?: number | undefined;
}

/** Options of `minimizeTables`. */
export interface TablesOptions extends SearchOptions {
  /** Outputs of each function; default 1, at most 64. */
  readonly outputs?: number | undefined;
  /** Tables of don't-cares, laid out as the tables themselves. */
  readonly dc?: ArrayBufferView | undefined;
}

/** Options of operations that read or write PLA text. */
export interface PlaOptions extends SearchOptions {
  /** The type of a text that does not say; default `fd`. */
  readonly inputType?: PlaType | undefined;
  /** The type of the text that is written; default `f`. */
  readonly outputType?: PlaType | undefined;
}

/** Checked options as the numbers of a job; 0 or -1 (see each) is what the job leaves out. */
export interface JobOptions {
  /** 0 heuristic, 1 exact. */
  method: number;
  /** 0 fast, 1 default, 2 high; -1 not given. */
  effort: number;
  /** Units of work; -1 not given. */
  budget: number;
  /** Microseconds; -1 not given. */
  timeoutUs: number;
  /** Bytes; -1 not given. */
  memory: number;
  /** Cubes; -1 not given. */
  cubes: number;
  /** 0 best, 1 error. */
  onLimit: number;
  /** 1 check, 0 do not. */
  verify: number;
  /** -1 not given. */
  seed: number;
  /** 0 the fastest, 1 portable. */
  kernels: number;
  /** 1: answer with text. */
  emit: number;
  /** Bits f = 1, d = 2, r = 4; -1 not given. */
  inputType: number;
  /** Bits f = 1, d = 2, r = 4; -1 not given. */
  outputType: number;
  /** 1: sort the answer. */
  canonical: number;
  /** 1: answer with a certificate. */
  certificate: number;
  /** 1 each output by itself, 2 either phase of it. */
  singleOutput: number;
  /** 1: the fewest. */
  literals: number;
  /** Minimum covers; -1 not given. */
  covers: number;
}

/** The bits of each type of PLA text in a block: f = 1, d = 2, r = 4. */
export const PLA_TYPES: Readonly<Record<PlaType, number>> = {
  f: 1,
  d: 2,
  fd: 3,
  r: 4,
  fr: 5,
  dr: 6,
  fdr: 7,
};
const METHODS: Readonly<Record<Method, number>> = { heuristic: 0, exact: 1 };
const EFFORTS: Readonly<Record<Effort, number>> = { fast: 0, default: 1, high: 2 };
const ON_LIMIT: Readonly<Record<string, number>> = { best: 0, error: 1 };
const LITERALS: Readonly<Record<string, number>> = { few: 0, fewest: 1 };
const KERNELS: Readonly<Record<string, number>> = { auto: 0, portable: 1 };

/** Nothing given: what a job without options means. */
export const NO_OPTIONS: Readonly<JobOptions> = {
  method: 0,
  effort: -1,
  budget: -1,
  timeoutUs: -1,
  memory: -1,
  cubes: -1,
  onLimit: 0,
  verify: 1,
  seed: -1,
  kernels: 0,
  emit: 0,
  inputType: -1,
  outputType: -1,
  canonical: 0,
  certificate: 0,
  singleOutput: 0,
  literals: 0,
  covers: -1,
};

/**
 * The options as numbers. Throws `InvalidInput` naming the option, what was given and what was
 * expected, also for a name that is neither an option nor in `others`; `Cancelled` when the signal
 * is aborted already. What only an engine can do is refused unless `engine` says that one looks at
 * it.
 */
export function checkOptions(
  options: PlaOptions | MinimizeOptions | TablesOptions | MinimaOptions | undefined,
  others: readonly string[] = [],
  engine = false,
): Readonly<JobOptions> {
  if (options === undefined) return NO_OPTIONS;
  if (typeof options !== "object" || options === null) {
    throw invalid(`options: expected an object, got ${show(options)}`);
  }
  const job = { ...NO_OPTIONS };
  for (const name in options) {
    const value: unknown = options[name as keyof RunOptions];
    if (value === undefined || others.includes(name)) continue;
    if (isForEngine(name, value)) checkForEngine(name, value, engine);
    else setOption(job, name, value);
  }
  return job;
}

function isForEngine(name: string, value: unknown): boolean {
  return name === "class" || name === "tenant" || (name === "verify" && typeof value === "string");
}

function checkForEngine(name: string, value: unknown, engine: boolean): void {
  const right = name === "verify"
    ? value === "host" || value === "second-worker"
    : typeof value === "string" && value !== "" && value.length <= 255;
  if (!right) {
    const what = name === "verify"
      ? 'true, false, "host" or "second-worker"'
      : "text of 1 to 255 characters";
    throw invalid(`option ${name}: expected ${what}, got ${show(value)}`);
  }
  if (engine) return;
  throw invalid(`option ${name}: ${show(value)} needs an engine; see createEngine`);
}

function setOption(job: JobOptions, name: string, value: unknown): void {
  switch (name) {
    case "method":
      job.method = oneOf(name, value, METHODS);
      break;
    case "effort":
      job.effort = oneOf(name, value, EFFORTS);
      break;
    case "budget":
      job.budget = whole(name, value, 1);
      break;
    case "timeoutMs":
      job.timeoutUs = microseconds(value);
      break;
    case "memory":
      job.memory = bytesOf(value);
      break;
    case "cubes":
      job.cubes = whole(name, value, 1);
      break;
    case "onLimit":
      job.onLimit = oneOf(name, value, ON_LIMIT);
      break;
    case "verify":
      job.verify = yesOrNo(name, value);
      break;
    case "seed":
      job.seed = whole(name, value, 0);
      break;
    case "kernels":
      job.kernels = oneOf(name, value, KERNELS);
      break;
    case "inputType":
      job.inputType = oneOf(name, value, PLA_TYPES);
      break;
    case "outputType":
      job.outputType = oneOf(name, value, PLA_TYPES);
      break;
    case "canonical":
      job.canonical = yesOrNo(name, value);
      break;
    case "certificate":
      job.certificate = yesOrNo(name, value);
      break;
    case "singleOutput":
      job.singleOutput = value === "either" ? 2 : yesOrNo(name, value);
      break;
    case "literals":
      job.literals = oneOf(name, value, LITERALS);
      break;
    case "covers":
      job.covers = whole(name, value, 1);
      if (job.covers >= 2 ** 32) throw invalid("option covers: expected a number below 2^32");
      break;
    case "signal":
      checkSignal(value);
      break;
    default:
      throw invalid(
        `option ${show(name)} is not known; the options are ${OPTION_NAMES.join(", ")}`,
      );
  }
}

const OPTION_NAMES: readonly string[] = [
  ...["method", "effort", "budget", "timeoutMs", "memory", "cubes", "onLimit", "verify", "seed"],
  ...["signal", "kernels", "canonical", "certificate", "singleOutput", "literals", "covers"],
  ...["inputType", "outputType", "class", "tenant"],
];

function oneOf(name: string, value: unknown, table: Readonly<Record<string, number>>): number {
  const number = typeof value === "string" && Object.hasOwn(table, value)
    ? table[value]
    : undefined;
  if (number !== undefined) return number;
  const names = Object.keys(table).map((word) => `"${word}"`).join(", ");
  throw invalid(`option ${name}: expected one of ${names}, got ${show(value)}`);
}

function whole(name: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(`option ${name}: expected a whole number from ${least}, got ${show(value)}`);
}

/** The value of an option that is a whole number from 1 to `most`. Errors: `InvalidInput`. */
export function wholeUpTo(name: string, value: unknown, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) {
    return value;
  }
  throw invalid(`option ${name}: expected a whole number from 1 to ${most}, got ${show(value)}`);
}

function yesOrNo(name: string, value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  throw invalid(`option ${name}: expected true or false, got ${show(value)}`);
}

function microseconds(value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= Number.MAX_SAFE_INTEGER / 1000) {
    return Math.ceil(value * 1000);
  }
  throw invalid(`option timeoutMs: expected milliseconds above 0, got ${show(value)}`);
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes of a number or of text like `"256MiB"`; `InvalidInput` for anything else. */
export function bytesOf(value: unknown, name = "memory"): number {
  if (typeof value === "string") {
    const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?i?b)?\s*$/i.exec(value) ?? [];
    const factor = UNITS[(unit ?? "b").toLowerCase()];
    const bytes = factor === undefined ? Number.NaN : Math.floor(Number(amount) * factor);
    if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  } else if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) {
    return value;
  }
  throw invalid(`option ${name}: expected bytes from 1 or text like "256MiB", got ${show(value)}`);
}

function checkSignal(value: unknown): void {
  if (typeof value !== "object" || value === null || !("aborted" in value)) {
    throw invalid(`option signal: expected an AbortSignal, got ${show(value)}`);
  }
  if (value.aborted === true) throw cancelled(value as AbortSignal);
}

/** The error of a job whose signal was aborted; how its worker was, if that was killed. */
export function cancelled(signal: AbortSignal, worker?: WorkerHealth): RistrettoError {
  return new RistrettoError("Cancelled", "the signal of the job was aborted", {
    cause: signal.reason,
    worker,
  });
}

/** A value for a message: short, and never more than one line. */
export function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  }
  if (typeof value === "number" || typeof value === "boolean" || value == null) return `${value}`;
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object"
    ? `a ${value.constructor?.name ?? "object"}`
    : `a ${typeof value}`;
}
