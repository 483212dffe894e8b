/**
 * The checker of certificates: does this cover have the fewest cubes that its function allows? It
 * believes nothing that a certificate says, shares nothing with the minimiser but the reader of
 * PLA text, and is plain on purpose. docs/certificate.md says what it shows, and what it does not.
 */

import { type Cover, dataOf } from "../cover/cover.ts";
import { type CoverData, sameShape } from "../cover/data.ts";
import { Cubes, type Row } from "./cubes.ts";
import { type Part, readCertificate, refuse } from "./read.ts";
import { PointSets } from "./sets.ts";
import { checkTree } from "./tree.ts";

/** What a certificate that holds shows. */
export interface CertificateReport {
  /** Cubes of its cover. */
  readonly cubes: number;
  /** No cover of the function has fewer. */
  readonly lowerBound: number;
  /** Whether these two are the same: the cover is minimum. */
  readonly minimum: boolean;
  /** The strongest kind of argument it needed: points alone, weighted points, or a search tree. */
  readonly kind: "independent" | "weights" | "tree";
  /** Points that it argues with. */
  readonly points: number;
}

/** The function, as the certificate must know it. */
interface Sets {
  readonly cubes: Cubes;
  readonly on: readonly Row[] | undefined;
  readonly dc: readonly Row[];
  readonly off: readonly Row[] | undefined;
}

function setsOf(data: CoverData): Sets {
  const cubes = new Cubes(data.shape);
  return {
    cubes,
    on: data.on && cubes.rows(data.on),
    dc: cubes.rows(data.dc),
    off: data.off && cubes.rows(data.off),
  };
}

/**
 * Checks that a certificate holds for a function. Errors: `InvalidInput` that says what is wrong
 * with it.
 *
 * @example A certificate, checked
 * ```ts
 * import { checkCertificate, Cover, minimize } from "@ristretto/espresso";
 *
 * const cover = Cover.fromRows(["11- 1", "1-1 1", "011 1", "110 1"]);
 * const { certificate } = minimize(cover, { method: "exact", certificate: true });
 * console.log(checkCertificate(cover, certificate ?? "").minimum); // true
 * ```
 */
export function checkCertificate(cover: Cover, certificate: string): CertificateReport {
  const data = dataOf("cover", cover);
  if (data.phase?.includes(0)) throw refuse(0, "the function has complemented outputs");
  const read = readCertificate(certificate);
  if (!sameShape(read.shape, data.shape)) {
    throw refuse(2, "it is about a function of other inputs and outputs");
  }
  const sets = setsOf(data);
  checkCover(sets, read.cover);
  for (const cube of read.off) checkOff(sets, cube);
  const apart = new PointSets(sets.cubes, [], read.off);
  for (const [index, part] of read.parts.entries()) {
    for (const point of part.points) checkPoint(sets, point);
    for (const other of read.parts.slice(0, index)) checkApart(apart, part, other);
    const own = new PointSets(sets.cubes, part.points, read.off);
    if (part.kind === "dual") checkWeights(own, part);
    else checkColumns(own, part);
  }
  const lowerBound = read.parts.reduce((sum, part) => sum + part.need, 0);
  if (lowerBound > read.cover.length) throw refuse(0, "it shows more than there can be");
  return {
    cubes: read.cover.length,
    lowerBound,
    minimum: lowerBound === read.cover.length,
    kind: kindOf(read.parts),
    points: read.parts.reduce((sum, part) => sum + part.points.length, 0),
  };
}

function kindOf(parts: readonly Part[]): CertificateReport["kind"] {
  if (parts.some((part) => part.kind === "tree")) return "tree";
  return parts.some((part) => part.kind === "dual" && part.unit > 1) ? "weights" : "independent";
}

/** The cover holds all of ON outside DC, and nothing that is OFF. */
function checkCover({ cubes, on, dc, off }: Sets, cover: readonly Row[]): void {
  const allowed = [...on ?? [], ...dc];
  for (const [index, cube] of cover.entries()) {
    const right = off === undefined
      ? cubes.covered(cube, allowed)
      : !off.some((other) => cubes.meet(cube, other));
    if (!right) throw refuse(5 + index, "the cube holds points that are OFF");
  }
  const rest = [...cover, ...dc];
  const whole = on ?? [everything(cubes)];
  const free = on === undefined ? [...rest, ...off ?? []] : rest;
  if (!whole.every((cube) => cubes.covered(cube, free))) {
    throw refuse(4, "the cover leaves out points that are ON");
  }
}

function everything({ shape }: Cubes): Row {
  const row = new Uint32Array(shape.words);
  for (let bit = 0; bit < shape.parts; bit++) row[bit >>> 5]! |= 1 << (bit & 31);
  return row;
}

function checkOff({ cubes, on, dc, off }: Sets, cube: Row): void {
  const right = off === undefined
    ? ![...on ?? [], ...dc].some((other) => cubes.meet(cube, other))
    : off.some((other) => cubes.inside(cube, other));
  if (!right) throw refuse(0, "a cube that it calls OFF is not");
}

/** A point is ON and not don't-care. */
function checkPoint({ cubes, on, dc, off }: Sets, point: Row): void {
  const inside = (set: readonly Row[]) => set.some((cube) => cubes.inside(point, cube));
  const isOn = on === undefined ? off !== undefined && !inside(off) : inside(on);
  if (!isOn || inside(dc)) throw refuse(0, "a point of it is not ON, or don't-care");
}

/** No implicant holds points of both parts. */
function checkApart(sets: PointSets, a: Part, b: Part): void {
  for (const one of a.points) {
    for (const other of b.points) {
      const both = one.map((word, index) => word | other[index]!);
      if (sets.fits(both)) throw refuse(0, "an implicant may hold points of two parts");
    }
  }
}

/** No implicant's points weigh more than the unit, all of them at least (need − 1) units. */
function checkWeights(sets: PointSets, part: Part): void {
  const weigh = (set: readonly number[]) => {
    return set.reduce((sum, point) => sum + part.weights[point]!, 0);
  };
  const light = (set: readonly number[], more: readonly number[]) => {
    return weigh(set) + weigh(more) <= part.unit;
  };
  sets.maximal(() => {
    throw refuse(0, `an implicant may hold points that weigh more than ${part.unit}`);
  }, light);
  const total = part.weights.reduce((sum, weight) => sum + weight, 0);
  if (part.weights.some((weight) => weight > part.unit)) {
    throw refuse(0, `a point weighs more than ${part.unit}`);
  }
  if (total <= (part.need - 1) * part.unit) {
    throw refuse(0, `weights of ${total} do not show that ${part.need} cubes are needed`);
  }
}

/** Each set of points that an implicant can hold lies in a column; and the tree. */
function checkColumns(sets: PointSets, part: Part): void {
  const columnsOf: number[][] = part.points.map(() => []);
  for (const [column, points] of part.columns.entries()) {
    for (const point of points) columnsOf[point]!.push(column);
  }
  const members = part.columns.map((points) => new Set(points));
  const listed = (set: readonly number[]) => {
    const least = set.reduce((a, b) => columnsOf[a]!.length <= columnsOf[b]!.length ? a : b);
    return columnsOf[least]!.some((column) => set.every((point) => members[column]!.has(point)));
  };
  sets.maximal((set) => {
    if (!listed(set)) throw refuse(0, `no column holds the points ${set.join(" ")}`);
  }, () => false);
  checkTree(part);
}
