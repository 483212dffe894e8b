// Runs a wasm32-wasi command module in Bun or Node: `bun tools/wasi.ts PROGRAM.wasm ARG…`.
// The program sees the folder it is started in, and the folders of files that are named absolutely.

import { readFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import process from "node:process";
import { WASI } from "node:wasi";

const [program = "", ...args] = process.argv.slice(2);
const folders = args.filter(isAbsolute).map(dirname);
const wasi = new WASI({
  version: "preview1",
  args: [program, ...args],
  preopens: Object.fromEntries([[".", process.cwd()], ...folders.map((path) => [path, path])]),
});
const module = await WebAssembly.compile(readFileSync(program));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance) ?? 0;
