// What calls of the library cost here, and whether its limits hold: small experiments for `doctor`.

import { binaryShape, type CoverData } from "../cover/data.ts";
import { RistrettoError } from "../errors.ts";
import { threadJob } from "../job/block.ts";
import { openResult } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import { OP_SIZE } from "../job/format.ts";
import { minimize } from "../minimize.ts";
import { native } from "../native/open.ts";
import { runHere } from "../native/run.ts";
import { Cover } from "../cover/cover.ts";
import type { MinimizeOptions } from "../options.ts";

/** Nanoseconds of one call: the median of some batches. */
export interface Cost {
  readonly name: string;
  readonly nanoseconds: number;
}

const BATCHES = 15;
const BATCH_MS = 4;

function measure(name: string, call: () => void): Cost {
  let count = 1;
  for (let ms = 0; ms < BATCH_MS && count < 2 ** 24; count *= 2) ms = time(count, call);
  const batches = Array.from({ length: BATCHES }, () => time(count, call) * 1e6 / count);
  return { name, nanoseconds: batches.sort((a, b) => a - b)[Math.floor(BATCHES / 2)]! };
}

function time(count: number, call: () => void): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  return performance.now() - start;
}

/** The costs of a foreign call, of the smallest job, and of a small minimisation. */
export function costs(): Cost[] {
  const { rst_noop } = native();
  const on = new Uint32Array(2);
  on[0] = 0b1_01; // one input, one output
  const smallest: CoverData = { ...empty, shape: binaryShape(1, 1), on };
  const majority = Cover.fromTruthTable(4, "0001011101111111");
  return [
    measure("a foreign call that does nothing", () => void rst_noop(1)),
    measure("a job: operation size", () => {
      encodeJob(threadJob, { operation: OP_SIZE, cover: smallest });
      openResult(runHere(threadJob), OP_SIZE);
    }),
    measure("minimise a function of 4 inputs", () => void minimize(majority)),
  ];
}

const empty: Omit<CoverData, "shape" | "on"> = {
  dc: undefined,
  off: undefined,
  inputNames: undefined,
  outputNames: undefined,
  phase: undefined,
};

/** A limit, and whether it ended a run that needs more. */
export interface Limit {
  readonly name: string;
  readonly holds: boolean;
  readonly how: string;
}

/** Runs a job into each limit. */
export function limits(): Limit[] {
  // A random-looking function: there is plenty to do, and no structure that would spare the work.
  const points = Array.from({ length: 2 ** 12 }, (_, x) => x)
    .filter((x) => (Math.imul(x ^ 0x5bd1e995, 0x85ebca6b) >>> 16) % 2 === 0);
  const cover = Cover.fromMinterms(12, points);
  const ends = (options: MinimizeOptions, limit: string): boolean => {
    try {
      return minimize(cover, options).stats.stopped === limit;
    } catch (error) {
      if (!(error instanceof RistrettoError)) throw error;
      return error.kind === "LimitExceeded" && error.limit === limit;
    }
  };
  return [
    { name: "budget", holds: ends({ budget: 1000 }, "budget"), how: "counted by the core" },
    { name: "time", holds: ends({ timeoutMs: 1 }, "time"), how: "the core looks at the clock" },
    { name: "memory", holds: ends({ memory: "64KiB" }, "memory"), how: "of the core's own arena" },
    { name: "cubes", holds: ends({ cubes: 10 }, "cubes"), how: "counted by the core" },
  ];
}
