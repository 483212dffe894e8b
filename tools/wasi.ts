// Runs a wasm32-wasi command module in Bun or Node: `bun tools/wasi.ts PROGRAM.wasm ARG…`.
// The folder it is started in is all that the program can see of the file system.

import { readFileSync } from "node:fs";
import process from "node:process";
import { WASI } from "node:wasi";

const [program = "", ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args: [program, ...args],
  preopens: { ".": process.cwd() },
});
const module = await WebAssembly.compile(readFileSync(program));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance) ?? 0;
