/**
 * Chooses a mode and starts it.
 *
 * @module
 */

import { invalid } from "../errors.ts";
import { variable } from "../native/runtime.ts";
import { show } from "../options.ts";
import type { Engine, EngineOptions, Isolation, IsolationReport } from "./engine.ts";
import { JobEngine } from "./job_engine.ts";
import { metered } from "./metered.ts";
import { Meter } from "./metrics.ts";
import { ISOLATIONS, MODES, rankOf } from "./modes.ts";

/** The variable that chooses the mode of engines that do not. */
export const ISOLATION_VARIABLE = "RISTRETTO_ISOLATION";

/**
 * An engine, started: what it needs is loaded. The mode is the option `isolation`, else the
 * variable RISTRETTO_ISOLATION where reading it is already permitted, else `direct`.
 *
 * Errors: `InvalidInput` for options that are none, and for a mode below `minIsolation`;
 * `Unsupported` for a mode that there is not on this system; `Unavailable` when it cannot start.
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
  checkNames(options, isolation.mode);
  const inner = await MODES[isolation.mode](options);
  const transport = options.metrics ? metered(inner, new Meter(isolation.mode)) : inner;
  const { sandbox } = transport;
  return new JobEngine(transport, sandbox === undefined ? isolation : { ...isolation, sandbox });
}

function chooseIsolation(options: EngineOptions): IsolationReport {
  if (options.isolation !== undefined) checkIsolation("option isolation", options.isolation);
  const least = options.minIsolation;
  if (least !== undefined) checkIsolation("option minIsolation", least);
  const report = wantedIsolation(options);
  if (least !== undefined && rankOf(report.mode) < rankOf(least)) {
    throw invalid(`isolation "${report.mode}" is below minIsolation "${least}": ${report.reason}`);
  }
  return report;
}

function wantedIsolation(options: EngineOptions): IsolationReport {
  if (options.isolation !== undefined) {
    return { mode: options.isolation, source: "option", reason: "the option isolation says so" };
  }
  const value = variable(ISOLATION_VARIABLE);
  if (value !== undefined) {
    const mode = checkIsolation(ISOLATION_VARIABLE, value);
    return { mode, source: "environment", reason: `the variable ${ISOLATION_VARIABLE} says so` };
  }
  return { mode: "direct", source: "default", reason: "nothing else was asked for" };
}

const OPTION_NAMES: readonly string[] = [
  ...["isolation", "minIsolation", "threads", "queue", "priority", "statistics", "stack"],
  ...["threadName", "workers", "limits", "require", "metrics", "heap", "results"],
];

function checkNames(options: EngineOptions, mode: Isolation): void {
  const ofWorkers = options.require ?? options.limits;
  if (ofWorkers !== undefined && rankOf(mode) === 0) {
    throw invalid(`options limits and require are for worker processes, not for "${mode}"`);
  }
  const { metrics = false } = options;
  if (typeof metrics !== "boolean") {
    throw invalid(`option metrics: expected true or false, got ${show(metrics)}`);
  }
  const name = Object.keys(options).find((name) => !OPTION_NAMES.includes(name));
  if (name === undefined) return;
  throw invalid(`option ${show(name)} is not known; the options are ${OPTION_NAMES.join(", ")}`);
}

function checkIsolation(what: string, value: unknown): Isolation {
  const mode = ISOLATIONS.find((name) => name === value);
  if (mode !== undefined) return mode;
  const names = ISOLATIONS.map((name) => `"${name}"`).join(", ");
  throw invalid(`${what}: expected one of ${names}, got ${show(value)}`);
}
