// Lays out every source file: deno fmt for TypeScript, JSON and Markdown, clang-format for C.

import { clangFormat } from "./checks.ts";
import { main, run } from "./run.ts";
import { findDeno, installPackages } from "./runtimes.ts";

await main(async () => {
  await installPackages();
  const typescript = await run([findDeno(), "fmt"]);
  const c = await clangFormat("-i");
  return Math.max(typescript.code, c.code);
});
