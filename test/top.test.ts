// The live view: what it makes of an engine's metrics, and the program, in a pipe.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Cover, createEngine, type Engine } from "../mod.ts";
import { lineOf, quantile, readSamples, screenOf, viewOf } from "../tools/top_view.ts";
import { command, runProgram } from "./cli_spawn.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");

test("quantiles of a histogram lie where the counts say", () => {
  const counts = [[0.1, 50], [0.2, 90], [0.4, 100], [Infinity, 100]] as const;
  assertEquals(quantile(counts, 0.25), 0.05);
  assertEquals(quantile(counts, 0.5), 0.1);
  assert(Math.abs(quantile(counts, 0.7)! - 0.15) < 1e-12);
  assert(Math.abs(quantile(counts, 0.95)! - 0.3) < 1e-12);
  assertEquals(quantile([[1, 0], [Infinity, 4]], 0.5), 1); // beyond all spans
  assertEquals(quantile([[1, 0], [Infinity, 0]], 0.5), undefined);
});

test("samples are read with their labels, and what is none is passed over", () => {
  const text = '# HELP ristretto_a b\nristretto_a{mode="x",name="q\\"\\\\n\\n"} 3\nother 4\n' +
    "ristretto_b 5 1700000000\nristretto_c{} NaN\nnonsense\n";
  assertEquals(readSamples(text), [
    { name: "ristretto_a", labels: { mode: "x", name: 'q"\\n\n' }, value: 3 },
    { name: "ristretto_b", labels: {}, value: 5 },
  ]);
});

only("what happened between two looks at an engine is shown", async () => {
  await using engine = await createEngine({
    ...{ isolation: "process", metrics: true, recycle: 5 },
    classes: { one: {}, two: {} },
  });
  for (let n = 0; n < 3; n++) await engine.minimize(small);
  const before = { at: 0, samples: readSamples(engine.metrics()) };
  for (let n = 0; n < 10; n++) await engine.minimize(small, { class: n < 4 ? "two" : "one" });
  await engine.minimizePla(".i x\n").catch(() => {});
  const view = viewOf(before, { at: 2000, samples: readSamples(engine.metrics()) });
  assertEquals([view.jobsPerSecond, view.failedPerSecond], [5.5, 0.5]);
  assertEquals([view.running, view.queue, view.modes], [0, 0, "process"]);
  assert(view.p50! > 0 && view.p50! <= view.p99!);
  assertEquals(view.rows.map(({ name }) => name), ["one 0", "two 0"]);
  assertEquals(view.rows[1]!.jobsPerSecond, 2);
  assert(view.ends!.get("jobs")! >= 1);
  assertMatch(lineOf(view), /^jobs\/s 5\.5 {2}failed\/s 0\.5 {2}p50 .* ended \d+ \(jobs \d+\)/);
  const lines = screenOf(view, "title", { rows: 30, columns: 60 });
  assert(lines.some((line) => line.startsWith("one 0")));
  assert(lines.every((line) => line.length <= 60));
  assert(screenOf(view, "title", { rows: 5, columns: 20 }).length <= 5);
  // A server that began anew counts from 0 again.
  const anew = viewOf({ at: 0, samples: readSamples(engine.metrics()) }, {
    ...{ at: 1000, samples: before.samples },
  });
  assertEquals(anew.jobsPerSecond, 3);
});

async function serve(engine: Engine): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    if (request.url === "/metrics") response.end(engine.metrics());
    else if (request.url === "/other") response.end("hello\n");
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("in a pipe it prints a line for each look, until Ctrl-C", async () => {
  await using engine = await createEngine({ isolation: "pool", metrics: true });
  const { server, url } = await serve(engine);
  try {
    const busy = setInterval(() => void engine.minimize(small), 5);
    const ended = await runProgram([...command("tools/top.ts"), "--interval=0.1", url], {
      onStart: (child) => {
        let lines = 0;
        let told = false;
        child.stdout.on("data", (text: string) => {
          lines += text.split("\n").length - 1;
          // Deno does not know how a child ended that it has killed by child.kill.
          if (lines >= 3 && !told) process.kill(child.pid!, "SIGINT");
          told ||= lines >= 3; // it may be gone when the rest of its output comes
        });
      },
    });
    clearInterval(busy);
    assertEquals([ended.status, ended.stderr], [0, ""]);
    const lines = ended.stdout.trimEnd().split("\n");
    assert(lines.length >= 3);
    for (const line of lines) {
      assertMatch(line, /^\d{4}-\S+Z {2}jobs\/s [\d.]+ .* queue - {2}workers - .* memory - /);
    }
    assert(lines.some((line) => !line.includes("jobs/s 0.0")));
  } finally {
    server.close();
  }
});

test("what is wrong is said in a line, with an exit status", async () => {
  await using engine = await createEngine({ metrics: true });
  const { server, url } = await serve(engine);
  const top = (...args: string[]) => runProgram([...command("tools/top.ts"), ...args]);
  try {
    for (
      const [args, status, part] of [
        [[], 2, "usage"],
        [["a", "b"], 2, "usage"],
        [["--often", url], 2, "--often"],
        [["--interval=x", url], 2, "0.1 to 3600"],
        [["ftp://127.0.0.1/"], 2, "http"],
        [[`${url}/other`], 1, "not with the metrics"],
        [[`${url}/nothing`], 1, "404"],
        [["http://127.0.0.1:1/metrics"], 1, "cannot be reached"],
      ] as const
    ) {
      const ended = await top(...args);
      assertEquals([ended.status, ended.stdout], [status, ""], ended.stderr);
      assert(ended.stderr.includes(part), ended.stderr);
      assertEquals(ended.stderr.trimEnd().split("\n").length, 1, ended.stderr);
    }
  } finally {
    server.close();
  }
});
