// How long after a host was killed the last of its workers is gone. A host leads a session of its
// own, by which its workers are known, also those that were being started when it died.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ToolError } from "../../tools/run.ts";
import { rounded } from "../common/statistics.ts";

/** What the workers are doing when their host is killed. */
export const STATES = ["idle", "computing", "stopped", "spawning", "spare", "heap"] as const;
export type State = (typeof STATES)[number];

/** After which workers that are still there are said to have been left behind. */
const PATIENCE_MS = 5000;

/** What became of the workers of one host. */
export interface Left {
  /** Milliseconds until all were gone; undefined: some never went. */
  readonly ms: number | undefined;
  /** Names in /dev/shm that were not there before. */
  readonly names: number;
}

/** Processes of a session that live. */
function membersOf(session: number): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
    try {
      const text = readFileSync(`/proc/${id}/stat`, "utf8");
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return Number(fields[3]) === session && fields[0] !== "Z" && fields[0] !== "X";
    } catch {
      return false; // it ended meanwhile
    }
  });
}

function sharedNames(): number {
  return existsSync("/dev/shm") ? readdirSync("/dev/shm").length : 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts a host, kills it `delayMs` after it got to that state, and looks until all is gone. */
export async function killHost(state: State, delayMs: number): Promise<Left> {
  const names = sharedNames();
  const file = fileURLToPath(new URL("./host.ts", import.meta.url));
  const flags = "Deno" in globalThis ? ["run", "-A", "--no-check", "--quiet"] : [];
  const host = spawn(process.execPath, [...flags, file, state], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => host.once("exit", () => resolve()));
  const said = await Promise.race([
    new Promise<string>((resolve) => host.stdout!.once("data", (text) => resolve(`${text}`))),
    ended.then(() => ""),
  ]);
  if (!said.includes("ready")) throw new ToolError(`a host did not come to be ${state}`);
  await pause(delayMs);
  const session = host.pid!;
  if (membersOf(session).length < (state === "spawning" ? 1 : 3)) {
    throw new ToolError(`a host that is ${state} has no workers`);
  }
  const start = performance.now();
  host.kill("SIGKILL");
  await ended;
  while (membersOf(session).length > 0) {
    if (performance.now() - start > PATIENCE_MS) {
      for (const id of membersOf(session)) process.kill(id, "SIGKILL");
      return { ms: undefined, names: sharedNames() - names };
    }
    await pause(1);
  }
  return { ms: rounded(performance.now() - start), names: sharedNames() - names };
}
