/**
 * What workers do to themselves before their first job (guards), and what they may use (limits):
 * options in plain units, the words that native code takes, and the report of what was reached.
 *
 * @module
 */

import { invalid, RistrettoError } from "../errors.ts";
import { systemName } from "../native/runtime.ts";
import { bytesOf, show } from "../options.ts";

/** What a worker does to itself before its first job; docs/security.md says what each is worth. */
export type Guard =
  | "memory"
  | "limits"
  | "privileges"
  | "undumpable"
  | "handles"
  | "files"
  | "calls"
  | "namespaces"
  | "network"
  | "user"
  | "group";

/** The name of a limit. */
export type WorkerLimit = keyof WorkerLimits;

/** What a worker, and each of its jobs, may use. */
export interface WorkerLimits {
  /** Bytes that the jobs of a worker may have, as a number or as text like `"256MiB"`; at least
   * 1 MiB. Default: 4 GiB. */
  readonly memory?: number | string | undefined;
  /** Wall-clock time of each job, in milliseconds or as text like `"1.5s"`: its worker is killed
   * then, whatever the job's own `timeoutMs` says. */
  readonly time?: number | string | undefined;
  /** Processor time of a worker's whole life, likewise, in whole seconds (rounded up): then the
   * system kills it, and the job that ran fails. */
  readonly cpuTime?: number | string | undefined;
  /** Processors that a worker may keep busy, as 0.25. Kept by a control group; where this program
   * may make none, it is accepted and not enforced, or with `require` refused. */
  readonly cores?: number | undefined;
  /** Bytes that a result may have. Default: 1 GiB; in the library, a quarter of the machine's
   * memory if that is less. */
  readonly output?: number | string | undefined;
  /** How much workers give way to other programs, from 0 to 19. */
  readonly nice?: number | undefined;
  /** How much sooner than other programs the system ends a worker when memory runs out, from 0 to
   * 1000. Default: 500. */
  readonly oomScore?: number | undefined;
}

/** A limit, and whether this system keeps it. */
export interface EnforcedLimit {
  /** Bytes, milliseconds, or the number that was given. */
  readonly value: number;
  /** False: it was accepted, and nothing keeps it. */
  readonly enforced: boolean;
}

/** What a group limits. */
export type GroupKind = "cpu" | "memory" | "tasks";

/** The group that a worker is in. */
export interface GroupReport {
  /** What it limits. */
  readonly kinds: readonly GroupKind[];
  /** The version of the control group, 1 or 2; 0: the system keeps such limits in another way. */
  readonly version: number;
}

/** What the workers of an engine reached. */
export interface GuardReport {
  /** The guards that hold. */
  readonly guards: readonly Guard[];
  /** The version of Landlock; 0: none. */
  readonly landlock: number;
  /** System calls that a worker can still make; `Infinity`: all of them. */
  readonly systemCalls: number;
  /** The group that keeps limits from outside the worker; absent: it has none. */
  readonly group?: GroupReport;
  /** The limits that were asked for. */
  readonly limits: Readonly<Partial<Record<WorkerLimit, EnforcedLimit>>>;
}

/** In the order of the bits of rst_process_guards. */
export const GUARDS: readonly Guard[] = [
  ...["memory", "limits", "privileges", "undumpable", "handles", "files", "calls"] as const,
  ...["namespaces", "network", "user", "group"] as const,
];

/** In the order of the bits of rst_process_guards, and of the words of rst_process_groups. */
export const GROUP_KINDS: readonly GroupKind[] = ["cpu", "memory", "tasks"];

/** How each limit is read; `most` of what it gives. */
const READERS: Readonly<Record<WorkerLimit, (value: unknown, name: string) => number>> = {
  memory: (value, name) => between(bytesOf(value, name), 2 ** 20, 2 ** 41, value, name, "1 MiB"),
  time: millisecondsOf,
  cpuTime: (value, name) => 1000 * Math.ceil(millisecondsOf(value, name) / 1000),
  cores: (value, name) => number(value, name, 0.01, 4096, false),
  output: (value, name) => between(bytesOf(value, name), 64, 2 ** 32 - 1, value, name, "64 bytes"),
  nice: (value, name) => number(value, name, 0, 19, true),
  oomScore: (value, name) => number(value, name, 0, 1000, true),
};

/** Bytes of a result unless somebody says otherwise: ISO_USUAL_OUTPUT of c/isolate/protocol.h. */
export const USUAL_OUTPUT = 2 ** 30;

/** How much sooner than others a worker is ended for memory, unless the caller says. */
const OOM_SCORE = 500;
const HAS_OOM_SCORE = systemName === "linux";

/** Options about workers, checked. */
export interface Terms {
  /** The limits that were given, in bytes, milliseconds or as numbers. */
  readonly limits: Readonly<Partial<Record<WorkerLimit, number>>>;
  /** Guards and limits that must hold. */
  readonly required: ReadonlySet<string>;
  /** The words for rst_process_open that come after the first four. */
  readonly words: readonly number[];
}

/** Checks the options `limits` and `require`. Errors: `InvalidInput`, naming the option;
 * `Unavailable` for a limit that is required and that this system does not have. */
export function checkTerms(limits: unknown, require: unknown): Terms {
  const checked = checkLimits(limits);
  const required = checkRequire(require, checked);
  if (required.has("oomScore") && !HAS_OOM_SCORE) {
    const message = "the required limit of oomScore cannot be kept: Linux alone has one";
    throw new RistrettoError("Unavailable", message, { tried: [] });
  }
  const { memory = 0, cpuTime = 0, nice = 0, oomScore = OOM_SCORE, output = 0 } = checked;
  let guards = 0;
  for (const [index, guard] of GUARDS.entries()) if (required.has(guard)) guards |= 1 << index;
  if (["cpuTime", "nice", "oomScore"].some((limit) => required.has(limit))) {
    guards |= 1 << GUARDS.indexOf("limits");
  }
  const words = [guards, 0, Math.floor(memory / 1024), cpuTime / 1000, nice, oomScore, output];
  return { limits: checked, required, words };
}

function checkLimits(limits: unknown): Partial<Record<WorkerLimit, number>> {
  if (limits === undefined) return {};
  if (typeof limits !== "object" || limits === null) {
    throw invalid(`option limits: expected an object, got ${show(limits)}`);
  }
  const checked: Partial<Record<WorkerLimit, number>> = {};
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(READERS, name)) {
      const names = Object.keys(READERS).join(", ");
      throw invalid(`option limits: ${show(name)} is not known; the limits are ${names}`);
    }
    if (value === undefined) continue;
    checked[name as WorkerLimit] = READERS[name as WorkerLimit](value, `limits.${name}`);
  }
  return checked;
}

function checkRequire(
  require: unknown,
  limits: Readonly<Partial<Record<WorkerLimit, number>>>,
): ReadonlySet<string> {
  const known = [...GUARDS, ...Object.keys(READERS).filter((name) => name !== "memory")];
  if (require === undefined) return new Set();
  if (!Array.isArray(require)) {
    throw invalid(`option require: expected a list of names, got ${show(require)}`);
  }
  for (const name of require) {
    if (known.includes(name)) continue;
    throw invalid(`option require: ${show(name)} is not known; there are ${known.join(", ")}`);
  }
  const idle = require.find((name) =>
    Object.hasOwn(READERS, name) && name !== "memory" && limits[name as WorkerLimit] === undefined
  );
  if (idle !== undefined) {
    throw invalid(`option require: ${show(idle)} is required, and limits does not have it`);
  }
  return new Set(require);
}

/** What was reached, from the words of rst_process_guards. Errors: `Unavailable` for a limit that
 * is required and that nothing keeps. */
export function guardReport(words: Uint32Array, terms: Terms): GuardReport {
  const [bits = 0, landlock = 0, calls = 0, kib = 0, grouped = 0, version = 0] = words;
  const guards = GUARDS.filter((_, index) => bits >>> index & 1);
  const own = guards.includes("limits");
  const kept: Readonly<Record<WorkerLimit, boolean>> = {
    memory: guards.includes("memory") && kib * 1024 <= (terms.limits.memory ?? Infinity),
    time: true,
    cpuTime: own,
    cores: (grouped & 1) !== 0,
    output: true,
    nice: own,
    oomScore: own && HAS_OOM_SCORE,
  };
  const limits: Partial<Record<WorkerLimit, EnforcedLimit>> = {};
  for (const name of Object.keys(terms.limits) as WorkerLimit[]) {
    limits[name] = { value: terms.limits[name]!, enforced: kept[name] };
  }
  if (terms.required.has("cores") && !kept.cores) throw coresError();
  const systemCalls = calls === 0 ? Infinity : calls;
  if (grouped === 0) return { guards, landlock, systemCalls, limits };
  const kinds = GROUP_KINDS.filter((_, index) => grouped >>> index & 1);
  return { guards, landlock, systemCalls, group: { kinds, version }, limits };
}

/** A required share of processor time that cannot be kept. */
export function coresError(): RistrettoError {
  const why = "this program may make no control group for it";
  const message = `the required limit of cores cannot be kept: ${why}`;
  return new RistrettoError("Unavailable", message, { tried: [] });
}

const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

/** Milliseconds of a number or of text like `"1.5s"`; `InvalidInput` for anything else. */
export function millisecondsOf(value: unknown, name: string): number {
  if (typeof value === "string") {
    const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h)\s*$/.exec(value) ?? [];
    const ms = Number(amount) * (TIMES[unit ?? ""] ?? Number.NaN);
    if (ms > 0 && ms <= 2 ** 40) return ms;
  } else if (typeof value === "number" && value > 0 && value <= 2 ** 40) {
    return value;
  }
  const what = 'milliseconds above 0 or text like "1.5s"';
  throw invalid(`option ${name}: expected ${what}, got ${show(value)}`);
}

function between(
  bytes: number,
  least: number,
  most: number,
  value: unknown,
  name: string,
  text: string,
): number {
  if (bytes >= least && bytes <= most) return bytes;
  throw invalid(`option ${name}: expected at least ${text}, got ${show(value)}`);
}

function number(value: unknown, name: string, least: number, most: number, whole: boolean): number {
  const right = typeof value === "number" && value >= least && value <= most &&
    (!whole || Number.isInteger(value));
  if (right) return value;
  const what = whole ? "a whole number" : "a number";
  throw invalid(`option ${name}: expected ${what} from ${least} to ${most}, got ${show(value)}`);
}
