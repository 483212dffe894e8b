/**
 * Functions to minimise, made by mathematics instead of taken from files: pure and seeded, so that
 * the same call gives the same bytes on every machine, in every runtime, on every day.
 *
 * Each generator returns {@link Rows}: pairs of input and output text, as `Cover.builder().add(…)`
 * takes them; {@link plaText} makes a file of them. Inputs are numbered as they are written: input
 * 0 is the leftmost column, and where a group of inputs is a number, its first column is the most
 * significant bit.
 */

/** The rows of a function: input text of `0 1 -`, output text of `0 1 -` (type `fd`). */
export interface Rows {
  readonly inputs: number;
  readonly outputs: number;
  readonly rows: readonly (readonly [input: string, output: string])[];
}

/** PLA text of rows; `comments` come first, `directives` (such as `.type fr`) before the cubes. */
export function plaText(
  { inputs, outputs, rows }: Rows,
  { comments = [], directives = [] }: {
    readonly comments?: readonly string[];
    readonly directives?: readonly string[];
  } = {},
): string {
  return [
    ...comments.map((line) => `# ${line}`.trimEnd()),
    `.i ${inputs}`,
    `.o ${outputs}`,
    ...directives,
    `.p ${rows.length}`,
    ...rows.map(([input, output]) => `${input} ${output}`),
    ".e",
    "",
  ].join("\n");
}

// ---- Random numbers ------------------------------------------------------------------------

/** A source of random numbers: the same ones for the same seed, for ever. */
export interface Random {
  /** A whole number from 0 to 2³² − 1. */
  word(): number;
  /** A whole number from 0 to `limit` − 1, without bias. */
  below(limit: number): number;
  /** True in about `share` of all calls, `share` from 0 to 1. */
  chance(share: number): boolean;
}

/**
 * Marsaglia's 128-bit xorshift ("Xorshift RNGs", Journal of Statistical Software 8 (14), 2003). Its
 * four words come from a Weyl sequence over the seed, and the first outputs, in which close seeds
 * still resemble each other, are thrown away.
 */
export function random(seed: number): Random {
  const weyl = (step: number) =>
    (Math.imul(seed | 0, 0x85ebca6b) + Math.imul(step, 0x9e3779b9)) | 0;
  let [x, y, z, w] = [weyl(1), weyl(2), weyl(3), weyl(4) | 1];
  function word(): number {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  }
  for (let i = 0; i < 32; i++) word();
  function below(limit: number): number {
    const fair = 2 ** 32 - 2 ** 32 % limit;
    for (;;) {
      const value = word();
      if (value < fair) return value % limit;
    }
  }
  return { word, below, chance: (share) => word() < share * 2 ** 32 };
}

// ---- Functions that are defined point by point ---------------------------------------------

/** The low `width` bits of a number, most significant first. */
export function bits(value: number, width: number): string {
  return value.toString(2).padStart(width, "0").slice(-width);
}

/**
 * The rows of all points at which `f` gives anything but zeros. `f` gets the point as a number and
 * returns the outputs: as a number (most significant bit first), or as text of `0 1 -`.
 */
export function tabulate(
  inputs: number,
  outputs: number,
  f: (point: number) => number | string,
): Rows {
  const rows: [string, string][] = [];
  for (let point = 0; point < 2 ** inputs; point++) {
    const value = f(point);
    const output = typeof value === "string" ? value : bits(value, outputs);
    if (/[^0]/.test(output)) rows.push([bits(point, inputs), output]);
  }
  return { inputs, outputs, rows };
}

/** How many bits of a number are 1. */
export function ones(point: number): number {
  let count = 0;
  for (let rest = point; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** 1 where the number of ones among the inputs is in `counts` (9sym: `symmetric(9, [3,4,5,6])`). */
export function symmetric(inputs: number, counts: readonly number[]): Rows {
  return tabulate(inputs, 1, (point) => counts.includes(ones(point)) ? 1 : 0);
}

/** The number of ones among the inputs, in binary: rd53, rd73 and rd84 are n = 5, 7 and 8. */
export function rd(inputs: number): Rows {
  return tabulate(inputs, bits(inputs, 32).replace(/^0+/, "").length, ones);
}

/** 1 where an odd number of inputs is 1: no two minterms merge, every cover has 2ⁿ⁻¹ cubes. */
export function parity(inputs: number): Rows {
  return tabulate(inputs, 1, (point) => ones(point) % 2);
}

/** 1 where more than half of the inputs are 1. */
export function majority(inputs: number): Rows {
  return tabulate(inputs, 1, (point) => ones(point) * 2 > inputs ? 1 : 0);
}

/** The inputs split into two numbers of `width` bits. */
function split(point: number, width: number): [number, number] {
  return [Math.floor(point / 2 ** width), point % 2 ** width];
}

/** a + b of two numbers of `width` bits; with `carryIn`, one more input (the last) is added. */
export function adder(width: number, carryIn = false): Rows {
  return tabulate(2 * width + (carryIn ? 1 : 0), width + 1, (point) => {
    const [a, b] = split(carryIn ? Math.floor(point / 2) : point, width);
    return a + b + (carryIn ? point % 2 : 0);
  });
}

/** a < b, a = b, a > b of two numbers of `width` bits. */
export function comparator(width: number): Rows {
  return tabulate(2 * width, 3, (point) => {
    const [a, b] = split(point, width);
    return a < b ? "100" : a === b ? "010" : "001";
  });
}

/** a · b of two numbers of `width` bits. */
export function multiplier(width: number): Rows {
  return tabulate(2 * width, 2 * width, (point) => {
    const [a, b] = split(point, width);
    return a * b;
  });
}

/** The square of a number of `width` bits. */
export function square(width: number): Rows {
  return tabulate(width, 2 * width, (point) => point * point);
}

// ---- Functions that are defined cube by cube -----------------------------------------------

/**
 * x₀y₀ + x₁y₁ + … over `pairs` pairs: already minimal, and its complement has 2^pairs primes, so a
 * minimiser that lists the off-set never ends (o64 is such a function of 65 pairs).
 */
export function unateChain(pairs: number): Rows {
  const rows = Array.from({ length: pairs }, (_, i): [string, string] => {
    const half = "-".repeat(i) + "1" + "-".repeat(pairs - i - 1);
    return [half + half, "1"];
  });
  return { inputs: 2 * pairs, outputs: 1, rows };
}

/** Output k is 1 when input k is the first that is 1: `inputs` requests, one grant. */
export function priorityChain(inputs: number): Rows {
  const rows = Array.from({ length: inputs }, (_, i): [string, string] => [
    "0".repeat(i) + "1" + "-".repeat(inputs - i - 1),
    "0".repeat(i) + "1" + "0".repeat(inputs - i - 1),
  ]);
  return { inputs, outputs: inputs, rows };
}

/** What {@link randomFunction} makes. */
export interface RandomShape {
  readonly inputs: number;
  readonly outputs?: number;
  /** Share of the points with a care at which an output is 1 (0.5 when left out). */
  readonly density?: number;
  /** Share of the points at which an output does not matter (0 when left out). */
  readonly dontCares?: number;
  readonly seed: number;
}

/** A random function, each output of each point thrown for itself. */
export function randomFunction(
  { inputs, outputs = 1, density = 0.5, dontCares = 0, seed }: RandomShape,
): Rows {
  const source = random(seed);
  const symbol = () => source.chance(dontCares) ? "-" : source.chance(density) ? "1" : "0";
  return tabulate(inputs, outputs, () => Array.from({ length: outputs }, symbol).join(""));
}

/** What {@link sparseCubes} makes. */
export interface SparseShape {
  readonly cubes: number;
  readonly inputs: number;
  /** Literals of each cube. */
  readonly literals: number;
  readonly outputs?: number;
  /** Share of the outputs that a cube has, beside the one that every cube has (0 if left out). */
  readonly sharing?: number;
  readonly seed: number;
}

/** Random cubes with a given number of literals each, over any number of inputs. */
export function sparseCubes(
  { cubes, inputs, literals, outputs = 1, sharing = 0, seed }: SparseShape,
): Rows {
  if (literals > inputs) throw new RangeError(`${literals} literals need as many inputs`);
  const source = random(seed);
  const rows = Array.from({ length: cubes }, (): [string, string] => {
    const input = new Array<string>(inputs).fill("-");
    for (let left = literals; left > 0;) {
      const column = source.below(inputs);
      if (input[column] !== "-") continue;
      input[column] = source.chance(0.5) ? "1" : "0";
      left--;
    }
    const always = source.below(outputs);
    const output = Array.from(
      { length: outputs },
      (_, k) => k === always || source.chance(sharing) ? "1" : "0",
    );
    return [input.join(""), output.join("")];
  });
  return { inputs, outputs, rows };
}
