// Reads from what a test runner wrote how many tests passed, failed and were skipped.

/** The outcome of some tests. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Our own programs write a line "NAME: N passed, N failed", or one with ", N skipped" added. */
export function countOurs(output: string): Counts | undefined {
  return read(
    output,
    /^\w+: (\d+) passed, \d+ failed(?:, \d+ skipped)?\r?$/m,
    /^\w+: \d+ passed, (\d+) failed/m,
    /^\w+: \d+ passed, \d+ failed, (\d+) skipped/gm,
  );
}

/** `bun test` ends with lines " 12 pass", " 1 skip", " 0 fail". */
export function countBun(output: string): Counts | undefined {
  return read(output, /^ *(\d+) pass$/m, /^ *(\d+) fail$/m, /^ *(\d+) (?:skip|todo)$/gm);
}

/** `deno test` ends with a line "ok | 12 passed | 0 failed | 1 ignored (3s)". */
export function countDeno(output: string): Counts | undefined {
  return read(output, /\| (\d+) passed/, /\| (\d+) failed/, /\| (\d+) ignored/g);
}

function read(
  output: string,
  passed: RegExp,
  failed: RegExp,
  skipped: RegExp,
): Counts | undefined {
  const first = passed.exec(output);
  if (first === null) return undefined;
  const others = [...output.matchAll(skipped)].map((match) => Number(match[1]));
  return {
    passed: Number(first[1]),
    failed: Number(failed.exec(output)?.[1] ?? 0),
    skipped: others.reduce((sum, count) => sum + count, 0),
  };
}
