// The mode shared-heap: covers that live in memory which workers see, results that stay there, and
// what becomes of both when workers crash, memory runs out, or the engine ends.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, type Engine, RistrettoError } from "../mod.ts";
import { library } from "../src/native/open.ts";
import { runtimeName } from "../src/native/runtime.ts";
import { runChild } from "./native_spawn.ts";

const only = process.platform === "linux" ? test : test.skip;
const open = (options: object = {}): Promise<Engine> =>
  createEngine({ isolation: "shared-heap", ...options });

/** Random rows of so many inputs and one output: two bits an input, then the output's. */
function fill(rows: Uint32Array, inputs: number, seed = 1): void {
  const words = 2 * Math.ceil((2 * inputs + 1) / 64);
  for (let base = 0; base < rows.length; base += words) {
    for (let input = 0; input < inputs; input++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      rows[base + (input >>> 4)]! |= (1 + (seed >>> 8) % 3) << (2 * (input % 16));
    }
    rows[base + (inputs >>> 4)]! |= 1 << (2 * (inputs % 16));
  }
}

/** A cover in an engine's memory. */
function place(engine: Engine, inputs: number, cubes: number, seed = 1): Cover {
  const memory = engine.allocate(inputs, 1, { on: cubes });
  assert(memory.shared);
  fill(memory.on!, inputs, seed);
  return memory.build();
}

/** The same cover in ordinary memory. */
const copyOf = (cover: Cover): Cover =>
  Cover.fromWords(cover.inputs, cover.outputs, { on: cover.words("on")! });

function kindOf(call: () => unknown): string {
  return assertThrows(call, RistrettoError).kind;
}

only("every operation gives for a cover in place what it gives for a copy", async () => {
  await using direct = await createEngine();
  for (const results of ["copy", "view"] as const) {
    await using engine = await open({ results });
    for (let inputs = 1; inputs <= 24; inputs++) {
      const cover = place(engine, inputs, 12, inputs);
      const plain = copyOf(cover);
      const words = (of: Cover): Uint32Array => of.words("on")!;
      for (const options of [{}, { method: "exact" }, { effort: "high", seed: 7 }] as const) {
        const expected = words(direct.minimizeSync(plain, options).cover);
        assertEquals(words(engine.minimizeSync(cover, options).cover), expected);
        assertEquals(words((await engine.minimize(cover, options)).cover), expected);
        assertEquals(words(direct.minimizeSync(cover, options).cover), expected);
      }
      const no = engine.complementSync(cover);
      assertEquals(words(no), words(direct.complementSync(plain)));
      assertEquals(words(engine.primesSync(cover)), words(direct.primesSync(plain)));
      assertEquals(engine.explainSync(cover), direct.explainSync(plain));
      assertEquals(engine.isTautologySync(cover), direct.isTautologySync(plain));
      assert(engine.equivalentSync(cover, plain) && !engine.equivalentSync(no, cover));
      assertEquals(cover.toPla(), plain.toPla());
    }
  }
});

only("covers of several sets, with names, and with sets from elsewhere", async () => {
  await using direct = await createEngine();
  await using engine = await open({ results: "view" });
  const names = { inputNames: ["a", "b", "c", "d"], outputNames: ["f"] };
  const memory = engine.allocate(4, 1, { on: 3, dc: 2 }, names);
  fill(memory.on!, 4, 1);
  fill(memory.dc!, 4, 2);
  const cover = memory.build();
  assertEquals([cover.inputNames, cover.cubeCount], [names.inputNames, 3]);
  const sets = { on: memory.on!, dc: memory.dc! };
  const plain = Cover.fromWords(4, 1, sets, names);
  const one = Cover.fromWords(4, 1, { on: sets.on });
  const other = place(engine, 4, 2, 9);
  for (const [given, options] of [[cover, {}], [cover, { dc: other }]] as const) {
    const like = { ...options, dc: "dc" in options ? copyOf(other) : undefined };
    assertEquals(
      engine.minimizeSync(given, options).cover.toPla(),
      direct.minimizeSync(plain, like).cover.toPla(),
    );
  }
  assertEquals(engine.equivalentSync(cover, one), direct.equivalentSync(plain, one));
  assertEquals(engine.complementSync(cover).toPla(), direct.complementSync(plain).toPla());
  const halves = engine.allocate(2, 1, { on: 1, off: 1 }); // a b is 1, a' is 0, the rest is free
  halves.on![0] = 0b1_10_10;
  halves.off![0] = 0b1_11_01;
  assertEquals(engine.minimizeSync(halves.build()).cover.toSumOfProducts(), "a");
  const none = engine.allocate(4, 1, { off: 0, on: 0 }).build();
  assertEquals([none.cubeCount, engine.minimizeSync(none).stats.cubes], [0, 0]);
});

only("many jobs of one cover at once, each with options of its own", async () => {
  await using direct = await createEngine();
  await using engine = await open({ workers: 2, results: "view", queue: 8 });
  const cover = place(engine, 8, 20);
  const all = Array.from({ length: 60 }, (_, n) => ({ seed: n, verify: n % 2 === 0 }));
  const answers = await Promise.all(all.map((options) => engine.minimize(cover, options)));
  for (const [n, { cover: answer, stats }] of answers.entries()) {
    assertEquals(answer.words("on"), direct.minimizeSync(copyOf(cover), all[n]!).cover.words("on"));
    assertEquals(stats.verified, all[n]!.verify);
  }
});

only("memory that was given back is gone, and told so", async () => {
  const engine = await open({ results: "view" });
  const memory = engine.allocate(6, 1, { on: 4 });
  fill(memory.on!, 6);
  const cover = memory.build();
  const result = engine.minimizeSync(cover).cover;
  engine.free(cover);
  assertEquals(memory.on!.length, 0);
  for (
    const call of [
      () => cover.cubeCount,
      () => engine.minimizeSync(cover),
      () => engine.free(cover),
      () => memory.build(),
      () => cover.withNames({}),
      () => [...cover],
    ]
  ) assertEquals(kindOf(call), "Closed");
  assert(result.cubeCount > 0);
  const running = engine.minimize(place(engine, 6, 4, 3));
  const kept = place(engine, 6, 4);
  const answer = (await running).cover;
  engine.free(answer);
  assertEquals(kindOf(() => answer.cubeCount), "Closed");
  engine.free(Cover.fromTruthTable(2, "0110")); // nothing of ours, nothing happens
  await engine.close();
  for (const gone of [result, kept]) assertEquals(kindOf(() => gone.cubeCount), "Closed");
  assertEquals(kindOf(() => engine.allocate(1, 1, { on: 1 })), "Closed");
});

only("a cover given back while a job of it runs is not missed", async () => {
  await using engine = await open();
  for (let round = 0; round < 20; round++) {
    const cover = place(engine, 10, 40, round);
    const expected = copyOf(cover);
    const running = engine.minimize(cover);
    engine.free(cover);
    const next = place(engine, 10, 40, round + 100); // takes the memory, were it free
    assert(engine.equivalentSync((await running).cover, expected));
    engine.free(next);
  }
});

only("a full heap is an ordinary error, and room comes back", async () => {
  await using engine = await open({ heap: "1MiB" });
  const covers: Cover[] = [];
  const told = assertThrows(() => {
    for (;;) covers.push(place(engine, 16, 5000));
  }, RistrettoError);
  assertEquals([told.kind, told.limit, covers.length >= 5], ["LimitExceeded", "memory", true]);
  for (const cover of covers.splice(0)) engine.free(cover);
  covers.push(place(engine, 16, 10_000));
  assertEquals(kindOf(() => engine.allocate(16, 1, { on: 2 ** 30 })), "LimitExceeded");
  // The memory that the core works in is of the same kind, and as limited.
  assertEquals((await engine.minimize(covers[0]!)).stats.stopped, "memory");
  assertEquals(engine.minimizeSync(place(engine, 3, 2)).stats.complete, true);
});

only("memory of covers and results that nobody has any more comes back by itself", async () => {
  const collect = (globalThis as { Bun?: { gc(force: boolean): void }; gc?: () => void }).Bun?.gc ??
    (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) return; // this runtime was not started so that it can be asked to
  await using engine = await open({ heap: "4MiB", results: "view" });
  const minimized = (round: number): number =>
    engine.minimizeSync(place(engine, 16, 20_000, round), { budget: 1, verify: false }).stats.cubes;
  const end = performance.now() + 100_000;
  for (let round = 0; round < 40;) { // 160 KB a cover, and as much for the result
    try {
      assert(minimized(round) > 0);
      round++;
    } catch (error) {
      assert((error as RistrettoError).kind === "LimitExceeded" && performance.now() < end);
      collect(true);
      await wait(10);
    }
  }
});

only("bad counts and options are refused", async () => {
  await using engine = await open();
  for (const counts of [{ on: -1 }, { on: 1.5 }, { no: 1 }, { on: "1" }, { dc: Number.NaN }]) {
    assertEquals(kindOf(() => engine.allocate(2, 1, counts as object)), "InvalidInput");
  }
  assertEquals(kindOf(() => engine.allocate(-1, 1, { on: 1 })), "InvalidInput");
  assertEquals(kindOf(() => engine.free({} as Cover)), "InvalidInput");
  const memory = engine.allocate(2, 1, { on: 1 });
  assertEquals(kindOf(() => memory.build()), "InvalidInput"); // a cube without a point
  memory.on!.fill(0xffff_ffff);
  assertEquals(kindOf(() => memory.build()), "InvalidInput"); // bits of no variable
  for (const options of [{ heap: 1 }, { heap: "65GiB" }, { heap: "x" }, { results: "both" }]) {
    assertEquals((await assertRejects(() => open(options), RistrettoError)).kind, "InvalidInput");
  }
});

only("in other modes the same program runs in ordinary memory", async () => {
  for (const isolation of ["direct", "pool", "process"] as const) {
    await using engine = await createEngine({ isolation });
    const memory = engine.allocate(5, 1, { on: 7 });
    assertEquals(memory.shared, false);
    fill(memory.on!, 5);
    const cover = memory.build();
    assert(engine.equivalentSync(engine.minimizeSync(cover).cover, cover));
    engine.free(cover);
    assertEquals(cover.cubeCount, 7);
  }
});

/** The only worker of this process. */
function worker(): number | undefined {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).find((id) => {
    try {
      const [, state, parent] = /^\d+ \(.*\) (\S+) (\d+) /s.exec(
        readFileSync(`/proc/${id}/stat`, "utf8"),
      )!;
      return Number(parent) === process.pid && state !== "Z" &&
        readFileSync(`/proc/${id}/cmdline`, "utf8") === "ristretto-worker\0";
    } catch {
      return false; // it ended meanwhile
    }
  });
}

only("covers and results outlive the worker that they were shared with", async () => {
  await using engine = await open({ results: "view" });
  const cover = place(engine, 9, 30);
  const expected = copyOf(cover);
  const result = engine.minimizeSync(cover).cover;
  const words = result.words("on");
  for (const signal of ["SIGSEGV", "SIGKILL"] as const) {
    const end = performance.now() + 60_000;
    while (worker() === undefined && performance.now() < end) await wait(5);
    process.kill(worker()!, signal);
    await wait(20);
    assertEquals([cover.words("on"), result.words("on")], [expected.words("on"), words]);
    assert(engine.equivalentSync(engine.minimizeSync(cover).cover, expected));
  }
});

only("a program, and a Worker, may end with views open", () => {
  const file = fileURLToPath(new URL("./shared_heap_child.ts", import.meta.url));
  for (const name of ["ends", "exits", "terminates"]) {
    const { output, status } = runChild([name], {}, ["-A"], file);
    assertEquals([output.split("\n").at(-1), status], ["done", 0], name);
  }
});

only("Workers at once, each with covers of its own engine in place", () => {
  const file = fileURLToPath(new URL("./shared_heap_child.ts", import.meta.url));
  const { output, status } = runChild(["workers"], {}, ["-A"], file);
  assertEquals([output, status], ["same", 0]);
});

if (runtimeName === "deno") {
  only("the grant for the library is enough for all but views", () => {
    const file = fileURLToPath(new URL("./shared_heap_child.ts", import.meta.url));
    const { output, status } = runChild(["grant"], {}, [`--allow-ffi=${library().path}`], file);
    assertEquals([output, status], ["4 4 false Unavailable", 0]);
  });
}
