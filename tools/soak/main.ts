// `bun run soak [PART…] [--seconds N] [--count N] [--json FILE] [--list]`, or `deno task soak`: the
// long form of what the tests do short: hours. Each part (parts.ts) is done in slices until its
// number is reached, its time is over, or something was found; words choose parts whose names begin
// with them. At the end there is a table, and zig-out/soak/soak.json (or FILE); the exit status is
// 1 after a finding.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { buildLibrary } from "../build.ts";
import { ask, main, root, say, ToolError } from "../run.ts";
import { type Part, parts } from "./parts.ts";

/** What a part came to. */
interface Result {
  readonly part: string;
  readonly what: string;
  /** What the long form does, and what was done. */
  readonly target: number;
  readonly done: number;
  readonly findings: number;
  readonly seconds: number;
  /** Why it ended before its target. */
  readonly why: string | undefined;
  /** The last lines of its slices' programs that say figures. */
  readonly figures: readonly string[];
}

/** Of a part's slice, what is done first; it doubles until a slice takes long enough. */
const FIRST_SHARE = 0.01, SLICE_SECONDS = 20;

let told = 0;

await main(async () => {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: {
      seconds: { type: "string" },
      count: { type: "string" },
      json: { type: "string" },
      list: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const chosen = choose(positionals);
  if (values.list) {
    for (const { name, what, total } of chosen) {
      process.stdout.write(`${name}\t${total}\t${what}\n`);
    }
    return 0;
  }
  const seconds = positive("--seconds", values.seconds);
  const count = positive("--count", values.count);
  await buildLibrary();
  const started = new Date();
  const load = loadavg();
  const results: Result[] = [];
  for (const part of chosen) results.push(await soak(part, seconds, count));
  const file = values.json ?? join(root, "zig-out", "soak", "soak.json");
  mkdirSync(dirname(file), { recursive: true });
  const head = {
    command: process.argv.slice(2),
    started: started.toISOString(),
    ended: new Date().toISOString(),
    commit: ask(["git", "rev-parse", "--short", "HEAD"]),
    machine: { processor: cpus()[0]?.model, cores: cpus().length, kernel: release() },
    load: { began: load, ended: loadavg() },
  };
  writeFileSync(file, `${JSON.stringify({ ...head, results }, undefined, 2)}\n`);
  process.stdout.write(`${table(results)}\n`);
  return results.every(({ findings }) => findings === 0) ? 0 : 1;
});

function choose(words: readonly string[]): readonly Part[] {
  const chosen = parts.filter(({ name }) =>
    words.length === 0 || words.some((word) => name.startsWith(word))
  );
  const unknown = words.find((word) => !parts.some(({ name }) => name.startsWith(word)));
  if (unknown === undefined) return chosen;
  const names = parts.map(({ name }) => name).join(", ");
  throw new ToolError(`there is no part ${unknown}; there are ${names}`);
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new ToolError(`${name}: expected a number above 0, got ${text}`);
}

async function soak(part: Part, seconds = Infinity, count = part.total): Promise<Result> {
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let done = 0;
  let findings = 0;
  let why: string | undefined;
  const figures = new Set<string>();
  let share = FIRST_SHARE;
  for (let seed = 1; done < count && findings === 0; seed++) {
    if (elapsed() >= seconds) {
      why = `${seconds} s were over`;
      break;
    }
    const size = Math.max(1, Math.min(Math.ceil(share * part.slice), count - done));
    const before = elapsed();
    const slice = await part.run(size, seed);
    if (elapsed() - before < Math.min(SLICE_SECONDS, seconds / 4)) share = Math.min(1, 2 * share);
    done += slice.done;
    findings += slice.findings;
    for (const line of slice.figures) figures.add(line);
    if (slice.why !== undefined) {
      why = slice.why;
      if (slice.findings === 0) break;
    }
    progress(part, done, count, elapsed());
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  say(`${part.name}: ${done} of ${count}, ${findings} findings, ${elapsed().toFixed(0)} s`);
  return {
    part: part.name,
    what: part.what,
    target: part.total,
    done,
    findings,
    seconds: Math.round(elapsed()),
    why,
    figures: [...figures].slice(0, 40),
  };
}

function progress({ name }: Part, done: number, count: number, seconds: number): void {
  const text = `${name}: ${done} of ${count}, ${Math.round(done / seconds)} a second`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kristretto: ${text}`);
  else if (performance.now() - told > 60_000) {
    told = performance.now();
    say(text);
  }
}

function table(results: readonly Result[]): string {
  const lines = results.map((r) => {
    const { part, what, target, done, findings, seconds, why } = r;
    const rest = why === undefined ? "" : ` (${why})`;
    return `| ${part} | ${what} | ${number(target)} | ${number(done)}${rest} | ${findings} | ` +
      `${seconds} s |`;
  });
  const head = "| part | what | long form | done | findings | time |";
  return [head, "| --- | --- | --- | --- | --- | --- |", ...lines].join("\n");
}

function number(value: number): string {
  return value.toLocaleString("en");
}
