// Jobs on a native thread of their own: the same answer, progress, and the best so far on request.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { minimizePla, RistrettoError } from "../mod.ts";
import type { Progress } from "../mod.ts";
import { runWatched } from "../src/engine/watched.ts";
import { Block } from "../src/job/block.ts";
import { decodeText, encodeText } from "../src/operations/text.ts";
import { checkOptions } from "../src/options.ts";
import { native } from "../src/native/open.ts";
import type { PlaOptions } from "../src/options.ts";
import { lastingCover } from "./lasting.ts";

/** A job on the text of a function that takes long: random cubes over many inputs. */
function job(text: string, options?: PlaOptions): Block {
  const block = new Block(64);
  encodeText(block, text, checkOptions(options));
  return block;
}

function hard(inputs: number, cubes: number): string {
  let seed = 1;
  const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const rows = Array.from({ length: cubes }, () => {
    const text = Array.from({ length: inputs }, () => "01-"[Math.floor(random() * 3)]).join("");
    return `${text} ${random() < 0.5 ? "10" : "11"}\n`;
  });
  return `.i ${inputs}\n.o 2\n${rows.join("")}.e\n`;
}

test("a watched job gives the answer that this thread gives", async () => {
  const text = hard(8, 40);
  const watched = decodeText(await runWatched(job(text)));
  assertEquals(watched.text, minimizePla(text).text);
});

test("an error of the job is in its result", async () => {
  const result = await runWatched(job(".i 1\n.o 1\n! 1\n"));
  const error = await assertRejects(async () => await decodeText(result), RistrettoError);
  assertEquals([error.kind, error.line], ["InvalidInput", 3]);
});

test("a signal asks for the best so far, which comes and is marked", async () => {
  const controller = new AbortController();
  const seen: Progress[] = [];
  const running = runWatched(job(lastingCover().toPla(), { method: "exact" }), {
    signal: controller.signal,
    intervalMs: 10,
    onProgress: (progress) => {
      seen.push(progress);
      if (seen.length === 3) controller.abort();
    },
  });
  const { stats } = decodeText(await running);
  assert(seen.length >= 3, "it ended before it was seen");
  assertEquals([stats.complete, stats.stopped], [false, "cancel"]);
  assert(
    seen.every(({ elapsedMs }, index) => index === 0 || elapsedMs > seen[index - 1]!.elapsedMs),
  );
  assert(seen.at(-1)!.work > 0);
});

test("a signal that is aborted already cancels the job", async () => {
  const signal = AbortSignal.abort();
  const error = await assertRejects(
    () => runWatched(job(".i 1\n.o 1\n"), { signal }),
    RistrettoError,
  );
  assertEquals(error.kind, "Cancelled");
});

test("many watched jobs at once each get their own answer", async () => {
  const texts = Array.from({ length: 20 }, (_, n) => hard(6, 5 + n));
  const results = await Promise.all(texts.map((text) => runWatched(job(text))));
  for (const [n, result] of results.entries()) {
    assertEquals(decodeText(result).text, minimizePla(texts[n]!).text);
  }
});

test("a throw in onProgress rejects, and the task is given up", async () => {
  const before = native().rst_thread_count();
  const running = runWatched(job(lastingCover().toPla(), { method: "exact" }), {
    intervalMs: 5,
    onProgress: () => {
      throw new Error("mine");
    },
  });
  await assertRejects(() => running, Error, "mine");
  const patience = performance.now() + 60_000;
  while (native().rst_thread_count() > before && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(native().rst_thread_count() <= before);
});
