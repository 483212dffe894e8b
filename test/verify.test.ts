// Answers that nobody believes: a second worker that disagrees and a host that looks find a wrong
// one, and right ones pass.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Cover, createEngine, minimize, RistrettoError } from "../mod.ts";
import type { MinimizeOptions } from "../mod.ts";
import { Around } from "../src/engine/around.ts";
import { checkTerms } from "../src/engine/limits.ts";
import { StreamCrew } from "../src/engine/streams/crew.ts";
import { StreamTransport } from "../src/engine/streams/transport.ts";
import { WaitingCalls } from "../src/engine/streams/waiting.ts";
import { openDirect } from "../src/engine/direct.ts";
import { JobEngine } from "../src/engine/job_engine.ts";
import { withSecond } from "../src/engine/second.ts";
import type { Call, Transport } from "../src/engine/transport.ts";
import type { Block } from "../src/job/block.ts";
import { checkAnswer } from "../src/operations/check_answer.ts";
import { dataOf } from "../src/cover/cover.ts";
import { command } from "./cli_spawn.ts";
import { lie } from "./lie.ts";
import { answerOf, stressJob } from "./stress_jobs.ts";

const only = process.platform === "linux" ? test : test.skip;
const report = { mode: "direct", source: "option", reason: "a test", via: "library" } as const;
const covers: readonly Cover[] = [
  Cover.fromTruthTable(3, "01101001"),
  Cover.fromMinterms(4, [1, 3, 5, 7, 9], [11, 15]),
  Cover.fromRows(["1-0 10", "011 -1", "111 11"]),
  Cover.fromPla(".i 3\n.o 2\n.type fr\n1-0 10\n011 01\n000 01\n.e\n"),
  Cover.fromPla(".i 3\n.o 2\n.type fdr\n1-0 1-\n011 01\n000 0-\n.e\n"),
];

/** Runs the core as it is, and changes a bit of the answer's first cube: a liar. */
class Liar extends Around {
  lies = true;

  override runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    return this.inner.runSync(job, call, (result) => read(this.lies ? lie(result) : result));
  }

  override run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    return this.inner.run(job, call, (result) => read(this.lies ? lie(result) : result), now);
  }
}

async function liar(): Promise<Liar> {
  return new Liar(await openDirect());
}

test("the host finds a wrong answer, in either form of call", async () => {
  const transport = await liar();
  await using engine = new JobEngine(transport, report);
  for (const cover of covers) {
    assert(engine.minimizeSync(cover).stats.cubes > 0); // believed
    for (
      const call of [
        () => engine.minimize(cover, { verify: "host" }),
        () => new Promise((resolve) => resolve(engine.minimizeSync(cover, { verify: "host" }))),
      ]
    ) assertEquals((await assertRejects(call, RistrettoError)).kind, "ProtocolViolation");
    transport.lies = false;
    assert((await engine.minimize(cover, { verify: "host" })).stats.verified);
    transport.lies = true;
  }
});

test("two workers that disagree are found out, in either form of call", async () => {
  const honest = await openDirect();
  for (const [one, other] of [[await liar(), honest], [honest, await liar()]] as Transport[][]) {
    await using engine = new JobEngine(withSecond(one!, () => other!), report);
    for (const cover of covers) {
      const options = { verify: "second-worker" } as const;
      const error = await assertRejects(() => engine.minimize(cover, options), RistrettoError);
      assertEquals(error.kind, "ProtocolViolation");
      assertThrows(() => engine.minimizeSync(cover, options), RistrettoError, "different");
    }
  }
});

/** A function of some inputs and outputs, of the given type, the same for a seed. */
function randomPla(seed: number, type: string): string {
  let random = Math.imul(seed + 1, 2654435761) >>> 0;
  const below = (count: number): number => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor(random / 2 ** 32 * count);
  };
  const values = new Map<number, string>();
  const inputs = 2 + below(5);
  const rows: string[] = [];
  for (let point = 0; point < 2 ** inputs; point++) {
    if (type !== "f" && below(3) === 0) continue;
    const value = [0, 1].map(() => type === "fd" ? "01-"[below(3)] : "01"[below(2)]).join("");
    values.set(point, value);
    rows.push(`${point.toString(2).padStart(inputs, "0")} ${value}`);
  }
  return `.i ${inputs}\n.o 2\n.type ${type}\n${rows.join("\n")}\n.e\n`;
}

test("the host agrees with every right answer, and with no other function", () => {
  let refused = 0;
  for (let seed = 0; seed < 300; seed++) {
    const type = ["f", "fd", "fr", "fdr"][seed % 4]!;
    const asked = Cover.fromPla(randomPla(seed, type));
    const { cover } = minimize(asked);
    checkAnswer(dataOf("asked", asked), cover);
    // Each answer with one cube less, which no minimum cover can miss where it is irredundant.
    const words = cover.words("on")!;
    const { words: width } = dataOf("cover", cover).shape;
    if (words.length === 0) continue;
    const less = Cover.fromWords(...sizeOf(cover), { on: words.subarray(width) });
    assertThrows(
      () => checkAnswer(dataOf("asked", asked), less),
      RistrettoError,
      "not the function",
    );
    // And with one more, which is everything: right only where nothing is OFF.
    const every = minimize(Cover.fromTruthTable(1, "11")).cover;
    assertEquals(every.isConstant(), "1");
    const all = Cover.fromRows([`${"-".repeat(sizeOf(cover)[0])} 11`]);
    try {
      checkAnswer(dataOf("asked", asked), all);
    } catch (error) {
      assertEquals((error as RistrettoError).kind, "ProtocolViolation");
      refused++;
    }
  }
  assert(refused > 200);
});

function sizeOf(cover: Cover): [number, number] {
  const { shape } = dataOf("cover", cover);
  return [shape.inputs, shape.outputs];
}

only("a worker process that lies is found out, by the host and by an honest one", async () => {
  const crew = await StreamCrew.open({
    ...{ workers: 1, queue: 10, recycle: 0, graceMs: 100, terms: checkTerms(undefined, undefined) },
    command: () => command("test/liar_worker.ts"),
  });
  const lying = new StreamTransport(crew, 1, new WaitingCalls(1, 0, 100, checkTerms({}, [])));
  const honest = await openDirect();
  await using engine = new JobEngine(withSecond(lying, () => honest), report);
  for (const cover of covers) {
    const { cover: believed } = await engine.minimize(cover);
    assertEquals(believed.toPla() === minimize(cover).cover.toPla(), false);
    for (const verify of ["host", "second-worker"] as const) {
      const error = await assertRejects(() => engine.minimize(cover, { verify }), RistrettoError);
      assertEquals(error.kind, "ProtocolViolation");
    }
  }
});

only("right answers pass both, in every mode that has them", async () => {
  for (const isolation of ["direct", "pool", "process", "fresh", "shared-heap"] as const) {
    await using engine = await createEngine({ isolation });
    const second = isolation === "process" || isolation === "fresh";
    for (const cover of covers) {
      const plain = (await engine.minimize(cover)).cover.toPla();
      for (const verify of second ? ["host", "second-worker"] as const : ["host"] as const) {
        assertEquals((await engine.minimize(cover, { verify })).cover.toPla(), plain);
        assertEquals(engine.minimizeSync(cover, { verify }).cover.toPla(), plain);
      }
    }
    if (!second) continue;
    const text = covers[1]!.toPla();
    const options = { verify: "second-worker" } as const;
    assertEquals((await engine.minimizePla(text, options)).text, engine.minimizePlaSync(text).text);
    const tables = Uint16Array.of(0x8000, 0xff0f);
    assertEquals((await engine.minimizeTables(4, tables, options)).cubes(1), 2);
  }
});

only("a second worker is another process, which the first call starts", async () => {
  const started: boolean[] = [];
  await using engine = await createEngine({
    ...{ isolation: "process", metrics: true },
    onEvent: (event) => {
      if (event.type === "worker-started") started.push(event.second === true);
    },
  });
  assertEquals((await engine.minimize(covers[0]!)).stats.cubes, 4);
  assertEquals(started, [false]);
  await engine.minimize(covers[0]!, { verify: "second-worker" });
  await engine.minimize(covers[0]!);
  assertEquals(started, [false, true]);
  const text = engine.metrics();
  assert(text.includes('ristretto_worker_jobs_total{mode="process",worker="0"} 3'));
  assert(text.includes('ristretto_worker_jobs_total{mode="process",crew="second",worker="0"} 1'));
  assert(text.includes('ristretto_jobs_total{mode="process",outcome="ok"} 3'));
});

test("where it cannot be, it is an error that says so", async () => {
  await using engine = await createEngine();
  const wrong = (verify: unknown) => ({ verify } as MinimizeOptions);
  const kinds = [
    () => engine.minimizeSync(covers[0]!, wrong("second-worker")),
    () => engine.minimizePlaSync(".i 1\n.o 1\n1 1\n", { verify: "host" }),
    () => engine.minimizeTablesSync(2, Uint8Array.of(6), { verify: "host" }),
    () => engine.minimizeSync(covers[0]!, { verify: "host", singleOutput: "either" }),
    () => engine.minimizeSync(covers[0]!, wrong("hosts")),
    () => minimize(covers[0]!, { verify: "host" }),
  ].map((call) => assertThrows(call, RistrettoError).kind);
  const expected = [
    ...Array.from({ length: 4 }, () => "Unsupported"),
    "InvalidInput",
    "InvalidInput",
  ];
  assertEquals(kinds, expected);
});

test("a check that would take for ever ends", () => {
  // Eleven pigeons do not fit into ten holes: one has no hole, or two have the same. So these cubes
  // are everything, and no cutting up shows it in less than 11! steps.
  const pigeons = 11;
  const holes = 10;
  const cube = (...literals: readonly (readonly [number, string])[]): string => {
    const row = Array.from({ length: pigeons * holes }, () => "-");
    for (const [input, value] of literals) row[input] = value;
    return `${row.join("")} 1`;
  };
  const rows: string[] = [];
  for (let one = 0; one < pigeons; one++) {
    rows.push(cube(...Array.from({ length: holes }, (_, n) => [one * holes + n, "0"] as const)));
    for (let other = 0; other < one; other++) {
      for (let hole = 0; hole < holes; hole++) {
        rows.push(cube([one * holes + hole, "1"], [other * holes + hole, "1"]));
      }
    }
  }
  const asked = dataOf("asked", Cover.fromRows(rows));
  const every = Cover.fromRows([cube()]);
  const error = assertThrows(() => checkAnswer(asked, every), RistrettoError);
  assertEquals([error.kind, error.limit], ["LimitExceeded", "budget"]);
});

only("the bytes of both runs are compared, whatever the job", async () => {
  await using engine = await createEngine({ isolation: "process" });
  await using direct = await createEngine();
  for (let n = 0; n < 40; n++) {
    const job = stressJob(n);
    assertEquals(answerOf(await engine.run(job)), answerOf(direct.runSync(job)));
  }
});
