// What the system says of this process and all that it has started: processor time, memory, who
// is at work. Linux only; elsewhere what is known of this process alone.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

const linux = process.platform === "linux";
/** Microseconds of a clock tick in /proc: 100 a second, on every Linux. */
const TICK_US = 10_000;

/** The fields of /proc/ID/stat after the name; undefined for one that has gone. */
function statOf(id: number | "self"): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** The processes that this one has started and that are not dead, and theirs. */
export function descendants(): number[] {
  if (!linux) return [];
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [state, parent] = statOf(Number(name)) ?? [];
    if (state === undefined || state === "Z" || state === "X") continue;
    const siblings = children.get(Number(parent));
    if (siblings === undefined) children.set(Number(parent), [Number(name)]);
    else siblings.push(Number(name));
  }
  const found: number[] = [];
  const open = [process.pid];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const below = children.get(id) ?? [];
    found.push(...below);
    open.push(...below);
  }
  return found;
}

/**
 * Microseconds of processor time of this process, its workers, and workers that have ended. What
 * looking costs itself is left out: at the `end` this process is looked at first, else last.
 */
export function treeCpuUs(at: "start" | "end"): number {
  const before = at === "end" ? selfUs() : 0;
  let others = 0;
  if (linux) {
    others += endedUs("self");
    for (const id of descendants()) others += taskUs(id) + endedUs(id);
  }
  return others + (at === "end" ? before : selfUs());
}

function selfUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Time of processes that one has waited for. */
function endedUs(id: number | "self"): number {
  const fields = statOf(id);
  return fields === undefined ? 0 : (Number(fields[13]) + Number(fields[14])) * TICK_US;
}

/** Time of all threads of a process that lives. */
function taskUs(id: number): number {
  try {
    let sum = 0;
    for (const task of readdirSync(`/proc/${id}/task`)) {
      const text = readFileSync(`/proc/${id}/task/${task}/schedstat`, "utf8");
      sum += Number(text.split(" ")[0]) / 1000;
    }
    return sum;
  } catch {
    const fields = statOf(id); // no schedstat in this kernel, or gone meanwhile
    return fields === undefined ? 0 : (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }
}

/** Those of some processes that are on a processor or want to be. */
export function running(ids: readonly number[]): number[] {
  return ids.filter((id) => statOf(id)?.[0] === "R");
}

/** Bytes of a process in memory. */
export interface MemoryOf {
  /** Its own, which would be free without it. */
  readonly own: number;
  /** Mapped by others as well: the program, and regions shared with the caller. */
  readonly shared: number;
}

/** Memory of a process; undefined where the system does not say. */
export function memoryOf(id: number | "self"): MemoryOf | undefined {
  try {
    const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    const bytes = (name: string): number =>
      1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
    return {
      own: bytes("Private_Clean") + bytes("Private_Dirty"),
      shared: bytes("Shared_Clean") + bytes("Shared_Dirty"),
    };
  } catch {
    return undefined;
  }
}
