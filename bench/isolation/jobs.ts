// The jobs of the isolation benchmark, from one that does next to nothing to the largest file of
// the corpus, so that what a mode costs can be seen beside what a job takes. Small ones are many
// different functions of one size, taken in turn, so that no branch predictor learns one by heart.

import { deepStrictEqual } from "node:assert";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Cover, type Engine, minimize } from "../../mod.ts";
import { dataOf } from "../../src/cover/cover.ts";
import { Block } from "../../src/job/block.ts";
import { openResult, readCubeCount } from "../../src/job/decode.ts";
import { encodeJob } from "../../src/job/encode.ts";
import { OP_SIZE } from "../../src/job/format.ts";
import { fromRows, toCover } from "../common/function_text.ts";
import { randomFunction } from "../generators.ts";
import { corpus, corpusFolder } from "../inputs/corpus.ts";
import { families } from "../inputs/families.ts";
import type { Input } from "../inputs/input.ts";

/** What results say of a job. */
export interface JobInfo {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Cubes of the ON set, of the first of its functions. */
  readonly cubes: number;
  /** Bytes of the job's block. */
  readonly bytes: number;
  /** Different functions that are taken in turn. */
  readonly functions: number;
}

/** A job that can be run in any engine. */
export interface Job {
  readonly info: JobInfo;
  runSync(engine: Engine): void;
  run(engine: Engine): Promise<void>;
  /** Throws when the engine's answer is not the one that `direct` gives. */
  verify(engine: Engine): Promise<void>;
}

/** What a function is called, and how it is made. */
interface Source {
  readonly name: string;
  make(): Job;
}

/** All jobs there are, smallest first; those of a quick run are fewer. */
export function sources(quick: boolean): Source[] {
  const random = [4, 6, 8, 10].filter((inputs) => !quick || inputs !== 6);
  const generated = families.filter(({ name }) => ["multiplier4", "random-10x6"].includes(name));
  return [
    { name: "size", make: smallest },
    ...random.map((inputs) => ({ name: `${inputs} inputs`, make: () => randomJob(inputs) })),
    ...(quick ? generated.slice(0, 1) : [...generated, ...corpusLadder()]).map((input) => ({
      name: input.name,
      make: () => minimizeJob(input.name, [toCover(input.make())]),
    })),
  ];
}

/** The file of median size of the corpus, and its largest. */
function corpusLadder(): Input[] {
  const files = corpus() ?? [];
  const bySize = files.map((input) => ({ input, bytes: fileSize(input) }))
    .sort((a, b) => a.bytes - b.bytes);
  return [0.5, 1].flatMap((share) => bySize[Math.round(share * (bySize.length - 1))]?.input ?? []);
}

function fileSize({ name }: Input): number {
  return statSync(join(corpusFolder(), `${name}.pla`)).size;
}

function randomJob(inputs: number): Job {
  const covers = Array.from(
    { length: 32 },
    (_, i) => toCover(fromRows("random", randomFunction({ inputs, seed: 1000 * inputs + i }))),
  );
  return minimizeJob(`${inputs} inputs`, covers);
}

/** Covers that are minimised in turn. */
export function minimizeJob(name: string, covers: readonly Cover[]): Job {
  const [first] = covers;
  const expected = covers.map((cover) => minimize(cover));
  let turn = 0;
  const next = (): number => turn = (turn + 1) % covers.length;
  const check = (cubes: number, i: number): void => {
    if (cubes !== expected[i]!.stats.cubes) throw new Error(`${name}: another answer`);
  };
  const block = new Block(64);
  encodeJob(block, { operation: OP_SIZE, cover: dataOf("cover", first!) });
  return {
    info: {
      name,
      inputs: first!.inputs,
      outputs: first!.outputs,
      cubes: first!.cubeCount,
      bytes: block.length,
      functions: covers.length,
    },
    runSync: (engine) => {
      const i = next();
      check(engine.minimizeSync(covers[i]!).stats.cubes, i);
    },
    run: async (engine) => {
      const i = next();
      check((await engine.minimize(covers[i]!)).stats.cubes, i);
    },
    verify: async (engine) => {
      for (const [i, cover] of covers.entries()) {
        const { cover: awaited } = await engine.minimize(cover);
        deepStrictEqual(awaited.toPla(), expected[i]!.cover.toPla());
      }
      const { cover: waited } = engine.minimizeSync(first!);
      deepStrictEqual(waited.toPla(), expected[0]!.cover.toPla());
    },
  };
}

/** The operation that only looks at the sizes of a cover of one cube. */
function smallest(): Job {
  const block = new Block(64);
  const cover = toCover({ name: "one", inputs: 3, outputs: 1, on: [["01-", "1"]] });
  encodeJob(block, { operation: OP_SIZE, cover: dataOf("cover", cover) });
  const bytes = block.copy();
  const verify = (result: Uint8Array): void => {
    openResult(Block.copyOf(result), OP_SIZE);
    deepStrictEqual(readCubeCount(), 1);
  };
  return {
    info: {
      name: "size",
      inputs: 3,
      outputs: 1,
      cubes: 1,
      bytes: bytes.length,
      functions: 1,
    },
    runSync: (engine) => void engine.runSync(bytes),
    run: async (engine) => void await engine.run(bytes),
    verify: async (engine) => {
      verify(engine.runSync(bytes));
      verify(await engine.run(bytes));
    },
  };
}
