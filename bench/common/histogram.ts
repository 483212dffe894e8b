// Distributions of times as counts in bins that grow by a constant factor: small to keep, and their
// sums are those of all rounds together.

/** Bins in each decade. */
export const BINS = 16;

/** Counts, from the first bin that has any; bin `n` begins at 10^(n/BINS) nanoseconds. */
export interface Histogram {
  readonly from: number;
  readonly counts: readonly number[];
}

/** The histogram of times in microseconds. */
export function histogramOf(us: readonly number[]): Histogram {
  const counts = new Map<number, number>();
  for (const time of us) {
    const bin = Math.max(0, Math.floor(Math.log10(Math.max(time, 1e-3) * 1000) * BINS));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return fromCounts(counts);
}

function fromCounts(counts: ReadonlyMap<number, number>): Histogram {
  if (counts.size === 0) return { from: 0, counts: [] };
  const from = Math.min(...counts.keys());
  const to = Math.max(...counts.keys());
  return {
    from,
    counts: Array.from({ length: to - from + 1 }, (_, i) => counts.get(from + i) ?? 0),
  };
}

/** Both together. */
export function addHistograms(a: Histogram, b: Histogram): Histogram {
  const sum = new Map<number, number>();
  for (const { from, counts } of [a, b]) {
    for (const [i, count] of counts.entries()) {
      if (count > 0) sum.set(from + i, (sum.get(from + i) ?? 0) + count);
    }
  }
  return fromCounts(sum);
}

/** Where a bin begins, in microseconds. */
export function binStart(bin: number): number {
  return 10 ** (bin / BINS) / 1000;
}
