// All prime implicants: against those that the oracle finds by trying every cube.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { plaText, randomFunction } from "../bench/generators.ts";
import { Cover, createEngine, explain, primes, RistrettoError } from "../mod.ts";
import { primesOf, tableOf } from "./oracle.ts";

const text = (lines: Iterable<{ inputs: string; outputs: string }>): string[] =>
  [...lines].map(({ inputs, outputs }) => `${inputs} ${outputs}`).sort();

test("primes are those that there are, don't-cares used", () => {
  for (let seed = 0; seed < 40; seed++) {
    const shape = { inputs: 2 + seed % 4, outputs: 1 + seed % 3, dontCares: seed % 2 / 4, seed };
    const cover = Cover.fromPla(plaText(randomFunction(shape)));
    assertEquals(text(primes(cover)), text(primesOf(tableOf(cover))));
  }
});

test("an engine lists them as well, awaited or not", async () => {
  const cover = Cover.fromMinterms(3, [1, 3, 7]);
  await using engine = await createEngine({ isolation: "direct" });
  assertEquals(text(await engine.primes(cover)), text(primes(cover)));
  assertEquals(text(engine.primesSync(cover)), text(primes(cover)));
});

test("what explain says of all primes is which are essential", () => {
  const all = explain(primes(Cover.fromMinterms(3, [1, 3, 7, 6])));
  assertEquals(all.length, 3);
  assertEquals(all.filter(({ essential }) => essential).map(({ inputs }) => inputs).sort(), [
    "0-1",
    "11-",
  ]);
});

test("a list that is not whole is an error", () => {
  const cover = Cover.fromPla(plaText(randomFunction({ inputs: 10, outputs: 2, seed: 1 })));
  assertThrows(() => primes(cover, { budget: 1 }), RistrettoError);
});
