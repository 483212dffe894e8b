// What the tests consist of: one entry a step. `bun run test` runs the steps of the set "test",
// `test:full` all of them, `check` the checks and then the tests. To add a step, add an entry.

import { join } from "node:path";
import process from "node:process";
import { zigBuild } from "./build.ts";
import { checks } from "./checks.ts";
import { countBun, countDeno, countOurs, type Counts } from "./counts.ts";
import { foreignEnvironment, type Need, needed } from "./needs.ts";
import { type Outcome, root, run, type RunOptions, thisRuntime } from "./run.ts";
import { findBun, findDeno, runtimeEnvironment } from "./runtimes.ts";

/** One part of the tests. */
export interface Step {
  /** The name by which it is reported, and by which `bun run test NAME` runs it alone. */
  name: string;
  /** The smallest set that it belongs to. */
  set: "test" | "check" | "full";
  /** Programs that this machine may lack: the step is then skipped, which is said and counted. */
  needs?: readonly Need[];
  /**
   * It only computes: no processes that have to react in time, nothing that is measured. Such steps
   * in a row run side by side, as many as there are processors.
   */
  beside?: true;
  /** Runs it; the options say where its output goes. */
  run: (options: RunOptions) => Promise<Outcome>;
  /** Reads how many tests passed; without it the step is one test, judged by its exit status. */
  count?: (output: string) => Counts | undefined;
}

const minutes = 60_000;

const native = (...args: string[]) => (options: RunOptions) =>
  zigBuild(["test", ...args], { ...options, env: foreignEnvironment(), timeoutMs: 20 * minutes });

/** Runs a program of tools/ in the runtime that runs this one. */
const tool = (name: string, ...args: string[]) => (options: RunOptions) =>
  run([...thisRuntime(join(root, "tools", `${name}.ts`)), ...args], options);

/** The same in Bun or Deno, for what is of each. */
const toolIn = (runtime: () => string[], name: string) => (options: RunOptions) =>
  run([...runtime(), join(root, "tools", `${name}.ts`)], { ...options, timeoutMs: 10 * minutes });
const bun = () => [findBun()];
const deno = () => [findDeno(), "run", "-A"];

/** Programs that are emulated, or watched, may not be able to start worker processes. */
const withoutWorkers = (): Record<string, string> => ({
  ...foreignEnvironment(),
  RISTRETTO_EMULATED: "1",
});

/** Emulated tests are optimised, with the sanitizer all the same: a third of the time. */
const emulated = (target: string) => (options: RunOptions) =>
  zigBuild(["test", `-Dtarget=${target}`, "-Doptimize=safe", "-fqemu"], {
    ...options,
    env: withoutWorkers(),
    timeoutMs: 20 * minutes,
  });

/** Builds the native tests, and runs them under valgrind. */
async function underValgrind(options: RunOptions): Promise<Outcome> {
  const prefix = join(root, "zig-out", "valgrind");
  // Optimised, it takes a third of the time, and looks at memory no less.
  const flags = ["-Dsanitize=false", "-Doptimize=safe", "--prefix", prefix];
  const built = await zigBuild(["test-program", ...flags], options);
  if (built.code !== 0) return built;
  const words = [
    "--quiet",
    "--error-exitcode=9",
    "--leak-check=full",
    // "Possibly lost" is what a detached thread that is still ending holds.
    "--errors-for-leak-kinds=definite,indirect",
    "--fair-sched=try", // its threads take turns: otherwise one that spins may keep others waiting
  ];
  return await run(["valgrind", ...words, join(prefix, "test", "native_test")], {
    ...options,
    env: withoutWorkers(),
    timeoutMs: 20 * minutes,
  });
}

async function fuzz(options: RunOptions): Promise<Outcome> {
  const built = await zigBuild(["fuzz"], options);
  if (built.code !== 0) return built;
  const folder = join(root, "zig-out", "fuzz");
  const corpus = `--corpus=${join(root, "c", "test", "fuzz", "corpus")}`;
  const words = ["--executions=1000000", corpus, `--findings=${folder}`];
  return await run([join(folder, "fuzz"), ...words], { ...options, timeoutMs: 20 * minutes });
}

/** Every step, in the order in which they run: what fails soonest first. */
export const steps: readonly Step[] = [
  { name: "native", set: "test", run: native(), count: countOurs },
  {
    name: "bun",
    set: "test",
    run: (options) =>
      run([findBun(), "test", "--timeout", "120000"], {
        ...options,
        env: runtimeEnvironment(),
        timeoutMs: 12 * minutes,
      }),
    count: countBun,
  },
  {
    name: "deno",
    set: "test",
    run: (options) =>
      run([findDeno(), "test", "-A", "--no-check", "--quiet", "test/"], {
        ...options,
        env: runtimeEnvironment(),
        timeoutMs: 12 * minutes,
      }),
    count: countDeno,
  },
  ...checks,
  // Side by side, the longest first: then all processors have something to do until the end.
  {
    name: "all targets, and whose code they hold",
    set: "full",
    beside: true,
    run: tool("notices", "--check"),
  },
  {
    name: "valgrind",
    set: "full",
    needs: [needed.valgrind],
    beside: true,
    run: underValgrind,
    count: countOurs,
  },
  {
    name: "digest",
    set: "full",
    beside: true,
    run: tool("digest", "--jobs=10000"),
    count: countOurs,
  },
  {
    name: "native, aarch64-linux-musl",
    set: "full",
    needs: process.arch === "arm64" ? [] : [needed.qemuArm64],
    beside: true,
    run: emulated("aarch64-linux-musl"),
    count: countOurs,
  },
  {
    name: "native, arm-linux-musleabihf",
    set: "full",
    needs: [needed.qemuArm],
    beside: true,
    run: emulated("arm-linux-musleabihf"),
    count: countOurs,
  },
  {
    name: "fuzz, a million of each",
    set: "full",
    beside: true,
    run: fuzz,
    count: countOurs,
  },
  {
    name: "native, a hostile worker, 2 million jobs",
    set: "full",
    beside: true,
    run: native("--", "--times=10", "test_hostile"),
    count: countOurs,
  },
  {
    name: "native, wasm32",
    set: "full",
    beside: true,
    run: (options) =>
      zigBuild(["wasm-test", `-Djs=${findBun()}`], { ...options, timeoutMs: 20 * minutes }),
    count: countOurs,
  },
  {
    name: "exact minima by brute force",
    set: "full",
    beside: true,
    run: native("--", "test_exact", "--times=15"),
    count: countOurs,
  },
  {
    name: "native tests for macOS, built alone", // there is nothing that could run them
    set: "full",
    beside: true,
    run: (options) => {
      const flags = ["-Dtarget=aarch64-macos.11.0", "--prefix", "zig-out/macos"];
      return zigBuild(["test-program", ...flags], options);
    },
  },
  {
    name: "portable core",
    set: "full",
    beside: true,
    run: (options) => zigBuild(["check"], options),
  },
  {
    name: "native, x86_64-linux-musl",
    set: "full",
    needs: process.arch === "x64" ? [] : [needed.qemuX86],
    run: native("-Dtarget=x86_64-linux-musl", "-fqemu"),
    count: countOurs,
  },
  {
    name: "native, x86_64-windows-gnu",
    set: "full",
    needs: [needed.wine],
    run: native("-Dtarget=x86_64-windows-gnu", "-fwine"),
    count: countOurs,
  },
  {
    name: "native, workers killed 10,000 times",
    set: "full",
    run: native("--", "--times=40", "test_kills"),
    count: countOurs,
  },
  {
    name: "native, thread sanitizer",
    set: "full",
    run: native("-Dthreads", "--", "test_abi", "test_pool", "test_ipc"),
    count: countOurs,
  },
  {
    name: "Prometheus",
    set: "full",
    needs: [needed.prometheus],
    run: tool("prometheus"),
    count: countOurs,
  },
  { name: "leaks, Bun", set: "full", run: toolIn(bun, "leaks"), count: countOurs },
  { name: "leaks, Deno", set: "full", run: toolIn(deno, "leaks"), count: countOurs },
  { name: "endings, Bun", set: "full", run: toolIn(bun, "endings"), count: countOurs },
  { name: "endings, Deno", set: "full", run: toolIn(deno, "endings"), count: countOurs },
];
