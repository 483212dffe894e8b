// A Worker of completion.test.ts: posts to another thread's mailbox.

import { workerData } from "node:worker_threads";
import { native } from "../src/native/open.ts";

/** What to post. */
export interface PostTask {
  /** To whom. */
  readonly mailbox: number;
  /** How often; the tickets and the values count from 0. */
  readonly count: number;
  /** Milliseconds between two posts. */
  readonly apartMs: number;
}

const { mailbox, count, apartMs } = workerData as PostTask;
for (let n = 0; n < count; n++) {
  if (apartMs > 0) await new Promise((resolve) => setTimeout(resolve, apartMs));
  native().rst_mailbox_post(mailbox, n, n);
}
