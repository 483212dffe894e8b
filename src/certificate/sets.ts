/**
 * Which sets of points can one implicant hold? Those whose supercube, outputs included, meets no
 * off cube. All maximal ones are found: points are put in or left out one after the other. A point
 * is harmless when every off cube that it brings nearer stays out of reach of all that could still
 * come: it is put in without another branch, and a branch that left one out has nothing maximal.
 */

import type { Cubes, Row } from "./cubes.ts";

/** Points and the off cubes that keep them apart. */
export class PointSets {
  readonly #cubes: Cubes;
  readonly #points: readonly Row[];
  /** The off cubes; those that were of use come first. */
  readonly #off: Row[];

  constructor(cubes: Cubes, points: readonly Row[], off: readonly Row[]) {
    this.#cubes = cubes;
    this.#points = points;
    this.#off = [...off];
  }

  /** Whether no off cube meets the cube. */
  fits(cube: Row): boolean {
    const off = this.#off;
    for (let index = 0; index < off.length; index++) {
      const other = off[index]!;
      if (this.#cubes.meet(cube, other)) {
        off.copyWithin(index - (index >> 1) + 1, index - (index >> 1), index);
        off[index - (index >> 1)] = other;
        return false;
      }
    }
    return true;
  }

  /** Whether the point can be added to whatever lies between the cube and the whole. */
  #harmless(cube: Row, whole: Row, point: number): boolean {
    const own = this.#points[point]!;
    const all = this.#join(whole, point);
    return !this.#off.some((off) => {
      return this.#cubes.meet(all, off) && this.#cubes.nearer(cube, own, off);
    });
  }

  /** The smallest cube around a cube and a point. */
  #join(cube: Row, point: number): Row {
    const joined = cube.slice();
    const other = this.#points[point]!;
    for (let word = 0; word < joined.length; word++) joined[word]! |= other[word]!;
    return joined;
  }

  /**
   * Calls `found` with each maximal set of points that one implicant can hold. `skip` is told a set
   * and what could still come in, and may say that nothing in there is of interest.
   */
  maximal(
    found: (set: readonly number[]) => void,
    skip: (set: readonly number[], more: readonly number[]) => boolean,
  ): void {
    const count = this.#points.length;
    const near: number[][] = Array.from({ length: count }, () => []);
    for (let a = 0; a < count; a++) {
      for (let b = a + 1; b < count; b++) {
        if (this.fits(this.#join(this.#points[a]!, b))) {
          near[a]!.push(b);
          near[b]!.push(a);
        }
      }
    }
    for (let first = 0; first < count; first++) {
      const after = near[first]!.filter((point) => point > first);
      const before = near[first]!.filter((point) => point < first);
      this.#grow([first], this.#points[first]!, after, before, found, skip);
    }
  }

  #grow(
    set: readonly number[],
    cube: Row,
    more: readonly number[],
    refused: readonly number[],
    found: (set: readonly number[]) => void,
    skip: (set: readonly number[], more: readonly number[]) => boolean,
  ): void {
    if (skip(set, more)) return;
    let whole = cube;
    for (const point of more) whole = this.#join(whole, point);
    if (refused.some((point) => this.#harmless(cube, whole, point))) return;
    if (this.fits(whole)) {
      found([...set, ...more].sort((a, b) => a - b));
      return;
    }
    const safe = more.filter((point) => this.#harmless(cube, whole, point));
    if (safe.length > 0) {
      let grown = cube;
      for (const point of safe) grown = this.#join(grown, point);
      const others = more.filter((point) => !safe.includes(point));
      this.#grow([...set, ...safe], grown, others, refused, found, skip);
      return;
    }
    const point = more[0]!;
    const joined = this.#join(cube, point);
    const rest = more.slice(1);
    const fitting = (candidates: readonly number[]) => {
      return candidates.filter((other) => this.fits(this.#join(joined, other)));
    };
    this.#grow([...set, point], joined, fitting(rest), fitting(refused), found, skip);
    this.#grow(set, cube, rest, [...refused, point], found, skip);
  }
}
