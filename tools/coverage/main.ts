// `bun run coverage`: coverage of all sorts in one report. C by clang, TypeScript by Deno's and
// Bun's own collectors and by c8 under Node. Writes coverage/report.md and coverage/lcov.info.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { main, root, say } from "../run.ts";
import { setup } from "../setup.ts";
import { collectBun, collectC, collectDeno, collectNode, type Collector } from "./collect.ts";
import { type Coverage, merge, parseLcov, share, sum, toLcov, toMarkdown } from "./lcov.ts";

/** Every collector; the most precise of those that see the same files comes first. */
const collectors: readonly [name: string, folders: readonly string[], collector: Collector][] = [
  ["C, clang", ["c"], collectC],
  ["TypeScript, Deno", ["src", "mod.ts"], collectDeno],
  ["TypeScript, Bun", ["src", "mod.ts"], collectBun],
  ["TypeScript, c8 on Node", ["src", "mod.ts"], collectNode],
];

await main(async () => {
  if (!process.stderr.isTTY) process.env.NO_COLOR ??= "1";
  await setup();
  const folder = join(root, "coverage");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  const collections: Coverage[] = [];
  const rows: string[] = [];
  let failed = false;
  for (const [name, folders, collector] of collectors) {
    say(`${name}…`);
    const result = await collector(folder);
    if (typeof result === "string") {
      rows.push(`${name}: not measured, ${result}`);
      continue;
    }
    const coverage = parseLcov(result.lcov, folders);
    for (const path of coverage.keys()) if (path.startsWith("c/test/")) coverage.delete(path);
    collections.push(coverage);
    failed ||= result.trouble !== undefined && collector !== collectNode; // Node is best effort
    rows.push(
      `${name}: ${share(sum(coverage))} lines${result.trouble ? `; ${result.trouble}` : ""}`,
    );
  }

  const merged = merge(collections);
  rows.push(`C: ${share(sum(merged, /^c\//))} lines`);
  rows.push(`TypeScript, by any of them: ${share(sum(merged, /\.ts$/))} lines`);
  const report = `# Coverage\n\n${rows.map((row) => `- ${row}\n`).join("")}\n${toMarkdown(merged)}`;
  writeFileSync(join(folder, "report.md"), report);
  writeFileSync(join(folder, "lcov.info"), toLcov(merged));
  process.stdout.write(`${rows.join("\n")}\nsee coverage/report.md and coverage/lcov.info\n`);
  return failed ? 1 : 0;
});
