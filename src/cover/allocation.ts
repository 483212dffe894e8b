/**
 * Covers that are built in place: memory for their rows first, the cover afterwards. Where an
 * engine shares memory with its workers that is where the rows are, and no call copies them.
 *
 * @module
 */

import { invalid, RistrettoError } from "../errors.ts";
import { show } from "../options.ts";
import { type Cover, coverOf } from "./cover.ts";
import { binaryShape, type CoverData, type CoverPlace, type SetName, type Shape } from "./data.ts";
import { checkRows } from "./lines.ts";
import { checkCounts, checkNames, type Names } from "./names.ts";

/** How many cubes each set of an {@link Allocation} has; a set that is left out is absent. */
export type SetCounts = { readonly [Set in SetName]?: number | undefined };

/** Memory for the packed rows of each set, all zero. */
export type SetRows = { readonly [Set in SetName]?: Uint32Array | undefined };

/** Memory that an engine gave for a cover. */
export interface Room {
  /** The rows. */
  readonly rows: SetRows;
  /** The job that they are part of; absent in memory that is not shared. */
  readonly place: CoverPlace | undefined;
}

const SETS = ["on", "dc", "off"] as const;
const CUBES_MOST = 2 ** 31;

/**
 * Memory for the rows of a cover, to be written by the caller, and the cover made of them. The rows
 * are packed as {@link Cover.fromWords} tells.
 */
export class Allocation {
  /** Rows of the ON set. */
  readonly on: Uint32Array | undefined;
  /** Rows of the DC set. */
  readonly dc: Uint32Array | undefined;
  /** Rows of the OFF set. */
  readonly off: Uint32Array | undefined;
  /** Whether the memory is shared with workers. */
  readonly shared: boolean;
  readonly #shape: Shape;
  readonly #names: Names;
  readonly #place: CoverPlace | undefined;

  /** Use `engine.allocate`. */
  constructor(shape: Shape, names: Names, { rows, place }: Room) {
    this.on = rows.on;
    this.dc = rows.dc;
    this.off = rows.off;
    this.shared = place !== undefined;
    this.#shape = shape;
    this.#names = names;
    this.#place = place;
  }

  /**
   * The cover of the rows as they are now; they are not copied, and should not be written any more.
   * Errors: `InvalidInput` for bits beyond the last output, for an input or all outputs without a
   * bit; `Closed` once the memory was given back.
   */
  build(): Cover {
    const { on, dc, off } = this;
    const data: CoverData = {
      shape: this.#shape,
      on: on ?? (off === undefined ? new Uint32Array(0) : undefined),
      dc,
      off,
      inputNames: this.#names.inputNames,
      outputNames: this.#names.outputNames,
      phase: undefined,
      place: this.#place,
    };
    const cover = coverOf(data);
    void cover.cubeCount; // refuses what was given back
    for (const set of SETS) {
      if (data[set] !== undefined) checkRows(set, this.#shape, data[set]);
    }
    return cover;
  }
}

/** An allocation in memory that `room` gives. Errors: `InvalidInput`, and those of `room`. */
export function allocate(
  inputs: number,
  outputs: number,
  counts: SetCounts,
  names: Names,
  room: (shape: Shape, counts: SetCounts) => Room,
): Allocation {
  checkCounts(inputs, outputs);
  const checked = {
    inputNames: checkNames("inputNames", names.inputNames, inputs),
    outputNames: checkNames("outputNames", names.outputNames, outputs),
  };
  for (const [name, count] of Object.entries(counts)) {
    if (!SETS.includes(name as SetName)) throw invalid(`counts: there is no set ${show(name)}`);
    if (count === undefined) continue;
    if (!Number.isInteger(count) || count < 0 || count >= CUBES_MOST) {
      throw invalid(`counts.${name}: expected a number of cubes, got ${show(count)}`);
    }
  }
  const shape = binaryShape(inputs, outputs);
  return new Allocation(shape, checked, room(shape, counts));
}

/** Room in this thread's own memory. Errors: `LimitExceeded`. */
export function ownRoom(shape: Shape, { on, dc, off }: SetCounts): Room {
  const rows = (count: number | undefined): Uint32Array | undefined => {
    if (count === undefined) return undefined;
    try {
      return new Uint32Array(shape.words * count);
    } catch (cause) {
      const what = `no memory for ${count} cubes`;
      throw new RistrettoError("LimitExceeded", what, { limit: "memory", cause });
    }
  };
  return { rows: { on: rows(on), dc: rows(dc), off: rows(off) }, place: undefined };
}
