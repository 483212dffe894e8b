// How long a thread looks before it sleeps: told what its looks find, without a clock.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Patience } from "../src/engine/patience.ts";

/** Milliseconds until a sleeping worker has answered a short job. */
const WAKE = 0.06;

/** Things that come after so many milliseconds, one after the other; how many were looked for in
 * vain. */
function wait(patience: Patience, ms: number, times: number): number {
  let missed = 0;
  for (let n = 0; n < times; n++) {
    if (ms < patience.ms(1)) {
      patience.found(ms);
    } else {
      patience.missed();
      missed++;
    }
  }
  return missed;
}

test("the first look is long enough for a worker that sleeps", () => {
  assertEquals(wait(new Patience(), WAKE, 1), 0);
});

test("long jobs are glanced for, but for one in sixteen", () => {
  const patience = new Patience();
  assertEquals(wait(patience, 10, 100), 100);
  let looked = 0;
  for (let n = 0; n < 160; n++) {
    looked += patience.ms(1);
    patience.missed();
  }
  assert(looked / 160 <= 0.03, `${looked / 160} ms a job`);
});

test("after any number of long jobs short ones are found again", () => {
  for (let long = 1; long < 50; long++) {
    const patience = new Patience();
    wait(patience, 10, long);
    // Both sides sleep between jobs now, so also a short one comes after a wake of its worker.
    assert(wait(patience, WAKE, 16) < 16, `after ${long}`);
    assertEquals(wait(patience, 0.005, 100), 0);
  }
});

test("one that is late costs the next one, no more", () => {
  for (const usual of [0.005, 0.05, 0.1]) {
    const patience = new Patience();
    wait(patience, usual, 100);
    assertEquals(wait(patience, 5, 1), 1);
    assert(wait(patience, usual, 100) <= 1, `${usual} ms`);
  }
});

test("what is usual is looked for twice as long, but never beyond a bound", () => {
  const patience = new Patience();
  for (let n = 0; n < 100; n++) patience.found(0.12);
  assert(patience.ms(1) >= 0.23 && patience.ms(1) <= 0.25);
  for (let n = 0; n < 100; n++) patience.found(5);
  assertEquals(patience.ms(1), 0.3);
});

test("where many are waited for, a look is worth less", () => {
  const patience = new Patience();
  for (let n = 0; n < 100; n++) patience.found(5);
  const each = [1, 2, 4, 64].map((pending) => patience.ms(pending));
  assertEquals(each, [...each].sort((a, b) => b - a));
  assert(each[3]! <= 0.02);
});
