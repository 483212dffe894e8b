// `bun run minimize [options] FILE…`: the command line, once what it needs is there.
// Without arguments it minimises the example files and reports what that saved.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { buildLibrary } from "./build.ts";
import { main, root, run, thisRuntime } from "./run.ts";

await main(async () => {
  await buildLibrary();
  const given = process.argv.slice(2);
  const args = given.length > 0 ? given : ["-s", ...exampleFiles()];
  // File names are meant as they were typed; a script runner may have moved to the project's root.
  const cwd = given.length > 0 ? process.env.INIT_CWD ?? process.cwd() : root;
  const command = [...thisRuntime(join(root, "src", "cli", "main.ts")), ...args];
  return (await run(command, { io: "inherit", cwd })).code;
});

function exampleFiles(): string[] {
  const names = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".pla"));
  return names.sort().map((name) => join("examples", name));
}
