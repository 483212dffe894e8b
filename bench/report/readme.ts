// The figures of the README come from a result and nowhere else: what stands between two marks is
// written by `bun run bench readme FOLDER`, and a test writes it again and compares.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root, say, ToolError } from "../../tools/run.ts";
import { tableMarkdown } from "./markdown.ts";
import { headsOf, readResults } from "./results.ts";
import { coreSummary, modesSummary } from "./summary.ts";

const BEGIN = "<!-- bench: begin; `bun run bench readme FOLDER` writes this part -->";
const END = "<!-- bench: end -->";

/** The pictures that say most, and what they are. */
const pictures: readonly (readonly [name: string, words: string])[] = [
  ["isolation-calls", "What one small job takes in each mode"],
  ["isolation-share", "What a mode adds to a job, as a share of the job's own time"],
  ["core-speeds", "How much faster than Espresso 2.3"],
];

/** The README in two halves around what is generated. */
export function splitReadme(text: string): { before: string; part: string; after: string } {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new ToolError("README.md has no marks of the benchmarks");
  return {
    before: text.slice(0, begin + BEGIN.length),
    part: text.slice(begin + BEGIN.length, end),
    after: text.slice(end),
  };
}

/** The folder of the result that a part was made of. */
export function folderOfPart(part: string): string | undefined {
  return /\((bench\/results\/[^/)]+)\/report\.md\)/.exec(part)?.[1];
}

/** What the README says of a result; without one, how to get one. */
export function readmePart(folder: string | undefined): string {
  if (folder === undefined) {
    return "\n\nNo result of a quiet machine is kept here yet; yours takes one command.\n\n";
  }
  const results = readResults(join(root, folder));
  const [head] = headsOf(results);
  if (head === undefined || head.quick) throw new ToolError(`${folder} is a quick run`);
  const { processor, cores, system, bun, deno, commit } = head.machine;
  const lines = [
    "",
    "",
    `Measured on ${
      head.started.slice(0, 10)
    }: ${processor}, ${cores} cores, ${system}, Bun ${bun}, ` +
    `Deno ${deno}, commit ${commit}. All figures, distributions and what was left out are in ` +
    `[the report](${folder}/report.md); \`report.html\` beside it is one page to open or to send.`,
    "",
  ];
  for (const one of [modesSummary(results), coreSummary(results)]) {
    if (one !== undefined) lines.push(...tableMarkdown(one));
  }
  for (const [name, words] of pictures) {
    if (existsSync(join(root, folder, `${name}.svg`))) {
      lines.push(`![${words}](${folder}/${name}.svg)`, "");
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Puts a result into the README. */
export function updateReadme(folder: string): number {
  const place = relative(root, folder).replaceAll("\\", "/");
  if (!place.startsWith("bench/results/")) {
    throw new ToolError(`${folder}: results that the README links are in bench/results/`);
  }
  const path = join(root, "README.md");
  const { before, after } = splitReadme(readFileSync(path, "utf8"));
  writeFileSync(path, `${before}${readmePart(place)}${after}`);
  say(`README.md shows ${place}; keep it with: git add -f ${place}`);
  return 0;
}
