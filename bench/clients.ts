// `bun run bench:clients`: a thousand clients of one server, in 109 processes, each with a ring
// pair of its own (isolation/clients.c); and what wakes while engines of every mode of worker
// processes have nothing to do (isolation/idle.ts). Linux only. `--limit SECONDS` is how long the
// clients ask: 10 if not given. `--only clients` or `--only idle` takes a part.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { main, root, say } from "../tools/run.ts";
import { findBun, findDeno } from "../tools/runtimes.ts";
import { type Arguments, isWanted, readArguments } from "./common/arguments.ts";
import { prepareLibrary } from "./common/library.ts";
import { print, Report } from "./common/results.ts";
import { buildProgram, output } from "./isolation/program.ts";

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

async function measureClients(options: Arguments): Promise<Clients> {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  try {
    const program = join(folder, "clients");
    await buildProgram("clients", program);
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
