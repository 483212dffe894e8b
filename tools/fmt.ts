// Lays out every source file: deno fmt for TypeScript, JSON and Markdown, clang-format for C.

import { join } from "node:path";
import { cFiles, clangFormat } from "./checks.ts";
import { reflowFiles } from "./reflow.ts";
import { main, root, run } from "./run.ts";
import { findDeno, installPackages } from "./runtimes.ts";

await main(async () => {
  await installPackages();
  const typescript = await run([findDeno(), "fmt"]);
  reflowFiles(cFiles().map((path) => join(root, path)));
  const c = await clangFormat(["-i"]);
  return Math.max(typescript.code, c.code);
});
