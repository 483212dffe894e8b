// What an engine tells Prometheus: the text is of its format, as a parser of our own has it, and
// the numbers are those of the jobs. tools/prometheus.ts asks a real Prometheus.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { Isolation } from "../mod.ts";
import { usageOf } from "../src/engine/usage.ts";
import { lasting, lastingCover } from "./lasting.ts";
import { computes, workersOf } from "./workers.ts";

const linux = process.platform === "linux";
const small = Cover.fromTruthTable(3, "01101001");
const hard = Cover.fromMinterms(8, Array.from({ length: 120 }, (_, n) => n * 37 % 256));

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format, version 0.0.4, and throws where it is not that. */
function parse(text: string): Sample[] {
  assert(text.endsWith("\n"));
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  let family = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, what, name = "", rest = ""] = comment;
      if (what === "HELP") assertEquals(types.has(name), false, `${name} stands twice`);
      else types.set(name, rest);
      family = name;
      continue;
    }
    const [, name = "", labels = "", value = ""] = /^([a-z_]+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    assert(name.startsWith(family) && value !== "", line);
    const type = types.get(family);
    const suffix = name.slice(family.length);
    assertEquals(["_bucket", "_sum", "_count"].includes(suffix), type === "histogram", line);
    assertEquals(family.endsWith("_total"), type === "counter", line);
    const pairs = [...labels.matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
    assertEquals(pairs.map(([pair]) => pair).join(""), labels);
    const object = Object.fromEntries(pairs.map(([, key, text]) => [key, text]));
    samples.push({ name, labels: object, value: Number(value) });
    assert(Number.isFinite(samples.at(-1)!.value), line);
  }
  return samples;
}

function valueOf(samples: readonly Sample[], name: string, labels: object = {}): number {
  const found = samples.filter((sample) =>
    sample.name === name &&
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
  );
  return found.reduce((sum, { value }) => sum + value, 0);
}

for (const mode of ["direct", "pool", "process"] as const satisfies readonly Isolation[]) {
  const only = mode !== "process" || linux ? test : test.skip;
  only(`${mode}: the text is Prometheus's, and counts the jobs`, async () => {
    await using engine = await createEngine({ isolation: mode, metrics: true });
    assertEquals(valueOf(parse(engine.metrics()), "ristretto_jobs_total"), 0);
    for (let n = 0; n < 5; n++) await engine.minimize(small);
    for (let n = 0; n < 3; n++) engine.minimizeSync(small);
    await assertRejects(() => engine.minimizePla(".i x\n"), RistrettoError);
    assertThrows(() => engine.minimizePlaSync(".i x\n"), RistrettoError);
    const samples = parse(engine.metrics());
    assert(samples.every(({ labels }) => labels["mode"] === mode));
    assertEquals(valueOf(samples, "ristretto_jobs_total", { outcome: "ok" }), 8);
    assertEquals(valueOf(samples, "ristretto_jobs_total", { outcome: "invalid_input" }), 2);
    assertEquals(valueOf(samples, "ristretto_jobs_in_progress"), 0);
    assertEquals(valueOf(samples, "ristretto_job_duration_seconds_count"), 10);
    assertEquals(valueOf(samples, "ristretto_job_duration_seconds_bucket", { le: "+Inf" }), 10);
    const buckets = samples.filter(({ name }) => name.endsWith("_bucket"));
    const counts = buckets.map(({ value }) => value);
    assertEquals(counts, counts.toSorted((a, b) => a - b));
    const bounds = buckets.map(({ labels }) => Number(labels["le"]!.replace("+Inf", "Infinity")));
    assertEquals(bounds, bounds.toSorted((a, b) => a - b));
    assertEquals(valueOf(samples, "ristretto_workers"), mode === "process" ? 1 : 0);
  });
}

(linux ? test : test.skip)("a crash is counted with its cause", async () => {
  await using engine = await createEngine({ isolation: "process", metrics: true });
  const job = engine.minimize(lastingCover(), lasting);
  assertEquals(valueOf(parse(engine.metrics()), "ristretto_jobs_in_progress"), 1);
  await engine.minimize(small, { signal: AbortSignal.timeout(50) }).catch(() => undefined);
  const [pid] = workersOf(process.pid);
  await computes(pid!);
  process.kill(pid!, "SIGSEGV");
  await assertRejects(() => job, RistrettoError);
  assertEquals((await engine.minimize(small)).stats.cubes, 4);
  const samples = parse(engine.metrics());
  assertEquals(valueOf(samples, "ristretto_worker_failures_total", { cause: "SIGSEGV" }), 1);
  assertEquals(valueOf(samples, "ristretto_jobs_total", { outcome: "worker_crashed" }), 1);
  assertEquals(valueOf(samples, "ristretto_worker_starts_total"), 2);
  assertEquals(valueOf(samples, "ristretto_worker_ends_total", { cause: "crash" }), 1);
});

for (const way of [{ isolation: "process" }, { isolation: "process", ffi: false }] as const) {
  const what = "ffi" in way ? "over streams" : "by the library";
  (linux ? test : test.skip)(`each worker has numbers of its own (${what})`, async () => {
    await using engine = await createEngine({ ...way, workers: 2, recycle: 4, metrics: true });
    const jobs = Array.from({ length: 40 }, (_, n) => engine.minimize(n < 8 ? hard : small));
    await Promise.all(jobs);
    const samples = parse(engine.metrics());
    const of = (name: string): readonly Sample[] => samples.filter((one) => one.name === name);
    const served = of("ristretto_worker_jobs_total");
    assertEquals(served.map(({ labels }) => labels["worker"]), ["0", "1"]);
    assertEquals(valueOf(samples, "ristretto_worker_jobs_total"), 40);
    const ends = valueOf(samples, "ristretto_worker_ends_total", { cause: "jobs" });
    assert(ends >= 8 && ends <= 10, `${ends}`);
    for (const { value } of of("ristretto_worker_resident_memory_bytes")) {
      assert(value > 0 && value < 2 ** 33, `${value}`);
    }
    for (const { value } of of("ristretto_worker_cpu_seconds_total")) assert(value >= 0);
    for (const name of ["resident_memory_bytes", "cpu_seconds_total"]) {
      const workers = of(`ristretto_worker_${name}`).map(({ labels }) => labels["worker"]);
      assertEquals(workers.length, new Set(workers).size);
    }
  });
}

(linux ? test : test.skip)("processor time and memory of a process are the system's", () => {
  const before = usageOf(process.pid)!;
  const own = process.cpuUsage();
  const seconds = (own.user + own.system) / 1e6;
  assert(Math.abs(before.cpuSeconds - seconds) < 0.2, `${before.cpuSeconds} ${seconds}`);
  const resident = process.memoryUsage().rss;
  assert(
    Math.abs(before.residentBytes / resident - 1) < 0.3,
    `${before.residentBytes} ${resident}`,
  );
  assertEquals(usageOf(0), undefined);
  assertEquals(usageOf(2 ** 31 - 1), undefined);
});

test("jobs that are given up are no longer in progress", async () => {
  await using engine = await createEngine({ isolation: "pool", metrics: true });
  let taken = 0;
  for await (const _ of engine.minimizeAll(Array.from({ length: 100 }, () => small))) {
    if (++taken === 3) break;
  }
  assertEquals(valueOf(parse(engine.metrics()), "ristretto_jobs_in_progress"), 0);
});

test("an engine that counts nothing says so", async () => {
  using engine = await createEngine();
  assertThrows(() => engine.metrics(), RistrettoError, "metrics");
  const wrong = { metrics: 1 } as unknown as { metrics: boolean };
  await assertRejects(() => createEngine(wrong), RistrettoError, "metrics");
});
