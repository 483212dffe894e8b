// Runs the tests: those a contributor runs; with --check the checks as well; with --full all.
// Names of steps as arguments run only those. The last line on standard output is the sum.

import process from "node:process";
import { parseArgs } from "node:util";
import type { Counts } from "./counts.ts";
import { provide } from "./needs.ts";
import { main, say, ToolError } from "./run.ts";
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
  for (const step of chosen) {
    const start = performance.now();
    const { counts, why } = await runStep(step, values.install);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    report.push(`${step.name}: ${inWords(counts)} (${seconds} s)${why === "" ? "" : ` - ${why}`}`);
    say(report.at(-1)!);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  process.stdout.write(`\n${report.join("\n")}\n${inWords(total)}\n`);
  return total.failed === 0 ? 0 : 1;
});

function stepNamed(name: string): Step {
  const step = steps.find((candidate) => candidate.name === name);
  if (step !== undefined) return step;
  const names = steps.map((candidate) => `"${candidate.name}"`).join(", ");
  throw new ToolError(`there is no step "${name}"; there are ${names}`);
}

async function runStep(step: Step, install: boolean): Promise<{ counts: Counts; why: string }> {
  for (const need of step.needs ?? []) {
    const why = await provide(need, install);
    if (why !== undefined) return { counts: { passed: 0, failed: 0, skipped: 1 }, why };
  }
  say(`${step.name}…`);
  const outcome = await step.run();
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
