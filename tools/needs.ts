// Programs of the operating system that some tests need: emulators, wine, valgrind. Debian's
// packages of them are installed when that is asked for (--install, or CI=true) and possible.

import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { ask, run, tail, toolsDir } from "./run.ts";

/** A program, and where it comes from. */
export interface Need {
  /** Its names, any of which will do. */
  programs: readonly string[];
  /** The packages of Debian that bring it. */
  debian: readonly string[];
  /** The name by which it is looked for by those who call it, when that is another. */
  alias?: string;
}

const qemu = (processor: string): Need => ({
  programs: [`qemu-${processor}`, `qemu-${processor}-static`],
  debian: ["qemu-user-static"],
  alias: `qemu-${processor}`, // what Zig starts
});

/** Every program that some step needs. */
export const needed: Record<
  "qemuX86" | "qemuArm64" | "qemuArm" | "wine" | "valgrind" | "prometheus",
  Need
> = {
  qemuX86: qemu("x86_64"),
  qemuArm64: qemu("aarch64"),
  qemuArm: qemu("arm"),
  wine: { programs: ["wine", "wine64"], debian: ["wine", "wine64"], alias: "wine" },
  prometheus: { programs: ["prometheus"], debian: ["prometheus"] },
  valgrind: { programs: ["valgrind"], debian: ["valgrind"] },
};

/** The folder of our aliases; it belongs on PATH. */
export const aliasDir: string = join(toolsDir, "bin");

let updated = false;

/** Makes a program available. Returns why that is impossible, or undefined when it is there. */
export async function provide(need: Need, install: boolean): Promise<string | undefined> {
  let path = whereIs(need.programs);
  if (path === undefined && install && canInstall()) {
    if (!updated) await run(["apt-get", "update", "-qq"], { io: "capture" });
    updated = true;
    const outcome = await run(
      ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...need.debian],
      { io: "capture", env: { DEBIAN_FRONTEND: "noninteractive" } },
    );
    if (outcome.code !== 0) return `apt-get could not install it: ${tail(outcome.output, 2)}`;
    path = whereIs(need.programs);
  }
  if (path === undefined) {
    return `${need.programs[0]} is not here (Debian: ${need.debian.join(" ")})`;
  }
  const alias = need.alias === undefined ? undefined : join(aliasDir, need.alias);
  if (alias !== undefined && whereIs([need.alias ?? ""]) === undefined) {
    mkdirSync(aliasDir, { recursive: true });
    symlinkSync(path, alias);
  }
  return undefined;
}

function whereIs(names: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), aliasDir];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && ask(["apt-get", "--version"]) !== undefined;
}

/** For programs that run under wine (silent, in a home that is ours) or an emulator (on PATH). */
export function foreignEnvironment(): Record<string, string> {
  return {
    WINEDEBUG: "-all",
    WINEPREFIX: join(toolsDir, "wine"),
    PATH: [process.env.PATH ?? "", aliasDir].join(delimiter),
  };
}
