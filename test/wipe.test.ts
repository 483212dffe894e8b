// The option wipe: when the answer is there, nothing of its job is left in the worker's memory.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { EngineOptions } from "../mod.ts";
import { manyCubes } from "./many_cubes.ts";
import { marked, refusal, search } from "./memory_search.ts";
import { answerOf, stressJob } from "./stress_jobs.ts";
import { workersOf } from "./workers.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");

/** A text whose result is longer than a worker's room for results: it is asked for twice. */
function long(mark: string): string {
  const inputs = 24;
  const names = Array.from({ length: inputs }, (_, n) => `${mark}${n}`).join(" ");
  const rows = manyCubes(inputs, 6000).toPla().split("\n").filter((row) => /^[01-]{24} /.test(row));
  const [, outputs = ""] = rows[0]!.split(" ");
  return `.i ${inputs}\n.o ${outputs.length}\n.ilb ${names}\n${rows.join("\n")}\n.e\n`;
}

only("nothing of a job is left in a worker that was asked to wipe", async (t) => {
  const mark = `wiped-${crypto.randomUUID()}`;
  const bytes = new TextEncoder().encode(mark);
  await using engine = await createEngine({ isolation: "process", wipe: true });
  const why = refusal();
  if (why !== undefined) {
    (t as { skip?: (why: string) => void } | undefined)?.skip?.(why);
    console.log(`skipped: ${why}`);
    return;
  }
  const [id] = workersOf(process.pid);
  const clean = (): void => {
    assertEquals(workersOf(process.pid), [id]); // it is the same one all the time
    const { found, bytes: seen } = search(id!, bytes);
    assert(seen > 100_000);
    assertEquals(found, 0);
  };
  assert(engine.minimizePlaSync(marked(mark)).text.includes(mark));
  clean();
  assert((await engine.minimizePla(marked(mark))).text.includes(mark));
  clean();
  const options = { budget: 1, verify: false };
  const { text } = engine.minimizePlaSync(long(mark), options);
  assert(text.includes(mark) && text.length > 100_000);
  clean();
  assert((await engine.minimizePla(long(mark), options)).text.includes(mark));
  clean();
  const wrong = `.i 3\n.ilb ${mark}a ${mark}b ${mark}c\n.o 1\n1x! 1\n`;
  await assertRejects(() => engine.minimizePla(wrong), RistrettoError);
  clean();
});

only("a worker that is wiped gives the same bytes", async () => {
  await using direct = await createEngine();
  await using engine = await createEngine({ isolation: "process", wipe: true });
  for (let n = 0; n < 200; n++) {
    const job = stressJob(n);
    const expected = answerOf(direct.runSync(job));
    assertEquals(answerOf(engine.runSync(job)), expected);
    assertEquals(answerOf(await engine.run(job)), expected);
  }
  // Tenants may share it.
  assertEquals((await engine.minimize(small, { tenant: "a" })).stats.cubes, 4);
});

only("a result that is too long to be taken does not keep its worker", async () => {
  const options = { isolation: "process", wipe: true, limits: { output: "1KiB" } } as const;
  await using engine = await createEngine(options);
  const [before] = workersOf(process.pid);
  const job = manyCubes(14, 3000);
  const error = await assertRejects(() => engine.minimize(job, { budget: 1 }), RistrettoError);
  assertEquals([error.kind, error.limit], ["LimitExceeded", "size"]);
  assertEquals((await engine.minimize(small)).stats.cubes, 4);
  assertEquals(engine.minimizeSync(small).stats.cubes, 4);
  assertEquals(workersOf(process.pid).includes(before!), false);
});

test("wipe is refused where nothing is wiped", async () => {
  for (
    const [options, kind] of [
      [{ isolation: "direct", wipe: true }, "InvalidInput"],
      [{ isolation: "process", wipe: "yes" }, "InvalidInput"],
      ...(process.platform === "linux"
        ? [
          [{ isolation: "shared-heap", wipe: true }, "InvalidInput"],
          [{ isolation: "process", ffi: false, wipe: true }, "Unsupported"],
        ]
        : []),
    ] as const
  ) {
    const error = await assertRejects(() => createEngine(options as EngineOptions), RistrettoError);
    assertEquals(error.kind, kind);
  }
});
