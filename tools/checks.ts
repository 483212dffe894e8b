// The checks that are not tests: layout, lint, types, documentation, what would be published.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { countDeno } from "./counts.ts";
import { installPython } from "./python.ts";
import { root, run, type RunOptions, thisRuntime } from "./run.ts";
import { findBun, findDeno } from "./runtimes.ts";
import type { Step } from "./steps.ts";
import { findZig } from "./zig.ts";

const clangFormatVersion = "23.1.5";

const deno = (...args: string[]) => (options: RunOptions) => run([findDeno(), ...args], options);

const list: readonly Step[] = [
  { name: "format", set: "check", run: deno("fmt", "--check") },
  { name: "format of Zig", set: "check", run: zigFormat },
  {
    name: "format of C",
    set: "check",
    run: (options) => clangFormat(["--dry-run", "--Werror"], options),
  },
  { name: "lint", set: "check", run: deno("lint") },
  { name: "types, Deno", set: "check", run: deno("check", "--quiet") },
  {
    name: "types, tsc",
    set: "check",
    run: (options) =>
      run([findBun(), join(root, "node_modules", "typescript", "bin", "tsc")], options),
  },
  { name: "documentation", set: "check", run: deno("doc", "--quiet", "--lint", "mod.ts") },
  {
    name: "examples in the documentation",
    set: "check",
    run: deno("test", "-A", "--quiet", "--doc", "mod.ts", "src/", "README.md", "docs/"),
    count: countDeno,
  },
  { name: "publish", set: "check", run: deno("publish", "--dry-run", "--allow-dirty") },
  {
    name: "tidy",
    set: "check",
    run: (options) => run(thisRuntime(join(root, "tools", "tidy.ts")), options),
  },
];

/** Every check, as steps of the tests; they run side by side. */
export const checks: readonly Step[] = list.map((step) => ({ ...step, beside: true }));

async function zigFormat(options: RunOptions): ReturnType<typeof run> {
  return await run([await findZig(), "fmt", "--check", "build.zig", "build.zig.zon"], options);
}

/** Runs clang-format over every file under c/. */
export async function clangFormat(
  flags: readonly string[],
  options: RunOptions = {},
): ReturnType<typeof run> {
  const folder = await installPython("clang-format", clangFormatVersion);
  const name = process.platform === "win32" ? "clang-format.exe" : "clang-format";
  const program = join(folder, "clang_format", "data", "bin", name);
  return await run([program, ...flags, ...cFiles()], options);
}

/** Every source file of C, by its path from the root. */
export function cFiles(): string[] {
  return readdirSync(join(root, "c"), { recursive: true })
    .map((entry) => join("c", String(entry)))
    .filter((path) => /\.[ch]$/.test(path));
}
