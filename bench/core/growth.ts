// How steeply time grows along a curve, for us and for Espresso, over the sizes that both ended.

import { rounded } from "../common/statistics.ts";
import type { Growth } from "../inputs/input.ts";
import { type EffortName, type Entry, espresso, ours } from "./result.ts";

/** A curve, as far as two of us can be compared. */
export interface CurveSummary {
  readonly curve: string;
  readonly axis: Growth["axis"];
  readonly effort: EffortName;
  /** Sizes that both ended, the largest that we ended, and the largest that Espresso ended. */
  readonly common: number;
  readonly largest: number | undefined;
  readonly espressoLargest: number | undefined;
  /** Of cubes: the exponent of the size. Of inputs: the factor that one more input costs. */
  readonly steepness: number | undefined;
  readonly espressoSteepness: number | undefined;
  /** Sizes at which we were not faster. */
  readonly above: readonly number[];
}

/** More than this is steeper, and not only measured with an error. */
const TOLERANCE = 1.05;

/** Every curve that was run, by effort. */
export function curvesOf(
  entries: readonly Entry[],
  efforts: readonly EffortName[],
): CurveSummary[] {
  const names = new Set(entries.flatMap(({ growth }) => growth?.curve ?? []));
  return [...names].flatMap((name) => {
    const curve = entries.filter(({ growth }) => growth?.curve === name);
    const tried = (effort: EffortName) =>
      curve.some(({ results }) => results[`ristretto ${effort}`] !== undefined);
    return efforts.filter(tried).map((effort) => summary(name, curve, effort));
  });
}

function summary(name: string, curve: readonly Entry[], effort: EffortName): CurveSummary {
  const { axis } = curve[0]!.growth!;
  const sizeOf = (entry: Entry) => entry.growth!.size;
  const mine = (entry: Entry) => ours(entry, effort)?.wallMs?.median;
  const its = (entry: Entry) => espresso(entry, "default")?.wallMs?.median;
  const both = curve.filter((entry) => mine(entry) !== undefined && its(entry) !== undefined);
  const largest = (of: typeof mine) =>
    curve.filter((entry) => of(entry) !== undefined).map(sizeOf).at(-1);
  const steepness = (of: typeof mine) =>
    slope(both.map((entry) => [sizeOf(entry), of(entry)!]), axis);
  return {
    curve: name,
    axis,
    effort,
    common: both.length,
    largest: largest(mine),
    espressoLargest: largest(its),
    steepness: steepness(mine),
    espressoSteepness: steepness(its),
    above: both.filter((entry) => mine(entry)! >= its(entry)!).map(sizeOf),
  };
}

/** The least-squares line through the logarithms of the times. */
function slope(
  points: readonly (readonly [size: number, ms: number])[],
  axis: Growth["axis"],
): number | undefined {
  if (points.length < 2) return undefined;
  const line = points.map(([size, ms]) => [axis === "cubes" ? Math.log(size) : size, Math.log(ms)]);
  const middle = (column: number) =>
    line.reduce((sum, point) => sum + point[column]!, 0) / line.length;
  const [x0, y0] = [middle(0), middle(1)];
  const along = line.reduce((sum, [x, y]) => sum + (x! - x0) * (y! - y0), 0);
  const across = line.reduce((sum, [x]) => sum + (x! - x0) ** 2, 0);
  const value = along / across;
  return rounded(axis === "cubes" ? value : Math.exp(value));
}

/** What misses the target of a curve: below Espresso's everywhere, and no steeper. */
export function curveMiss(curve: CurveSummary): string | undefined {
  const { steepness, espressoSteepness, above, largest = 0, espressoLargest = 0 } = curve;
  if (largest < espressoLargest) return `ends at ${largest}, Espresso at ${espressoLargest}`;
  if (above.length > 0) return `not below Espresso at ${above.join(", ")}`;
  if (steepness === undefined || espressoSteepness === undefined) return undefined;
  return steepness > espressoSteepness * TOLERANCE
    ? `steeper: ${steepness}, Espresso ${espressoSteepness}`
    : undefined;
}
