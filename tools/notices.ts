// Writes THIRD_PARTY_NOTICES: whose code the shipped libraries hold beside ours, and its licences.
//
//     bun tools/notices.ts             writes the file
//     bun tools/notices.ts --check     fails when the file is not what would be written now
//
// Nothing is taken for granted. The library is built anew for every target, with Zig saying what
// it gives to the linker; LLVM's linker is then run once more for a map of what it took. (Zig's own
// linker, for macOS, makes no map: there all that it was given counts.) What belongs to none of the
// components below is an error. The licences are the files that came with that Zig.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join, relative, sep } from "node:path";
import { parseArgs } from "node:util";
import { zigBuild } from "./build.ts";
import { ask, main, root, run, say, tail, ToolError, toolsDir, withClock } from "./run.ts";
import { findZig, zigVersion } from "./zig.ts";

/** Code of others that a library may hold. */
interface Component {
  name: string;
  /** What it is and what it does here. */
  about: string;
  /** Its licence files, by their path from the folder that holds Zig's LICENSE and lib/. */
  licences: readonly string[];
  /** Whether an object or archive, by its name without folders, belongs to it. */
  holds: (file: string, zig: ZigFiles) => boolean;
}

/** Where Zig keeps what it links. */
interface ZigFiles {
  folder: string;
  /** Names, without an ending, of the sources of mingw-w64. */
  mingw: ReadonlySet<string>;
}

const components: readonly Component[] = [
  {
    name: "musl",
    about: "The C library of the worker program that the libraries for Linux carry inside.",
    licences: ["lib/libc/musl/COPYRIGHT"],
    holds: (file) => file === "libc.a" || /^[a-zA-Z]*crt[1in]\.o$/.test(file),
  },
  {
    name: "compiler_rt of Zig",
    about:
      "Functions that compiled code leans on. Written by the contributors of Zig; parts of it\n" +
      "are ports of compiler-rt of the LLVM project and of musl.",
    licences: ["LICENSE", "lib/libunwind/LICENSE.TXT", "lib/libc/musl/COPYRIGHT"],
    holds: (file) => /^(lib)?compiler_rt(_zcu)?\.(a|lib|o|obj)$/.test(file),
  },
  {
    name: "libc of Zig",
    about: "Functions of C's library that Zig has in place of those of mingw-w64 and musl.",
    licences: ["LICENSE", "lib/libc/musl/COPYRIGHT"],
    holds: (file) => /^(lib)?(zigc|c)(_zcu)?\.(a|lib|o|obj)$/.test(file),
  },
  {
    name: "mingw-w64",
    about: "What starts a DLL and ties it to the C library of Windows.",
    licences: ["lib/libc/mingw/COPYING"],
    holds: (file, { mingw }) => {
      return file === "dllcrt2.obj" || /\.obj$/.test(file) && mingw.has(file.slice(0, -4));
    },
  },
];

const output = join(root, "THIRD_PARTY_NOTICES");
const scratch = join(toolsDir, "notices");

await main(async () => {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const zig = await zigFiles();
  const found = new Map<string, readonly Component[]>();
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  try {
    const left = targets();
    for (const target of left) found.set(nameOf(target), []); // in this order
    await withClock("building for every target", async () => {
      // One at a time for each processor: most of it is one linker that optimises a whole program.
      await Promise.all(Array.from({ length: availableParallelism() }, async () => {
        for (let target = left.shift(); target !== undefined; target = left.shift()) {
          const name = nameOf(target);
          const all = await componentsOf(target, zig);
          found.set(name, all);
          say(`${name}: ${all.map((component) => component.name).join(", ") || "nothing"}`);
        }
      }));
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const text = notices(found, zig);
  if (!values.check) {
    writeFileSync(output, text);
    return 0;
  }
  if (existsSync(output) && readFileSync(output, "utf8") === text) return 0;
  throw new ToolError(`${basename(output)} is stale: run \`bun tools/notices.ts\``);
});

/** A target without the version of its system. */
function nameOf(target: string): string {
  return target.replace(/\.[\d.]+$/, "");
}

/** The targets that the library is shipped for, as build.zig lists them. */
function targets(): string[] {
  const script = readFileSync(join(root, "build.zig"), "utf8");
  const list = /^const targets = \[_\]\[\]const u8\{([^}]*)\}/m.exec(script)?.[1] ?? "";
  const names = [...list.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
  if (names.length === 0) throw new ToolError("no targets found in build.zig");
  return names;
}

async function zigFiles(): Promise<ZigFiles> {
  const answer = ask([await findZig(), "env"]) ?? "";
  const quoted = /\.lib_dir = ("(?:[^"\\]|\\.)*")/.exec(answer)?.[1];
  if (quoted === undefined) throw new ToolError("`zig env` does not say where its files are");
  const folder = dirname(JSON.parse(quoted));
  const sources = readdirSync(join(folder, "lib", "libc", "mingw"), { recursive: true })
    .map((entry) => basename(String(entry)))
    .filter((name) => /\.[cS]$/.test(name));
  return { folder, mingw: new Set(sources.map((name) => name.slice(0, -2))) };
}

/** What of others the library for a target holds, in the order of the table. */
async function componentsOf(target: string, zig: ZigFiles): Promise<Component[]> {
  const files = new Set<string>();
  const folder = join(scratch, nameOf(target));
  for (const words of await linkerCommands(target, folder)) {
    const taken = words[0] === "zig" ? archives(words) : await takenBy(words, folder);
    for (const file of taken) files.add(file);
  }
  const seen = new Set<Component>();
  for (const file of files) {
    const component = components.find(({ holds }) => holds(file, zig));
    if (component === undefined) {
      throw new ToolError(`${target}: ${file} is linked in, and tools/notices.ts does not know it`);
    }
    seen.add(component);
  }
  return components.filter((component) => seen.has(component));
}

/**
 * Builds the library, and the worker that it may carry, without any cache of ours, and gives the
 * commands by which Zig linked them. Each target has its own folder: two may carry the same worker,
 * which would be linked for one of them only.
 */
async function linkerCommands(target: string, folder: string): Promise<string[][]> {
  const folders = ["--cache-dir", join(folder, "cache"), "--prefix", join(folder, "out")];
  const flags = [`-Dtarget=${target}`, ...folders, "--verbose-link"];
  const { code, output } = await zigBuild(flags, { io: "capture" });
  if (code !== 0) throw new ToolError(`the library for ${target} was not built:\n${tail(output)}`);
  const lines = output.split("\n").map((line) => /(?:ld\.lld|lld-link|zig ld) .*/.exec(line)?.[0]);
  const product = /ristretto\.(so|dll|dylib)|ristretto-worker /;
  const found = lines.filter((line) => line !== undefined && product.test(line));
  const words = found.map((line) => line!.trim().split(/ +/));
  if (!found.some((line) => /ristretto\.(so|dll|dylib)/.test(line!))) {
    throw new ToolError(`${target}: Zig did not say how it links`);
  }
  return words;
}

/** The archives among the words of a command. */
function archives(words: readonly string[]): string[] {
  return words.filter((word) => word.endsWith(".a")).map((word) => basename(word));
}

/** Runs LLVM's linker again, for a map; gives the files of others that something was taken from. */
async function takenBy(
  [linker = "", ...args]: readonly string[],
  folder: string,
): Promise<Set<string>> {
  const map = join(folder, "map");
  const product = join(folder, "library");
  const flags = linker === "lld-link"
    ? [`-OUT:${product}`, `-IMPLIB:${product}.lib`, `-lldmap:${map}`]
    : ["-o", product, `-Map=${map}`];
  const outcome = await run([await findZig(), linker, ...args, ...flags], { io: "capture" });
  if (outcome.code !== 0) {
    throw new ToolError(`${linker} cannot repeat what Zig did:\n${tail(outcome.output)}`);
  }
  const files = new Set<string>();
  let ours = 0;
  for (const line of readFileSync(map, "utf8").split("\n")) {
    // Address (two in ELF), size, alignment, and then PATH:(SECTION) or ARCHIVE(MEMBER):(SECTION).
    const [, size = "", path = ""] =
      /^ *[0-9a-f]+(?: +[0-9a-f]+)? +([0-9a-f]+) +\d+ {9}(\S.*):\(/.exec(line) ??
        [];
    if (path === "" || path.startsWith("<internal>") || Number.parseInt(size, 16) === 0) continue;
    if (isOurs(path, product, folder)) ours++;
    else files.add(basename(path.replace(/\(.*\)$/, "")));
  }
  if (ours === 0) throw new ToolError(`the map of ${linker} is not understood`);
  return files;
}

/** Whether a file of a map is made from our sources. */
function isOurs(path: string, product: string, folder: string): boolean {
  const cache = join(folder, "cache") + sep;
  return path.startsWith(`${product}.lto.`) || // all of it, where it is optimised as a whole
    path.startsWith(cache) || path.startsWith(relative(root, cache) + sep);
}

/** The whole file. */
function notices(found: ReadonlyMap<string, readonly Component[]>, zig: ZigFiles): string {
  const used = components.filter((one) => [...found.values()].some((all) => all.includes(one)));
  const width = Math.max(...[...found.keys()].map((target) => target.length));
  const table = [...found].map(([target, all]) => {
    const names = all.map((component) => component.name).join(", ");
    return `    ${target.padEnd(width)}  ${names || "nothing"}`;
  });
  const parts = used.map(({ name, about }) => `${name}\n    ${about.replaceAll("\n", "\n    ")}`);
  const files = new Set(used.flatMap(({ licences }) => licences));
  const texts = [...files].map((file) => {
    const holders = used.filter(({ licences }) => licences.includes(file));
    return licence(file, holders.map(({ name }) => name).join(", "), zig);
  });
  const head = `Third-party notices

The sources of Ristretto are its own (see LICENSE). Its native libraries, linked by Zig
${zigVersion}, hold beside the project's code what this list says. The C library of the system
is loaded at run time and is not part of them.

${table.join("\n")}

\`bun tools/notices.ts\` writes this file from what the linkers took; the licences are the
files that come with Zig.
`;
  return [head, parts.join("\n\n"), ...texts].join("\n");
}

/** The text of a licence, under a title that says what it is for. */
function licence(file: string, holders: string, { folder }: ZigFiles): string {
  const path = join(folder, file);
  if (!existsSync(path)) throw new ToolError(`${path} is missing: this Zig has no licence texts`);
  const text = readFileSync(path, "utf8").replace(/[ \t\r]+$/gm, "").replace(/\n+$/, "");
  const rule = "=".repeat(80);
  return `\n${rule}\n${file} of Zig ${zigVersion} (for ${holders})\n${rule}\n\n${text}\n`;
}
