/**
 * What a process uses of the machine, as Linux tells everybody under /proc. Where there is no such
 * folder, or Deno has no permission to read it, nothing is known: nobody is asked.
 */

import { deno, isPermitted, systemName } from "../native/runtime.ts";

/** What a process uses. */
export interface Usage {
  /** Processor time since it was started, in seconds. */
  readonly cpuSeconds: number;
  /** Bytes of memory that it has now, shared ones included. */
  readonly residentBytes: number;
}

interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
}

/** Ticks of a second, and bytes of a page: what Linux tells programs, whatever it has itself. */
const TICKS = 100, PAGE = 4096;

/** `undefined` where it is not known, or no more. */
export function usageOf(pid: number): Usage | undefined {
  if (systemName !== "linux" || pid <= 0) return undefined;
  const path = `/proc/${pid}/stat`;
  if (deno !== undefined && !isPermitted({ name: "read", path })) return undefined;
  try {
    const { process } = globalThis as unknown as {
      readonly process: { getBuiltinModule(name: string): unknown };
    };
    const fs = process.getBuiltinModule("node:fs") as Files;
    const stat = fs.readFileSync(path, "utf8");
    // Behind the name, which may hold anything: state is field 3, the times 14 and 15, pages 24.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const cpuSeconds = (fields[11]! + fields[12]!) / TICKS;
    const residentBytes = fields[21]! * PAGE;
    // One that has ended, and that nobody has noticed yet, has no memory.
    return cpuSeconds >= 0 && residentBytes > 0 ? { cpuSeconds, residentBytes } : undefined;
  } catch {
    return undefined;
  }
}
