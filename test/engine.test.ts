// Engines: one interface whatever the mode, the choice of the mode, closing, and raw jobs.

import { test } from "node:test";
import process from "node:process";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Cover, createEngine, minimize, minimizePla, RistrettoError } from "../mod.ts";
import type { Engine, EngineOptions } from "../mod.ts";
import { ISOLATIONS, MODES } from "../src/engine/modes.ts";
import { Block } from "../src/job/block.ts";
import { encodeJob } from "../src/job/encode.ts";
import { OP_SIZE } from "../src/job/format.ts";
import { dataOf } from "../src/cover/cover.ts";
import { openResult, readCubeCount } from "../src/job/decode.ts";

const majority = Cover.fromMinterms(3, [3, 5, 6, 7]);
const direct: EngineOptions = { isolation: "direct" };

/** Runs with the environment variable set, and puts back what was there. */
async function withVariable(value: string | undefined, body: () => Promise<void>): Promise<void> {
  const name = "RISTRETTO_ISOLATION";
  const before = process.env[name];
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  try {
    await body();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

async function rejection(promise: Promise<unknown>): Promise<RistrettoError> {
  return await assertRejects(() => promise, RistrettoError);
}

test("an engine gives what the functions give, both ways of asking", async () => {
  await using engine = await createEngine(direct);
  const { cover: expected, stats } = minimize(majority);
  for (
    const { cover, stats: same } of [
      await engine.minimize(majority),
      engine.minimizeSync(majority),
    ]
  ) {
    assertEquals(cover.words("on"), expected.words("on"));
    assertEquals([same.cubes, same.work], [stats.cubes, stats.work]);
  }
  const text = majority.toPla();
  assertEquals((await engine.minimizePla(text)).text, minimizePla(text).text);
  assertEquals(engine.minimizePlaSync(text).text, minimizePla(text).text);
  for (const other of [await engine.complement(majority), engine.complementSync(majority)]) {
    assertEquals(other.evaluate("000"), [1]);
  }
  assertEquals(await engine.equivalent(majority, expected), true);
  assertEquals(engine.equivalentSync(majority, Cover.builder(3).build()), false);
  assertEquals(await engine.isTautology(majority), engine.isTautologySync(majority));
  assertEquals(await engine.explain(expected), engine.explainSync(expected));
});

test("several promises at once each get their own answer", async () => {
  await using engine = await createEngine(direct);
  const covers = Array.from({ length: 50 }, (_, n) => Cover.fromMinterms(6, [n, n + 1, n + 3]));
  const results = await Promise.all(covers.map((cover) => engine.minimize(cover)));
  for (const [n, { cover }] of results.entries()) assert(cover.equals(covers[n]!));
});

test("minimizeAll gives results in order and draws only what is taken", async () => {
  await using engine = await createEngine(direct);
  let drawn = 0;
  async function* endless(): AsyncGenerator<Cover> {
    for (;; drawn++) yield Cover.fromMinterms(4, [drawn % 16]);
  }
  const taken: string[] = [];
  for await (const { cover } of engine.minimizeAll(endless())) {
    taken.push(cover.toSumOfProducts());
    if (taken.length === 3) break;
  }
  assertEquals(taken, ["a' b' c' d'", "a' b' c' d", "a' b' c d'"]);
  assert(drawn <= 4);
  const few: unknown[] = [];
  for await (const { stats } of engine.minimizeAll([majority, majority])) few.push(stats.cubes);
  assertEquals(few, [3, 3]);
});

test("a closed engine answers every call with Closed, and closing again does no harm", async () => {
  const engine = await createEngine(direct);
  assertEquals(engine.closed, false);
  await engine.close();
  await engine.close();
  engine[Symbol.dispose]();
  assertEquals(engine.closed, true);
  const calls: ((engine: Engine) => unknown)[] = [
    (e) => e.minimizeSync(majority),
    (e) => e.minimizePlaSync(".i 1\n.o 1\n"),
    (e) => e.complementSync(majority),
    (e) => e.equivalentSync(majority, majority),
    (e) => e.isTautologySync(majority),
    (e) => e.explainSync(majority),
    (e) => e.runSync(new Uint8Array(64)),
  ];
  for (const call of calls) {
    assertEquals(assertThrows(() => call(engine), RistrettoError).kind, "Closed");
  }
  const promises = [
    engine.minimize(majority),
    engine.minimizePla(""),
    engine.complement(majority),
    engine.equivalent(majority, majority),
    engine.isTautology(majority),
    engine.explain(majority),
    engine.run(new Uint8Array(64)),
    engine.minimizeAll([majority]).next(),
  ];
  for (const promise of promises) assertEquals((await rejection(promise)).kind, "Closed");
});

test("using closes an engine", async () => {
  let seen: Engine;
  {
    using engine = await createEngine(direct);
    seen = engine;
  }
  assert(seen.closed);
});

test("a signal aborted before the run cancels it, with its reason", async () => {
  await using engine = await createEngine(direct);
  const reason = new Error("changed my mind");
  const signal = AbortSignal.abort(reason);
  const error = await rejection(engine.minimize(majority, { signal }));
  assertEquals([error.kind, error.cause], ["Cancelled", reason]);
  assertEquals(
    assertThrows(() => minimize(majority, { signal }), RistrettoError).kind,
    "Cancelled",
  );
  assertEquals((await rejection(engine.run(new Uint8Array(64), { signal }))).kind, "Cancelled");
});

test("the option wins over the variable, which wins over the default", async () => {
  await withVariable(undefined, async () => {
    await using engine = await createEngine();
    assertEquals([engine.isolation.mode, engine.isolation.source], ["direct", "default"]);
  });
  await withVariable("direct", async () => {
    await using engine = await createEngine();
    assertEquals(engine.isolation.source, "environment");
  });
  await withVariable("nonsense", async () => {
    await using engine = await createEngine(direct);
    assertEquals(engine.isolation.source, "option");
    const error = await rejection(createEngine());
    assertEquals(error.kind, "InvalidInput");
    assertStringIncludes(error.message, 'RISTRETTO_ISOLATION: expected one of "auto", "direct"');
  });
});

test("a mode below minIsolation is refused, whoever asked for it", async () => {
  await withVariable("direct", async () => {
    for (const options of [{}, direct]) {
      const error = await rejection(createEngine({ ...options, minIsolation: "process" }));
      assertEquals(error.kind, "InvalidInput");
      assertStringIncludes(error.message, 'below minIsolation "process"');
    }
  });
});

test("a mode that this version does not have is Unsupported, by name", async () => {
  for (const isolation of ISOLATIONS.filter((mode) => MODES[mode] === undefined)) {
    const error = await rejection(createEngine({ isolation, minIsolation: "direct" }));
    assertEquals(error.kind, "Unsupported");
    assertStringIncludes(error.message, `"${isolation}"`);
  }
});

test("wrong options of an engine are named", async () => {
  // deno-lint-ignore no-explicit-any
  const wrong: [options: any, word: string][] = [
    [{ isolation: "jail" }, "isolation"],
    [{ minIsolation: 3 }, "minIsolation"],
    [{ isolaton: "direct" }, '"isolaton" is not known'],
  ];
  for (const [options, word] of wrong) {
    const error = await rejection(createEngine(options));
    assertEquals(error.kind, "InvalidInput");
    assertStringIncludes(error.message, word);
  }
});

test("raw jobs go through, and nonsense comes back as a result with an error", async () => {
  await using engine = await createEngine(direct);
  const job = new Block(64);
  encodeJob(job, { operation: OP_SIZE, cover: dataOf("cover", majority) });
  for (const result of [await engine.run(job.copy()), engine.runSync(job.copy())]) {
    openResult(Block.copyOf(result), OP_SIZE);
    assertEquals(readCubeCount(), 4);
  }
  for (const length of [0, 1, 63, 64, 1000]) {
    const result = engine.runSync(new Uint8Array(length).fill(7));
    const error = assertThrows(() => openResult(Block.copyOf(result), OP_SIZE), RistrettoError);
    assertEquals(error.kind, "InvalidInput");
  }
});

test("jobs in shared memory are copied, those in resizable memory are refused", async () => {
  await using engine = await createEngine(direct);
  const job = new Block(64);
  encodeJob(job, { operation: OP_SIZE, cover: dataOf("cover", majority) });
  const shared = new Uint8Array(new SharedArrayBuffer(job.length));
  shared.set(job.copy());
  assertEquals(engine.runSync(shared).length, engine.runSync(job.copy()).length);
  const sizes = { maxByteLength: 4096 };
  for (const buffer of [new ArrayBuffer(64, sizes), new SharedArrayBuffer(64, sizes)]) {
    const error = assertThrows(() => engine.runSync(new Uint8Array(buffer)), RistrettoError);
    assertEquals(error.kind, "InvalidInput");
    assertStringIncludes(error.message, "resizable");
  }
  // deno-lint-ignore no-explicit-any
  assertThrows(() => engine.runSync([1, 2] as any), RistrettoError, "Uint8Array");
});
