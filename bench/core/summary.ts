// What a run of bench:core comes down to: totals, means, and every function that misses a target.

import { geometricMean, rounded, total } from "../common/statistics.ts";
import * as targets from "../common/targets.ts";
import { curveMiss, curvesOf, type CurveSummary } from "./growth.ts";
import {
  type EffortName,
  efforts,
  type Entry,
  espresso,
  espressoCubes,
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
  /** Verification: share of the time that it takes, geometric mean of with / without, less 1. */
  readonly verificationCost: number | undefined;
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
  const costs = entries.map((entry) => {
    const without = entry.results[`ristretto ${effort} unverified`]?.wallMs?.median;
    const checked = ours(entry, effort)?.wallMs?.median;
    return without === undefined || checked === undefined ? undefined : checked / without;
  });
  const cost = mean(costs);
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
    verificationCost: cost === undefined ? undefined : rounded(cost - 1),
  };
}

/** A target that was missed: of one function, or of the whole. */
export interface Miss {
  /** The function, or "all". */
  readonly name: string;
  readonly effort: EffortName;
  readonly what: "cubes" | "time" | "memory" | "literals" | "growth" | "failure";
  /** The figure and the target, in words. */
  readonly why: string;
}

/** Everything that misses a target; of the targets that this run can judge. */
export function misses(entries: readonly Entry[], summary: Summary): Miss[] {
  return [
    ...efforts.flatMap((effort) => missesOfAll(effort, summary.efforts[effort])),
    ...summary.growth.flatMap((curve): Miss[] => {
      const why = curveMiss(curve);
      return why === undefined
        ? []
        : [{ name: curve.curve, effort: curve.effort, what: "growth", why }];
    }),
    ...entries.flatMap((entry) => efforts.flatMap((effort) => missesOf(entry, effort))),
  ];
}

function missesOfAll(effort: EffortName, figures: EffortSummary | undefined): Miss[] {
  if (figures === undefined) return [];
  const found: Miss[] = [];
  const miss = (what: Miss["what"], why: string) => found.push({ name: "all", effort, what, why });
  const { over } = figures.best;
  const allowed = targets.cubesOverBest[effort];
  if (over !== undefined && over > allowed) {
    miss("cubes", `${(over * 100).toFixed(2)} % over the best known; target ${allowed * 100} %`);
  }
  const { wall } = figures.speedUp;
  const wanted = effort === "high" ? undefined : targets.speed[effort];
  if (wall !== undefined && wanted !== undefined && wall < wanted) {
    miss("time", `${wall} times as fast as Espresso; target ${wanted}`);
  }
  const { literals: mine, espresso: its, functions } = figures.equalCubes;
  if (functions > 0 && mine >= its) {
    miss("literals", `${mine} at equal cubes, Espresso ${its}; target: fewer`);
  }
  return found;
}

function missesOf(entry: Entry, effort: EffortName): Miss[] {
  const { name } = entry;
  const found: Miss[] = [];
  const miss = (what: Miss["what"], why: string) => found.push({ name, effort, what, why });
  const { failure, varies } = entry.results[`ristretto ${effort}`] ?? {};
  // Along a curve, not to end at a size is a miss only where Espresso does; see curveMiss.
  if (failure !== undefined && entry.growth === undefined) miss("failure", failure);
  if (varies === true) miss("failure", "the same job gave covers of different sizes");
  const mine = ours(entry, effort);
  if (mine === undefined) return found;

  const its = espressoCubes(entry);
  const best = entry.known?.bestCubes;
  const most = effort === "high" ? best ?? its : its;
  if (most !== undefined && mine.cubes! > most) miss("cubes", `${mine.cubes}; target ${most}`);
  const under = targets.below[name];
  if (effort === "high" && under !== undefined && mine.cubes! >= under) {
    miss("cubes", `${mine.cubes}; target below ${under}`);
  }
  const memory = memoryMiss(entry, effort);
  if (memory !== undefined) miss("memory", memory);
  if (entry.growth !== undefined) return found;
  const ratio = speedUp(entry, effort);
  const ms = mine.wallMs!.median;
  const longest = effort === "fast" ? targets.longestMs.default : targets.longestMs[effort];
  if (ms > longest) miss("time", `${rounded(ms)} ms; target at most ${longest} ms`);
  else if (effort !== "high" && ratio !== undefined && ratio < 1) {
    miss("time", `${rounded(1 / ratio)} times Espresso's time (${rounded(ms)} ms)`);
  }
  if (name === "o64" || name === "unate-chain65") {
    if (ms > targets.unateChainMs) {
      miss("time", `${rounded(ms)} ms; target ${targets.unateChainMs} ms`);
    }
  }
  return found;
}

function memoryMiss({ memory }: Entry, effort: EffortName): string | undefined {
  const mine = memory[`ristretto ${effort}`]?.grewBytes;
  if (mine === undefined || mine === null) return undefined;
  const its = memory["espresso default"]?.grewBytes ?? undefined;
  const most = effort === "fast"
    ? its === undefined ? undefined : its + targets.memoryBytes.fastOver
    : targets.memoryBytes[effort];
  if (most === undefined || mine <= most) return undefined;
  const mebibytes = (bytes: number) => `${rounded(bytes / 2 ** 20)} MiB`;
  return `${mebibytes(mine)}; target ${mebibytes(most)}`;
}
