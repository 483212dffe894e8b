// The collectors of coverage, one function each: they run tests and leave records in lcov's format.

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { ask, pathWith, root, run, tail } from "../run.ts";
import { findBun, findDeno, runtimeEnvironment } from "../runtimes.ts";

/** What a collector brings home: lcov text, and how its tests went when they did not pass. */
export interface Collected {
  lcov: string;
  trouble?: string;
}

/** A collector that could not work says why. */
export type Collector = (folder: string) => Promise<Collected | string>;

/** Deno's own collector. */
export const collectDeno: Collector = async (folder) => {
  const deno = findDeno();
  const data = join(folder, "deno");
  // The variable reaches the programs that tests start, the command line above all.
  const env = { ...runtimeEnvironment(), DENO_COVERAGE_DIR: data };
  const flags = ["-A", "--no-check", "--quiet", `--coverage=${data}`];
  const test = await run([deno, "test", ...flags, "test/"], { env });
  const report = join(folder, "deno.info");
  await run([deno, "coverage", "--lcov", `--output=${report}`, data], { io: "capture" });
  return collected(report, test);
};

/** Bun's own collector. */
export const collectBun: Collector = async (folder) => {
  const data = join(folder, "bun");
  const flags = ["--timeout", "120000", "--coverage", "--coverage-reporter=lcov"];
  const test = await run([findBun(), "test", ...flags, `--coverage-dir=${data}`], {
    env: runtimeEnvironment(),
  });
  return collected(join(data, "lcov.info"), test);
};

/** c8 over Node's test runner, on the Node of tools/coverage/package.json. */
export const collectNode: Collector = async (folder) => {
  const packages = join(root, "tools", "coverage");
  const install = await run([findBun(), "install", "--frozen-lockfile"], {
    cwd: packages,
    io: "capture",
  });
  if (install.code !== 0) return `c8 and Node could not be installed: ${tail(install.output, 3)}`;
  const name = process.platform === "win32" ? "node.exe" : "node";
  const node = join(packages, "node_modules", "node", "bin", name);
  if (ask([node, "--version"]) === undefined) return "npm's package node has no program for us";
  const data = join(folder, "node");
  const c8 = [join(packages, "node_modules", "c8", "bin", "c8.js"), "--reporter=lcovonly"];
  const where = [`--reports-dir=${data}`, `--temp-directory=${join(data, "v8")}`];
  const what = ["--include=src/**", "--include=mod.ts", "--all"];
  const tests = [node, "--import", "./tools/coverage/node_names.js", "--test", "test/**/*.test.ts"];
  const test = await run([node, ...c8, ...where, ...what, ...tests], {
    env: { PATH: pathWith([dirname(node), dirname(findBun()), dirname(findDeno())]) },
  });
  return collected(join(data, "lcov.info"), test);
};

/** clang's instrumentation of the library, under the native tests. */
export const collectC: Collector = async (folder) => {
  for (const tool of ["clang", "llvm-profdata", "llvm-cov"]) {
    if (ask([tool, "--help"]) === undefined) return `${tool} is not here (Debian: clang llvm)`;
  }
  const objects = join(folder, "c");
  mkdirSync(objects, { recursive: true });
  const program = join(objects, "native_test");
  const raw = join(objects, "native.profraw");
  const profile = join(objects, "native.profdata");
  const instrument = ["-fprofile-instr-generate", "-fcoverage-mapping"];
  const build = await run([
    ...["clang", "-std=c11", "-O1", "-g", "-ffp-contract=off", "-Ic", "-Ic/include"],
    ...[...instrument, ...cFiles(), "-o", program, "-lpthread", "-lm"],
  ]);
  if (build.code !== 0) return "clang could not compile it: see above";
  const test = await run([program], { env: { LLVM_PROFILE_FILE: raw } });
  if (!existsSync(raw)) return `the native tests left no profile (exit status ${test.code})`;
  await run(["llvm-profdata", "merge", "-sparse", raw, "-o", profile]);
  const show = ["llvm-cov", "export", "-format=lcov", program, `-instr-profile=${profile}`];
  const report = await run(show, { io: "capture" });
  return { lcov: report.output, ...troubleOf(test) };
};

/** Every C file that is compiled on this kind of system, and the native tests. */
function cFiles(): string[] {
  const platform = process.platform === "win32" ? "windows.c" : "posix.c";
  return readdirSync(join(root, "c"), { recursive: true })
    .map((entry) => join("c", String(entry)))
    .filter((path) => path.endsWith(".c") && !/test.(digest|sanitizer)/.test(path))
    .filter((path) => basename(dirname(path)) !== "platform" || basename(path) === platform);
}

function collected(report: string, test: { code: number }): Collected | string {
  if (!existsSync(report)) return `no coverage was written (tests: exit status ${test.code})`;
  return { lcov: readFileSync(report, "utf8"), ...troubleOf(test) };
}

function troubleOf(test: { code: number }): { trouble?: string } {
  return test.code === 0 ? {} : { trouble: `its tests ended with exit status ${test.code}` };
}
