// What lies below every mode: the bare primitives of the system, between two processes, in a
// program in C that is built for this (ring.c), and the start of a process. Linux only.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { buildProgram, output } from "./program.ts";
import type { Floor } from "./result.ts";

/** Round trips of two processes, the ring's messages a second, and starts of a small program. */
export async function measureFloor(
  quick: boolean,
): Promise<{ floor: Floor[]; messagesPerSecond: number | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  try {
    const program = join(folder, "ring");
    const small = join(folder, "small");
    await buildProgram("ring", program);
    const target = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-musl`;
    await buildProgram("ring", small, ["-target", target, "-static"]);
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
