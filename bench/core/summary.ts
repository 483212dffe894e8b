// What a run of bench:core comes down to: totals and means.

import { geometricMean, rounded, total } from "../common/statistics.ts";
import * as targets from "../common/targets.ts";
import { curvesOf, type CurveSummary } from "./growth.ts";
import {
  type EffortName,
  efforts,
  type Entry,
  espresso,
  literals,
  ours,
  speedUp,
} from "./result.ts";

/** The figures of one effort. */
export interface EffortSummary {
  /** Functions of the corpus that ended, and the sums over them. */
  readonly corpus: {
    readonly functions: number;
    readonly cubes: number;
    readonly literals: number;
  };
  /** Over those with a best known cover: cubes, the best known, and the share above it. */
  readonly best: { functions: number; cubes: number; best: number; over: number | undefined };
  /** Where both needed the same number of cubes in this run: literals, ours and Espresso's. */
  readonly equalCubes: { functions: number; literals: number; espresso: number };
  /** Geometric means of (Espresso's time / ours), where Espresso needs over 1 ms. */
  readonly speedUp: {
    functions: number;
    wall: number | undefined;
    least: number | undefined;
    cpu: number | undefined;
  };
  /** The same over every function that both ended. */
  readonly speedUpOfAll: { functions: number; wall: number | undefined };
  /** Sums of the median times over functions that both ended: milliseconds, ours and Espresso's. */
  readonly time: { functions: number; ms: number; espressoMs: number };
  /** What verification adds to the time, as a share: of each function (geometric mean), and of the
   * time of all together, which the large ones decide. */
  readonly verification: { each: number | undefined; together: number | undefined };
}

/** The figures of Espresso beside us. */
export interface RivalSummary {
  readonly corpus: {
    readonly functions: number;
    readonly cubes: number;
    readonly literals: number;
  };
  readonly best: { functions: number; cubes: number; best: number; over: number | undefined };
}

/** The figures of a run. */
export interface Summary {
  readonly efforts: Readonly<Partial<Record<EffortName, EffortSummary>>>;
  readonly espresso: Readonly<Partial<Record<"default" | "strong", RivalSummary>>>;
  /** How time grows with size. */
  readonly growth: readonly CurveSummary[];
  /** Results that were checked, those that are right, and what was said of the others. */
  readonly checked: number;
  readonly right: number;
  readonly notRight: readonly string[];
}

/** Sums up what was measured. */
export function summarize(entries: readonly Entry[]): Summary {
  const present = efforts.filter((effort) => entries.some((entry) => ours(entry, effort)));
  const rivals = (["default", "strong"] as const)
    .filter((variant) => entries.some((entry) => espresso(entry, variant)));
  const verdicts = entries.flatMap(({ results }) =>
    Object.entries(results).flatMap(([key, { verified }]) =>
      verified === undefined ? [] : [{ key, verified }]
    )
  );
  return {
    efforts: Object.fromEntries(present.map((effort) => [effort, ofEffort(entries, effort)])),
    espresso: Object.fromEntries(rivals.map((variant) => [variant, ofRival(entries, variant)])),
    growth: curvesOf(entries, present),
    checked: verdicts.length,
    right: verdicts.filter(({ verified }) => verified === "right").length,
    notRight: verdicts.filter(({ verified }) => verified !== "right")
      .map(({ key, verified }) => `${key}: ${verified}`),
  };
}

function share(cubes: number, best: number): number | undefined {
  return best === 0 ? undefined : rounded(cubes / best - 1);
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : rounded(geometricMean(known));
}

function ofRival(entries: readonly Entry[], variant: "default" | "strong"): RivalSummary {
  return sums(entries, (entry) => espresso(entry, variant));
}

function sums(
  entries: readonly Entry[],
  of: (entry: Entry) => ReturnType<typeof ours>,
): RivalSummary {
  const classic = entries.filter((entry) => entry.group === "corpus" && of(entry) !== undefined);
  const known = classic.filter((entry) => entry.known?.bestCubes !== undefined);
  const cubes = total(known.map((entry) => of(entry)!.cubes!));
  const best = total(known.map((entry) => entry.known!.bestCubes!));
  return {
    corpus: {
      functions: classic.length,
      cubes: total(classic.map((entry) => of(entry)!.cubes!)),
      literals: total(classic.map((entry) => literals(of(entry)!))),
    },
    best: { functions: known.length, cubes, best, over: share(cubes, best) },
  };
}

function ofEffort(entries: readonly Entry[], effort: EffortName): EffortSummary {
  const both = entries.filter((entry) => speedUp(entry, effort) !== undefined);
  const slow = both.filter((entry) =>
    espresso(entry, "default")!.wallMs!.median > targets.speed.aboveMs
  );
  const equal = both.filter((entry) =>
    ours(entry, effort)!.cubes === espresso(entry, "default")!.cubes
  );
  return {
    ...sums(entries, (entry) => ours(entry, effort)),
    equalCubes: {
      functions: equal.length,
      literals: total(equal.map((entry) => literals(ours(entry, effort)!))),
      espresso: total(equal.map((entry) => literals(espresso(entry, "default")!))),
    },
    speedUp: {
      functions: slow.length,
      wall: mean(slow.map((entry) => speedUp(entry, effort, "wall"))),
      least: mean(slow.map((entry) => speedUp(entry, effort, "least"))),
      cpu: mean(slow.map((entry) => speedUp(entry, effort, "cpu"))),
    },
    speedUpOfAll: { functions: both.length, wall: mean(both.map((each) => speedUp(each, effort))) },
    time: {
      functions: both.length,
      ms: rounded(total(both.map((entry) => ours(entry, effort)!.wallMs!.median))),
      espressoMs: rounded(total(both.map((entry) => espresso(entry, "default")!.wallMs!.median))),
    },
    verification: verificationOf(entries, effort),
  };
}

function verificationOf(
  entries: readonly Entry[],
  effort: EffortName,
): EffortSummary["verification"] {
  const pairs = entries.flatMap((entry) => {
    const without = entry.results[`ristretto ${effort} unverified`]?.wallMs?.median;
    const checked = ours(entry, effort)?.wallMs?.median;
    return without === undefined || checked === undefined ? [] : [{ without, checked }];
  });
  if (pairs.length === 0) return { each: undefined, together: undefined };
  const all = total(pairs.map(({ checked }) => checked));
  return {
    each: rounded(geometricMean(pairs.map(({ checked, without }) => checked / without)) - 1),
    together: rounded(all / total(pairs.map(({ without }) => without)) - 1),
  };
}
