// Runs the tests: those a contributor runs; with --check the checks as well; with --full all.
// Names of steps as arguments run only those. The last line on standard output is the sum.

import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import type { Counts } from "./counts.ts";
import { provide } from "./needs.ts";
import { main, type RunOptions, say, showOutput, ToolError } from "./run.ts";
import { setup } from "./setup.ts";
import { type Step, steps } from "./steps.ts";

await main(async () => {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: {
      full: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      install: { type: "boolean", default: process.env.CI === "true" },
    },
    allowPositionals: true,
  });
  const sets = values.full
    ? ["test", "check", "full"]
    : values.check
    ? ["test", "check"]
    : ["test"];
  const chosen = positionals.length > 0
    ? positionals.map(stepNamed)
    : steps.filter((step) => sets.includes(step.set));

  if (!process.stderr.isTTY) process.env.NO_COLOR ??= "1";
  await setup();
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const report: string[] = [];
  for (const group of groupsOf(chosen)) {
    for (const { counts, line } of await runGroup(group, values.install)) {
      report.push(line);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  }
  process.stdout.write(`\n${report.join("\n")}\n${inWords(total)}\n`);
  return total.failed === 0 ? 0 : 1;
});

/** What came of a step, and the line that says so. */
interface Finish {
  counts: Counts;
  line: string;
}

/** Steps that run side by side, in a row, are a group; every other one is alone in its own. */
function groupsOf(chosen: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of chosen) {
    const last = groups.at(-1);
    if (step.beside && last?.[0]?.beside) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Runs as many steps of a group at a time as there are processors; what came of each, in order. */
async function runGroup(group: readonly Step[], install: boolean): Promise<Finish[]> {
  // Before any runs: two installations at once would be in each other's way.
  const lacking: (string | undefined)[] = [];
  for (const step of group) lacking.push(await provideAll(step, install));
  const finishes: Finish[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < group.length) {
      const index = next++;
      finishes[index] = await finish(group[index]!, lacking[index], group.length > 1);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return finishes;
}

/** Why a step cannot be run; undefined when it can. */
async function provideAll({ needs = [] }: Step, install: boolean): Promise<string | undefined> {
  for (const need of needs) {
    const why = await provide(need, install);
    if (why !== undefined) return why;
  }
  return undefined;
}

async function finish(step: Step, lacking: string | undefined, beside: boolean): Promise<Finish> {
  const start = performance.now();
  const { counts, why } = lacking === undefined
    ? await runStep(step, beside)
    : { counts: { passed: 0, failed: 0, skipped: 1 }, why: lacking };
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const line = `${step.name}: ${inWords(counts)} (${seconds} s)${why === "" ? "" : ` - ${why}`}`;
  say(line);
  return { counts, line };
}

function stepNamed(name: string): Step {
  const step = steps.find((candidate) => candidate.name === name);
  if (step !== undefined) return step;
  const names = steps.map((candidate) => `"${candidate.name}"`).join(", ");
  throw new ToolError(`there is no step "${name}"; there are ${names}`);
}

/** Runs a step; the output of one that has others beside it is shown in one piece. */
async function runStep(step: Step, beside: boolean): Promise<{ counts: Counts; why: string }> {
  say(beside ? `${step.name}, beside others…` : `${step.name}…`);
  const options: RunOptions = { io: beside ? "capture" : "show" };
  const outcome = await step.run(options);
  if (beside) showOutput(outcome.output);
  const failed = outcome.code === 0 ? 0 : 1;
  if (step.count === undefined) {
    return { counts: { passed: 1 - failed, failed, skipped: 0 }, why: exitStatus(outcome.code) };
  }
  const counts = step.count(outcome.output);
  if (counts === undefined) {
    const why = `${exitStatus(outcome.code)} without a count of its tests`.trim();
    return { counts: { passed: 0, failed: 1, skipped: 0 }, why };
  }
  // A run that counts no failure and yet fails has failed outside of its tests.
  return {
    counts: { ...counts, failed: Math.max(counts.failed, failed) },
    why: exitStatus(outcome.code),
  };
}

function exitStatus(code: number): string {
  return code === 0 ? "" : `exit status ${code}`;
}

function inWords({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
