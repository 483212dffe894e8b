// The JavaScript end of a mailbox: every completion settles its promise once, whatever wakes the
// loop; nothing is held up that should end, and nothing ends that should be held.

import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { assert, assertEquals } from "@std/assert";
import { Mailbox, mailbox } from "../src/engine/completion.ts";
import { openDoorbell } from "../src/engine/doorbell.ts";
import { openParkedDoorbell } from "../src/engine/doorbell_parked.ts";
import { openTimerDoorbell } from "../src/engine/doorbell_timer.ts";
import { library, native } from "../src/native/open.ts";
import { runtimeName } from "../src/native/runtime.ts";
import type { PostTask } from "./completion_worker.ts";
import { runChild } from "./native_spawn.ts";

const file = fileURLToPath(new URL("./completion_child.ts", import.meta.url));
const doorbells: Record<string, typeof openDoorbell> = {
  "the best": openDoorbell,
  "timer": (_handle, ring) => openTimerDoorbell(ring),
};
if (runtimeName === "deno") doorbells["parked"] = openParkedDoorbell;

/** A promise of what is posted with the ticket that `submit` is given. */
function expected(box: Mailbox, submit: (ticket: number) => void): Promise<number> {
  return new Promise((resolve) => submit(box.expect(resolve)));
}

/** A Worker that posts values 0, 1, … with the tickets from 0 on, so many milliseconds apart. */
function startPoster(task: PostTask): Worker {
  return new Worker(new URL("./completion_worker.ts", import.meta.url), { workerData: task });
}

test("what this thread posts settles, with its value", async () => {
  const box = mailbox();
  const post = native().rst_mailbox_post;
  const values = Array.from({ length: 2000 }, (_, n) => n * 2_000_003 % 2 ** 32);
  const settled = await Promise.all(values.map((value) =>
    expected(box, (ticket) => {
      assertEquals(post(box.handle, ticket, value), 0);
    })
  ));
  assertEquals(settled, values);
  assertEquals(box.pending, 0);
});

test("a ticket that is given back is pending no more", () => {
  const box = mailbox();
  const ticket = box.expect(() => {});
  assertEquals(box.pending, 1);
  box.forget(ticket);
  assertEquals(box.pending, 0);
});

for (const [name, open] of Object.entries(doorbells)) {
  test(`another thread's posts wake a sleeping loop, doorbell: ${name}`, async () => {
    const box = new Mailbox(open);
    for (const [count, apartMs] of [[20, 10], [2000, 0]] as const) {
      const promises = Array.from({ length: count }, () => expected(box, () => {}));
      const worker = startPoster({ mailbox: box.handle, count, apartMs });
      const values = await Promise.all(promises);
      await worker.terminate();
      assertEquals(values.sort((a, b) => a - b), Array.from({ length: count }, (_, n) => n));
      assertEquals(box.pending, 0);
    }
  });
}

/** Runs a program, which has a minute: what is held up is held up for ever. */
function runNamed(name: string, permissions?: readonly string[]) {
  return runChild([name], {}, permissions, file);
}

test("an idle mailbox does not keep a process alive", () => {
  const { output, status } = runNamed("idle");
  assertEquals([output, status], ["idle", 0]);
});

test("an expected completion does, until it comes", () => {
  const { output, status } = runNamed("expects");
  assertEquals([output, status], ["asleep\n7", 0]);
});

for (const name of ["exit", "throw", "terminate"]) {
  test(`a sleeping loop does not hold up a ${name}`, () => {
    const { output, status } = runNamed(name);
    assertEquals(status, name === "throw" ? 1 : 3);
    assert(output.startsWith("asleep"), output);
  });
}

if (runtimeName === "deno") {
  test("the grant for the library is enough", () => {
    const { output, status } = runNamed("expects", [`--allow-ffi=${library().path}`]);
    assertEquals([output, status], ["asleep\n7", 0]);
  });
}
