// `bun run bench`: all benchmarks, one after the other, and the report about them. What is given
// to it is given to each of them; words without dashes choose parts, or are another command:
//
//     bun run bench [PART…] [options]     measures, and writes the report
//     bun run bench report FOLDER         writes the report of results that are there
//     bun run bench readme FOLDER         puts figures and pictures of a result into README.md
//     bun run bench compare A B           what has really changed between two results

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { main, root, run, say, thisRuntime, ToolError } from "../tools/run.ts";
import { type Arguments, readArguments } from "./common/arguments.ts";
import { prepareLibrary } from "./common/library.ts";
import { print, resultsFolder } from "./common/results.ts";
import { tableText } from "./common/table.ts";
import { compareFolders } from "./compare/main.ts";
import { updateReadme } from "./report/readme.ts";
import { takeScreenshots } from "./report/screenshots.ts";
import { writeReport } from "./report/write.ts";

/** The parts, and the seconds after which a single minimisation is stopped in a run of several; in
 * a quick one. */
const parts: Readonly<Record<string, readonly [seconds: number, quick: number]>> = {
  isolation: [60, 5],
  ffi: [60, 5],
  peers: [10, 2],
  pool: [60, 5],
  core: [6, 2],
  exact: [1, 0.3],
};

await main(async () => {
  const args = process.argv.slice(2);
  const words = args.filter((word, i) => !word.startsWith("-") && !takesValue(args[i - 1]));
  const [command, ...places] = words;
  if (command === "compare") return compareFolders(places);
  if (command === "readme") return updateReadme(folderOf(places));
  if (command === "report") return await report(folderOf(places));
  const options = readArguments(args.filter((word) => !words.includes(word)));
  if (options === undefined) return 0;
  const unknown = words.filter((word) => parts[word] === undefined);
  if (unknown.length > 0) {
    const known = [...Object.keys(parts), "report", "readme", "compare"].join(", ");
    throw new ToolError(`there is no benchmark ${unknown.join(", ")}; there are ${known}`);
  }
  return await measure(words.length > 0 ? words : Object.keys(parts), options);
});

/** Whether the word after this one belongs to it. */
function takesValue(word: string | undefined): boolean {
  return /^--(only|mode|size|runtime|without|limit|out)$/.test(word ?? "");
}

function folderOf(words: readonly string[]): string {
  const [folder] = words;
  if (folder === undefined || !existsSync(folder)) {
    throw new ToolError(`expected a folder of results, got ${folder ?? "nothing"}`);
  }
  return folder;
}

async function measure(chosen: readonly string[], options: Arguments): Promise<number> {
  await prepareLibrary();
  const folder = resultsFolder(options);
  const limited = options.given.includes("--limit");
  let worst = 0;
  for (const [i, part] of chosen.entries()) {
    say(`bench:${part} (${i + 1} of ${chosen.length})`);
    const file = join(root, "bench", `${part}.ts`);
    const given = options.out === undefined
      ? [...options.given, "--out", folder]
      : options.given.map((word) => word === "…" ? folder : word);
    const limit = limited ? [] : ["--limit", String(parts[part]![options.quick ? 1 : 0])];
    const { code } = await run([...thisRuntime(file), ...given, ...limit], { io: "inherit" });
    if (code !== 0) say(`bench:${part} ended with status ${code}`);
    worst = Math.max(worst, code);
  }
  return Math.max(worst, await report(folder));
}

/** Writes the report of a folder, has a browser look at it, and shows the answer in short. */
async function report(folder: string): Promise<number> {
  const page = writeReport(folder);
  for (const one of page.summaries) print(tableText(one));
  const path = join(folder, "report.html");
  const shown = path.startsWith(root) ? relative(root, path) : path;
  let wrong: string | readonly string[];
  try {
    wrong = await takeScreenshots(folder);
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  if (typeof wrong === "string") say(`no screenshots: ${wrong}`);
  else for (const fault of wrong) say(`the report: ${fault}`);
  say(`the report is ${shown}`);
  return typeof wrong !== "string" && wrong.length > 0 ? 1 : 0;
}
