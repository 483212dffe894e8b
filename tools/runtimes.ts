// Finds Bun and Deno, and has the development packages of package.json installed when they are not.

import {
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { ask, pathWith, root, run, say, tail, ToolError, withClock } from "./run.ts";

/** Installs node_modules when it is missing or older than bun.lock's content asks for. */
export async function installPackages(): Promise<void> {
  const wanted = ["package.json", "bun.lock"]
    .map((name) => join(root, name))
    .map((path) => (existsSync(path) ? readFileSync(path, "utf8") : ""))
    .join("\n");
  const stamp = join(root, "node_modules", ".ristretto-installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return linkDeno();

  say("installing the development packages into node_modules");
  const bun = hostBun();
  const command = [...bun, "install", "--frozen-lockfile"];
  const outcome = await withClock("installing", () => run(command, { io: "capture" }));
  if (outcome.code !== 0) {
    throw new ToolError(
      `\`${bun.join(" ")} install\` failed (exit status ${outcome.code}):\n${
        tail(outcome.output)
      }\n` +
        `It needs npm's packages, so a network or a filled cache, and about 250 MB of disk.`,
    );
  }
  writeFileSync(stamp, wanted);
  linkDeno();
}

/** Has `.bin/deno`, which `deno task` runs, lead to our program instead of npm's: see there. */
function linkDeno(): void {
  if (process.platform === "win32") return;
  const link = join(root, "node_modules", ".bin", "deno");
  const ours = join("..", "..", "tools", "deno.cjs");
  const now = lstatSync(link, { throwIfNoEntry: false });
  if (now?.isSymbolicLink() && readlinkSync(link) === ours) return;
  rmSync(link, { force: true });
  symlinkSync(ours, link);
}

/** The Bun that we run under, or the one on PATH, or npm's. */
function hostBun(): string[] {
  if (process.versions.bun !== undefined) return [process.execPath];
  if (ask(["bun", "--version"]) !== undefined) return ["bun"];
  const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies.bun;
  return ["npx", "-y", `bun@${version}`];
}

/** Bun's program, of the version that package.json pins. */
export function findBun(): string {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const oven = `bun-${process.platform === "win32" ? "windows" : process.platform}`;
  const arch = process.arch === "arm64" ? "aarch64" : "x64";
  return firstFile("Bun", [
    ...["", "-musl"].map((libc) => `@oven/${oven}-${arch}${libc}/bin/bun${suffix}`),
    "bun/bin/bun.exe", // npm's name for it on every system
  ]);
}

/**
 * Deno's program, of the version that package.json pins. The script that moves it in place after an
 * install may not have run (Bun asks for trust first), so it is looked for where npm unpacked it.
 */
export function findDeno(): string {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const libc = process.platform === "linux" ? "-glibc" : "";
  return firstFile("Deno", [
    `@deno/${process.platform}-${process.arch}${libc}/deno${suffix}`,
    `deno/deno${suffix}`,
  ]);
}

function firstFile(name: string, candidates: readonly string[]): string {
  const paths = candidates.map((candidate) => join(root, "node_modules", candidate));
  // Bun's npm package has a text in place of the program until its install script has run.
  const found = paths.find((path) => existsSync(path) && statSync(path).size > 1_000_000);
  if (found !== undefined) return found;
  throw new ToolError(
    `${name} was not found; looked for\n  ${paths.join("\n  ")}\nTry \`bun install\`.`,
  );
}

/** The environment for tests and checks: `bun` and `deno` on PATH are the pinned ones. */
export function runtimeEnvironment(): Record<string, string> {
  return { PATH: pathWith([dirname(findBun()), dirname(findDeno())]) };
}
