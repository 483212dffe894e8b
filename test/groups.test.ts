// Control groups of workers, from JavaScript: a share of a processor is kept where this program may
// make groups, and what is not kept is told.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Cover, createEngine, RistrettoError } from "../mod.ts";
import { native } from "../src/native/open.ts";
import { lasting, lastingCover } from "./lasting.ts";
import { workersOf } from "./workers.ts";

const small = Cover.fromTruthTable(3, "01101001");

/** The version of the control groups for processor time that this program may make; 0: none. */
function version(): number {
  const versions = new Uint32Array(3);
  assertEquals(native().rst_process_groups(versions, versions.length), 3);
  return versions[0]!;
}

/** Whether there are workers, and control groups for them; else the reason is told. */
function usable(context: { skip: (why?: string) => void }): boolean {
  if (process.platform === "linux" && version() > 0) return true;
  context.skip("this program may make no control group for processor time here");
  return false;
}

/** Seconds of processor time that a process has had. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(")") + 1).split(" ");
  return (Number(user) + Number(system)) / 100;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("a worker has no more than its share of a processor", async (context) => {
  if (!usable(context)) return;
  const share = 0.25;
  const options = { isolation: "process", limits: { cores: share }, require: ["cores"] } as const;
  await using engine = await createEngine(options);
  const { sandbox } = engine.isolation;
  assertEquals(sandbox!.limits.cores, { value: share, enforced: true });
  assertEquals(sandbox!.group, { kinds: ["cpu"], version: version() });
  assert(sandbox!.guards.includes("group"));
  const [pid] = workersOf(process.pid);
  const stop = new AbortController();
  const cut = { ...lasting, signal: stop.signal };
  const failed = assertRejects(() => engine.minimize(lastingCover(), cut), RistrettoError);
  await pause(300);
  const since = performance.now();
  const before = cpuSeconds(pid!);
  await pause(2000);
  const used = cpuSeconds(pid!) - before;
  const wall = (performance.now() - since) / 1000;
  stop.abort();
  assertEquals((await failed).kind, "Cancelled");
  // A busy machine gives less; 0.1 s is what a tick and a period may make of it.
  assert(used <= 1.6 * share * wall + 0.1, `${used} s of ${wall} s`);
});

test("groups are not there any more once the engine is closed", async (context) => {
  if (!usable(context)) return;
  const options = { isolation: "fresh", limits: { cores: 0.5 } } as const;
  const engine = await createEngine(options);
  const [pid] = workersOf(process.pid);
  const controller = /^\d+:[^:]*\bcpu\b[^:]*:(.*)$|^0::(.*)$/m;
  const [, first, second] = controller.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))!;
  const own = first ?? second!;
  assert(/\/ristretto-\d+-\d+-\d+-\d+$/.test(own), own);
  for (let n = 0; n < 5; n++) assertEquals((await engine.minimize(small)).stats.cubes, 4);
  await engine.close();
  const name = own.slice(own.lastIndexOf("/") + 1);
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n").flatMap((line) => {
    const [, , , , point = ""] = line.split(" ");
    return line.includes(" - cgroup") && existsSync(point) ? [point] : [];
  });
  const left = (): boolean => mounts.some((point) => readdirSync(point).includes(name));
  for (let turn = 0; turn < 6000 && left(); turn++) await pause(10); // the supervisor's turn
  assertEquals(left(), false);
});

test("a guard that is a group is had, or it is an error that names it", async () => {
  if (process.platform !== "linux") return;
  for (const ffi of [true, false]) {
    const options = { isolation: "process", require: ["group"], ffi } as const;
    try {
      await using engine = await createEngine(options);
      const { sandbox } = engine.isolation;
      assert(sandbox!.guards.includes("group"));
      assertEquals(sandbox!.group!.kinds, ["tasks"]);
      assertEquals((await engine.minimize(small)).stats.cubes, 4);
    } catch (error) { // this machine has none
      assert(error instanceof RistrettoError);
      assertEquals([error.kind, error.message.includes("group")], ["Unavailable", true]);
    }
  }
  await using plain = await createEngine({ isolation: "process" });
  assertEquals(plain.isolation.sandbox!.group, undefined); // unasked for, there is none
});
