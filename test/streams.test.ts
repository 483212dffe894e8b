// Worker processes without foreign calls: the fallback, what it needs, and workers that lie.

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import { dataOf } from "../src/cover/cover.ts";
import { checkTerms } from "../src/engine/limits.ts";
import { StreamCrew } from "../src/engine/streams/crew.ts";
import { FrameReader, writeFrame } from "../src/engine/streams/frames.ts";
import { programName, workerCommand } from "../src/engine/streams/program.ts";
import { Block } from "../src/job/block.ts";
import { encodeJob } from "../src/job/encode.ts";
import { OP_SIZE } from "../src/job/format.ts";
import { library } from "../src/native/open.ts";
import { runtimeName } from "../src/native/runtime.ts";
import { runChild } from "./native_spawn.ts";

const only = process.platform === "linux" ? test : test.skip;
const small = Cover.fromTruthTable(3, "01101001");
const child = fileURLToPath(new URL("./process_child.ts", import.meta.url));

function sizeJob(): Uint8Array {
  const job = new Block(64);
  encodeJob(job, { operation: OP_SIZE, cover: dataOf("cover", small) });
  return job.copy();
}

test("frames come whole, however they are cut; what cannot be is refused", () => {
  const bodies = [0, 1, 63, 64, 65, 70_000].map((length) => new Uint8Array(length).fill(length));
  const frames = bodies.map((body, n) => writeFrame(3, n, body));
  const whole = Uint8Array.from(frames.flatMap((frame) => [...frame]));
  for (const piece of [1, 7, 64, 1000, whole.length]) {
    const got: [number, number, number][] = [];
    const reader = new FrameReader((kind, sequence, body) => {
      assert(body.bytes.subarray(0, body.length).every((byte) => byte === (body.length & 0xff)));
      return got.push([kind, sequence, body.length]) > 0;
    });
    for (let at = 0; at < whole.length; at += piece) {
      assert(reader.push(whole.subarray(at, at + piece)));
    }
    assertEquals(got, bodies.map((body, n) => [3, n, body.length]));
  }
  for (const word of [2, 3, 5, 15]) {
    const frame = writeFrame(3, 1, new Uint8Array(4));
    frame[4 * word] = 1;
    assertEquals(new FrameReader(() => true).push(frame), false);
  }
  const lengths: [number, number][] = []; // beyond what is allowed, a body is told, and not kept
  const bounded = new FrameReader((_kind, _sequence, body) => {
    return lengths.push([body.length, body.bytes.length]) > 0;
  }, 1000);
  assert(bounded.push(writeFrame(3, 1, new Uint8Array(1001))));
  assert(bounded.push(writeFrame(3, 2, new Uint8Array(1000))));
  assertEquals(lengths, [[1001, 0], [1000, 1000]]);
  const longest = writeFrame(3, 1);
  longest.fill(255, 16, 20); // 4 GiB are announced, and nothing comes: no memory is taken for it
  assertEquals(new FrameReader(() => true).push(longest), true);
});

/** A crew of a program in JavaScript that only pretends to be a worker. */
function crewOf(body: string): Promise<StreamCrew> {
  const program = `
    const head = (kind, sequence, length) => {
      const words = new Uint32Array(16);
      words[0] = kind; words[1] = sequence; words[4] = length;
      return Buffer.from(words.buffer);
    };
    const say = (...parts) => process.stdout.write(Buffer.concat(parts));
    const build = Buffer.from("\\0".repeat(16) + "0.1.0 fake");
    const onJob = (answer) => {
      let bytes = Buffer.alloc(0);
      process.stdin.on("data", (piece) => {
        bytes = Buffer.concat([bytes, piece]);
        while (bytes.length >= 64 && bytes.length >= 64 + bytes.readUInt32LE(16)) {
          const frame = bytes.subarray(0, 64 + bytes.readUInt32LE(16));
          bytes = bytes.subarray(frame.length);
          if (frame[0] === 1) answer(frame);
        }
      });
    };
    ${body}`;
  const flags = runtimeName === "deno"
    ? [
      "eval",
      `import process from "node:process"; import { Buffer } from "node:buffer";${program}`,
    ]
    : ["-e", program];
  const command = (): string[] => [process.execPath, ...flags];
  const terms = checkTerms(undefined, undefined);
  return StreamCrew.open({ workers: 1, queue: 8, recycle: 0, graceMs: 100, terms, command });
}

const lies: Readonly<Record<string, string>> = {
  "a reply to another job": "say(head(18, n, 0), head(3, n + 1, 4), Buffer.from('abcd'))",
  "a reply to a job that has not begun": "say(head(3, n, 4), Buffer.from('abcd'))",
  "a reply of nothing": "say(head(18, n, 0), head(3, n, 0))",
  "a second hello": "say(head(17, 1, build.length), build)",
  "an unknown kind": "say(head(99, n, 0))",
  "words that must be zero": "say(Buffer.alloc(64, 255))",
};

for (const [what, lie] of Object.entries(lies)) {
  only(`a worker that sends ${what} is killed, and its job told`, async () => {
    const crew = await crewOf(`
      say(head(17, 1, build.length), build);
      onJob((bytes) => {
        const n = bytes.readUInt32LE(4);
        ${lie};
      });`);
    const error = await assertRejects(() => crew.run(sizeJob(), {}, false), RistrettoError);
    assertEquals(error.kind, "ProtocolViolation");
    crew.closeNow();
  });
}

only("a program that is no worker, or one of another version, is not waited for", async () => {
  const bodies = [
    "process.exit(5);",
    "const b = Buffer.from('\\0'.repeat(16) + '9.9.9 x'); say(head(17, 1, b.length), b);",
  ];
  for (const body of bodies) {
    assertEquals((await assertRejects(() => crewOf(body), RistrettoError)).kind, "Unavailable");
  }
});

only("a job that kills two workers is refused, and others are run", async () => {
  const crew = await crewOf(`
    say(head(17, 1, build.length), build);
    onJob((bytes) => {
      const n = bytes.readUInt32LE(4);
      say(head(18, n, 0));
      if (bytes.length === 64) process.exit(9);
      say(head(3, n, 4), Buffer.from("abcd"));
    });`);
  for (const message of ["status 9", "status 9", "killed two workers"]) {
    const error = await assertRejects(
      () => crew.run(new Uint8Array(0), {}, false),
      RistrettoError,
      message,
    );
    assertEquals(error.kind, "WorkerCrashed");
  }
  assertEquals((await crew.run(sizeJob(), {}, false)).length, 4);
  crew.closeNow();
});

only("a job whose worker ended before it began goes to another", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-"));
  const mark = JSON.stringify(join(folder, "mark"));
  const crew = await crewOf(`
    const fs = process.getBuiltinModule("node:fs");
    say(head(17, 1, build.length), build);
    onJob((bytes) => {
      if (!fs.existsSync(${mark})) {
        fs.writeFileSync(${mark}, "");
        process.exit(1);
      }
      const n = bytes.readUInt32LE(4);
      say(head(18, n, 0), head(3, n, 4), Buffer.from("abcd"));
    });`);
  assertEquals((await crew.run(sizeJob(), {}, false)).length, 4);
  crew.closeNow();
  rmSync(folder, { recursive: true });
});

only("synchronous calls give the errors of promises, and long results", async () => {
  await using engine = await createEngine({ isolation: "process", ffi: false });
  assertEquals(engine.isolation.via, "streams");
  assertEquals(engine.minimizeSync(small).stats.cubes, 4);
  const builder = Cover.builder(24, 1);
  let seed = 5;
  for (let cube = 0; cube < 6000; cube++) {
    const text = Array.from({ length: 24 }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return "01-"[Math.floor(seed / 2 ** 32 * 3)];
    });
    builder.add(text.join(""), "1");
  }
  const cover = builder.build();
  const { stats } = engine.minimizeSync(cover, { budget: 1, verify: false });
  assertEquals(stats.stopped, "budget");
  for (const options of [{ timeoutMs: 20, onLimit: "error" }, { cubes: 100 }] as const) {
    let sync: unknown;
    try {
      engine.minimizeSync(cover, options);
    } catch (error) {
      sync = error;
    }
    const awaited = await assertRejects(() => engine.minimize(cover, options), RistrettoError);
    assert(sync instanceof RistrettoError);
    assertEquals([sync.kind, sync.limit], [awaited.kind, awaited.limit]);
  }
});

/** A folder with a library that cannot be loaded, and the worker's program beside it. */
function brokenLibrary(): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "lib"));
  const program = join(folder, "bin", programName());
  copyFileSync(workerCommand()[0]!, program);
  chmodSync(program, 0o755);
  const path = join(folder, "lib", "libbroken.so");
  writeFileSync(path, "no library");
  return { folder, path };
}

only("where the library cannot be loaded, auto and fallback use the streams, and say why", () => {
  const { folder, path } = brokenLibrary();
  const { output, status } = runChild(["fallback"], { RISTRETTO_LIBRARY: path }, ["-A"], child);
  rmSync(folder, { recursive: true });
  assertEquals(status, 0, output);
  const lines = output.split("\n");
  assertEquals([lines[0], lines[2]], ["process streams 4", "process streams 4"]);
  for (const line of [lines[1]!, lines[3]!]) assertStringIncludes(line, "libbroken.so");
});

only("a file that is not the program that the library carries is not started", () => {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-"));
  const cache = join(folder, "cache");
  mkdirSync(join(folder, "lib"));
  mkdirSync(join(folder, "bin"));
  const path = join(folder, "lib", "lib.so");
  copyFileSync(library().path, path);
  const bad = join(folder, "bin", programName());
  writeFileSync(bad, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const env = { RISTRETTO_LIBRARY: path, XDG_CACHE_HOME: cache };
  // The program comes from the library's file then, by way of the cache folder; twice the same.
  for (let round = 0; round < 2; round++) {
    const { output, status } = runChild(["grant", "streams"], env, ["-A"], child);
    assertEquals([output, status], ["4 4 streams", 0]);
  }
  rmSync(cache, { recursive: true });
  writeFileSync(cache, "in the way");
  const refused = runChild(["refused", "streams"], env, ["-A"], child);
  rmSync(folder, { recursive: true });
  assertStringIncludes(refused.output, "Unavailable");
  assertStringIncludes(refused.output, `${bad}: it is not the program of the library`);
});

test("options that cannot be are refused", async () => {
  const wrong = [
    { isolation: "direct", ffi: false },
    { isolation: "pool", ffi: false },
    { fallback: "pool" },
    { ffi: 1 },
    { isolation: "automatic" },
  ];
  for (const options of wrong) {
    const error = await assertRejects(() => createEngine(options as object), RistrettoError);
    assertEquals(error.kind, "InvalidInput");
  }
  await using engine = await createEngine({ isolation: "auto" });
  assertEquals([engine.isolation.mode, engine.isolation.via], ["direct", "library"]);
});

if (runtimeName === "deno") {
  only("Deno needs grants to read and to run, and no other; without them it says which", () => {
    const program = workerCommand()[0]!;
    const root = dirname(dirname(library().path));
    const sources = fileURLToPath(new URL("../", import.meta.url));
    const read = `--allow-read=${root},${sources}`;
    const good = runChild(["grant"], {}, [read, `--allow-run=${program}`], child);
    assertEquals([good.output, good.status], ["4 4 streams", 0]);
    const noRun = runChild(["refused"], {}, [read], child);
    assertStringIncludes(noRun.output, `--allow-run=${program}`);
    const noRead = runChild(["refused"], {}, ["--allow-run"], child);
    assertStringIncludes(noRead.output, "--allow-read=");
  });
}
