// Finds the Zig compiler of the version that .zig-version names, or installs it into .tools/zig.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ask, root, run, say, tail, ToolError, toolsDir, withClock } from "./run.ts";

/** The one version of Zig that builds this project. */
export const zigVersion: string = readFileSync(join(root, ".zig-version"), "utf8").trim();

/** Settings for every start of Zig: its build program, compiled on first use, in 10 s instead of 70. */
export const zigEnvironment: Record<string, string> = { ZIG_DEBUG_CMD: "1" };

/** Ways to call Python's installer, the likeliest first. */
const installers = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["py", "-m", "pip"],
  ["pip3"],
  ["pip"],
  ["uv", "pip"],
];

/** The path of the compiler: $ZIG, or the one on PATH, or ours, installed when it must be. */
export async function findZig(): Promise<string> {
  const ours = installedPath();
  if (process.env.ZIG === undefined && existsSync(ours)) return ours;
  const tried: string[] = [];
  for (const candidate of [process.env.ZIG, "zig"]) {
    if (candidate === undefined) continue;
    const version = ask([candidate, "version"]);
    if (version === zigVersion) return candidate;
    tried.push(`${candidate} (${version ?? "does not start"})`);
  }
  if (!existsSync(ours)) {
    const reasons = await installPython("zig", `ziglang==${zigVersion}`);
    if (!existsSync(ours)) {
      throw new ToolError(
        `Zig ${zigVersion} is needed to build the native library and was not found.\n` +
          `Looked at: ${tried.join(", ")}.\n` +
          `Could not install the package ziglang==${zigVersion} with Python's pip either:\n${reasons}\n` +
          `Install Python 3 with pip, or Zig ${zigVersion} itself (set ZIG to its path), and try again.`,
      );
    }
  }
  return ours;
}

function installedPath(): string {
  const name = process.platform === "win32" ? "zig.exe" : "zig";
  return join(toolsDir, `zig-${zigVersion}`, "ziglang", name);
}

/**
 * Installs a package of Python's index into .tools/NAME-VERSION, all or nothing.
 * Returns what went wrong, one paragraph for each installer that was tried.
 */
export async function installPython(name: string, requirement: string): Promise<string> {
  const version = requirement.split("==")[1];
  const folder = join(toolsDir, `${name}-${version}`);
  const partial = `${folder}.${process.pid}.tmp`;
  const reasons: string[] = [];
  mkdirSync(toolsDir, { recursive: true });
  for (const installer of installers) {
    if (ask([...installer, "--version"]) === undefined) {
      reasons.push(`  ${installer.join(" ")}: not on this machine`);
      continue;
    }
    say(`installing ${requirement} into .tools with ${installer.join(" ")}`);
    const quiet = installer[0] === "uv" ? [] : ["--disable-pip-version-check", "--no-input"];
    const command = [...installer, "install", ...quiet, "--no-deps", "--target", partial, requirement];
    const env = { PIP_ROOT_USER_ACTION: "ignore" };
    const outcome = await withClock("installing", () => run(command, { io: "capture", env }));
    if (outcome.code === 0) {
      // Another setup may have been faster; then its copy is as good.
      if (!existsSync(folder)) renameSync(partial, folder);
      rmSync(partial, { recursive: true, force: true });
      return "";
    }
    rmSync(partial, { recursive: true, force: true });
    reasons.push(`  ${installer.join(" ")}: exit status ${outcome.code}\n${tail(outcome.output, 6)}`);
    if (/no space left/i.test(outcome.output)) break;
  }
  return reasons.join("\n");
}
