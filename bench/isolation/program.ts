// Programs in C of the benchmarks, on the library's own rings: built for the run. Linux only.

import { spawnSync } from "node:child_process";
import { root, ToolError } from "../../tools/run.ts";
import { findZig } from "../../tools/zig.ts";

/** What the rings need; the files of a system are those that build.zig takes. */
const RINGS = [
  ...["c/ipc/ring.c", "c/ipc/link.c", "c/ipc/system/linux.c", "c/ipc/system/posix.c"],
  "c/platform/posix.c",
];

/** The programs, and what each needs beside the rings. */
const PROGRAMS = {
  ring: ["bench/isolation/ring.c"],
  clients: ["bench/isolation/clients.c", "c/ipc/hub.c", "c/base/arena.c"],
} as const;

/** Builds one into a file; `flags` are more of the compiler's. */
export async function buildProgram(
  name: keyof typeof PROGRAMS,
  file: string,
  flags: readonly string[] = [],
): Promise<void> {
  const usual = ["-O3", "-std=gnu11", "-Ic", "-Ic/include", "-pthread", "-o", file];
  output([await findZig(), "cc", ...flags, ...usual, ...PROGRAMS[name], ...RINGS]);
}

/** What a program prints; throws when it fails. */
export function output([program, ...args]: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program!, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new ToolError(`${program} ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}
