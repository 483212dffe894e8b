// Covers: every way in, every way out, and complaints that say what is wrong with an argument.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Cover, minimize, minimizePla, RistrettoError } from "../mod.ts";

/** Cubes as lines of a PLA. */
function lines(cover: Cover, set: "on" | "dc" | "off" = "on"): string[] {
  return Array.from(cover.cubes(set), (cube) => `${cube.inputs} ${cube.outputs}`);
}

/** What a wrong call is told. */
function complaint(call: () => unknown): string {
  const error = assertThrows(call, RistrettoError);
  assertEquals(error.kind, "InvalidInput", error.message);
  return error.message;
}

test("a builder takes lines of a PLA: ON, don't-care, and nothing", () => {
  const cover = Cover.builder(3, 3).add("1-0", "1-0").add("2 1".replace(" ", "1"), "~40").build();
  assertEquals(lines(cover), ["1-0 100", "-11 010"]);
  assertEquals(lines(cover, "dc"), ["1-0 010"]);
  assertEquals([cover.has("on"), cover.has("dc"), cover.has("off")], [true, true, false]);
});

test("a builder takes cubes for each set, for all outputs or marked ones", () => {
  const cover = Cover.builder(2, 2).on("11").dc("10", "01").off("0-", "10").build();
  assertEquals([lines(cover), lines(cover, "dc"), lines(cover, "off")], [
    ["11 11"],
    ["10 01"],
    ["0- 10"],
  ]);
});

test("a builder of one output needs no output symbols; of no cubes it gives the constant 0", () => {
  assertEquals(lines(Cover.builder(2).add("01").build()), ["01 1"]);
  const zero = Cover.builder(2).build();
  assertEquals([lines(zero), zero.has("on"), zero.has("dc")], [[], true, false]);
});

test("a builder with an OFF set only leaves ON to follow from it", () => {
  const cover = Cover.builder(2).off("00").build();
  assertEquals([cover.has("on"), cover.has("off"), cover.cubeCount], [false, true, 0]);
});

test("a builder goes on after build, without changing what was built", () => {
  const builder = Cover.builder(1).add("1");
  const first = builder.build();
  const second = builder.add("0").build();
  assertEquals([first.cubeCount, second.cubeCount], [1, 2]);
});

test("a builder says which argument is wrong and what was expected", () => {
  const builder = Cover.builder(3, 2);
  // deno-lint-ignore no-explicit-any
  const any = builder as any;
  const wrong: [call: () => unknown, words: string[]][] = [
    [() => builder.add("1-", "11"), ["inputs", "3 symbols", "got 2", '"1-"']],
    [() => builder.add("1-0", "1"), ["outputs", "2 symbols", "got 1"]],
    [() => builder.add("1x0", "11"), ["inputs", "0, 1 or -", "position 1", '"x"']],
    [() => builder.add("1-0", "1x"), ["outputs", "position 1"]],
    [() => builder.on("1-0", "1-"), ["outputs", "0 or 1"]],
    [() => any.add(5), ["inputs", "text", "5"]],
    [() => Cover.builder(-1), ["inputs", "-1"]],
    [() => Cover.builder(1.5), ["inputs", "1.5"]],
    [() => Cover.builder(2, 0), ["outputs", "from 1", "0"]],
    [() => Cover.builder(2, 1, { inputNames: ["a"] }), ["inputNames", "2 names"]],
    [() => Cover.builder(2, 1, { inputNames: ["a", "a"] }), ['"a"', "twice"]],
    [() => Cover.builder(2, 1, { inputNames: ["a", "b c"] }), ["inputNames[1]", '"b c"']],
  ];
  for (const [call, words] of wrong) {
    const message = complaint(call);
    for (const word of words) assertStringIncludes(message, word);
  }
});

test("too many inputs are LimitExceeded", () => {
  const error = assertThrows(() => Cover.builder(2 ** 20 + 1), RistrettoError);
  assertEquals([error.kind, error.limit], ["LimitExceeded", "size"]);
});

test("rows are lines with blanks or bars", () => {
  const cover = Cover.fromRows(["1-0 1-", "  011|01 "], { outputNames: ["x", "y"] });
  assertEquals([lines(cover), lines(cover, "dc")], [["1-0 10", "011 01"], ["1-0 01"]]);
  assertEquals(cover.outputNames, ["x", "y"]);
  assertEquals(lines(Cover.fromRows(["01", "1-"])), ["01 1", "1- 1"]);
  assertStringIncludes(complaint(() => Cover.fromRows([])), "at least one");
  assertStringIncludes(complaint(() => Cover.fromRows(["1 1 1"])), "row 0");
  assertStringIncludes(complaint(() => Cover.fromRows(["11 1", "1 1"])), "2 symbols");
});

test("packed words are copied in and out", () => {
  const cover = Cover.fromRows(["1-0 1", "011 -"]);
  const words = cover.words("on")!;
  assertEquals(Array.from(words), [0b1_01_11_10, 0]);
  const again = Cover.fromWords(3, 1, { on: words, dc: new BigUint64Array([0b1_10_10_01n]) });
  words.fill(0);
  assertEquals([lines(again), lines(again, "dc")], [["1-0 1"], ["011 1"]]);
  again.words("on")!.fill(0);
  assertEquals(lines(again), ["1-0 1"]);
  assertEquals(again.words("off"), undefined);
});

test("packed words of a SharedArrayBuffer and of none are taken", () => {
  const shared = new Uint32Array(new SharedArrayBuffer(8));
  shared[0] = 0b1_10;
  assertEquals(lines(Cover.fromWords(1, 1, { on: shared })), ["1 1"]);
  assertEquals(Cover.fromWords(1, 1, { on: new Uint32Array(0) }).cubeCount, 0);
});

test("packed words that are no rows are refused", () => {
  const of = (...words: number[]) => () => Cover.fromWords(1, 1, { on: Uint32Array.from(words) });
  assertStringIncludes(complaint(of(1)), "multiple of 2");
  assertStringIncludes(complaint(of(0b1000, 0)), "beyond its last output");
  assertStringIncludes(complaint(of(0b111, 1)), "beyond its last output");
  assertStringIncludes(complaint(of(0b111, 0, 0b100, 0)), "row 1");
  assertStringIncludes(complaint(of(0b011, 0)), "no output");
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => Cover.fromWords(1, 1, { on: [1] as any })), "Uint32Array");
});

test("a truth table is text, an array, several columns or named ones", () => {
  assertEquals(lines(Cover.fromTruthTable(2, "0110")), ["01 1", "10 1"]);
  const three = Cover.fromTruthTable(2, [0, "1", true, undefined]);
  assertEquals([lines(three), lines(three, "dc")], [["01 1", "10 1"], ["11 1"]]);
  const two = Cover.fromTruthTable(1, ["01", "-0"]);
  assertEquals([lines(two), lines(two, "dc")], [["1 10"], ["0 01"]]);
  const named = Cover.fromTruthTable(2, { sum: "0110", carry: [0, 0, 0, 1] });
  assertEquals(lines(named), ["01 10", "10 10", "11 01"]);
  assertEquals(named.outputNames, ["sum", "carry"]);
  assertEquals(lines(Cover.fromTruthTable(0, "1")), [" 1"]);
  assertStringIncludes(complaint(() => Cover.fromTruthTable(2, "011")), "2^2 = 4");
  assertStringIncludes(complaint(() => Cover.fromTruthTable(1, "0x")), "point 1");
  assertStringIncludes(complaint(() => Cover.fromTruthTable(25, "0")), "at most 24");
  assertStringIncludes(complaint(() => Cover.fromTruthTable(1, {})), "table");
});

test("minterms are numbers whose first digit is the first input", () => {
  const cover = Cover.fromMinterms(3, [1, 6], new Set([7]));
  assertEquals([lines(cover), lines(cover, "dc")], [["001 1", "110 1"], ["111 1"]]);
  assertEquals(lines(Cover.fromMinterms(40, [2 ** 39])), [`1${"0".repeat(39)} 1`]);
  assertStringIncludes(complaint(() => Cover.fromMinterms(3, [8])), "2^3 - 1");
  assertStringIncludes(complaint(() => Cover.fromMinterms(3, [], [-1])), "dc:");
});

test("a predicate gives one output, an array or an object; undefined is don't-care", () => {
  const xor = Cover.fromFunction((a, b) => a !== b);
  assertEquals([xor.inputs, xor.outputs, lines(xor)], [2, 1, ["01 1", "10 1"]]);
  const three = Cover.fromFunction((a, b) => (a ? b : undefined));
  assertEquals([lines(three), lines(three, "dc")], [["11 1"], ["00 1", "01 1"]]);
  const two = Cover.fromFunction((a, b) => [a && b, null]);
  assertEquals([lines(two), lines(two, "dc").length], [["11 10"], 4]);
  const named = Cover.fromFunction((a, b) => (a || b ? { and: a && b, or: 1 } : undefined));
  assertEquals(named.outputNames, ["and", "or"]);
  assertEquals([lines(named), lines(named, "dc")], [["01 01", "10 01", "11 11"], ["00 11"]]);
  const any = Cover.fromFunction((...bits) => bits.some(Boolean), { inputs: 3 });
  assertEquals([any.inputs, any.cubeCount], [3, 7]);
  const names = { inputNames: ["p", "q"], outputNames: ["r"] };
  assertEquals(Cover.fromFunction((...bits) => bits[0], names).inputNames, ["p", "q"]);
  assertStringIncludes(
    complaint(() => Cover.fromFunction((a) => (a ? [a] : [a, a]))),
    "point 1",
  );
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => Cover.fromFunction("a" as any)), "function");
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => Cover.fromFunction((a) => (a ? 2 : 0) as any)), "got 2");
});

test("cubes are readable, with literals by name", () => {
  const cover = Cover.builder(3, 1, { inputNames: ["up", "b", "c"] }).add("1-0").build();
  const [cube] = cover;
  assertEquals(cube?.literals, [
    { input: 0, name: "up", value: 1 },
    { input: 2, name: "c", value: 0 },
  ]);
  assertEquals(Array.from(cover.cubes("dc")), []);
});

test("the size counts cubes and literals", () => {
  const cover = Cover.fromRows(["1-0 11", "--- 01"]);
  assertEquals(cover.size, { cubes: 2, inputLiterals: 2, outputLiterals: 3, literals: 5 });
  assertEquals([cover.cubeCount, cover.literalCount], [2, 5]);
});

test("a wide cover keeps every input and output in its place", () => {
  const inputs = Array.from({ length: 100 }, (_, i) => "01-"[i % 3]).join("");
  const outputs = Array.from({ length: 70 }, (_, i) => (i % 7 === 0 ? "1" : "0")).join("");
  const cover = Cover.fromRows([`${inputs} ${outputs}`]);
  assertEquals(lines(cover), [`${inputs} ${outputs}`]);
  assertEquals(cover.size, { cubes: 1, inputLiterals: 67, outputLiterals: 10, literals: 77 });
});

test("evaluate takes text, numbers, arrays and names", () => {
  const names = { inputNames: ["a", "b"], outputNames: ["x", "y"] };
  const cover = Cover.fromRows(["11 10", "0- 0-"], names);
  const points = ["11", 3, [1, true], { b: 1, a: true }] as const;
  for (const point of points) assertEquals(cover.evaluate(point), [1, 0]);
  assertEquals(cover.evaluate("01"), [0, undefined]);
  const wrong: [point: unknown, word: string][] = [
    ["1", "2 values, got 1"],
    ["1x", "input 1"],
    [4, "2^2 - 1"],
    [-1, "2^2 - 1"],
    [[1, 2], "input 1"],
    [{ a: 1 }, '"b" has no value'],
    [{ a: 1, b: 1, c: 1 }, '"c"'],
    [null, "null"],
  ];
  for (const [point, word] of wrong) {
    assertStringIncludes(complaint(() => cover.evaluate(point as string)), word);
  }
});

test("sets that are absent follow from those that are there", () => {
  const values = (cover: Cover): unknown[] => [0, 1, 2, 3].map((point) => cover.evaluate(point)[0]);
  const builder = () => Cover.builder(2);
  assertEquals(values(builder().on("11").build()), [0, 0, 0, 1]);
  assertEquals(values(builder().on("11").dc("1-").build()), [0, 0, undefined, undefined]);
  assertEquals(values(builder().on("11").off("0-").build()), [0, 0, undefined, 1]);
  assertEquals(values(builder().off("0-").build()), [0, 0, 1, 1]);
  assertEquals(values(builder().off("0-").dc("10").build()), [0, 0, undefined, 1]);
  assertEquals(values(builder().on("11").dc("10").off("0-").build()), [0, 0, undefined, 1]);
});

test("toFunction gives a function of one output, small and large", () => {
  const names = { outputNames: ["and", "or"] };
  const cover = Cover.fromFunction((a, b) => [a && b, a || b], names);
  assertEquals(cover.toFunction()(1, 1), true);
  assertEquals(cover.toFunction("or")(0, true), true);
  assertEquals(cover.toFunction(1)(false, 0), false);
  const wide = Cover.builder(40).add(`${"-".repeat(39)}1`).dc(`0${"-".repeat(39)}`).build();
  const at = wide.toFunction();
  const point = (first: 0 | 1, last: 0 | 1) => [first, ...new Array<0>(38).fill(0), last];
  assertEquals([at(...point(1, 1)), at(...point(1, 0)), at(...point(0, 1))], [
    true,
    false,
    undefined,
  ]);
  assertStringIncludes(complaint(() => at(1)), "takes 40 values, got 1");
  assertStringIncludes(complaint(() => cover.toFunction(2)), "0 to 1");
  assertStringIncludes(complaint(() => cover.toFunction("nor")), '"nor"');
});

test("sums of products read well in each style", () => {
  const one = Cover.fromRows(["10- 1", "--1 1"]);
  assertEquals(one.toSumOfProducts(), "a b' + c");
  assertEquals(one.toSumOfProducts({ style: "c" }), "f = a && !b || c;");
  assertEquals(one.toSumOfProducts({ style: "verilog" }), "assign f = a & ~b | c;");
  const two = Cover.fromRows(["1- 10", "-- 01"], {
    inputNames: ["go", "stop"],
    outputNames: ["run", "on"],
  });
  assertEquals(two.toSumOfProducts(), "run = go\non = 1");
  assertEquals(Cover.builder(2).build().toSumOfProducts(), "0");
  assertEquals(Cover.builder(2).build().toSumOfProducts({ style: "verilog" }), "assign f = 1'b0;");
  assertEquals(Cover.builder(27).add(`1${"-".repeat(26)}`).build().toSumOfProducts(), "x0");
  // deno-lint-ignore no-explicit-any
  const style = "vhdl" as any;
  assertStringIncludes(complaint(() => one.toSumOfProducts({ style })), '"verilog"');
  assertStringIncludes(
    complaint(() => Cover.builder(1).off("1").build().toSumOfProducts()),
    "no ON set",
  );
});

test("names can be changed without touching the function", () => {
  const cover = Cover.fromRows(["10 1"], { inputNames: ["a", "b"] });
  const renamed = cover.withNames({ inputNames: ["x", "y"], outputNames: ["z"] });
  assertEquals(renamed.toSumOfProducts(), "z = x y'");
  assertEquals(cover.inputNames, ["a", "b"]);
  assertStringIncludes(complaint(() => cover.withNames({ outputNames: [] })), "1 names");
});

test("constants and all-don't-care outputs are explicit", () => {
  const cover = Cover.fromTruthTable(2, { zero: "0000", one: "1-11", free: "----", both: "01--" });
  assertEquals(["zero", "one", "free", "both"].map((name) => cover.isConstant(name)), [
    "0",
    "1",
    "dont-care",
    undefined,
  ]);
  const fr = Cover.builder(2).on("11").off("00", "0").build();
  assertEquals(fr.isConstant(), "1");
  assertEquals(Cover.builder(0).add("").build().isConstant(), "1");
  assertEquals(
    Cover.builder(70, 40).add("-".repeat(70), `1${"0".repeat(39)}`).build().isConstant(39),
    "0",
  );
});

test("equality is of functions, where neither is don't-care", () => {
  const or = Cover.fromRows(["1- 1", "-1 1"]);
  assert(or.equals(Cover.fromRows(["01 1", "1- 1"])));
  assert(or.equals(Cover.fromTruthTable(2, "01--")));
  assert(!or.equals(Cover.fromRows(["11 1"])));
  assertStringIncludes(complaint(() => or.equals(Cover.builder(3).build())), "different variables");
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => or.equals({} as any)), "other");
});

test("a PLA is read and written with its names, and keeps the sets that it has", () => {
  const text = ".i 2\n.o 2\n.ilb a b\n.ob x y\n.type fd\n.p 2\n11 1-\n0- 01\n.e\n";
  const cover = Cover.fromPla(text);
  assertEquals([lines(cover), lines(cover, "dc")], [["11 10", "0- 01"], ["11 01"]]);
  assertEquals([cover.inputNames, cover.outputNames], [["a", "b"], ["x", "y"]]);
  const again = Cover.fromPla(cover.toPla());
  assertEquals([again.words("on"), again.words("dc")], [cover.words("on"), cover.words("dc")]);
  assertEquals([again.inputNames, again.outputNames], [cover.inputNames, cover.outputNames]);
  assertEquals(Cover.fromPla(cover.toPla({ type: "f" })).words("dc"), new Uint32Array(0));
});

test("a PLA of each type keeps its sets", () => {
  for (const type of ["f", "fd", "fr", "fdr", "r", "dr"] as const) {
    const cover = Cover.fromPla(`.i 2\n.o 1\n.type ${type}\n11 1\n10 -\n0- 0\n.e\n`);
    const again = Cover.fromPla(cover.toPla());
    for (const set of ["on", "dc", "off"] as const) {
      const rows = (of: Cover): number[] => Array.from(of.words(set) ?? []);
      assertEquals(rows(again), rows(cover), `${type} ${set}`);
    }
  }
});

test("a PLA may come as bytes, shared ones too, and names a default type", () => {
  const bytes = new TextEncoder().encode(".i 1\n.o 1\n1 1\n0 0\n.e\n");
  assertEquals(lines(Cover.fromPla(bytes)), ["1 1"]);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  assertEquals(lines(Cover.fromPla(shared, { type: "fr" }), "off"), ["0 1"]);
});

test("a malformed PLA is told with line and column", () => {
  const error = assertThrows(() => Cover.fromPla(".i 2\n.o 1\n0! 1\n"), RistrettoError);
  assertEquals([error.kind, error.line, error.column], ["InvalidInput", 3, 2]);
  for (const text of ["", ".i 2\n", new Uint8Array(0)]) {
    assertEquals(assertThrows(() => Cover.fromPla(text), RistrettoError).kind, "InvalidInput");
  }
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => Cover.fromPla(5 as any)), "string or a Uint8Array");
  const resizable = new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 }));
  assertStringIncludes(complaint(() => Cover.fromPla(resizable)), "resizable");
});

test("sets of other variables, and values that are no covers, are refused", () => {
  const on = Cover.builder(2).on("11").build();
  const other = Cover.builder(3).on("111").build();
  assertStringIncludes(complaint(() => minimize(on, { dc: other })), "2 inputs and 1 outputs");
  assertStringIncludes(
    complaint(() => minimize(on, { off: Cover.builder(2).off("1-").build() })),
    "no ON set",
  );
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => minimize({} as any)), "expected a Cover, got a Object");
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => minimize(on, { dc: "11" as any })), "option dc");
  assertStringIncludes(complaint(() => minimize(on, { off: on })), "in common");
  // deno-lint-ignore no-explicit-any
  assertStringIncludes(complaint(() => minimizePla("", { dc: on } as any)), '"dc" is not known');
});
