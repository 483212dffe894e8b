// What wakes while nobody asks: context switches of every worker and zygote, and of the thread that
// watches them, in so many seconds, for each mode of worker processes. Prints JSON.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { Cover, createEngine } from "../../mod.ts";
import { runtimeName } from "../../src/native/runtime.ts";

const seconds = Number(process.argv[2] ?? 10);
const small = Cover.fromTruthTable(3, "01101001");

/** Context switches of the threads of a process so far; with a name, of those with that name. */
function switches(folder: string, name?: string): number {
  return readdirSync(`${folder}/task`).map((task) => {
    let status: string;
    try {
      status = readFileSync(`${folder}/task/${task}/status`, "utf8");
    } catch {
      return 0; // one of the runtime's, which ended meanwhile
    }
    if (name !== undefined && !status.startsWith(`Name:\t${name}`)) return 0;
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)![1]);
  }).reduce((sum, count) => sum + count, 0);
}

function workers(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((id) => `/proc/${id}`)
    .filter((folder) => {
      try {
        const status = readFileSync(`${folder}/status`, "utf8");
        return /(^|\/)ristretto-(worker|zygote)\0/.test(
          readFileSync(`${folder}/cmdline`, "utf8"),
        ) &&
          Number(/^PPid:\s+(\d+)/m.exec(status)![1]) === process.pid &&
          !/^State:\s+Z/m.test(status);
      } catch {
        return false; // it ended meanwhile
      }
    });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function idleSwitches(): Promise<number> {
  await pause(500); // what was begun ends
  const all = workers();
  if (all.length < 2) throw new Error("the workers are not there");
  const count = (): number =>
    all.reduce((sum, folder) => sum + switches(folder), switches("/proc/self", "ristretto"));
  const before = count();
  await pause(1000 * seconds);
  return count() - before;
}

const found: Record<string, number> = {};
for (const isolation of ["process", "shared-heap", "fresh"] as const) {
  for (const ffi of isolation === "shared-heap" ? [true] : [true, false]) {
    await using engine = await createEngine({ isolation, ffi, workers: 2 });
    await Promise.all(Array.from({ length: 10 }, () => engine.minimize(small)));
    found[`${isolation}${ffi ? "" : " without FFI"}`] = await idleSwitches();
  }
}
console.log(JSON.stringify({ runtime: runtimeName, seconds, switches: found }));
