/**
 * Cubes for the checker of certificates: positional bits as a cover's rows have them, in words of
 * 32 bits, and the three questions that the checker asks of them. Written apart from the core.
 */

import type { Shape } from "../cover/data.ts";

/** A cube: one bit a part. */
export type Row = Uint32Array;

/** The questions, for cubes of one shape. */
export class Cubes {
  readonly shape: Shape;
  /** The low bit of each binary input, a word at a time. */
  readonly #low: Uint32Array;
  readonly #output: Uint32Array;

  constructor(shape: Shape) {
    this.shape = shape;
    this.#low = new Uint32Array(shape.words);
    this.#output = new Uint32Array(shape.words);
    for (let input = 0; input < shape.inputs; input++) {
      this.#low[input >>> 4]! |= 1 << (2 * (input & 15));
    }
    for (let bit = shape.outputBit; bit < shape.parts; bit++) {
      this.#output[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  /** The rows of a set, as views. */
  rows(set: Uint32Array | undefined): Row[] {
    const { words } = this.shape;
    const rows: Row[] = [];
    for (let at = 0; set !== undefined && at < set.length; at += words) {
      rows.push(set.subarray(at, at + words));
    }
    return rows;
  }

  /** Whether two cubes have a point in common: a part of each variable. */
  meet(a: Row, b: Row): boolean {
    let output = 0;
    for (let word = 0; word < a.length; word++) {
      const both = a[word]! & b[word]!;
      const low = this.#low[word]!;
      if (((both | (both >>> 1)) & low) !== (low | 0)) return false;
      output |= both & this.#output[word]!;
    }
    return output !== 0;
  }

  /** Whether `point` has a part of `off` in a variable where `cube` has none of it. */
  nearer(cube: Row, point: Row, off: Row): boolean {
    let held = 0;
    let brought = 0;
    for (let word = 0; word < cube.length; word++) {
      const old = cube[word]! & off[word]!;
      const more = point[word]! & off[word]!;
      if ((~(old | (old >>> 1)) & (more | (more >>> 1)) & this.#low[word]!) !== 0) return true;
      held |= old & this.#output[word]!;
      brought |= more & this.#output[word]!;
    }
    return brought !== 0 && held === 0;
  }

  /** Whether `a` lies in `b`. */
  inside(a: Row, b: Row): boolean {
    for (let word = 0; word < a.length; word++) {
      if ((a[word]! & ~b[word]!) !== 0) return false;
    }
    return true;
  }

  /**
   * Whether `cubes` together hold every point of a cube: by cutting it up along them. A list stands
   * for the recursion. `look` is told of cubes about to be looked at; what it throws ends it.
   */
  covered(whole: Row, cubes: readonly Row[], look: (cubes: number) => void = () => {}): boolean {
    const left: { cube: Row; among: readonly Row[] }[] = [{ cube: whole, among: cubes }];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { cube, among } = next;
      look(among.length);
      const meeting = among.filter((other) => this.meet(cube, other));
      if (meeting.some((other) => this.inside(cube, other))) continue;
      if (meeting.length === 0) return false;
      look(meeting.length * this.shape.parts / 16);
      for (const part of this.#cut(cube, meeting)) left.push({ cube: part, among: meeting });
    }
    return true;
  }

  /** Two cubes that make up `cube`: one part of a variable that most of `meeting` lack in part. */
  #cut(cube: Row, meeting: readonly Row[]): [Row, Row] {
    const { inputs, outputBit, parts } = this.shape;
    let best = -1;
    let most = 0;
    for (let bit = 0; bit < parts; bit++) {
      if (!has(cube, bit)) continue;
      const lacking = meeting.reduce((sum, other) => sum + (has(other, bit) ? 0 : 1), 0);
      if (lacking > most) {
        most = lacking;
        best = bit;
      }
    }
    const first = best < 2 * inputs ? best & ~1 : outputBit;
    const last = best < 2 * inputs ? first + 2 : parts;
    const one = cube.slice();
    for (let bit = first; bit < last; bit++) {
      if (bit !== best) one[bit >>> 5]! &= ~(1 << (bit & 31));
    }
    const rest = cube.slice();
    rest[best >>> 5]! &= ~(1 << (best & 31));
    return [one, rest];
  }
}

/** Whether a cube has a part. */
export function has(row: Row, bit: number): boolean {
  return (row[bit >>> 5]! >>> (bit & 31) & 1) !== 0;
}
