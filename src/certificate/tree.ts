/**
 * Checks the tree of a certificate: that the points of a part cannot be covered with fewer than so
 * many of its columns. Each node states what is left to be shown, its steps take points and columns
 * away and say why they may, and each of its ends is a reason that is enough (docs/certificate.md).
 */

import { type Part, refuse, type Step } from "./read.ts";

class Tree {
  readonly #part: Part;
  readonly #columnsOf: number[][];
  readonly #point: Uint8Array;
  readonly #column: Uint8Array;
  /** What was taken away, in order: points as they are, columns as −1 − column. */
  readonly #trail: number[] = [];
  #at = 0;

  constructor(part: Part) {
    this.#part = part;
    this.#columnsOf = part.points.map(() => []);
    for (const [column, points] of part.columns.entries()) {
      for (const point of points) this.#columnsOf[point]!.push(column);
    }
    this.#point = new Uint8Array(part.points.length).fill(1);
    this.#column = new Uint8Array(part.columns.length).fill(1);
  }

  check(): void {
    this.#node(this.#part.need);
    const extra = this.#part.steps[this.#at];
    if (extra !== undefined) throw refuse(extra.line, "the proof has ended before this step");
  }

  #next(): Step {
    const step = this.#part.steps[this.#at++];
    if (step === undefined) throw refuse(this.#part.steps.at(-1)?.line ?? 0, "steps are missing");
    return step;
  }

  #removePoint(point: number): void {
    if (this.#point[point] === 0) return;
    this.#point[point] = 0;
    this.#trail.push(point);
  }

  #removeColumn(column: number, line: number): void {
    if (this.#column[column] === 0) throw refuse(line, `column ${column} is not there any more`);
    this.#column[column] = 0;
    this.#trail.push(-1 - column);
  }

  #take(column: number, line: number): void {
    this.#removeColumn(column, line);
    for (const point of this.#part.columns[column]!) this.#removePoint(point);
  }

  #undo(length: number): void {
    while (this.#trail.length > length) {
      const entry = this.#trail.pop()!;
      if (entry >= 0) this.#point[entry] = 1;
      else this.#column[-1 - entry] = 1;
    }
  }

  #needPoint(point: number, line: number): void {
    if (this.#point[point] === 0) throw refuse(line, `point ${point} is not there any more`);
  }

  /** Shows that what is left needs at least `need` columns. */
  #node(need: number): void {
    const begin = this.#trail.length;
    for (let left = need;;) {
      const step = this.#next();
      const [first = 0, second = 0] = step.numbers;
      switch (step.word) {
        case "drop":
          this.#needPoint(first, step.line);
          this.#removePoint(first);
          break;
        case "dominated":
          this.#dominated(first, second, step.line);
          break;
        case "forced":
          this.#forced(first, second, step.line);
          left--;
          break;
        case "fix":
          left -= this.#fix(step, left);
          break;
        default:
          this.#end(step, left);
          this.#undo(begin);
          return;
      }
    }
  }

  #dominated(column: number, by: number, line: number): void {
    this.#removeColumn(column, line);
    if (this.#column[by] === 0) throw refuse(line, `column ${by} is not there to stand in`);
    const other = new Set(this.#part.columns[by]);
    for (const point of this.#part.columns[column]!) {
      if (this.#point[point] === 1 && !other.has(point)) {
        throw refuse(line, `point ${point} of column ${column} is not in column ${by}`);
      }
    }
  }

  #forced(column: number, point: number, line: number): void {
    this.#needPoint(point, line);
    const left = this.#columnsOf[point]!.filter((other) => this.#column[other] === 1);
    if (left.length !== 1 || left[0] !== column) {
      throw refuse(line, `point ${point} does not force column ${column}`);
    }
    this.#take(column, line);
  }

  /** What the prices of a step are worth, and what each column earns. */
  #value(step: Step): { value: number; load: Map<number, number> } {
    const load = new Map<number, number>();
    const seen = new Set<number>();
    let value = 0;
    for (let index = 0; index < step.numbers.length; index += 2) {
      const point = step.numbers[index]!;
      const price = step.numbers[index + 1]!;
      this.#needPoint(point, step.line);
      if (seen.has(point)) throw refuse(step.line, `point ${point} has two prices`);
      seen.add(point);
      value += price;
      for (const column of this.#columnsOf[point]!) {
        if (this.#column[column] === 1) load.set(column, (load.get(column) ?? 0) + price);
      }
    }
    for (const earned of load.values()) value += Math.min(0, this.#part.unit - earned);
    return { value, load };
  }

  /** Takes columns out, and others into, every cover of fewer than `need`; how many went in. */
  #fix(step: Step, need: number): number {
    const { unit } = this.#part;
    const { value, load } = this.#value(step);
    const enough = (need - 1) * unit;
    for (const column of step.out) {
      if (value + Math.max(0, unit - (load.get(column) ?? 0)) <= enough) {
        throw refuse(step.line, `the prices do not rule column ${column} out`);
      }
    }
    for (const column of step.into) {
      if (value - Math.min(0, unit - (load.get(column) ?? 0)) <= enough) {
        throw refuse(step.line, `the prices do not rule column ${column} in`);
      }
    }
    for (const column of step.out) this.#removeColumn(column, step.line);
    for (const column of step.into) this.#take(column, step.line);
    return step.into.length;
  }

  /** A step that ends its node. */
  #end(step: Step, need: number): void {
    const [first = 0] = step.numbers;
    switch (step.word) {
      case "done":
        if (need > 0) throw refuse(step.line, `${need} columns are still to be shown`);
        return;
      case "empty":
        this.#needPoint(first, step.line);
        if (this.#columnsOf[first]!.some((column) => this.#column[column] === 1)) {
          throw refuse(step.line, `point ${first} has columns left`);
        }
        return;
      case "bound":
        if (this.#value(step).value <= (need - 1) * this.#part.unit) {
          throw refuse(step.line, `the prices do not show that ${need} columns are needed`);
        }
        return;
      case "branch":
      case "refuse":
        this.#half(first, step.word === "branch", need, step.line);
        this.#half(first, step.word !== "branch", need, step.line);
        return;
      case "split":
        this.#split(first, need, step.line);
        return;
      default:
        throw refuse(step.line, `a node cannot end with ${step.word}`);
    }
  }

  #half(column: number, taken: boolean, need: number, line: number): void {
    const begin = this.#trail.length;
    if (taken) this.#take(column, line);
    else this.#removeColumn(column, line);
    this.#node(need - (taken ? 1 : 0));
    this.#undo(begin);
  }

  /** The points that columns connect with `point`. */
  #component(point: number): Set<number> {
    const found = new Set([point]);
    for (const next of found) {
      for (const column of this.#columnsOf[next]!) {
        if (this.#column[column] === 0) continue;
        for (const other of this.#part.columns[column]!) {
          if (this.#point[other] === 1) found.add(other);
        }
      }
    }
    return found;
  }

  #split(count: number, need: number, line: number): void {
    const seen = new Set<number>();
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const step = this.#next();
      const [point = 0, mine = 0] = step.numbers;
      if (step.word !== "part") throw refuse(step.line, "expected a part of the split");
      this.#needPoint(point, step.line);
      const component = this.#component(point);
      if (seen.has(point)) throw refuse(step.line, `point ${point} was in a part before`);
      for (const other of component) seen.add(other);
      const begin = this.#trail.length;
      for (let other = 0; other < this.#point.length; other++) {
        if (!component.has(other)) this.#removePoint(other);
      }
      this.#node(mine);
      this.#undo(begin);
      sum += mine;
    }
    if (sum < need) throw refuse(line, `the parts need ${sum} columns, ${need} are to be shown`);
  }
}

/** Checks that the points of a part need `need` of its columns. Errors: `InvalidInput`. */
export function checkTree(part: Part): void {
  new Tree(part).check();
}
