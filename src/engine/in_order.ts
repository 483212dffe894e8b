/**
 * Many jobs of one engine: some on their way at a time, results in the order of the inputs, each as
 * soon as it and those before it are there. Neither inputs nor results pile up.
 */

/** Starts the job of an input; `onStart` is told how to give it up. */
export type Start<Input, Result> = (
  input: Input,
  onStart: (giveUp: () => void) => void,
) => Promise<Result>;

interface Job<Result> {
  readonly result: Promise<Result>;
  giveUp?: (() => void) | undefined;
}

/**
 * Draws inputs as long as fewer than `width` jobs are on their way. When the iteration ends, by an
 * error or because nobody wants more, the jobs that are left are given up and the source is closed.
 */
export async function* inOrder<Input, Result>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  width: number,
  start: Start<Input, Result>,
): AsyncGenerator<Result, void, undefined> {
  const source: Iterator<Input> | AsyncIterator<Input> = Symbol.asyncIterator in inputs
    ? inputs[Symbol.asyncIterator]()
    : inputs[Symbol.iterator]();
  const jobs: Job<Result>[] = [];
  let drawn: IteratorResult<Input> | Promise<IteratorResult<Input>> | undefined;
  let exhausted = false;
  try {
    while (true) {
      while (!exhausted && jobs.length < width) {
        drawn ??= drawFrom(source);
        // An input that is not there yet must not keep a result back.
        const input = drawn instanceof Promise ? await sooner(drawn, jobs[0]?.result) : drawn;
        if (input === undefined) break;
        drawn = undefined;
        if (input.done) exhausted = true;
        else jobs.push(begin(input.value, start));
      }
      const job = jobs[0];
      if (job === undefined) return;
      const result = await job.result;
      jobs.shift();
      yield result;
    }
  } catch (error) {
    if (drawn !== undefined) exhausted = true; // it was the source that failed
    throw error;
  } finally {
    for (const { giveUp } of jobs) giveUp?.();
    if (!exhausted) await source.return?.();
  }
}

function drawFrom<Input>(
  source: Iterator<Input> | AsyncIterator<Input>,
): IteratorResult<Input> | Promise<IteratorResult<Input>> {
  const drawn = source.next();
  if (drawn instanceof Promise) drawn.catch(() => {}); // reported where it is awaited
  return drawn;
}

/** What was drawn; `undefined` when the result is there before it. */
function sooner<Drawn>(
  drawn: Promise<Drawn>,
  result: Promise<unknown> | undefined,
): Promise<Drawn | undefined> {
  if (result === undefined) return drawn;
  const there = (): undefined => undefined;
  return Promise.race([drawn, result.then(there, there)]);
}

function begin<Input, Result>(input: Input, start: Start<Input, Result>): Job<Result> {
  let giveUp: (() => void) | undefined;
  const result = start(input, (how) => giveUp = how);
  result.catch(() => {}); // reported when its turn comes
  return { result, giveUp };
}
