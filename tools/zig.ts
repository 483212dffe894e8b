// Finds the Zig compiler of the version that .zig-version names, or installs it into .tools.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { installPython } from "./python.ts";
import { ask, root, ToolError } from "./run.ts";

/** The one version of Zig that builds this project. */
export const zigVersion: string = readFileSync(join(root, ".zig-version"), "utf8").trim();

/** For every start of Zig: compile its build program, on first use, in 10 s instead of 70. */
export const zigEnvironment: Record<string, string> = { ZIG_DEBUG_CMD: "1" };

/** The path of the compiler: $ZIG, or the one on PATH, or ours, installed when it must be. */
export async function findZig(): Promise<string> {
  const tried: string[] = [];
  for (const candidate of [process.env.ZIG, "zig"]) {
    if (candidate === undefined) continue;
    const version = ask([candidate, "version"]);
    if (version === zigVersion) return candidate;
    tried.push(`${candidate} (${version ?? "not found"})`);
  }
  try {
    const folder = await installPython("ziglang", zigVersion);
    return join(folder, "ziglang", process.platform === "win32" ? "zig.exe" : "zig");
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(
      `Zig ${zigVersion} is needed to build the native library. Looked at: ${tried.join(", ")}.\n` +
        `Then ${error.message}\n` +
        `Install Python 3 with pip, or Zig ${zigVersion} itself (and set ZIG to its path).`,
    );
  }
}
