// Limits: each one, in each mode that there is, ends the run as it should, and the thread goes on.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type {
  Engine,
  EngineOptions,
  ErrorKind,
  LimitName,
  MinimizeOptions,
  MinimizeResult,
  StoppedBy,
} from "../mod.ts";
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
  "time, the best so far": { options: { timeoutMs: 20, method: "exact" }, stopped: "time" },
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

/** With more time where it was over before the job began: on a busy machine, with a worker. */
async function minimizeInTime(engine: Engine, options: MinimizeOptions): Promise<MinimizeResult> {
  for (let timeoutMs = options.timeoutMs;; timeoutMs = timeoutMs && 2 * timeoutMs) {
    try {
      return await engine.minimize(cover, { ...options, ...(timeoutMs && { timeoutMs }) });
    } catch (error) {
      const tooSoon = error instanceof RistrettoError && error.limit === "time";
      if (!tooSoon || timeoutMs === undefined || timeoutMs > 10_000) throw error;
    }
  }
}

const small = Cover.fromTruthTable(3, "01101001");

const modes: EngineOptions[] = ISOLATIONS.filter((mode) => MODES[mode] !== undefined)
  .map((isolation) => ({ isolation }));
if (process.platform === "linux") modes.push({ isolation: "process", ffi: false });

for (const mode of modes) {
  const where = `${mode.isolation}${mode.ffi === false ? ", over streams" : ""}`;
  for (const [name, { options, stopped, kind, limit }] of Object.entries(table)) {
    test(`${where}: ${name}`, async () => {
      await using engine = await createEngine(mode);
      if (kind === undefined) {
        const { cover: best, stats } = await minimizeInTime(engine, options);
        assertEquals([stats.complete, stats.stopped], [false, stopped]);
        assert(best.cubeCount <= cover.cubeCount);
        assert(await engine.equivalent(cover, best));
      } else {
        const error = await assertRejects(() => engine.minimize(cover, options), RistrettoError);
        assertEquals([error.kind, error.limit], [kind, limit]);
      }
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
