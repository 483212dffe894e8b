// Gets the peers: each is installed, built where it must be, into .tools/peers, which git ignores,
// when a benchmark first needs it. What cannot be had is named with the reason, and left out.

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { provide } from "../../tools/needs.ts";
import { installPython } from "../../tools/python.ts";
import {
  ask,
  root,
  run,
  say,
  tail,
  thisRuntime,
  ToolError,
  toolsDir,
  withClock,
} from "../../tools/run.ts";
import type { Arguments } from "../common/arguments.ts";
import type { Command } from "../common/runner.ts";

/** The names of the runners that are not ours. */
export const peerNames = [
  "espresso-logic",
  "espresso-logic-minimizer",
  "espresso-iisojs",
  "pyeda",
  "abc",
] as const;
/** One of them. */
export type PeerName = (typeof peerNames)[number];

/** Versions, so that a result can be measured again. */
const versions = { minimizer: "2.0.3", iisojs: "1.0.8", pyeda: "0.29.0" };

const here = join(root, "bench", "peers");
const folder = join(toolsDir, "peers");

/** How a peer's runner is started, or why there is none. */
export async function findPeer(
  name: PeerName,
  { install, without }: Pick<Arguments, "install" | "without">,
): Promise<Command | string> {
  if (without.includes(name)) return "left out by --without";
  try {
    switch (name) {
      case "espresso-logic":
        return await crate(install);
      case "espresso-logic-minimizer":
      case "espresso-iisojs":
        return await npm(name, install);
      case "pyeda":
        return await pyeda(install);
      case "abc":
        return await abc(install);
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.message;
  }
}

const missing = "is not installed, and --no-install was given";

/** The crate: our harness is built by cargo, in a copy, so that cargo's files are not in ours. */
async function crate(install: Arguments["install"]): Promise<Command | string> {
  const place = join(folder, "crate");
  const program = join(
    place,
    "target",
    "release",
    `espresso-runner${process.platform === "win32" ? ".exe" : ""}`,
  );
  const files = ["Cargo.toml", "src/main.rs", "src/function.rs", "src/system.rs"];
  const sources = files.map((file) => readFileSync(join(here, "crate", file), "utf8")).join("\n");
  const stamp = join(place, "built");
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, "utf8") === sources) {
    return { words: [program] };
  }
  if (install === "never") return `the harness is not built, and --no-install was given`;
  if (ask(["cargo", "--version"]) === undefined) return "cargo is not on this machine";
  mkdirSync(place, { recursive: true });
  cpSync(join(here, "crate"), place, { recursive: true });
  await work("building the harness of the crate espresso-logic (some minutes the first time)", [
    "cargo",
    "build",
    "--release",
    "--quiet",
  ], place);
  writeFileSync(stamp, sources);
  return { words: [program] };
}

/** The packages of npm: one is native and built for Node, so Node runs both. */
async function npm(name: string, install: Arguments["install"]): Promise<Command | string> {
  const place = join(folder, "npm");
  const node = findNode();
  if (node === undefined) return "Node is not on this machine";
  const words = [node, join(here, "npm_runner.js"), name, place];
  const isThere = () =>
    existsSync(join(place, "node_modules", name)) && (name !== "espresso-logic-minimizer" ||
      existsSync(join(place, "node_modules", name, "build", "Release")));
  if (isThere()) return { words };
  if (install === "never") return `${name} ${missing}`;
  mkdirSync(place, { recursive: true });
  const manifest = {
    private: true,
    dependencies: {
      "espresso-logic-minimizer": versions.minimizer,
      "espresso-iisojs": versions.iisojs,
    },
    // Newer versions of npm ask before they let a package build itself.
    allowScripts: { "espresso-logic-minimizer": true },
  };
  writeFileSync(join(place, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await work(`installing ${name}`, ["npm", "install", "--no-audit", "--no-fund"], place);
  return isThere() ? { words } : `npm could not build ${name} for this Node`;
}

/** Node by its path: a program that Deno starts finds Deno itself by the name `node`. */
function findNode(): string | undefined {
  const file = process.platform === "win32" ? "node.exe" : "node";
  const paths = (process.env["PATH"] ?? "").split(delimiter).map((place) => join(place, file));
  return paths.filter(existsSync)
    .find((path) => ask([path, "-p", "process.versions.deno"]) === "undefined");
}

/** The package of Python, where the project's other packages of Python are. */
async function pyeda(install: Arguments["install"]): Promise<Command | string> {
  const program = ["python3", "python"].find((name) => ask([name, "--version"]) !== undefined);
  if (program === undefined) return "Python is not on this machine";
  const there = join(toolsDir, `pyeda-${versions.pyeda}`);
  if (install === "never" && !existsSync(there)) return `pyeda ${missing}`;
  const place = await installPython("pyeda", versions.pyeda);
  return {
    words: [program, join(here, "pyeda_runner.py")],
    env: { PYTHONPATH: place, PYTHONDONTWRITEBYTECODE: "1" },
  };
}

/** Berkeley ABC, a package of the system: installed only when that is asked for. */
async function abc(install: Arguments["install"]): Promise<Command | string> {
  const need = { programs: ["berkeley-abc"], debian: ["berkeley-abc"] };
  const why = await provide(need, install === "system");
  if (why !== undefined) return `${why}; as root, --install installs it`;
  return { words: thisRuntime(join(here, "abc_runner.ts")) };
}

async function work(what: string, command: readonly string[], cwd: string): Promise<void> {
  say(what);
  const outcome = await withClock(
    what,
    () => run(command, { cwd, io: "capture", timeoutMs: 900_000 }),
  );
  if (outcome.code === 0) return;
  throw new ToolError(`\`${command.join(" ")}\` failed: ${tail(outcome.output, 2)}`);
}
