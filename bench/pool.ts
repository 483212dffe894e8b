// `bun run bench:pool`: the pool of native threads beside the pools of npm, in Bun and in Deno,
// whichever of them runs this: one awaited job after the other, and many at once, for jobs from the
// smallest to about a millisecond. What is measured, and how, is in README.md.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { main, root, run, say, tail, ToolError, toolsDir, withClock } from "../tools/run.ts";
import { findBun, findDeno } from "../tools/runtimes.ts";
import { type Arguments, isRuntimeWanted, readArguments } from "./common/arguments.ts";
import { prepareLibrary } from "./common/library.ts";
import { Progress } from "./common/progress.ts";
import { print, Report } from "./common/results.ts";
import { numberText, table } from "./common/table.ts";
import type { ContestantReport, RuntimeReport } from "./pool/report.ts";

/** Versions, so that a result can be measured again. */
const versions = { piscina: "5.3.2", tinypool: "2.2.0", workerpool: "10.0.3" };

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  await prepareLibrary();
  const report = new Report("pool", options);
  const peers = await installPeers(options, report);
  const runtimes = measureRuntimes(peers, options, report);
  report.save({ versions, runtimes });
  for (const runtime of runtimes) print(tables(runtime));
  return runtimes.some(({ contestants }) => contestants.length > 0) ? 0 : 1;
});

/** The names of the contestants that are there, and a file in their folder. */
async function installPeers(options: Arguments, report: Report) {
  const place = join(toolsDir, "peers", "pools");
  const names = Object.keys(versions);
  const isThere = (name: string) => existsSync(join(place, "node_modules", name));
  if (!names.every(isThere) && options.install !== "never") {
    mkdirSync(place, { recursive: true });
    const manifest = JSON.stringify({ private: true, dependencies: versions }, undefined, 2);
    writeFileSync(join(place, "package.json"), `${manifest}\n`);
    say("installing piscina, tinypool and workerpool");
    const command = ["npm", "install", "--no-audit", "--no-fund"];
    await withClock("installing", () => run(command, { cwd: place, io: "capture" }));
  }
  const found = names.filter((name) => !options.without.includes(name) && isThere(name));
  for (const name of names) if (!isThere(name)) report.skip(name, "it is not installed");
  return { names: ["ristretto", ...found], file: join(place, "package.json") };
}

function measureRuntimes(
  { names, file }: { readonly names: readonly string[]; readonly file: string },
  options: Arguments,
  report: Report,
): RuntimeReport[] {
  const runtimes: readonly (readonly [string, () => readonly string[]])[] = [
    ["bun", () => [findBun()]],
    ["deno", () => [findDeno(), "run", "-A", "--no-check", "--unstable-detect-cjs"]],
  ];
  const child = join(root, "bench", "pool", "child.ts");
  const progress = new Progress(names.length * runtimes.length);
  const reports = runtimes.filter(([name]) => isRuntimeWanted(name, options)).map(
    ([runtime, command]): RuntimeReport => {
      const contestants: ContestantReport[] = [];
      for (const name of names) {
        progress.next(`${name} in ${runtime}`);
        try {
          const words = [...command(), child, name, file, options.quick ? "100" : "500"];
          contestants.push(runChild(words));
        } catch (error) {
          if (!(error instanceof ToolError)) throw error;
          report.skip(`${name} in ${runtime}`, error.message);
        }
      }
      return { runtime, contestants };
    },
  );
  progress.end();
  return reports;
}

function runChild(words: readonly string[]): ContestantReport {
  const [program = "", ...args] = words;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 120_000,
  });
  const line = (stdout ?? "").split("\n").find((text) => text.startsWith("@"));
  if (line !== undefined) return JSON.parse(line.slice(1)) as ContestantReport;
  throw new ToolError(error?.message ?? `ended with ${status}: ${tail(stderr, 3)}`);
}

function tables({ runtime, contestants }: RuntimeReport): string {
  const rows = contestants.flatMap(({ name, sizes }) =>
    sizes.map((size) => [
      size.job,
      name,
      size.ownUs,
      size.awaited.median,
      size.awaited.median - size.ownUs,
      size.awaited.p99,
      size.awaitedCpuUs,
      numberText(size.perSecond["1"]!),
      numberText(size.perSecond["2"]!),
      size.batchCpuUs,
    ])
  ).sort((a, b) => String(a[0]).localeCompare(String(b[0]), undefined, { numeric: true }));
  const head = ["job, times in µs", "pool", "alone", "awaited", "over", "p99", "processor"];
  const more = ["jobs/s, 1 thread", "2 threads", "processor"];
  return table(`Pools of threads in ${runtime}`, [...head, ...more], rows);
}
