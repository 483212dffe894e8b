// The models of test/model: the protocols as they are have no fault, and without any one of their
// parts they do.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { explore } from "./model/explore.ts";
import { type RingFlaws, ringModel } from "./model/ring.ts";

test("the checker finds states that must not be, by a shortest way, and wrong ends", () => {
  const counter = (wrong: number, end: number) =>
    explore<number>({
      initial: 0,
      *next(n) {
        if (n < 5) yield ["one", n + 1];
        if (n < 4) yield ["two", n + 2];
      },
      wrong: (n) => n === wrong ? "too much" : undefined,
      mayEnd: (n) => n === end,
    });
  assertEquals(counter(9, 5), { states: 6 });
  assertEquals(counter(4, 5).fault, { what: "too much", steps: ["two", "two"] });
  assertEquals(counter(9, 9).fault?.what, "nothing can happen any more");
});

test("the ring loses, doubles and reorders nothing, and no sleeper sleeps on", () => {
  for (const mortal of [false, true]) {
    const { states, fault } = explore(ringModel({}, mortal));
    assertEquals(fault, undefined);
    assert(states > 5000, `${states} states`);
  }
});

const flaws: Readonly<Record<keyof RingFlaws, string>> = {
  noProducerFence: "the producer's fence",
  noConsumerFence: "the consumer's fence",
  noSecondLook: "the consumer's second look",
  bellReadLate: "reading the bell before the last look",
  bellNotRung: "the change of the bell",
  publishedEarly: "filling the slot before it is published",
  headPublishedFirst: "emptying the slot before it is given back",
  noRoomCheck: "the check for room",
  deathNotRung: "the ring after a death",
  noDeathCheck: "the look for a death before sleeping",
  noFullFence: "the fence of a producer that waits for room",
  noFullSecondLook: "the second look of a producer that waits for room",
};

for (const [flaw, part] of Object.entries(flaws)) {
  test(`without ${part} the ring has a fault`, () => {
    const faulty = { [flaw]: true };
    const verdicts = [false, true].map((mortal) => explore(ringModel(faulty, mortal)));
    assert(verdicts.some(({ fault }) => fault !== undefined));
  });
}
