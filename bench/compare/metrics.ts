// The figures of a result that can be compared with those of another: each with its rounds, and
// the few that are exact.

import type { Finish } from "../common/race.ts";
import { keyOf } from "../isolation/result.ts";
import type { Results } from "../report/results.ts";

/** A figure with rounds; less is better, but of `/s` more. */
export interface Metric {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly unit: "µs" | "ms" | "ns" | "/s";
}

/** Figures with rounds, by name. */
export function metricsOf(results: Results): Map<string, Metric> {
  const found = new Map<string, Metric>();
  const add = (name: string, unit: Metric["unit"], rounds: readonly number[] | undefined): void => {
    const known = (rounds ?? []).filter((value) => value > 0);
    if (known.length > 0) found.set(name, { name, unit, rounds: known });
  };
  for (const { runtime, cells, events, seeds, noopNs } of results.isolation?.runtimes ?? []) {
    add(`${runtime} | foreign call that does nothing`, "ns", noopNs.rounds);
    for (const cell of cells) {
      const name = `${runtime} | ${keyOf(cell)}`;
      if (cell.flight === 1) add(`${name} | time`, "µs", cell.rounds.us);
      else add(`${name} | jobs`, "/s", cell.rounds.perSecond);
    }
    for (const { way, startMs, noticedUs, servingUs } of events) {
      add(`${runtime} | ${way} | start to first answer`, "ms", startMs);
      add(`${runtime} | ${way} | crash noticed`, "µs", noticedUs);
      add(`${runtime} | ${way} | crash to next answer`, "µs", servingUs);
    }
    for (const { way, rounds } of seeds) {
      add(`${runtime} | ${way} | requests over four workers`, "/s", rounds.perSecond);
    }
  }
  for (const { name, results: finishes } of results.core?.functions ?? []) {
    for (const [key, { roundsMs }] of Object.entries(finishes)) {
      add(`core | ${name} | ${key}`, "ms", roundsMs);
    }
  }
  for (const { runtime, calls, functions } of results.ffi?.runtimes ?? []) {
    for (const [name, { medians }] of Object.entries(calls)) {
      add(`ffi | ${runtime} | ${name}`, "ns", medians);
    }
    for (const { inputs, effort, perCall } of functions) {
      add(`ffi | ${runtime} | ${inputs} inputs, ${effort}`, "ns", perCall.medians);
    }
  }
  return found;
}

/** Exact figures, which differ or do not: sizes of answers, and what the check said of them. */
export function exactOf(results: Results): Map<string, string> {
  const found = new Map<string, string>();
  const add = (group: string, name: string, finishes: Readonly<Record<string, Finish>>): void => {
    for (const [key, one] of Object.entries(finishes)) {
      if (!key.startsWith("ristretto")) continue;
      const { failure, cubes, inputLiterals, outputLiterals, verified } = one;
      found.set(
        `${group} | ${name} | ${key}`,
        failure ?? `${cubes} cubes, ${inputLiterals! + outputLiterals!} literals, ${verified}`,
      );
    }
  };
  for (const { name, results: all } of results.core?.functions ?? []) add("core", name, all);
  for (const { name, cubes, lowerBound } of results.exact?.functions ?? []) {
    found.set(`exact | ${name}`, `${cubes} cubes, bound ${lowerBound}`);
  }
  return found;
}
