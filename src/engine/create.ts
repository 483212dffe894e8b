/**
 * Chooses a mode and starts it.
 *
 * @module
 */

import { invalid, RistrettoError } from "../errors.ts";
import { native } from "../native/open.ts";
import { buildInfo } from "../native/run.ts";
import { variable } from "../native/runtime.ts";
import { show, wholeUpTo } from "../options.ts";
import type { Engine, EngineOptions, Isolation, IsolationReport } from "./engine.ts";
import { checkClasses, openClasses } from "./classes.ts";
import { checkListener, fromThere } from "./events.ts";
import { JobEngine } from "./job_engine.ts";
import { metered } from "./metered.ts";
import type { Measured } from "./metrics.ts";
import { ISOLATIONS, MODES, rankOf, STREAMS } from "./modes.ts";
import { START_NOW } from "./process.ts";
import { withSecond } from "./second.ts";
import { TenantTransport } from "./tenants.ts";
import { checkTracer, traced } from "./tracing.ts";
import type { OpenTransport, Transport } from "./transport.ts";

/** The variable that chooses the mode of engines that do not. */
export const ISOLATION_VARIABLE = "RISTRETTO_ISOLATION";

/**
 * An engine, started: what it needs is loaded. The mode is the option `isolation`, else the
 * variable RISTRETTO_ISOLATION where reading it is already permitted, else `direct`.
 *
 * Errors: `InvalidInput` for options that are none, and for a mode below `minIsolation`;
 * `Unsupported` for a mode that there is not on this system; `Unavailable` when it cannot start.
 * The modes `process` and `fresh` work without the native library, too, over the workers' standard
 * streams: where it cannot be loaded, or with the option `ffi` being false.
 *
 * @example The same program in any mode
 * ```ts
 * import { Cover, createEngine } from "@ristretto/espresso";
 *
 * await using engine = await createEngine({ isolation: "direct" });
 * const { cover } = await engine.minimize(Cover.fromTruthTable(2, "0111"));
 * console.log(cover.toSumOfProducts()); // a + b, or b + a
 * ```
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const isolation = chooseIsolation(options);
  checkNames(options, isolation);
  const transport = await openAll(options, isolation);
  const { sandbox } = transport;
  return new JobEngine(transport, sandbox === undefined ? isolation : { ...isolation, sandbox });
}

/** The mode, and around it what the options ask for. */
async function openAll(options: EngineOptions, { mode, via }: IsolationReport): Promise<Transport> {
  const { classes, metrics } = options;
  const tracer = checkTracer(options.tracer);
  const usual = via === "streams" ? STREAMS[mode]! : MODES[mode];
  const now = via === "streams" ? undefined : START_NOW[mode];
  const openOne = (labels: Measured["labels"]): OpenTransport => async (own) => {
    const inner = now === undefined ? await usual(own) : startCrews(own, now);
    return metrics ? metered(inner, labels) : inner;
  };
  const transport = classes === undefined
    ? await openOne({})(options)
    : await openClasses(options, checkClasses(classes), (name) => openOne({ class: name }));
  return tracer === undefined ? transport : traced(transport, tracer, mode);
}

/** A crew for each tenant, if that was asked for; and others for second opinions, when one is. */
function startCrews(
  options: EngineOptions,
  start: (options: EngineOptions) => Transport,
): Transport {
  const { tenants } = options;
  const startAll = (own: EngineOptions): Transport =>
    tenants === undefined ? start(own) : new TenantTransport((tenant) => {
      return start(tenant === undefined ? own : fromThere(own, { tenant }));
    }, tenants);
  return withSecond(startAll(options), () => startAll(fromThere(options, { second: true })));
}

function chooseIsolation(options: EngineOptions): IsolationReport {
  const { fallback, ffi, minIsolation } = options;
  if (options.isolation !== undefined) checkWanted("option isolation", options.isolation);
  if (minIsolation !== undefined) checkIsolation("option minIsolation", minIsolation);
  if (fallback !== undefined && fallback !== "process") {
    throw invalid(`option fallback: expected "process", got ${show(fallback)}`);
  }
  if (ffi !== undefined && typeof ffi !== "boolean") {
    throw invalid(`option ffi: expected true or false, got ${show(ffi)}`);
  }
  const report = reachable(options, wantedIsolation(options));
  if (minIsolation !== undefined && rankOf(report.mode) < rankOf(minIsolation)) {
    throw invalid(
      `isolation "${report.mode}" is below minIsolation "${minIsolation}": ${report.reason}`,
    );
  }
  return report;
}

/** What was asked for, before anybody looked whether it is there. */
interface Wanted {
  readonly mode: Isolation | "auto";
  readonly source: IsolationReport["source"];
  readonly reason: string;
}

function wantedIsolation(options: EngineOptions): Wanted {
  if (options.isolation !== undefined) {
    return { mode: options.isolation, source: "option", reason: "the option isolation says so" };
  }
  const value = variable(ISOLATION_VARIABLE);
  if (value !== undefined) {
    const mode = checkWanted(ISOLATION_VARIABLE, value);
    return { mode, source: "environment", reason: `the variable ${ISOLATION_VARIABLE} says so` };
  }
  if (options.ffi === false) {
    return { mode: "process", source: "default", reason: "the option ffi is false" };
  }
  return { mode: "direct", source: "default", reason: "nothing else was asked for" };
}

/** The mode that it comes to, and how it is reached. */
function reachable(options: EngineOptions, wanted: Wanted): IsolationReport {
  const { source, reason } = wanted;
  const auto = wanted.mode === "auto";
  const least = options.minIsolation === undefined ? 0 : rankOf(options.minIsolation);
  const usual = (["direct", "process", "fresh"] as const)[least]!;
  const mode = wanted.mode === "auto" ? usual : wanted.mode;
  const mayFall = auto || options.fallback !== undefined || STREAMS[mode] !== undefined;
  const obstacle = options.ffi === false || mayFall ? whyNoLibrary(options, mode) : undefined;
  if (obstacle === undefined) return { mode, source, reason, via: "library" };
  if (STREAMS[mode] !== undefined) {
    return { mode, source, reason: `${reason}; ${obstacle}`, via: "streams" };
  }
  if (!auto && options.fallback === undefined) {
    throw invalid(`isolation "${mode}" needs the native library, and ${obstacle}`);
  }
  const instead = `${auto ? reason : "the option fallback says so"}; ${obstacle}`;
  return { mode: "process", source, reason: instead, via: "streams" };
}

/** Why a mode is not reached by foreign calls; `undefined` when it can be. */
function whyNoLibrary({ ffi }: EngineOptions, mode: Isolation): string | undefined {
  if (ffi === false) return "the option ffi is false";
  try {
    native();
  } catch (error) {
    if (!(error instanceof RistrettoError) || error.kind !== "Unavailable") throw error;
    const tried = error.tried ?? [];
    const first = tried.find((line) => line.includes("not permitted")) ?? tried[0];
    return `the native library could not be loaded: ${first ?? error.message}`;
  }
  const able = STREAMS[mode] === undefined || buildInfo().workers === "yes";
  return able ? undefined : "the library starts no worker processes on this system";
}

const OPTION_NAMES: readonly string[] = [
  ...["isolation", "minIsolation", "threads", "queue", "priority", "statistics", "stack"],
  ...["threadName", "workers", "limits", "require", "metrics", "heap", "results", "fallback"],
  ...["ffi", "graceMs", "idleMs", "recycle", "recycleMemory", "onEvent", "classes", "tenants"],
  "tracer",
  "wipe",
];

function checkNames(options: EngineOptions, { mode, via }: IsolationReport): void {
  const ofWorkers = options.require ?? options.limits;
  if (ofWorkers !== undefined && rankOf(mode) === 0) {
    throw invalid(`options limits and require are for worker processes, not for "${mode}"`);
  }
  checkListener(options.onEvent);
  checkTracer(options.tracer);
  const { classes, tenants, wipe } = options;
  if (classes !== undefined && mode !== "process" && mode !== "fresh") {
    throw invalid(`option classes: they are for the modes "process" and "fresh", not "${mode}"`);
  }
  if (wipe !== undefined && typeof wipe !== "boolean") {
    throw invalid(`option wipe: expected true or false, got ${show(wipe)}`);
  }
  if (wipe === true && mode !== "process") {
    throw invalid(`option wipe: it is for the mode "process", not "${mode}"`);
  }
  if (wipe === true && via === "streams") {
    throw new RistrettoError("Unsupported", "option wipe: not over standard streams");
  }
  if (tenants !== undefined) {
    wholeUpTo("tenants", tenants, 1024);
    if (mode !== "process") {
      throw invalid(`option tenants: it is for the mode "process", not "${mode}"`);
    }
    if (via === "streams") {
      throw new RistrettoError("Unsupported", "option tenants: not over standard streams");
    }
  }
  const { metrics = false } = options;
  if (typeof metrics !== "boolean") {
    throw invalid(`option metrics: expected true or false, got ${show(metrics)}`);
  }
  const name = Object.keys(options).find((name) => !OPTION_NAMES.includes(name));
  if (name === undefined) return;
  throw invalid(`option ${show(name)} is not known; the options are ${OPTION_NAMES.join(", ")}`);
}

function checkWanted(what: string, value: unknown): Isolation | "auto" {
  return value === "auto" ? value : checkIsolation(what, value, ["auto"]);
}

function checkIsolation(
  what: string,
  value: unknown,
  others: readonly string[] = [],
): Isolation {
  const mode = ISOLATIONS.find((name) => name === value);
  if (mode !== undefined) return mode;
  const names = [...others, ...ISOLATIONS].map((name) => `"${name}"`).join(", ");
  throw invalid(`${what}: expected one of ${names}, got ${show(value)}`);
}
