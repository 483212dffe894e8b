// The result files of a folder, read back.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../tools/run.ts";
import type { Finish } from "../common/race.ts";
import type { Head } from "../common/results.ts";
import type { Entry } from "../core/result.ts";
import type { Miss } from "../core/misses.ts";
import type { Summary } from "../core/summary.ts";
import type { RuntimeReport as FfiRuntime } from "../ffi/report.ts";
import type { IsolationResult } from "../isolation/result.ts";
import type { PeerEntry } from "../peers/result.ts";
import type { RuntimeReport as PoolRuntime } from "../pool/report.ts";

/** What bench:exact says of a function. */
export interface ExactEntry {
  readonly name: string;
  readonly known?: number;
  readonly proven: boolean;
  readonly cubes: number;
  readonly lowerBound: number;
  readonly results: Readonly<Record<string, Finish>>;
  readonly certificate?: {
    readonly kind: string;
    readonly points: number;
    readonly bytes: number;
    readonly checkMs: number;
  };
}

/** Every file that a run may have left, by its benchmark. */
export interface Results {
  readonly isolation?: Head & IsolationResult;
  readonly core?: Head & {
    readonly summary: Summary;
    readonly misses: readonly Miss[];
    readonly functions: readonly Entry[];
  };
  readonly peers?: Head & {
    readonly versions: Readonly<Record<string, string>>;
    readonly groups: readonly PeerEntry[];
  };
  readonly ffi?: Head & {
    readonly runtimes: readonly FfiRuntime[];
    readonly espresso: Readonly<Record<string, Finish>>;
  };
  readonly pool?: Head & {
    readonly versions: Readonly<Record<string, string>>;
    readonly runtimes: readonly PoolRuntime[];
  };
  readonly exact?: Head & { readonly functions: readonly ExactEntry[] };
}

/** The parts of a run, in the order of the report. */
export const parts = ["isolation", "core", "exact", "peers", "pool", "ffi"] as const;

/** Reads the results of a folder. */
export function readResults(folder: string): Results {
  const found = parts.flatMap((part) => {
    const path = join(folder, `${part}.json`);
    return existsSync(path) ? [[part, JSON.parse(readFileSync(path, "utf8"))]] : [];
  });
  if (found.length === 0) throw new ToolError(`${folder} holds no results (isolation.json, …)`);
  return Object.fromEntries(found) as Results;
}

/** The heads of the files that are there. */
export function headsOf(results: Results): Head[] {
  return parts.flatMap((part) => results[part] ?? []);
}
