// Proof that nothing of ours holds up an end, in one runtime: `bun tools/endings.ts [COUNT]` or
// `deno run -A tools/endings.ts [COUNT]`. COUNT Workers (300) are terminated, exit or throw, and
// COUNT / 6 processes exit or throw, while an engine does each of the things of
// test/endings_child.ts, in the modes in turn. Each must end within a minute, and of the
// Workers no pool, job, thread's state or crew may be left.
//
// A defect planted by hand showed that this bites: with waits of native code that have no end
// (SLICE_MS in src/engine/pool.ts), Workers are held up in Bun.

import { join } from "node:path";
import process from "node:process";
import { buildLibrary } from "./build.ts";
import { main, root, run, say, tail, ToolError } from "./run.ts";

const DEFAULT_COUNT = 300;
/** Where there are worker processes, a part of the ends is theirs. */
const MODES = process.platform === "linux"
  ? ["pool", "pool", "process", "shared-heap", "fresh"]
  : ["pool"];
const MOMENTS = ["idle", "submitting", "running", "streaming", "waiting", "closing"];
const STATUSES: Readonly<Record<string, number>> = { exit: 3, throw: 1 };
const MINUTE = 60_000;

await main(async () => {
  const count = Number(process.argv[2] ?? DEFAULT_COUNT);
  if (!Number.isSafeInteger(count) || count < 12) {
    throw new ToolError(`expected a number of Workers from 12 on, got ${process.argv[2]}`);
  }
  await buildLibrary();
  const failures = [...await endWorkers(count), ...await endProcesses(Math.floor(count / 6))];
  for (const failure of failures) say(failure);
  const ended = count + Math.floor(count / 6) - failures.length;
  process.stdout.write(`endings: ${ended} passed, ${failures.length} failed\n`);
  return failures.length === 0 ? 0 : 1;
});

async function endWorkers(count: number): Promise<string[]> {
  const failures: string[] = [];
  for (const mode of new Set(MODES)) {
    const share = Math.floor(count * MODES.filter((each) => each === mode).length / MODES.length);
    const { code, stdout, output } = await runProgram(["workers", mode, `${share}`], 10 * MINUTE);
    say(`${share} Workers, ${mode}: ${stdout.trim().replace("\n", ", ")}`);
    if (code === 0 && stdout.trim().endsWith("left 0 0 0 0")) continue;
    failures.push(`${share} Workers, ${mode}: ended with ${code}: ${tail(output, 5)}`);
  }
  return failures;
}

async function endProcesses(count: number): Promise<string[]> {
  const failures: string[] = [];
  for (let n = 0; n < count; n++) {
    const moment = MOMENTS[n % MOMENTS.length]!;
    const turn = Math.floor(n / MOMENTS.length);
    const ending = turn % 2 === 0 ? "exit" : "throw";
    const mode = MODES[turn % MODES.length]!;
    const { code, output } = await runProgram([ending, mode, moment], MINUTE);
    if (code === STATUSES[ending]) continue;
    failures.push(`${ending}, ${mode}, ${moment}: ended with ${code}: ${tail(output, 5)}`);
  }
  say(`${count} processes ended`);
  return failures;
}

function runProgram(words: readonly string[], timeoutMs: number) {
  const flags = "Deno" in globalThis ? ["run", "-A", "--no-check", "--quiet"] : [];
  const program = join(root, "test", "endings_child.ts");
  return run([process.execPath, ...flags, program, ...words], { io: "capture", timeoutMs });
}
