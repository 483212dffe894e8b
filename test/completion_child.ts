// Programs that completion.test.ts runs in processes of their own: the first argument says which.

import process from "node:process";
import { setTimeout } from "node:timers";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { mailbox } from "../src/engine/completion.ts";
import { native } from "../src/native/open.ts";

/** Expects what nobody will post, until the loop sleeps. */
async function fallAsleep(): Promise<void> {
  mailbox().expect(() => {});
  await new Promise((resolve) => setTimeout(resolve, 20));
}

const programs: Record<string, () => unknown> = {
  idle: async () => {
    const box = mailbox();
    await new Promise<number>((resolve) => {
      const ticket = box.expect(resolve);
      setTimeout(() => native().rst_mailbox_post(box.handle, ticket, 1), 20);
    });
    console.log("idle");
  },

  /** Nothing but the mailbox keeps the process until the post. */
  expects: () => {
    const box = mailbox();
    const ticket = box.expect((value) => console.log(value));
    const timer = setTimeout(() => native().rst_mailbox_post(box.handle, ticket, 7), 300);
    timer.unref();
    console.log("asleep");
  },

  exit: async () => {
    await fallAsleep();
    console.log("asleep");
    process.exit(3);
  },

  throw: async () => {
    await fallAsleep();
    console.log("asleep");
    throw new Error("thrown on purpose");
  },

  terminate: async () => {
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve) => worker.once("message", resolve));
    console.log("asleep");
    await worker.terminate();
    process.exitCode = 3;
  },
};

if (isMainThread) await programs[process.argv[2] ?? ""]?.();
else {
  await fallAsleep();
  parentPort!.postMessage("asleep");
}
