// The bytes of jobs and results: the same numbers in both languages, jobs laid out as the header of
// the format says, and a reader of results that nonsense cannot lead astray.

import { test } from "node:test";
import { readFileSync } from "node:fs";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Cover, coverOf, dataOf } from "../src/cover/cover.ts";
import { RistrettoError } from "../src/errors.ts";
import { Block } from "../src/job/block.ts";
import { openResult, readFunction, readStats } from "../src/job/decode.ts";
import { encodeJob } from "../src/job/encode.ts";
import * as format from "../src/job/format.ts";
import { decodeExplain } from "../src/operations/explain.ts";
import { decodeMinimize } from "../src/operations/minimize.ts";
import { decodeText } from "../src/operations/text.ts";
import { checkOptions } from "../src/options.ts";
import { result, type Section } from "./job_blocks.ts";

test("the numbers are those of c/job/format.h, both ways", () => {
  const header = readFileSync(new URL("../c/job/format.h", import.meta.url), "utf8");
  const defines = header.matchAll(/^#define RST_(\w+) +(\w+)/gm);
  const there = Object.fromEntries(Array.from(defines, ([, name, value]) => [name, Number(value)]));
  delete there["FORMAT_H"];
  assertEquals({ ...format }, there);
});

const cover: Cover = Cover.builder(3, 2).add("1-0", "1-").add("-11", "01").build();

function words(block: Block): number[] {
  return Array.from(block.words.subarray(0, block.length / 4));
}

test("a job has its header, its table, and sections at multiples of 64, zeros between", () => {
  const block = new Block(64);
  block.words.fill(0xffffffff);
  encodeJob(block, { operation: format.OP_MINIMIZE, cover: dataOf("cover", cover) });
  assertEquals(block.length, 64 * 6);
  const expected = new Array<number>(96).fill(0);
  expected.splice(0, 5, format.MAGIC_JOB, 1, format.OP_MINIMIZE, 3, 384);
  expected.splice(16, 5, format.SECTION_VARS, format.CRITICAL, 192, 12, 0);
  expected.splice(24, 5, format.SECTION_ON, format.CRITICAL, 256, 16, 2);
  expected.splice(32, 5, format.SECTION_DC, format.CRITICAL, 320, 8, 1);
  expected.splice(48, 3, 3, 1, 2);
  // Bits: outputs, then two for c, b and a. 1-0 for output 0; -11 for output 1; 1-0 for output 1.
  expected.splice(64, 4, 0b01_01_11_10, 0, 0b10_10_10_11, 0);
  expected.splice(80, 2, 0b10_01_11_10, 0);
  assertEquals(words(block), expected);
});

test("options are tags, lengths and values in the order of their tags", () => {
  const block = new Block(64);
  const options = checkOptions({ seed: 2 ** 40 + 5, method: "exact", timeoutMs: 2 });
  encodeJob(block, { operation: format.OP_PARSE, text: new Uint8Array([65]), options });
  assertEquals(words(block).slice(24, 29), [format.SECTION_OPTIONS, format.CRITICAL, 192, 48, 3]);
  assertEquals(words(block).slice(48, 60), [
    ...[format.OPTION_METHOD, 4, 1, 0],
    ...[format.OPTION_TIMEOUT, 8, 2000, 0],
    ...[format.OPTION_SEED, 8, 5, 256],
  ]);
});

test("names travel with their lengths", () => {
  const named = cover.withNames({ inputNames: ["a", "bb", "é"], outputNames: ["x", "y"] });
  const block = new Block(64);
  encodeJob(block, { operation: format.OP_PRINT, cover: dataOf("cover", named), named: true });
  assertEquals(words(block).slice(40, 45), [format.SECTION_NAMES, format.CRITICAL, 384, 35, 5]);
  const section = block.bytes.slice(384, 384 + 35);
  const bytes = [3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 97, 2, 0, 0, 0, 98, 98, 2, 0, 0, 0, 0xc3];
  assertEquals(Array.from(section.subarray(0, bytes.length)), bytes);
});

test("a job too long for a block is LimitExceeded", () => {
  const error = assertThrows(
    () => new Block(64).reserve(2 ** 32),
    RistrettoError,
    "too long",
  );
  assertEquals(error.limit, "size");
});

test("memory of a large job is given up at a small one", () => {
  const block = new Block(64 * 1024);
  block.reserve(5 * 2 ** 20);
  assertEquals(block.bytes.length, 5 * 2 ** 20);
  block.reserve(100);
  assertEquals(block.bytes.length, 64 * 1024);
});

const data = dataOf("cover", cover);
const vars: Section = [format.SECTION_VARS, [3, 1, 2], 0];
const on: Section = [format.SECTION_ON, [0b01_01_11_10, 0], 1];
const answer: Section = [format.SECTION_ANSWER, new Array<number>(32).fill(0), 0];
const trailer: Section = [format.SECTION_TRAILER, [0, 0, 0, 0, 1, ...new Array(11).fill(0)], 0];
const good: readonly Section[] = [answer, vars, on, trailer];

test("a good result is read", () => {
  const { cover: read, stats } = decodeMinimize(result(good), data);
  assertEquals(Array.from(read, (cube) => `${cube.inputs} ${cube.outputs}`), ["1-0 10"]);
  assertEquals([stats.cubes, stats.complete, stats.kernels], [0, false, "portable"]);
});

test("a malformed result is a ProtocolViolation that says why", () => {
  const wrong: [block: Block, word: string][] = [
    [result([]), "no variables"],
    [result([answer, vars, trailer]), "cover is missing"],
    [result([answer, vars, on]), "no trailer"],
    [result([vars, on, trailer]), "no answer"],
    [result([answer, vars, vars, on, trailer]), "two sections"],
    [result([answer, [format.SECTION_VARS, [4, 1, 2], 0], on, trailer]), "variables are others"],
    [result([answer, [format.SECTION_VARS, [3, 2, 2], 0], on, trailer]), "impossible"],
    [result([answer, [format.SECTION_VARS, [3, 1, 0], 0], on, trailer]), "impossible"],
    [result([answer, vars, [format.SECTION_ON, [1, 0], 2], trailer]), "cut off"],
    [result([answer, vars, [format.SECTION_ON, [0x100, 0], 1], trailer]), "bits of no variable"],
    [result([answer, vars, [format.SECTION_ON, [1, 1], 1], trailer]), "bits of no variable"],
    [result(good, { operation: format.OP_PARSE }), "another operation"],
    [result(good, { magic: format.MAGIC_JOB }), "no result"],
    [result(good, { version: 2 }), "version"],
    [result(good, { length: 64 }), "length"],
    [result(good, { sections: 65 }), "65 sections"],
    [result(good, { status: 77 }), "status is 77"],
    [result(good, { status: 1 }), "error does not say"],
    [result([[500, [0], 0, format.CRITICAL]]), "unknown kind 500"],
  ];
  for (const [block, word] of wrong) {
    const error = assertThrows(() => decodeMinimize(block, data), RistrettoError);
    assertEquals(error.kind, "ProtocolViolation", error.message);
    assertStringIncludes(error.message, word);
  }
});

test("a function with variables of several values is read", () => {
  const wide: Section = [format.SECTION_VARS, [2, 3, 3, 70, 2], 0];
  const row = [0b111_101_01_11, 0, 0b10 << 13, 0];
  const block = result([answer, wide, [format.SECTION_ON, row, 1], trailer]);
  openResult(block, format.OP_MINIMIZE);
  const cover = coverOf(readFunction());
  const [cube] = cover;
  assertEquals(cube?.inputs, `-0|101|${"111".padEnd(70, "0")}`);
  assertEquals(cube?.outputs, "01");
  assertEquals(cover.size, { cubes: 1, inputLiterals: 3, outputLiterals: 1, literals: 4 });
  assertEquals(assertThrows(() => cover.evaluate("00"), RistrettoError).kind, "Unsupported");
});

test("names and phase are read; a name that is missing is made up", () => {
  const bytes = new Uint8Array(28);
  bytes.set([3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa9]);
  const given: Section = [format.SECTION_NAMES, Array.from(new Uint32Array(bytes.buffer)), 3];
  const phase: Section = [format.SECTION_PHASE, [1], 0];
  const block = result([answer, vars, on, given, phase, trailer]);
  block.words[16 + 8 * 4 + 3] = 2; // two bytes of phase
  openResult(block, format.OP_MINIMIZE);
  const read = readFunction();
  assertEquals(read.inputNames, ["a", "x1", "é"]);
  assertEquals([read.outputNames, read.phase], [undefined, new Uint8Array([1, 0])]);
});

test("an unknown section that is not critical is skipped", () => {
  const block = result([[500, [0], 0], ...good]);
  assertEquals(decodeMinimize(block, data).cover.cubeCount, 1);
});

test("an error in a result keeps its kind, limit, line and column, and only printable text", () => {
  const text = new TextEncoder().encode("bad\u0007!");
  const padded = new Uint8Array(8);
  padded.set(text);
  const message = Array.from(new Uint32Array(padded.buffer));
  const section: Section = [format.SECTION_ERROR, [2, 5, 3, 9, ...message], 0];
  const error = assertThrows(
    () => openResult(result([section], { status: 2 }), format.OP_MINIMIZE),
    RistrettoError,
  );
  assertEquals([error.kind, error.limit, error.line, error.column], [
    "LimitExceeded",
    "cubes",
    3,
    9,
  ]);
  assert(error.message.startsWith("bad?!"));
});

test("results with random damage are read or refused, never misread into another error", () => {
  let seed = 20261121;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
  const names: Section = [format.SECTION_NAMES, [3, 0, 1, 0x61616161, 1, 0x61616161], 3];
  const flags: Section = [format.SECTION_CUBE_FLAGS, [1], 1];
  const points: Section = [format.SECTION_POINTS, [0b01_01_01_10, 0], 1];
  const text: Section = [format.SECTION_TEXT, [0x65_2e], 0];
  const sections = [answer, vars, on, names, flags, points, text, trailer];
  const readers: ((block: Block) => unknown)[] = [
    (block) => decodeMinimize(block, data),
    (block) => decodeExplain(block, data),
    (block) => decodeText(block).text,
    (block) => {
      openResult(block, format.OP_MINIMIZE);
      return [readFunction(), readStats()];
    },
  ];
  for (let round = 0; round < 40_000; round++) {
    const block = result(sections, { operation: [1, 8][random(2)]! });
    for (let damage = random(4); damage >= 0; damage--) {
      const word = random(4) === 0 ? random(block.length / 4) : random(88);
      block.words[word] = [0, 1, 63, 64, 2 ** 31, 2 ** 32 - 1, random(2 ** 32)][random(7)]!;
    }
    for (const read of readers) {
      try {
        read(block);
      } catch (error) {
        if (!(error instanceof RistrettoError)) throw error;
      }
    }
  }
});
