// `doctor`: what was found on this machine, what works, what is missing and how to get it, and what
// calls cost. It asks for nothing: under Deno it only looks at permissions that were given.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import { ISOLATION_VARIABLE } from "../engine/create.ts";
import { GROUP_KINDS } from "../engine/limits.ts";
import { ISOLATIONS, STREAMS } from "../engine/modes.ts";
import { Cover } from "../cover/cover.ts";
import { RistrettoError } from "../errors.ts";
import { minimize } from "../minimize.ts";
import { LIBRARY_VARIABLE, libraryPlaces, VERSION } from "../native/locate.ts";
import { library, native, type OpenLibrary } from "../native/open.ts";
import { buildInfo } from "../native/run.ts";
import { deno, isFile, isPermitted, processorName, systemName } from "../native/runtime.ts";
import { costs, limits } from "./measure.ts";
import { formatCount } from "./quantities.ts";
import { writeResult } from "./streams.ts";

/** Prints what was found; the result is the exit status: 1 when the library cannot be used. */
export async function doctor(): Promise<number> {
  const report = new Report();
  report.add("ristretto", VERSION);
  report.add("runtime", runtime());
  let found: OpenLibrary | undefined;
  try {
    found = library();
    addLibrary(report, found);
  } catch (error) {
    if (!(error instanceof RistrettoError)) throw error;
    report.add("library", "NOT USABLE", ...error.message.split("\n"));
  }
  if (deno !== undefined) report.add("permissions", ...permissions(found));
  report.add("isolation", ...isolations(found !== undefined));
  if (found !== undefined) {
    report.add("groups", groups());
    report.add(
      "limits",
      ...limits().map(({ name, holds, how }) => {
        return `${name.padEnd(8)}${holds ? "holds" : "DOES NOT HOLD"} (${how})`;
      }),
    );
    report.add(
      "cost",
      ...costs().map(({ name, nanoseconds }) => {
        return `${name.padEnd(34)}${nanosecondsText(nanoseconds).padStart(10)}`;
      }),
    );
  }
  await writeResult(new TextEncoder().encode(report.text()));
  return found === undefined ? 1 : 0;
}

/** Titles on the left, lines on the right. */
class Report {
  #text = "";

  add(title: string, ...lines: readonly string[]): void {
    for (const [index, line] of lines.entries()) {
      this.#text += `${(index === 0 ? title : "").padEnd(13)}${line}`.trimEnd() + "\n";
    }
  }

  text(): string {
    return this.#text;
  }
}

function runtime(): string {
  const { bun, deno, node } = process.versions;
  const name = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
  return `${name} on ${systemName} ${processorName}`;
}

function addLibrary(report: Report, { path, what }: OpenLibrary): void {
  report.add("library", `${path} (${what})`);
  report.add("", fileFacts(path), `ABI version ${native().rst_abi_version()}`);
  const { kernels: _, ...facts } = buildInfo();
  for (const [key, value] of Object.entries(facts)) report.add("", `${key} ${value}`);
  const { stats } = minimize(Cover.fromTruthTable(2, "0111"));
  report.add("kernels", `${stats.kernels}, chosen for this processor`);
}

function fileFacts(path: string): string {
  if (!isPermitted({ name: "read", path })) {
    return `size and hash not known: reading it needs --allow-read=${path}`;
  }
  const bytes = readFileSync(path);
  const hash = createHash("sha256").update(bytes).digest("hex");
  return `${formatCount(bytes.length)} bytes, sha256 ${hash}`;
}

/** What Deno permits of what we use, and the flag that would permit the rest. */
function permissions(found: OpenLibrary | undefined): string[] {
  const path = found?.path ?? candidate();
  const isGranted = (name: "ffi" | "read") => path !== undefined && isPermitted({ name, path });
  const line = (granted: boolean, flag: string, what: string) =>
    `${granted ? "granted" : "MISSING"}  ${flag} (${what})`;
  const optional = "optional: read only where that is permitted";
  return [
    line(isGranted("ffi"), `--allow-ffi=${path ?? "FILE"}`, "needed, to call the library"),
    line(isGranted("read"), `--allow-read=${path ?? "FILE"}`, "for doctor, to show its hash"),
    ...[LIBRARY_VARIABLE, ISOLATION_VARIABLE].map((variable) =>
      line(isPermitted({ name: "env", variable }), `--allow-env=${variable}`, optional)
    ),
    `enough to minimise: deno run --allow-ffi=${path ?? "FILE"} --allow-read=FILES ` +
    "src/cli/main.ts FILES",
  ];
}

/** The file that the library would be, as far as may be known. */
function candidate(): string | undefined {
  return libraryPlaces().map(({ path }) => path)
    .find((path) => path !== undefined && isFile(path) !== false);
}

/** Where workers exist and were not tried. */
const UNTRIED: Readonly<Record<string, string>> = {
  macos: "available; built for macOS, and never run there",
  windows: "available; tried under wine, never on Windows",
};

function isolations(usable: boolean): string[] {
  return ISOLATIONS.map((mode) => {
    const inside = mode === "direct" || mode === "pool";
    const state = usable
      ? (inside ? undefined : UNTRIED[systemName]) ?? "available"
      : STREAMS[mode] !== undefined
      ? "over standard streams, without the library: needs to read and run the worker's program"
      : "needs the library";
    return `${mode.padEnd(13)}${state}`;
  });
}

/** What control groups this program may make for its workers. */
function groups(): string {
  const versions = new Uint32Array(GROUP_KINDS.length);
  native().rst_process_groups(versions, versions.length);
  const kinds = GROUP_KINDS.flatMap((kind, index) =>
    versions[index]! > 0 ? [`${kind} (version ${versions[index]})`] : []
  );
  return kinds.length > 0
    ? `control groups for workers: ${kinds.join(", ")}`
    : "no control group may be made here: the limit of cores is not kept";
}

function nanosecondsText(ns: number): string {
  return ns < 1000 ? `${ns.toFixed(1)} ns` : `${(ns / 1000).toFixed(2)} us`;
}
