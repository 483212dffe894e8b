// What the tests consist of: one entry a step. `bun run test` runs the steps of the set "test",
// `test:full` all of them, `check` the checks and then the tests. To add a step, add an entry.

import { join } from "node:path";
import process from "node:process";
import { zigBuild } from "./build.ts";
import { checks } from "./checks.ts";
import { countBun, countDeno, countOurs, type Counts } from "./counts.ts";
import { foreignEnvironment, type Need, needed } from "./needs.ts";
import { type Outcome, root, run, thisRuntime } from "./run.ts";
import { findBun, findDeno, runtimeEnvironment } from "./runtimes.ts";

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
  zigBuild(["test", ...args], { env: foreignEnvironment(), timeoutMs: 12 * minutes });

/** Programs that are emulated, or watched, may not be able to start worker processes. */
const withoutWorkers = (): Record<string, string> => ({
  ...foreignEnvironment(),
  RISTRETTO_EMULATED: "1",
});

/** Emulated tests are optimised, with the sanitizer all the same: a third of the time. */
const emulated = (target: string) => () =>
  zigBuild(["test", `-Dtarget=${target}`, "-Doptimize=safe", "-fqemu"], {
    env: withoutWorkers(),
    timeoutMs: 12 * minutes,
  });

/** Every step, in the order in which they run: what fails soonest first. */
export const steps: readonly Step[] = [
  { name: "native", set: "test", run: native(), count: countOurs },
  {
    name: "bun",
    set: "test",
    run: () =>
      run([findBun(), "test", "--timeout", "120000"], {
        env: runtimeEnvironment(),
        timeoutMs: 8 * minutes,
      }),
    count: countBun,
  },
  {
    name: "deno",
    set: "test",
    run: () =>
      run([findDeno(), "test", "-A", "--no-check", "--quiet", "test/"], {
        env: runtimeEnvironment(),
        timeoutMs: 8 * minutes,
      }),
    count: countDeno,
  },
  ...checks,
  {
    name: "all targets, and whose code they hold",
    set: "full",
    run: () => run([...thisRuntime(join(root, "tools", "notices.ts")), "--check"]),
  },
  {
    name: "exact minima by brute force",
    set: "full",
    run: native("--", "test_exact", "--times=15"),
    count: countOurs,
  },
  { name: "portable core", set: "full", run: () => zigBuild(["check"]) },
  {
    name: "native, wasm32",
    set: "full",
    run: () => zigBuild(["wasm-test", `-Djs=${findBun()}`], { timeoutMs: 12 * minutes }),
    count: countOurs,
  },
  {
    name: "native, x86_64-linux-musl",
    set: "full",
    needs: process.arch === "x64" ? [] : [needed.qemuX86],
    run: native("-Dtarget=x86_64-linux-musl", "-fqemu"),
    count: countOurs,
  },
  {
    name: "native, aarch64-linux-musl",
    set: "full",
    needs: process.arch === "arm64" ? [] : [needed.qemuArm64],
    run: emulated("aarch64-linux-musl"),
    count: countOurs,
  },
  {
    name: "native, arm-linux-musleabihf",
    set: "full",
    needs: [needed.qemuArm],
    run: emulated("arm-linux-musleabihf"),
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
    name: "native tests for macOS, built alone", // there is nothing that could run them
    set: "full",
    run: () =>
      zigBuild(["test-program", "-Dtarget=aarch64-macos.11.0", "--prefix", "zig-out/macos"]),
  },
  {
    name: "native, workers killed 10,000 times",
    set: "full",
    run: native("--", "--times=40", "test_kills"),
    count: countOurs,
  },
  {
    name: "native, a hostile worker, 2 million jobs",
    set: "full",
    run: native("--", "--times=10", "test_hostile"),
    count: countOurs,
  },
  {
    name: "fuzz, a million of each",
    set: "full",
    run: async () => {
      const built = await zigBuild(["fuzz"]);
      if (built.code !== 0) return built;
      const folder = join(root, "zig-out", "fuzz");
      const corpus = `--corpus=${join(root, "c", "test", "fuzz", "corpus")}`;
      const words = ["--executions=1000000", corpus, `--findings=${folder}`];
      return await run([join(folder, "fuzz"), ...words], { timeoutMs: 12 * minutes });
    },
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
    run: () => run([...thisRuntime(join(root, "tools", "prometheus.ts"))]),
    count: countOurs,
  },
  {
    name: "digest",
    set: "full",
    run: () => run([...thisRuntime(join(root, "tools", "digest.ts")), "--jobs=10000"]),
    count: countOurs,
  },
  {
    name: "leaks, Bun",
    set: "full",
    run: () => run([findBun(), join(root, "tools", "leaks.ts")], { timeoutMs: 6 * minutes }),
    count: countOurs,
  },
  {
    name: "leaks, Deno",
    set: "full",
    run: () =>
      run([findDeno(), "run", "-A", join(root, "tools", "leaks.ts")], { timeoutMs: 6 * minutes }),
    count: countOurs,
  },
  {
    name: "endings, Bun",
    set: "full",
    run: () => run([findBun(), join(root, "tools", "endings.ts")], { timeoutMs: 6 * minutes }),
    count: countOurs,
  },
  {
    name: "endings, Deno",
    set: "full",
    run: () =>
      run([findDeno(), "run", "-A", join(root, "tools", "endings.ts")], { timeoutMs: 6 * minutes }),
    count: countOurs,
  },
  {
    name: "valgrind",
    set: "full",
    needs: [needed.valgrind],
    run: async () => {
      const built = await zigBuild(["test-program", "-Dsanitize=false"]);
      if (built.code !== 0) return built;
      const flags = [
        "--quiet",
        "--error-exitcode=9",
        "--leak-check=full",
        // "Possibly lost" is what a detached thread that is still ending holds.
        "--errors-for-leak-kinds=definite,indirect",
      ];
      return await run(["valgrind", ...flags, join(root, "zig-out", "test", "native_test")], {
        env: withoutWorkers(),
        timeoutMs: 12 * minutes,
      });
    },
    count: countOurs,
  },
];
