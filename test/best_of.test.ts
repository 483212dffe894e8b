// Seeds: another seed is another run, the same seed the same one; the best of several is one of
// them, whatever it runs on.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { bestOf, Cover, createEngine, minimize, RistrettoError } from "../mod.ts";
import { plaText, randomFunction } from "../bench/generators.ts";

const big = Cover.fromPla(
  plaText(randomFunction({ inputs: 9, outputs: 6, dontCares: 0.1, seed: 11 })),
);
const TRIES = 6;
const seeds = Array.from({ length: TRIES }, (_, k) => k + 3);
const options = { effort: "fast", method: "heuristic" } as const;

test("a seed varies the cover and nothing else", () => {
  const texts = seeds.map((seed) => minimize(big, { ...options, seed }).cover.toPla());
  assert(new Set(texts).size > 1);
  assertEquals(texts, seeds.map((seed) => minimize(big, { ...options, seed }).cover.toPla()));
});

test("the best of several seeds is the cheapest, on any number of threads", async () => {
  const runs = seeds.map((seed) => minimize(big, { ...options, seed }));
  const rank = ({ stats }: (typeof runs)[number]) => stats.cubes * 1e6 + stats.literals;
  const best = runs.reduce((a, b) => (rank(b) < rank(a) ? b : a));
  assert(rank(best) < Math.max(...runs.map(rank)));
  const places = [
    { isolation: "direct" },
    { isolation: "pool", threads: 1 },
    { isolation: "pool", threads: 2 },
  ] as const;
  for (const place of places) {
    await using engine = await createEngine(place);
    const { cover, stats } = await bestOf(engine, big, TRIES, { ...options, seed: seeds[0] });
    assertEquals(cover.toPla(), best.cover.toPla());
    assertEquals(stats.literals, best.stats.literals);
  }
});

test("a number of tries that is none is named; what a run fails with comes through", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  for (const tries of [0, -1, 1.5, NaN, 10_001]) {
    const error = await assertRejects(() => bestOf(engine, big, tries), RistrettoError, "tries");
    assertEquals(error.kind, "InvalidInput");
  }
  const limits = { cubes: 3, onLimit: "error" } as const;
  const error = await assertRejects(() => bestOf(engine, big, 3, limits), RistrettoError);
  assertEquals(error.kind, "LimitExceeded");
});
