// `bun run bench:exact`: exact minimisation of the corpus, beside Espresso's exact method (the
// crate's) in the same run; and certificates: of which kind, how large, how long checking takes.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { checkCertificate, minimize } from "../mod.ts";
import { main, root, thisRuntime } from "../tools/run.ts";
import { isWanted, readArguments } from "./common/arguments.ts";
import { toCover, type TwoLevel, writeFunctions } from "./common/function_text.ts";
import { prepareLibrary } from "./common/library.ts";
import { Progress } from "./common/progress.ts";
import { type Contestant, type Finish, race, type RacePlan } from "./common/race.ts";
import { print, Report } from "./common/results.ts";
import { Runner } from "./common/runner.ts";
import { type Table, tableOf, tableText, timeText } from "./common/table.ts";
import { verifyAll } from "./common/verify.ts";
import { corpus, corpusFolder } from "./inputs/corpus.ts";
import { findPeer } from "./peers/install.ts";
import { tableMarkdown } from "./report/markdown.ts";

const OURS = "ristretto exact";
const ESPRESSO = "espresso exact";

/** Functions measured so far: a run that was ended goes on with the next one. */
const PARTIAL = "exact.partial.json";

/** What one function gave. */
interface Entry {
  readonly name: string;
  /** The smallest number of cubes known, and whether somebody has proven it. */
  readonly known: number | undefined;
  readonly proven: boolean;
  readonly cubes: number;
  readonly lowerBound: number;
  readonly results: Readonly<Record<string, Finish>>;
  readonly certificate: Certificate | undefined;
}

interface Certificate {
  readonly kind: string;
  readonly points: number;
  readonly bytes: number;
  readonly checkMs: number;
}

await main(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) return 0;
  await prepareLibrary();
  const report = new Report("exact", options);
  const inputs = (corpus() ?? []).filter(({ name }) => isWanted(name, options));
  if (inputs.length === 0) report.skip("the corpus", `nothing in ${corpusFolder()}`);
  const chosen = options.quick ? inputs.filter((_, index) => index % 12 === 0) : inputs;
  const ours = new Runner({ words: thisRuntime(join(root, "bench", "runners", "ours.ts")) });
  const contestants: Contestant[] = [{ key: OURS, runner: ours, variant: "exact" }];
  const peer = await findPeer("espresso-logic", options);
  if (typeof peer === "string") report.skip("espresso-logic", peer);
  else contestants.push({ key: ESPRESSO, runner: new Runner(peer), variant: "exact" });
  const folder = mkdtempSync(join(tmpdir(), "ristretto-bench-"));
  const key = JSON.stringify([report.commit, options.limitMs, contestants.map((one) => one.key)]);
  const entries = measuredBefore(report, key);
  try {
    const progress = new Progress(chosen.length);
    for (const input of chosen) {
      progress.next(input.name);
      if (entries.some(({ name }) => name === input.name)) continue;
      const made = input.make();
      const path = join(folder, input.name);
      writeFunctions(path, [made]);
      const finishes = await race(contestants, path, {
        plan: planOf(options.limitMs),
        check: (results) => verifyAll([made], results),
        tell: (text) => progress.tell(text),
      });
      const { bestCubes, proven = false } = input.known ?? {};
      entries.push({
        name: input.name,
        known: bestCubes,
        proven,
        ...certify(made, options.limitMs),
        results: Object.fromEntries(finishes),
      });
      report.text(PARTIAL, JSON.stringify({ key, entries }));
    }
    progress.end();
  } finally {
    for (const { runner } of contestants) runner.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  report.save({ functions: entries });
  const tables = [entriesTable(entries), sumsTable(entries)];
  report.text("exact.md", tables.flatMap(tableMarkdown).join("\n"));
  rmSync(join(report.folder, PARTIAL), { force: true });
  print(tables.map(tableText).join("\n"));
  return entries.some(({ known, proven, cubes }) => proven && cubes < known!) ? 1 : 0;
});

/** Of the same commit, limit and contestants. */
function measuredBefore({ folder }: Report, key: string): Entry[] {
  const path = join(folder, PARTIAL);
  if (!existsSync(path)) return [];
  const found: { key: string; entries: Entry[] } = JSON.parse(readFileSync(path, "utf8"));
  return found.key === key ? found.entries : [];
}

function planOf(limitMs: number): RacePlan {
  return { budgetMs: 100, rounds: [1, 5], limitMs };
}

/** The certificate of a function, checked. */
function certify(
  made: TwoLevel,
  timeoutMs: number,
): Pick<Entry, "cubes" | "lowerBound" | "certificate"> {
  const cover = toCover(made);
  const { stats, certificate } = minimize(cover, { method: "exact", certificate: true, timeoutMs });
  const { cubes, lowerBound } = stats;
  if (certificate === undefined) return { cubes, lowerBound, certificate: undefined };
  const begin = performance.now();
  const { kind, points } = checkCertificate(cover, certificate);
  const checkMs = performance.now() - begin;
  const bytes = certificate.length;
  return { cubes, lowerBound, certificate: { kind, points, bytes, checkMs } };
}

function entriesTable(entries: readonly Entry[]): Table {
  const rows = entries.map(({ name, known, cubes, lowerBound, certificate, results }) => [
    name,
    known,
    cubes,
    lowerBound,
    certificate?.kind ?? "–",
    certificate?.points,
    certificate?.bytes,
    timeText(certificate?.checkMs),
    time(results[OURS]),
    time(results[ESPRESSO]),
    ratio(results),
  ]);
  const head = ["function", "known", "cubes", "bound", "proof", "points", "bytes", "check", "ours"];
  return tableOf("Exact minimisation", [...head, "Espresso", "times as fast"], rows);
}

function time(finish: Finish | undefined): string {
  return finish?.failure ?? timeText(finish?.wallMs?.median);
}

function ratio(results: Readonly<Record<string, Finish>>): number | undefined {
  const [mine, theirs] = [results[OURS]?.wallMs, results[ESPRESSO]?.wallMs];
  return mine === undefined || theirs === undefined ? undefined : theirs.median / mine.median;
}

function sumsTable(entries: readonly Entry[]): Table {
  const optimal = entries.filter(({ cubes, lowerBound }) => cubes === lowerBound);
  const both = entries.map(({ results }) => ratio(results)).filter((each) => each !== undefined);
  const slower = entries.filter(({ results }) => results[ESPRESSO]?.failure !== undefined);
  const mean = Math.exp(both.reduce((sum, each) => sum + Math.log(each), 0) / both.length);
  return tableOf("In all", ["", ""], [
    ["functions", entries.length],
    ["proven minimum", optimal.length],
    ["with a certificate that holds", entries.filter((one) => one.certificate).length],
    ["Espresso does not end", slower.length],
    ["times as fast where it does, geometric mean", mean],
    ["at least five times as fast", both.filter((each) => each >= 5).length],
  ]);
}
