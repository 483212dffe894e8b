// Spans: one for each job, with what the conventions of OpenTelemetry ask for. The tracer is one of
// our own, with the interface of @opentelemetry/api.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import type { EngineOptions, SpanLike, SpanOptionsLike, TracerLike } from "../mod.ts";

const small = Cover.fromTruthTable(3, "01101001");

/** What became of a span. */
class Recorded implements SpanLike {
  readonly name: string;
  readonly attributes: Record<string, string | number | boolean>;
  readonly exceptions: Error[] = [];
  status: { code: number; message?: string } | undefined;
  ended = 0;

  constructor(name: string, { attributes = {} }: SpanOptionsLike = {}) {
    this.name = name;
    this.attributes = { ...attributes };
  }

  setAttribute(name: string, value: string | number | boolean): this {
    this.attributes[name] = value;
    return this;
  }

  setStatus(status: { code: number; message?: string }): this {
    this.status = status;
    return this;
  }

  recordException(error: Error): void {
    this.exceptions.push(error);
  }

  end(): void {
    this.ended++;
  }
}

class Memory implements TracerLike {
  readonly spans: Recorded[] = [];

  startSpan(name: string, options?: SpanOptionsLike): Recorded {
    const span = new Recorded(name, options);
    this.spans.push(span);
    return span;
  }
}

for (const isolation of ["direct", "pool", "process"] as const) {
  const only = isolation !== "process" || process.platform === "linux" ? test : test.skip;
  only(`${isolation}: each job has a span, which ends once, and says what failed`, async () => {
    const tracer = new Memory();
    await using engine = await createEngine({ isolation, tracer, metrics: true });
    await engine.minimize(small);
    engine.minimizeSync(small);
    await engine.complement(small);
    engine.isTautologySync(small);
    await assertRejects(() => engine.minimizePla(".i x\n"), RistrettoError);
    assertThrows(() => engine.minimizePlaSync(".i x\n"), RistrettoError);
    const { spans } = tracer;
    assertEquals(spans.map(({ name }) => name), [
      ...["ristretto minimize", "ristretto minimize", "ristretto complement"],
      ...["ristretto isTautology", "ristretto minimize", "ristretto minimize"],
    ]);
    assert(spans.every(({ ended }) => ended === 1));
    const { attributes } = spans[0]!;
    assertEquals(attributes["code.function.name"], "ristretto.minimize");
    assertEquals(attributes["ristretto.isolation"], isolation);
    assert(Number(attributes["ristretto.job.size"]) > 64);
    assertEquals(spans.map(({ status }) => status?.code), [
      ...[undefined, undefined, undefined, undefined],
      ...[2, 2],
    ]);
    assertEquals(spans.map((span) => span.attributes["error.type"]).slice(3), [
      ...[undefined, "InvalidInput", "InvalidInput"],
    ]);
    assertEquals(spans[4]!.exceptions.map((error) => error instanceof RistrettoError), [true]);
    assert(engine.metrics().includes('outcome="ok"} 4'));
  });
}

test("jobs that are given up end their spans", async () => {
  const tracer = new Memory();
  await using engine = await createEngine({ isolation: "pool", tracer });
  let taken = 0;
  for await (const _ of engine.minimizeAll(Array.from({ length: 100 }, () => small))) {
    if (++taken === 3) break;
  }
  assert(tracer.spans.length >= 3);
  assert(tracer.spans.every(({ ended }) => ended === 1));
});

test("a tracer that is none is refused", async () => {
  for (const tracer of ["otel", {}, null]) {
    const options = { tracer } as unknown as EngineOptions;
    const error = await assertRejects(() => createEngine(options), RistrettoError, "tracer");
    assertEquals(error.kind, "InvalidInput");
  }
});

test("a tracer that the application has registered is found, unless it is not wanted", async () => {
  const key = Symbol.for("opentelemetry.js.api.1"); // as @opentelemetry/api 1.x registers it
  const global = globalThis as Record<symbol, unknown>;
  const before = global[key];
  const tracer = new Memory();
  const asked: unknown[] = [];
  const trace = {
    getTracer: (name: string, version?: string) => {
      asked.push(name, typeof version);
      return tracer;
    },
  };
  try {
    global[key] = { version: "1.9.0", trace };
    await using found = await createEngine();
    await found.minimize(small);
    assertEquals(tracer.spans.map(({ name }) => name), ["ristretto minimize"]);
    assertEquals([...new Set(asked)], ["@ristretto/espresso", "string"]);
    const own = new Memory();
    for (const options of [{ tracer: false }, { tracer: own }] as const) {
      await using engine = await createEngine(options);
      await engine.minimize(small);
    }
    assertEquals([tracer.spans.length, own.spans.length], [1, 1]);
    const broken = () => {
      throw new Error("not now");
    };
    const useless = [
      ...[undefined, null, 7, {}, { trace: null }, { trace: {} }],
      ...[{ trace: { getTracer: () => ({}) } }, { trace: { getTracer: broken } }],
    ];
    for (const registered of useless) {
      global[key] = registered;
      await using engine = await createEngine();
      assertEquals((await engine.minimize(small)).stats.cubes, 4);
    }
    assertEquals(tracer.spans.length, 1);
  } finally {
    if (before === undefined) delete global[key];
    else global[key] = before;
  }
});
