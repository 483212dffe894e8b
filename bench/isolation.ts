// `bun run bench:isolation`: what it costs to talk to another process, and to run a small job in
// one, with the bare futex and a pipe beside it in the same run. Linux only. `--quick` takes a
// tenth of the calls. docs/isolation.md has the figures and says what they mean.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { main, root, say, ToolError } from "../tools/run.ts";
import { findBun, findDeno } from "../tools/runtimes.ts";
import { findZig } from "../tools/zig.ts";
import { prepareLibrary } from "./common/library.ts";

const quick = process.argv.includes("--quick");

await main(async () => {
  if (process.platform !== "linux") {
    say("there are no worker processes on this system");
    return 0;
  }
  await prepareLibrary();
  await measureRing();
  const child = join(root, "bench", "isolation", "child.ts");
  for (const command of [[findBun(), child], [findDeno(), "run", "-A", "--no-check", child]]) {
    show(JSON.parse(output([...command, ...(quick ? ["--quick"] : [])])));
  }
  return 0;
});

function output([program, ...args]: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program!, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new ToolError(`${program} ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}

async function measureRing(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  try {
    const program = join(folder, "ring");
    const sources = ["bench/isolation/ring.c", "c/ipc/ring.c", "c/ipc/link.c"];
    const system = ["c/ipc/system/linux.c", "c/platform/posix.c"];
    const flags = ["cc", "-O3", "-std=gnu11", "-Ic", "-pthread", "-o", program];
    output([await findZig(), ...flags, ...sources, ...system]);
    print("| round trip, µs | pinned | p50 | p99 | p99.9 | processor |");
    print("| --- | --- | --- | --- | --- | --- |");
    for (const line of output([program, quick ? "5000" : "50000"]).trim().split("\n")) {
      const { name, pinned, per_second: rate, cpu_us: cpu, ...ns } = JSON.parse(line);
      if (rate !== undefined) {
        print(`\n${(rate / 1e6).toFixed(1)} million messages/s one way, both awake\n`);
        continue;
      }
      const times = [ns.p50_ns, ns.p99_ns, ns.p999_ns].map((time) => (time / 1000).toFixed(2));
      print(`| ${[name, pinned ? "0, 1" : "free", ...times, cpu].join(" | ")} |`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What child.ts prints. */
interface ChildReport {
  readonly runtime: string;
  readonly rows: readonly {
    readonly name: string;
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly cpuUs: number;
  }[];
  readonly perSecond: number;
  readonly idleSwitches: number;
  readonly privateKib: number;
  readonly sharedKib: number;
}

function show(report: ChildReport): void {
  print(`| ${report.runtime}, µs a call | p50 | p99 | p99.9 | processor, of this process |`);
  print("| --- | --- | --- | --- | --- |");
  for (const { name, p50, p99, p999, cpuUs } of report.rows) {
    print(`| ${[name, ...[p50, p99, p999, cpuUs].map((us) => us.toFixed(2))].join(" | ")} |`);
  }
  print(`\n${Math.round(report.perSecond)} jobs/s, a thousand awaited at a time, one worker`);
  print(
    `a worker: ${report.privateKib} KiB private, ${report.sharedKib} KiB shared; ` +
      `${report.idleSwitches} context switches while idle\n`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
