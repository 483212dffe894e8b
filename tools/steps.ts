// What the tests consist of: one entry a step. `bun run test` runs the steps of the set "test",
// `test:full` all of them, `check` the checks and then the tests. To add a step, add an entry.

import { join } from "node:path";
import process from "node:process";
import { zigBuild } from "./build.ts";
import { checks } from "./checks.ts";
import { type Need, needed, wineEnvironment } from "./needs.ts";
import { type Outcome, root, run } from "./run.ts";
import { findBun, findDeno, runtimeEnvironment } from "./runtimes.ts";

/** What a step's output says. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** One part of the tests. */
export interface Step {
  /** The name by which it is reported, and by which `bun run test NAME` runs it alone. */
  name: string;
  /** The smallest set that it belongs to. */
  set: "test" | "check" | "full";
  /** Programs that this machine may lack: the step is then skipped, which is said and counted. */
  needs?: readonly Need[];
  /** Runs it. */
  run: () => Promise<Outcome>;
  /** Reads how many tests passed; without it the step is one test, judged by its exit status. */
  count?: (output: string) => Counts | undefined;
}

const minutes = 60_000;

const native = (...args: string[]) => () =>
  zigBuild(["test", ...args], { env: wineEnvironment(), timeoutMs: 12 * minutes });

/** Every step, in the order in which they run: what fails soonest first. */
export const steps: readonly Step[] = [
  { name: "native", set: "test", run: native(), count: ours },
  {
    name: "bun",
    set: "test",
    run: () =>
      run([findBun(), "test", "--timeout", "120000"], {
        env: runtimeEnvironment(),
        timeoutMs: 8 * minutes,
      }),
    count: (output) =>
      read(output, /^ *(\d+) pass$/m, /^ *(\d+) fail$/m, /^ *(\d+) (?:skip|todo)$/gm),
  },
  {
    name: "deno",
    set: "test",
    run: () =>
      run([findDeno(), "test", "-A", "--no-check", "--quiet", "test/"], {
        env: runtimeEnvironment(),
        timeoutMs: 8 * minutes,
      }),
    count: (output) => read(output, /\| (\d+) passed/, /\| (\d+) failed/, /\| (\d+) ignored/g),
  },
  ...checks,
  { name: "all targets", set: "full", run: () => zigBuild(["all"]) },
  { name: "portable core", set: "full", run: () => zigBuild(["check"]) },
  {
    name: "native, wasm32",
    set: "full",
    run: () => zigBuild(["wasm-test", `-Djs=${findBun()}`], { timeoutMs: 12 * minutes }),
    count: ours,
  },
  {
    name: "native, x86_64-linux-musl",
    set: "full",
    needs: process.arch === "x64" ? [] : [needed.qemuX86],
    run: native("-Dtarget=x86_64-linux-musl", "-fqemu"),
    count: ours,
  },
  {
    name: "native, aarch64-linux-musl",
    set: "full",
    needs: process.arch === "arm64" ? [] : [needed.qemuArm64],
    run: native("-Dtarget=aarch64-linux-musl", "-fqemu"),
    count: ours,
  },
  {
    name: "native, arm-linux-musleabihf",
    set: "full",
    needs: [needed.qemuArm],
    run: native("-Dtarget=arm-linux-musleabihf", "-fqemu"),
    count: ours,
  },
  {
    name: "native, x86_64-windows-gnu",
    set: "full",
    needs: [needed.wine],
    run: native("-Dtarget=x86_64-windows-gnu", "-fwine"),
    count: ours,
  },
  {
    name: "valgrind",
    set: "full",
    needs: [needed.valgrind],
    run: async () => {
      const built = await zigBuild(["test-program", "-Dsanitize=false", "-Dtarget=native"]);
      if (built.code !== 0) return built;
      const flags = [
        "--quiet",
        "--error-exitcode=9",
        "--leak-check=full",
        "--errors-for-leak-kinds=all",
      ];
      return await run(["valgrind", ...flags, join(root, "zig-out", "test", "native_test")], {
        timeoutMs: 12 * minutes,
      });
    },
    count: ours,
  },
];

/** Our own programs end with a line "NAME: N passed, N failed" or with "…, N skipped" added. */
function ours(output: string): Counts | undefined {
  const line = /^\w+: (\d+) passed, (\d+) failed(?:, (\d+) skipped)?\r?$/m.exec(output);
  if (line === null) return undefined;
  return { passed: Number(line[1]), failed: Number(line[2]), skipped: Number(line[3] ?? 0) };
}

function read(
  output: string,
  passed: RegExp,
  failed: RegExp,
  skipped: RegExp,
): Counts | undefined {
  const first = passed.exec(output);
  if (first === null) return undefined;
  const others = [...output.matchAll(skipped)].map((match) => Number(match[1]));
  return {
    passed: Number(first[1]),
    failed: Number(failed.exec(output)?.[1] ?? 0),
    skipped: others.reduce((sum, count) => sum + count, 0),
  };
}
