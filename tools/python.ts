// Installs packages of Python's index that carry a program of another language, into .tools.

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ask, isDiskFull, run, say, tail, ToolError, toolsDir, withClock } from "./run.ts";

/** Ways to call Python's installer, the likeliest first. */
const installers = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["py", "-m", "pip"],
  ["pip3"],
  ["pip"],
  ["uv", "pip"],
];

/** The folder that holds a package of exactly this version; installed first when it must be. */
export async function installPython(name: string, version: string): Promise<string> {
  const folder = join(toolsDir, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const requirement = `${name}==${version}`;
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
    const command = [
      ...installer,
      "install",
      ...quiet,
      "--no-deps",
      "--target",
      partial,
      requirement,
    ];
    const env = { PIP_ROOT_USER_ACTION: "ignore" };
    const outcome = await withClock("installing", () => run(command, { io: "capture", env }));
    if (outcome.code === 0) {
      // Another setup may have been faster; then its copy is as good.
      if (!existsSync(folder)) renameSync(partial, folder);
      rmSync(partial, { recursive: true, force: true });
      return folder;
    }
    rmSync(partial, { recursive: true, force: true });
    const reason = `exit status ${outcome.code}: ${tail(outcome.output, 6)}`;
    const known = reasons.some((earlier) => earlier.endsWith(reason));
    reasons.push(`  ${installer.join(" ")}: ${known ? "the same" : reason}`);
    if (isDiskFull(outcome.output)) break;
  }
  throw new ToolError(`could not install ${requirement} with Python's pip:\n${reasons.join("\n")}`);
}
