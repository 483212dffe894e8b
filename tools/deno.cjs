#!/usr/bin/env node
// What node_modules/.bin/deno leads to (tools/runtimes.ts sees to that): npm's Deno, with Ctrl-C
// left to it. `deno task` runs the program of that name, and npm's own one dies of the key before
// Deno has said what it has; the terminal then takes the rest away.

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const process = require("node:process");

const packages = join(__dirname, "..", "node_modules");
const libc = process.platform === "linux" ? "-glibc" : "";
const program = [
  join(packages, "@deno", `${process.platform}-${process.arch}${libc}`, "deno"),
  join(packages, "deno", "deno"),
].find((path) => existsSync(path));

if (program === undefined) {
  process.stderr.write("Deno is not in node_modules: `bun run setup` puts it there\n");
  process.exit(127);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
process.on("SIGINT", () => {}); // the terminal gives it to Deno as well
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  process.exit(127);
});
child.on("close", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
