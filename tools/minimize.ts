// `bun run minimize [options] FILE…`: the command line, once what it needs is there.
// Without arguments it minimises the example files and reports what that saved.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { buildLibrary } from "./build.ts";
import { main, root, run, thisRuntime } from "./run.ts";

await main(async () => {
  await buildLibrary();
  let args = process.argv.slice(2);
  if (args.length === 0) args = ["-s", ...exampleFiles()];
  const command = [...thisRuntime(join(root, "src", "cli", "main.ts")), ...args];
  // File names are meant as they were typed; a script runner may have moved to the project's root.
  return (await run(command, { io: "inherit", cwd: process.env.INIT_CWD ?? process.cwd() })).code;
});

function exampleFiles(): string[] {
  const folder = join(root, "examples");
  const names = readdirSync(folder).filter((name) => name.endsWith(".pla")).sort();
  return names.map((name) => join(folder, name));
}
