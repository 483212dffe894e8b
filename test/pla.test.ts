// PLA texts that are malformed or unusual: the files of test/data/pla, each named after what it
// has, against the tables beside them, through every way in which a text comes in.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Cover, equivalent, minimizePla, RistrettoError } from "../mod.ts";
import { Block } from "../src/job/block.ts";
import { openResult, readFunction, readStats } from "../src/job/decode.ts";
import { encodeJob } from "../src/job/encode.ts";
import { OP_PARSE } from "../src/job/format.ts";
import type { CoverData } from "../src/cover/data.ts";
import { rowCount } from "../src/cover/data.ts";
import { runHere } from "../src/native/run.ts";
import type { Stats } from "../src/stats.ts";

const data = join(dirname(fileURLToPath(import.meta.url)), "data", "pla");

/** The rows of a table, each with its file. Every file must have a row, and each row a file. */
function table(folder: string): { name: string; bytes: Uint8Array; fields: string[] }[] {
  const [, ...lines] = readFileSync(join(data, folder, "expected.tsv"), "utf8").split("\n");
  const rows = lines.filter((line) => line !== "").map((line) => line.split("\t"));
  const files = readdirSync(join(data, folder)).filter((name) => name.endsWith(".pla")).sort();
  assertEquals(rows.map(([name]) => name).sort(), files);
  return rows.map(([name = "", ...fields]) => {
    return { name, bytes: new Uint8Array(readFileSync(join(data, folder, name))), fields };
  });
}

function errorOf(body: () => unknown, name: string): RistrettoError {
  return assertThrows(body, RistrettoError, "", name);
}

/** What the core says of a text. */
function parse(bytes: Uint8Array): { data: CoverData; stats: Stats } {
  const job = new Block(64);
  encodeJob(job, { operation: OP_PARSE, text: bytes });
  const result = runHere(job);
  openResult(result, OP_PARSE);
  return { data: readFunction(), stats: readStats() };
}

test("each malformed text gets the complaint of its defect, at its line and column", () => {
  const rows = table("bad");
  assert(rows.length > 60);
  for (const { name, bytes, fields: [line, column, kind, fragment] } of rows) {
    const ways = [() => Cover.fromPla(bytes), () => minimizePla(bytes), () => parse(bytes)];
    for (const way of ways) {
      const error = errorOf(way, name);
      assertEquals(error.kind, kind, name);
      assertStringIncludes(error.message, fragment ?? "", name);
      assertEquals([error.line ?? 0, error.column ?? 0], [Number(line), Number(column)], name);
      if (error.kind === "LimitExceeded") assertEquals(error.limit, "size", name);
    }
  }
});

test("each unusual text is read as its table says", () => {
  const rows = table("odd");
  assert(rows.length > 45);
  for (const { name, bytes, fields } of rows) {
    const [inputs, outputs, type, on, dc, off, warnings, inputNames, outputNames, phase] = fields;
    const { data: read, stats } = parse(bytes);
    const counts = [read.on, read.dc, read.off].map((rows) => rowCount(read.shape, rows));
    assertEquals([read.shape.inputs, read.shape.outputs], [Number(inputs), Number(outputs)], name);
    assertEquals([stats.textType, ...counts], [type, Number(on), Number(dc), Number(off)], name);
    assertEquals(stats.warnings, Number(warnings), name);
    assertNames(read.inputNames, inputNames, name);
    assertNames(read.outputNames, outputNames, name);
    // .phase is a wish, which reading keeps to itself; what carries it out labels its answer.
    const label = /^#\.phase ([01]+)$/m.exec(minimizePla(bytes).text)?.[1];
    assertEquals(label, phase?.includes("0") ? phase : undefined, name);
  }
});

/** The names that were given; the last ones may be missing, and are then numbered. */
function assertNames(
  names: readonly string[] | undefined,
  given: string | undefined,
  file: string,
): void {
  const expected = given === undefined || given === "" ? [] : given.split(" ");
  assertEquals((names ?? []).slice(0, expected.length), expected, file);
  for (const [index, name] of (names ?? []).entries()) {
    if (index >= expected.length) assert(/^[xf]\d+$/.test(name), `${file}: ${name}`);
  }
}

test("what is written of an unusual text is read again as the same function", () => {
  for (const { name, bytes } of table("odd")) {
    const cover = Cover.fromPla(bytes);
    const again = Cover.fromPla(cover.toPla());
    assertEquals(again.size, cover.size, name);
    assert(equivalent(again, cover), name);
  }
});

test("an unusual text and its minimised one are the same function", () => {
  for (const { name, bytes, fields } of table("odd")) {
    const { bytes: smaller, stats } = minimizePla(bytes);
    assert(stats.verified && stats.complete, name);
    const turned = fields.at(-1)!.includes("0"); // .phase: some outputs are their complement
    assertEquals(equivalent(Cover.fromPla(smaller), Cover.fromPla(bytes)), !turned, name);
  }
});

test("a text cut off anywhere gives a cover or a complaint about a place in it", () => {
  const text = new TextEncoder().encode(
    ".i 3\n.o 2\n.ilb a b c\n.ob f g\n.type fr\n01- 1-\n1-1 01\n--0 -~\n.e\n",
  );
  let complaints = 0;
  for (let length = 0; length <= text.length; length++) {
    const part = text.subarray(0, length);
    try {
      assert(Cover.fromPla(part).inputs <= 3);
    } catch (error) {
      if (!(error instanceof RistrettoError)) throw error;
      assertEquals(error.kind, "InvalidInput");
      const lines = new TextDecoder().decode(part).split("\n");
      assert(error.line !== undefined && error.line <= lines.length, `${length}`);
      complaints++;
    }
  }
  assert(complaints > 20 && complaints < text.length);
});
