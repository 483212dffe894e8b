// The few statistics that the benchmarks report. Medians and quartiles: what is measured on a
// shared machine has a long tail, which a mean would follow.

/** A distribution: what came out, in the unit of what went in. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p99: number;
  readonly max: number;
}

/** A quantile, from 0 to 1, of numbers in ascending order; between two of them in proportion. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

function ascending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

/** The middle. */
export function median(values: Iterable<number>): number {
  return quantile(ascending(values), 0.5);
}

/** Middle, quartiles and ends. */
export function spread(values: Iterable<number>): Spread {
  const sorted = ascending(values);
  const at = (share: number) => quantile(sorted, share);
  return {
    count: sorted.length,
    min: at(0),
    p25: at(0.25),
    median: at(0.5),
    p75: at(0.75),
    p99: at(0.99),
    max: at(1),
  };
}

/** The same distribution in another unit. */
export function scaled(one: Spread, factor: number): Spread {
  const { count, ...rest } = one;
  const entries = Object.entries(rest).map(([name, value]) => [name, rounded(value * factor)]);
  return { count, ...Object.fromEntries(entries) };
}

/** Four significant digits: more is noise, and makes files that nobody can compare. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The geometric mean: the mean of ratios. NaN of nothing. */
export function geometricMean(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += Math.log(value);
    count++;
  }
  return count === 0 ? NaN : Math.exp(sum / count);
}

/** The sum. */
export function total(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
