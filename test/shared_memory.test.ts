// Memory that is not like other memory: shared with other threads, resizable, empty, taken away;
// and memory that another thread writes to while a job is read from it. Whatever lies there, a call
// ends with some result or some error.

import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Cover, createEngine, type Engine, minimizePla, RistrettoError } from "../mod.ts";
import { dataOf } from "../src/cover/cover.ts";
import { Block } from "../src/job/block.ts";
import { openResult } from "../src/job/decode.ts";
import { encodeJob, type JobInput } from "../src/job/encode.ts";
import * as format from "../src/job/format.ts";
import { native } from "../src/native/open.ts";
import type { WorkerTask } from "./native_worker.ts";

const encoder = new TextEncoder();
const text = ".i 2\n.o 1\n11 1\n10 1\n.e\n";
const words = new Uint32Array([0b1_10_10, 0, 0b1_01_10, 0]); // the same, packed

/** A job as bytes. */
function jobOf(input: JobInput): Uint8Array<ArrayBuffer> {
  const job = new Block(64);
  encodeJob(job, input);
  return job.copy();
}

const minimizing: JobInput = {
  operation: format.OP_MINIMIZE,
  cover: dataOf(
    "cover",
    Cover.fromMinterms(10, Array.from({ length: 200 }, (_, n) => n * 37 % 1024)),
  ),
};

/** Every call that takes bytes of its caller, with what is right for it. */
const calls: {
  name: string;
  right: Uint8Array;
  call: (bytes: Uint8Array, engine: Engine) => unknown;
}[] = [
  { name: "Cover.fromPla", right: encoder.encode(text), call: (bytes) => Cover.fromPla(bytes) },
  { name: "minimizePla", right: encoder.encode(text), call: (bytes) => minimizePla(bytes) },
  {
    name: "minimizePlaSync",
    right: encoder.encode(text),
    call: (bytes, engine) => engine.minimizePlaSync(bytes),
  },
  {
    name: "runSync",
    right: jobOf(minimizing),
    call: (bytes, engine) => openResult(Block.copyOf(engine.runSync(bytes)), format.OP_MINIMIZE),
  },
];

function copyInto<T extends ArrayBufferLike>(
  buffer: T,
  bytes: Uint8Array,
  offset = 0,
): Uint8Array<T> {
  const view = new Uint8Array(buffer, offset, bytes.length);
  view.set(bytes);
  return view;
}

test("shared memory is read as any other, at any offset", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  for (const { right, call } of calls) {
    for (const offset of [0, 1, 3, 64]) {
      call(copyInto(new SharedArrayBuffer(right.length + offset), right, offset), engine);
      call(copyInto(new ArrayBuffer(right.length + offset), right, offset), engine);
    }
  }
});

test("resizable memory is refused everywhere, whatever it holds", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  for (const { name, right, call } of calls) {
    const most = { maxByteLength: 2 * right.length };
    const buffers = [
      new ArrayBuffer(right.length, most),
      new SharedArrayBuffer(right.length, most),
    ];
    for (const buffer of buffers) {
      const bytes = copyInto(buffer, right);
      const error = assertThrows(() => call(bytes, engine), RistrettoError, "", name);
      assertEquals(error.kind, "InvalidInput", name);
      assertStringIncludes(error.message, "resizable", name);
    }
  }
});

test("packed words of a resizable buffer are refused, those of a shared one copied", () => {
  const bytes = words.byteLength;
  for (const type of [ArrayBuffer, SharedArrayBuffer]) {
    const rows = new Uint32Array(new type(bytes, { maxByteLength: 2 * bytes }));
    rows.set(words);
    const error = assertThrows(() => Cover.fromWords(2, 1, { on: rows }), RistrettoError);
    assertStringIncludes(error.message, "resizable");
  }
  const rows = new Uint32Array(new SharedArrayBuffer(bytes));
  rows.set(words);
  const cover = Cover.fromWords(2, 1, { on: rows });
  rows.fill(0);
  assertEquals(cover.toSumOfProducts(), "a b + a b'");
});

test("empty memory, and memory that was given away, is bad input and nothing worse", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  const given = new Uint8Array(64);
  structuredClone(given.buffer, { transfer: [given.buffer] });
  const empty = [
    new Uint8Array(0),
    new Uint8Array(new ArrayBuffer(64), 64),
    new Uint8Array(new ArrayBuffer(64), 7, 0),
    new Uint8Array(new SharedArrayBuffer(0)),
    given,
  ];
  for (const bytes of empty) {
    assertEquals(bytes.length, 0);
    for (const { name, call } of calls) {
      const error = assertThrows(() => call(bytes, engine), RistrettoError, "", name);
      assertEquals(error.kind, "InvalidInput", name);
    }
    const out = new Uint8Array(4096);
    assert(native().rst_run(bytes, 0, out, out.length) > 0); // a result that says what is wrong
    assert(native().rst_run(bytes, 0, bytes, 0) > out.length / 100); // and where nothing fits
    assert(native().rst_take(out, out.length) > 0);
  }
  assertEquals(Cover.fromWords(2, 1, { on: new Uint32Array(0) }).cubeCount, 0);
  const rows = words.slice();
  structuredClone(rows.buffer, { transfer: [rows.buffer] });
  const error = assertThrows(() => Cover.fromWords(2, 1, { on: rows }), RistrettoError);
  assertStringIncludes(error.message, "given away");
});

/** Jobs whose reading has something to lose: covers, texts, two of them, options. */
const changing: readonly JobInput[] = [
  minimizing,
  { ...minimizing, operation: format.OP_EXPLAIN },
  { ...minimizing, operation: format.OP_EQUIVALENT, second: minimizing.cover },
  {
    operation: format.OP_MINIMIZE,
    text: encoder.encode(Cover.fromMinterms(8, [1, 2, 5, 77]).toPla()),
  },
  { operation: format.OP_SIZE, cover: minimizing.cover },
];

test("a job that another thread changes while it runs has some result or some error", async () => {
  await using engine = await createEngine({ isolation: "direct" });
  for (const input of changing) {
    const original = jobOf(input);
    const shared = new Uint8Array(new SharedArrayBuffer(original.length));
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const task: WorkerTask = { kind: "mutate", gate, count: 0, memory: shared };
    const worker = new Worker(new URL("./native_worker.ts", import.meta.url), { workerData: task });
    const done = new Promise((resolve) => worker.once("message", resolve));
    while (Atomics.load(gate, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const out = new Uint8Array(256 * 1024);
    const seen = new Set<string>();
    const end = performance.now() + 10_000; // with one processor the other thread has its turns
    for (let round = 0; round < 200 || (seen.size < 2 && performance.now() < end); round++) {
      shared.set(original);
      // Through the engine, which copies; and straight into the library, which must not trust it.
      seen.add(outcomeOf(engine.runSync(shared)));
      const length = native().rst_run(shared, shared.length, out, out.length);
      assert(length > 0 && length <= out.length);
      seen.add(outcomeOf(out.subarray(0, length)));
    }
    Atomics.store(gate, 1, 1);
    await done;
    await worker.terminate();
    if (seen.size === 1) { // a busy machine, whose other thread had no turn in between
      console.log(`skipped: operation ${input.operation}: nothing was changed while it ran`);
    }
  }
});

/** What a result says: an error of the job, or that there is an answer. */
function outcomeOf(result: Uint8Array): string {
  const block = Block.copyOf(result);
  const operation = block.words[format.HEADER_OPERATION / 4]!;
  try {
    openResult(block, operation);
    return `an answer of operation ${operation}`;
  } catch (error) {
    if (!(error instanceof RistrettoError)) throw error;
    assert(error.kind !== "Internal" && error.kind !== "ProtocolViolation", error.message);
    return error.message;
  }
}
