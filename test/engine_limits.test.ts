// Limits: each one, in each mode that there is, ends the run as it should, and the thread goes on.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { EngineOptions, ErrorKind, LimitName, MinimizeOptions, StoppedBy } from "../mod.ts";
import { ISOLATIONS, MODES } from "../src/engine/modes.ts";
import { manyCubes } from "./many_cubes.ts";

const cover = manyCubes(24, 1500);

/** What should come of a run: an answer that was stopped, or an error. */
interface Expected {
  readonly options: MinimizeOptions;
  readonly stopped?: StoppedBy;
  readonly kind?: ErrorKind;
  readonly limit?: LimitName;
}

const table: Record<string, Expected> = {
  "budget, soft": { options: { budget: 100_000 }, stopped: "budget" },
  "budget, though limits are errors": {
    options: { budget: 100_000, onLimit: "error" },
    stopped: "budget",
  },
  "time, the best so far": { options: { timeoutMs: 20 }, stopped: "time" },
  "time, an error": {
    options: { timeoutMs: 20, onLimit: "error" },
    kind: "LimitExceeded",
    limit: "time",
  },
  "memory, an error": {
    options: { memory: "64KiB", onLimit: "error" },
    kind: "LimitExceeded",
    limit: "memory",
  },
  "cubes of the input": { options: { cubes: 100 }, kind: "LimitExceeded", limit: "cubes" },
  "a signal, aborted before": { options: { signal: AbortSignal.abort() }, kind: "Cancelled" },
};

const small = Cover.fromTruthTable(3, "01101001");

const modes: EngineOptions[] = ISOLATIONS.filter((mode) => MODES[mode] !== undefined)
  .map((isolation) => ({ isolation }));
if (process.platform === "linux") modes.push({ isolation: "process", ffi: false });

for (const mode of modes) {
  const where = `${mode.isolation}${mode.ffi === false ? ", over streams" : ""}`;
  for (const [name, { options, stopped, kind, limit }] of Object.entries(table)) {
    test(`${where}: ${name}`, async () => {
      await using engine = await createEngine(mode);
      const start = performance.now();
      if (kind === undefined) {
        const { cover: best, stats } = await engine.minimize(cover, options);
        assertEquals([stats.complete, stats.stopped], [false, stopped]);
        assert(best.cubeCount <= cover.cubeCount);
        assert(await engine.equivalent(cover, best));
      } else {
        const error = await assertRejects(() => engine.minimize(cover, options), RistrettoError);
        assertEquals([error.kind, error.limit], [kind, limit]);
      }
      assert(performance.now() - start < 10_000);
      assertEquals((await engine.minimize(small)).stats.cubes, 4);
    });
  }
}

test("a signal that is aborted while another job runs cancels the next one", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  const controller = new AbortController();
  const first = engine.minimize(small, { signal: controller.signal });
  controller.abort();
  await first;
  const second = engine.minimize(small, { signal: controller.signal });
  assertEquals((await assertRejects(() => second, RistrettoError)).kind, "Cancelled");
});
