// Memory as the models see it, weaker than x86-64's: each process has a buffer of its stores, from
// which they reach memory in any order, but for two stores to the same word and for a store with
// release, which waits for all before it. A fence, and an operation that reads and writes, wait
// until the buffer is empty. Loads happen in the order of the program (so what acquire adds to a
// plain load is not checked).

/** A store on its way: word, value, 1 if it is a release. */
export type Store = readonly [word: number, value: number, release: number];

/** What comes of one store of a buffer reaching memory, for each that can be the next. */
export function* flushed(
  memory: readonly number[],
  buffer: readonly Store[],
): Iterable<{ readonly memory: readonly number[]; readonly buffer: readonly Store[] }> {
  for (const [index, [word, value, release]] of buffer.entries()) {
    const before = buffer.slice(0, index);
    // A later store may overtake a release; but not one to the same word.
    if (release ? index > 0 : before.some(([other]) => other === word)) continue;
    yield { memory: memory.with(word, value), buffer: buffer.toSpliced(index, 1) };
  }
}

/** What a process sees: its own last store, else memory. */
export function seenIn(
  memory: readonly number[],
  buffer: readonly Store[],
  word: number,
): number {
  const own = buffer.findLast(([other]) => other === word);
  return own === undefined ? memory[word]! : own[1];
}
