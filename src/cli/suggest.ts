// "Did you mean …?": the word of a list that is nearest to what somebody typed.

/** How many letters must be added, taken away, changed or swapped to make one word of the other. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    [before, last] = [last, row];
  }
  return last[to.length]!;
}

/** The nearest word, or undefined when none is near enough to be what was meant. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.ceil(word.length / 3)) + 1;
  for (const candidate of words) {
    const wrong = distance(word.toLowerCase(), candidate.toLowerCase());
    if (wrong < bestDistance) [best, bestDistance] = [candidate, wrong];
  }
  return best;
}

/** ` Did you mean WORD?`, or nothing. */
export function didYouMean(word: string, words: Iterable<string>, prefix = ""): string {
  const found = nearest(word, words);
  return found === undefined ? "" : ` Did you mean ${prefix}${found}?`;
}
