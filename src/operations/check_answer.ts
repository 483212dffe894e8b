/**
 * Is an answer the function that was asked about? Checked here, in TypeScript, on the host's side:
 * for those who do not believe the worker that gave it. It shares nothing with the core; the cubes
 * are those of the checker of certificates.
 *
 *     every cube of ON   lies in the answer and the don't-cares
 *     every cube of the answer   lies in ON and the don't-cares, or meets OFF in don't-cares only
 *
 * A cube is cut in two along the variable that most cubes lack a part of, until it lies in one of
 * them, or meets none. Cost: where covers are large that is far more than the core's own check, and
 * exponential in the worst case; it ends with an error after so many looks at a cube.
 */

import { type Cover, dataOf } from "../cover/cover.ts";
import type { CoverData } from "../cover/data.ts";
import { Cubes, type Row } from "../certificate/cubes.ts";
import { RistrettoError } from "../errors.ts";
import { show } from "../options.ts";

/** Looks at a cube, after which the check gives up: a few seconds. */
const LOOKS_MOST = 5e7;

/** Errors: `Unsupported` for functions whose answers cannot be checked here. */
export function mustBeCheckable({ shape }: CoverData, singleOutput: unknown): void {
  if (shape.wides.length > 1) throw unsupported("host", "for covers with inputs of several values");
  if (singleOutput === "either") throw unsupported("host", 'with singleOutput "either"');
}

/** The error of a way to verify that cannot be. */
export function unsupported(way: "host" | "second-worker", where: string): RistrettoError {
  return new RistrettoError("Unsupported", `option verify: there is no "${way}" ${where}`);
}

/** Errors: `ProtocolViolation` when it is not; `LimitExceeded` (budget) when it takes too long. */
export function checkAnswer(asked: CoverData, answer: Cover): void {
  new Check(asked).run(dataOf("answer", answer).on);
}

class Check {
  readonly #asked: CoverData;
  readonly #cubes: Cubes;
  #looks = 0;

  constructor(asked: CoverData) {
    this.#asked = asked;
    this.#cubes = new Cubes(asked.shape);
  }

  run(answer: Uint32Array | undefined): void {
    const { on, dc, off, shape } = this.#asked;
    const given = this.#cubes.rows(answer);
    const free = this.#cubes.rows(dc);
    const must = this.#cubes.rows(on);
    for (const cube of must) this.#within(cube, [...given, ...free], "a cube of the ON set");
    if (off === undefined) {
      for (const cube of given) this.#within(cube, [...must, ...free], "a cube of the answer");
      return;
    }
    const never = this.#cubes.rows(off);
    for (const cube of given) this.#apart(cube, never, free);
    if (on !== undefined) return;
    const everything = new Uint32Array(shape.words);
    for (let bit = 0; bit < shape.parts; bit++) everything[bit >>> 5]! |= 1 << (bit & 31);
    this.#within(everything, [...given, ...never, ...free], "what is not in the OFF set");
  }

  #within(cube: Row, cubes: readonly Row[], what: string): void {
    if (!this.#covered(cube, cubes)) throw wrong(`${what} is not in it as it should be`);
  }

  /** What the cube and OFF have in common must be don't-care. */
  #apart(cube: Row, off: readonly Row[], free: readonly Row[]): void {
    for (const other of off) {
      this.#look(1);
      if (!this.#cubes.meet(cube, other)) continue;
      const both = cube.map((word, index) => word & other[index]!);
      if (!this.#covered(both, free)) throw wrong("a cube of the answer meets the OFF set");
    }
  }

  #look(count: number): void {
    this.#looks += count;
    if (this.#looks <= LOOKS_MOST) return;
    throw new RistrettoError(
      "LimitExceeded",
      `option verify: the host could not check the answer with ${show(LOOKS_MOST)} looks at a cube`,
      { limit: "budget" },
    );
  }

  #covered(cube: Row, cubes: readonly Row[]): boolean {
    return this.#cubes.covered(cube, cubes, (count) => this.#look(count));
  }
}

function wrong(how: string): RistrettoError {
  return new RistrettoError("ProtocolViolation", `the answer is not the function: ${how}`);
}
