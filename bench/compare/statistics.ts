// Is a difference between two runs real? Each figure has a handful of rounds on either side, each a
// process of its own. Welch's test (1947) on the logarithms of the rounds' medians says how likely
// such a difference is by chance; Benjamini and Hochberg's procedure (1995) keeps the share of
// false findings among all that are reported below a bound, however many figures are looked at.

import { median } from "../common/statistics.ts";

/** Two sides of a figure. */
export interface Sides {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** The chance that two samples of positive numbers with equal means (of logarithms) differ as much;
 * 1 where there is too little to say. */
export function chance({ a, b }: Sides): number {
  if (a.length < 3 || b.length < 3) return 1;
  const [x, y] = [moments(a), moments(b)];
  const variance = x.variance / a.length + y.variance / b.length;
  if (variance === 0) return x.mean === y.mean ? 1 : 0;
  const t = Math.abs(x.mean - y.mean) / Math.sqrt(variance);
  const freedom = variance ** 2 / (
    (x.variance / a.length) ** 2 / (a.length - 1) + (y.variance / b.length) ** 2 / (b.length - 1)
  );
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const logs = values.map((value) => Math.log(value));
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const squares = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (logs.length - 1) };
}

/** Whether every value of one side lies below every value of the other. */
export function apart({ a, b }: Sides): boolean {
  return Math.max(...a) < Math.min(...b) || Math.max(...b) < Math.min(...a);
}

/** The ratio of medians, the second side over the first. */
export function ratioOf({ a, b }: Sides): number {
  return median(b) / median(a);
}

/** Which chances are findings, so that at most a share of all findings is false. */
export function findings(chances: readonly number[], share: number): boolean[] {
  const order = chances.map((_, i) => i).sort((i, j) => chances[i]! - chances[j]!);
  let last = -1;
  for (const [rank, i] of order.entries()) {
    if (chances[i]! <= share * (rank + 1) / chances.length) last = rank;
  }
  const found = chances.map(() => false);
  for (const i of order.slice(0, last + 1)) found[i] = true;
  return found;
}

/** The regularised incomplete beta function, by its continued fraction (Lentz's method). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x),
  ) / a;
  const tiny = 1e-30;
  const away = (value: number) => Math.abs(value) < tiny ? tiny : value;
  let c = 1;
  let d = 1 / away(1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m < 300; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 1e-12) break;
  }
  return front * fraction;
}

/** Stirling's series, after the argument is raised to where it is exact enough. */
function logGamma(z: number): number {
  let shift = 0;
  for (; z < 10; z++) shift -= Math.log(z);
  const r = 1 / (z * z);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / z;
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}
