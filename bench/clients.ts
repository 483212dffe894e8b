// `bun run bench:clients`: a thousand clients of one server, in 109 processes, each with a ring
// pair of its own (isolation/clients.c); and what wakes while engines of every mode of worker
// processes have nothing to do (isolation/idle.ts). Linux only. `--limit SECONDS` is how long the
// clients ask: 10 if not given. `--only clients` or `--only idle` takes a part.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { main, root, say, ToolError } from "../tools/run.ts";
import { findBun, findDeno } from "../tools/runtimes.ts";
import { findZig } from "../tools/zig.ts";
import { type Arguments, isWanted, readArguments } from "./common/arguments.ts";
import { prepareLibrary } from "./common/library.ts";
import { print, Report } from "./common/results.ts";

/** What clients.c prints. */
type Clients = Readonly<Record<string, number | readonly number[]>>;

/** What idle.ts prints. */
interface Idle {
  readonly runtime: string;
  readonly seconds: number;
  readonly switches: Readonly<Record<string, number>>;
}

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  if (process.platform !== "linux") {
    say("there are no worker processes on this system");
    return 0;
  }
  await prepareLibrary();
  const report = new Report("clients", options);
  const wants = (part: string): boolean => isWanted(part, options);
  const clients = wants("clients") ? await measureClients(options) : undefined;
  const idle = wants("idle") ? measureIdle(options.quick) : undefined;
  report.save({ clients, idle });
  return 0;
});

function output([program, ...args]: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program!, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new ToolError(`${program} ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}

async function measureClients(options: Arguments): Promise<Clients> {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  try {
    const program = join(folder, "clients");
    const files = ["hub.c", "ring.c", "link.c", "system/linux.c", "system/posix.c"];
    const ipc = files.map((name) => `c/ipc/${name}`);
    const sources = ["bench/isolation/clients.c", "c/base/arena.c", "c/platform/posix.c", ...ipc];
    const flags = ["-O3", "-std=gnu11", "-Ic", "-Ic/include", "-pthread", "-o", program];
    output([await findZig(), "cc", ...flags, ...sources]);
    const given = options.given.includes("--limit") ? options.limitMs / 1000 : 10;
    const seconds = options.quick ? 2 : Math.max(1, Math.round(given));
    const clients = JSON.parse(output([program, `${seconds}`, "100"])) as Clients;
    print("| a thousand clients of one server | |");
    print("| --- | --- |");
    for (const [name, value] of Object.entries(clients)) {
      print(`| ${name.replaceAll("_", " ")} | ${String(value).replace(",", " → ")} |`);
    }
    return clients;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureIdle(quick: boolean): Idle[] {
  const file = join(root, "bench", "isolation", "idle.ts");
  const seconds = quick ? "1" : "10";
  const commands = [[findBun(), file], [findDeno(), "run", "-A", "--no-check", file]];
  return commands.map((command) => {
    const idle = JSON.parse(output([...command, seconds])) as Idle;
    print(`\n| ${idle.runtime}, idle for ${idle.seconds} s | context switches |`);
    print("| --- | --- |");
    for (const [mode, count] of Object.entries(idle.switches)) print(`| ${mode} | ${count} |`);
    return idle;
  });
}
