// An explicit-state model checker: visits every state that a model can reach, breadth first, so
// that the way to a fault that it prints is a shortest one.

/** A model: where it begins, what may happen next, and what must hold. */
export interface Model<State> {
  /** The first state. */
  readonly initial: State;
  /** Every state that one step of any process leads to, with the step's name. */
  next(state: State): Iterable<readonly [step: string, state: State]>;
  /** What is wrong in a state, if anything. */
  wrong(state: State): string | undefined;
  /** Whether it is right that nothing more happens here. From every state, one such is to be
   * reached: so processes that only run in circles are found, too. */
  mayEnd(state: State): boolean;
}

/** What a search found. */
export interface Verdict {
  /** States that were visited. */
  readonly states: number;
  /** What is wrong, and the steps that lead there; `undefined`: nothing is. */
  readonly fault?: { readonly what: string; readonly steps: readonly string[] } | undefined;
}

const STATES_MOST = 3_000_000;

/** Visits all states. A state is told from others by its JSON. */
export function explore<State>(model: Model<State>): Verdict {
  const seen = new Map<string, number>();
  const states: State[] = [model.initial];
  const from: [parent: number, step: string][] = [[-1, ""]];
  const before: number[][] = [[]]; // the states that lead to each
  const ends: number[] = [];
  seen.set(JSON.stringify(model.initial), 0);
  const fault = (what: string, at: number): Verdict => {
    const steps: string[] = [];
    for (let index = at; index > 0; index = from[index]![0]) steps.push(from[index]![1]);
    return { states: states.length, fault: { what, steps: steps.reverse() } };
  };
  for (let at = 0; at < states.length; at++) {
    const state = states[at]!;
    const what = model.wrong(state);
    if (what !== undefined) return fault(what, at);
    let ended = true;
    for (const [step, after] of model.next(state)) {
      ended = false;
      const key = JSON.stringify(after);
      const known = seen.get(key);
      if (known !== undefined) {
        before[known]!.push(at);
        continue;
      }
      seen.set(key, states.length);
      states.push(after);
      from.push([at, step]);
      before.push([at]);
      if (states.length > STATES_MOST) throw new Error("the model has too many states");
    }
    if (model.mayEnd(state)) ends.push(at);
    else if (ended) return fault("nothing can happen any more", at);
    states[at] = undefined as State; // its successors are known
  }
  const lost = unreached(before, ends);
  return lost < 0 ? { states: states.length } : fault("no step leads to an end any more", lost);
}

/** The first state from which no end is reached; -1: there is none. */
function unreached(before: readonly (readonly number[])[], ends: readonly number[]): number {
  const reached = new Uint8Array(before.length);
  const next = [...ends];
  for (const at of ends) reached[at] = 1;
  for (let at; (at = next.pop()) !== undefined;) {
    for (const earlier of before[at]!) {
      if (!reached[earlier]) next.push(earlier);
      reached[earlier] = 1;
    }
  }
  return reached.indexOf(0);
}
