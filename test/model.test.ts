// The models of test/model: the protocols as they are have no fault, and without any one of their
// parts they do.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type AttendFlaws, type AttendMishap, attendModel } from "./model/attend.ts";
import { explore } from "./model/explore.ts";
import { type RingFlaws, ringModel } from "./model/ring.ts";
import { type Mishaps, type WorkerFlaws, workerModel } from "./model/worker.ts";

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
  const circle = explore<number>({
    initial: 0,
    *next(n) {
      if (n === 0) yield ["end", 1];
      if (n !== 1) yield ["on", n === 3 ? 2 : n === 0 ? 2 : 3];
    },
    wrong: () => undefined,
    mayEnd: (n) => n === 1,
  });
  assertEquals(circle.fault, { what: "no step leads to an end any more", steps: ["on"] });
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

const mishaps: readonly Mishaps[] = [
  { deaths: 2 },
  { deaths: 1, stray: true },
  { deaths: 1, deadline: true },
  { deaths: 0, lie: true },
];

for (const some of mishaps) {
  test(`the life of a worker has no fault, with ${JSON.stringify(some)}`, () => {
    const { states, fault } = explore(workerModel({}, some));
    assertEquals(fault, undefined);
    assert(states > 5000, `${states} states`);
  });
}

const workerFlaws: Readonly<Record<keyof WorkerFlaws, string>> = {
  noHostFence: "the host's fence",
  noWorkerFence: "the worker's fence",
  noHostSleepFence: "the fence of a host that goes to sleep",
  noWorkerSleepFence: "the fence of a worker that goes to sleep",
  noHostSecondLook: "the host's second look",
  noWorkerSecondLook: "the worker's second look",
  noEpochTest: "the test of the epoch",
  noSequenceTest: "the test of the sequence number",
  noDeathTest: "the look for a death",
  noDeathTestAsleep: "the look for a death before sleeping",
  deathNotRung: "the ring after a death",
  noBegunTest: "the test whether the job had begun",
  noSettledTest: "the test whether the job is settled",
  restartedWhileHeld: "waiting for the holder of a seat",
};

for (const [flaw, part] of Object.entries(workerFlaws)) {
  test(`without ${part} the life of a worker has a fault`, () => {
    const model = (some: Mishaps) => workerModel({ [flaw]: true }, some);
    assert(mishaps.some((some) => explore(model(some)).fault !== undefined));
  });
}

const attendMishaps: readonly AttendMishap[] = ["none", "ends", "late"];

for (const mishap of attendMishaps) {
  test(`replies are taken once, by the thread that looks or by the supervisor; ${mishap}`, () => {
    const { states, fault } = explore(attendModel({}, mishap));
    assertEquals(fault, undefined);
    assert(states > 1000, `${states} states`);
  });
}

const attendFlaws: Readonly<Record<keyof AttendFlaws, string>> = {
  noAskFence: "the fence of who asks to be rung",
  noWorkerFence: "the fence of the worker that has answered",
  noSecondLook: "the look after asking",
  notAsked: "asking when a seat is left",
  noHurry: "asking when a job has to wait",
  notHeld: "holding the seat while its reply is taken",
  endUntold: "telling of a worker that ended while its seat was held",
  timeUntold: "telling of a deadline when a seat is left",
};

for (const [flaw, part] of Object.entries(attendFlaws)) {
  test(`without ${part} replies have a fault`, () => {
    const model = (mishap: AttendMishap) => attendModel({ [flaw]: true }, mishap);
    assert(attendMishaps.some((mishap) => explore(model(mishap)).fault !== undefined));
  });
}
