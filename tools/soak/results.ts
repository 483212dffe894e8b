// A part of `bun run soak`, or by itself `bun tools/soak/results.ts [COUNT] [SEED]`: result bytes
// as a hostile worker could send them, to the TypeScript that reads results (src/job/decode.ts),
// and as frames in pieces, to what reads a worker's standard output (streams/frames.ts). Whatever
// the bytes are, they are read, or refused as ProtocolViolation; an error that the result carries
// is one of the kinds there are. Seeds are results of the jobs in c/test/fuzz/corpus/job and of one
// job of each operation.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { Cover, RistrettoError } from "../../mod.ts";
import { dataOf } from "../../src/cover/cover.ts";
import { FrameReader } from "../../src/engine/streams/frames.ts";
import { Block } from "../../src/job/block.ts";
import * as decode from "../../src/job/decode.ts";
import { encodeJob } from "../../src/job/encode.ts";
import * as format from "../../src/job/format.ts";
import { runHere } from "../../src/native/run.ts";
import { buildLibrary } from "../build.ts";
import { main, root, say, ToolError } from "../run.ts";

/** Results longer than this are no seeds, and those that become longer are cut off. */
const MOST = 4096;

interface Seed {
  readonly operation: number;
  readonly bytes: Uint8Array;
}

/** Numbers that hurt. */
const ENDS = [0, 1, 2, 7, 63, 64, 65, 4096, 65_536, 2 ** 20, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

let state = 0;

/** A random number below a bound; the same sequence for the same seed (mulberry32). */
function below(bound: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let x = Math.imul(state ^ (state >>> 15), 1 | state);
  x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
  return ((x ^ (x >>> 14)) >>> 0) % bound;
}

function readSeeds(): Seed[] {
  const jobs: Uint8Array[] = [];
  const folder = join(root, "c", "test", "fuzz", "corpus", "job");
  if (existsSync(folder)) {
    for (const name of readdirSync(folder).sort()) jobs.push(readFileSync(join(folder, name)));
  }
  const cover = dataOf("cover", Cover.fromTruthTable(4, "0110100110010110"));
  const block = new Block(0);
  for (let operation = 1; operation <= 12; operation++) {
    if (operation === format.OP_MINIMIZE_TABLES) continue; // has no cover
    const second = operation === format.OP_EQUIVALENT ? cover : undefined;
    encodeJob(block, { operation, cover, second });
    jobs.push(block.copy());
  }
  const seeds: Seed[] = [];
  for (const job of jobs) {
    block.take(job);
    const result = runHere(block);
    if (result.length > MOST) continue;
    seeds.push({
      operation: result.words[format.HEADER_OPERATION / 4]!,
      bytes: result.copy(),
    });
  }
  if (seeds.length === 0) throw new ToolError("there is no seed");
  return seeds;
}

/** A changed copy of a seed, in a block; its frame agrees with its length more often than not. */
function makeInput(seed: Seed, block: Block): void {
  block.take(seed.bytes);
  const { bytes, words } = block;
  for (let n = 1 + below(4); n > 0; n--) {
    const at = below(block.length);
    const word = below(8) < 5 ? below(Math.min(block.length >>> 2, 144)) : at >>> 2;
    switch (below(5)) {
      case 0:
        bytes[at]! ^= 1 << below(8);
        break;
      case 1:
        words[word] = ENDS[below(ENDS.length)]!;
        break;
      case 2:
        words[word] = words[word]! + below(9) - 4;
        break;
      case 3:
        words[word] = below(2 ** 32);
        break;
      default:
        if (below(4) === 0) {
          block.length = below(block.length + 1);
          if (block.length === 0) block.length = 1;
          words[format.HEADER_LENGTH / 4] = block.length;
        }
    }
  }
}

/** What readers of operations ask for. */
const readers: readonly (() => unknown)[] = [
  decode.readStats,
  decode.readTruth,
  decode.readCubeCount,
  decode.readFunction,
  decode.readText,
  decode.readCertificateText,
  () => decode.readFunctionEntries(decode.countFunctions(), decode.readCubeCount()),
  () => decode.readFlags(format.SECTION_CUBE_FLAGS, decode.readCubeCount()),
  () => decode.needRows(format.SECTION_ON, decode.readShape()),
];

function tryTo(read: () => unknown, violationOnly: boolean): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof RistrettoError)) throw error;
    if (violationOnly && error.kind !== "ProtocolViolation") throw error;
  }
}

function tryResult(block: Block, operation: number): boolean {
  let open = false;
  tryTo(() => {
    decode.openResult(block, operation);
    open = true;
  }, false);
  if (open) { for (const read of readers) tryTo(read, true); }
  return open;
}

/** The same bytes as they could come over a pipe: heads and bodies, torn anywhere. */
function tryFrames(block: Block): void {
  let frames = 0;
  const reader = new FrameReader((_kind, _sequence, body) => {
    if (body.length > block.length) throw new Error("a frame is longer than what came");
    return ++frames < 100;
  });
  for (let at = 0; at < block.length;) {
    const end = Math.min(block.length, at + 1 + below(200));
    if (!reader.push(block.bytes.subarray(at, end))) break;
    at = end;
  }
}

await main(async () => {
  const [count = 1e6, seed = 1] = process.argv.slice(2).map(Number);
  if (!(count > 0) || !Number.isInteger(seed)) {
    throw new ToolError("expected a number of executions and a seed");
  }
  await buildLibrary();
  const seeds = readSeeds();
  state = seed;
  const block = new Block(MOST);
  let opened = 0;
  for (let n = 0; n < count; n++) {
    const one = seeds[below(seeds.length)]!;
    makeInput(one, block);
    try {
      if (n % 16 === 0) tryFrames(block);
      else if (tryResult(block, one.operation)) opened++;
    } catch (error) {
      const hex = [...block.copy()].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      say(`execution ${n} of seed ${seed}, operation ${one.operation}: ${hex}`);
      say(String(error instanceof Error ? error.stack : error));
      process.stdout.write("results: 0 passed, 1 failed\n");
      return 1;
    }
  }
  process.stdout.write(`${count} results decoded, ${opened} of them opened\n`);
  process.stdout.write("results: 1 passed, 0 failed\n");
  return 0;
});
