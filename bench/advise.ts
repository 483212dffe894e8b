// `bun run advise FILE…`: minimises your own files on your own machine in every mode, and says what
// each costs there and which to take (docs/choosing.md). Without files it takes those of examples/.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { main, root, ToolError } from "../tools/run.ts";
import { prepareLibrary } from "./common/library.ts";

const usage = `bun run advise [options] FILE…
  --accept PERCENT  what a mode may add to your jobs to be taken (10)
  --json            the figures as JSON
  --help            this text
`;

await main(async () => {
  const { values, positionals } = parse();
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const accept = Number(values.accept) / 100;
  if (!(accept >= 0)) throw new ToolError(`--accept: expected per cent, got ${values.accept}`);
  await prepareLibrary();
  // Only now: it needs the development packages, which may just have been installed.
  const { advise } = await import("./advise/advise.ts");
  const files = positionals.length > 0 ? positionals : examples();
  return await advise(files, { accept, json: values.json });
});

function parse() {
  try {
    return parseArgs({
      args: process.argv.slice(2),
      allowPositionals: true,
      options: {
        accept: { type: "string", default: "10" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new ToolError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function examples(): string[] {
  const folder = join(root, "examples");
  return readdirSync(folder).filter((name) => name.endsWith(".pla")).sort()
    .map((name) => join("examples", name));
}
