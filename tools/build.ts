// Builds with Zig: `build` the library for this machine, `build STEP…` any step of build.zig.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import {
  isDiskFull,
  main,
  type Outcome,
  root,
  run,
  type RunOptions,
  say,
  ToolError,
  withClock,
} from "./run.ts";
import { findZig, zigEnvironment } from "./zig.ts";

const stampPath = join(root, "zig-out", "lib", ".sources");

/** Runs `zig build` with some arguments, and shows what it says on standard error. */
export async function zigBuild(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const command = [await findZig(), "build", "--error-style", "minimal", ...args];
  return await run(command, { ...options, env: { ...zigEnvironment, ...options.env } });
}

/** Builds the library when a source has changed since the last time. */
export async function buildLibrary(): Promise<void> {
  const sources = sourcesStamp();
  if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === sources) return;
  const first = existsSync(join(root, ".zig-cache"))
    ? ""
    : " (the first time takes about a minute)";
  say(`building the native library${first}`);
  const outcome = await withClock("building", () => zigBuild([]));
  if (outcome.code !== 0) {
    const full = isDiskFull(outcome.output) ? " The disk is full." : "";
    throw new ToolError(`the native library could not be built: see Zig's message above.${full}`);
  }
  mkdirSync(dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, sources);
}

/** Name, size and time of every file that the library is made of. */
function sourcesStamp(): string {
  const files = ["build.zig", "build.zig.zon", ".zig-version"];
  if (existsSync(join(root, "c"))) {
    for (const entry of readdirSync(join(root, "c"), { recursive: true })) {
      const path = join("c", String(entry));
      if (/\.(c|h|def|inc)$/.test(path) && !path.startsWith(join("c", "test"))) files.push(path);
    }
  }
  const lines = files.sort().map((file) => {
    const { size, mtimeMs } = statSync(join(root, file));
    return `${file} ${size} ${Math.trunc(mtimeMs)}`;
  });
  return lines.join("\n");
}

if (import.meta.main) {
  await main(async () => {
    const steps = process.argv.slice(2);
    if (steps.length > 0) return (await zigBuild(steps)).code;
    await buildLibrary();
    return 0;
  });
}
