// Every function of the corpus (../shared/corpus beside the project, or RISTRETTO_CORPUS):
// minimised
// at default effort, the answers checked in ways that the minimiser has no part in, and no larger
// than Espresso's. Where there is no corpus this is skipped, and says so.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { Cover, equivalent, minimize } from "../mod.ts";
import { isAnswer, linesOf, tableOf } from "./oracle.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = resolve(root, process.env.RISTRETTO_CORPUS ?? "../shared/corpus");
const there = existsSync(join(folder, "index.tsv"));
const options = { skip: !there };
if (!there) console.error(`corpus.test.ts: skipped, there is no corpus in ${folder}`);

/** Inputs up to which every point is looked at. */
const FEW = 16;

/** A file, and what Espresso 2.3 makes of it by default. */
interface Entry {
  readonly name: string;
  readonly cover: Cover;
  readonly answer: Cover;
  readonly complete: boolean;
  readonly verified: boolean;
  /** Cubes of Espresso's answer; `undefined` where it did not end. */
  readonly espresso: number | undefined;
}

let read: Entry[] | undefined;

/** The whole corpus, minimised once. */
function corpus(): readonly Entry[] {
  if (read !== undefined) return read;
  const [header = "", ...rows] = readFileSync(join(folder, "index.tsv"), "utf8").trim().split("\n");
  const columns = header.split("\t");
  read = rows.map((row) => {
    const fields = row.split("\t");
    const field = (name: string): string => fields[columns.indexOf(name)] ?? "";
    const name = field("name");
    const cover = Cover.fromPla(readFileSync(join(folder, `${name}.pla`)));
    assertEquals([cover.inputs, cover.outputs], [
      Number(field("inputs")),
      Number(field("outputs")),
    ]);
    const { cover: answer, stats } = minimize(cover);
    const cubes = Number(field("default_cubes") || Number.NaN);
    const espresso = Number.isNaN(cubes) ? undefined : cubes;
    return { name, cover, answer, complete: stats.complete, verified: stats.verified, espresso };
  });
  return read;
}

/** The names of the files of which something does not hold. */
function without(holds: (entry: Entry) => boolean): string[] {
  return corpus().filter((entry) => !holds(entry)).map(({ name }) => name);
}

test("the corpus: each file is in its index", options, () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".pla")).sort();
  assertEquals(corpus().map(({ name }) => `${name}.pla`).toSorted(), files);
});

test("the corpus: each file is minimised to its end, and verified", options, () => {
  assertEquals(without(({ complete }) => complete), []);
  assertEquals(without(({ verified }) => verified), []);
});

test("the corpus: each answer is equivalent to its file", options, () => {
  assertEquals(without(({ cover, answer }) => equivalent(cover, answer)), []);
});

test(`the corpus: each answer of up to ${FEW} inputs is right at every point`, options, () => {
  const few = corpus().filter(({ cover }) => cover.inputs <= FEW);
  assert(few.length > 60);
  const wrong = few.filter(({ cover, answer }) => !isAnswer(tableOf(cover), linesOf(answer)));
  assertEquals(wrong.map(({ name }) => name), []);
});

test("the corpus: no answer has more cubes than Espresso's, nor have all together", options, () => {
  const compared = corpus().filter(({ espresso }) => espresso !== undefined);
  const more = compared.filter(({ answer, espresso }) => answer.cubeCount > espresso!);
  assertEquals(
    more.map(({ name, answer, espresso }) => `${name}: ${answer.cubeCount}, Espresso ${espresso}`),
    [],
  );
  const sum = (count: (entry: Entry) => number): number =>
    compared.reduce((total, entry) => total + count(entry), 0);
  assertLessOrEqual(sum(({ answer }) => answer.cubeCount), sum(({ espresso }) => espresso!));
});
