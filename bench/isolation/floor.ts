// What lies below every mode: the bare primitives of the system, between two processes, in a
// program in C that is built for this (ring.c), and the start of a process. Linux only.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root, ToolError } from "../../tools/run.ts";
import { findZig } from "../../tools/zig.ts";
import type { Floor } from "./result.ts";

const sources = [
  "bench/isolation/ring.c",
  "c/ipc/ring.c",
  "c/ipc/link.c",
  "c/ipc/system/linux.c",
  "c/ipc/system/posix.c",
  "c/platform/posix.c",
];

/** Round trips of two processes, the ring's messages a second, and starts of a small program. */
export async function measureFloor(
  quick: boolean,
): Promise<{ floor: Floor[]; messagesPerSecond: number | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  try {
    const program = join(folder, "ring");
    const small = join(folder, "small");
    const zig = await findZig();
    const flags = ["-O3", "-std=gnu11", "-Ic", "-pthread"];
    output([zig, "cc", ...flags, "-o", program, ...sources]);
    const target = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-musl`;
    output([zig, "cc", "-target", target, "-static", ...flags, "-o", small, ...sources]);
    let messagesPerSecond: number | undefined;
    const floor: Floor[] = [];
    for (const line of output([program, quick ? "5000" : "50000", small]).trim().split("\n")) {
      const row = JSON.parse(line);
      if (row.per_second !== undefined) {
        messagesPerSecond = row.per_second;
        continue;
      }
      floor.push({
        name: row.name,
        pinned: row.pinned,
        p50Us: row.p50_ns / 1000,
        p99Us: row.p99_ns / 1000,
        p999Us: row.p999_ns / 1000,
        cpuUs: row.cpu_us,
      });
    }
    return { floor, messagesPerSecond };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function output([program, ...args]: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program!, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new ToolError(`${program} ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}
