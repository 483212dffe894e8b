// Rules of the sources that no other tool enforces. Prints each breach as FILE:LINE: what is wrong.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./run.ts";

const folders = ["c", "src", "test", "tools", "bench", "examples", ".ci"];
const sourceFiles = /\.(c|h|def|ts|js|zig)$/;
const coreFolders = /^c\/(base|cube|minimize|exact|dense|pla|job)\//;

const linesAdvised = 400;
const linesAllowed = 600;
const columnsAllowed = 100;

/** A pattern that no line of certain files may hold, and what to say about it. */
interface Rule {
  files: RegExp;
  except?: RegExp;
  pattern: RegExp;
  why: string;
}

const rules: readonly Rule[] = [
  { files: /./, pattern: /\b(TO[D]O|FIX[M]E|X{3})\b/, why: "do it, or write an issue" },
  { files: /./, pattern: /\t/, why: "a tab; indent with spaces" },
  { files: /./, pattern: /[ \r]$/, why: "blanks at the end of the line" },
  {
    files: coreFolders,
    pattern: /\b(qsort|bsearch|rand|srand|strtod|atof|strtol|atoi)\s*\(/,
    why: "differs between C libraries, so answers would",
  },
  {
    files: coreFolders,
    pattern: /\b(setjmp|longjmp|abort|exit|_Exit|signal|raise)\s*\(/,
    why: "errors of the core travel by return value",
  },
  {
    files: coreFolders,
    except: /^c\/base\//,
    pattern: /\b(malloc|calloc|realloc|free|alloca)\s*\(/,
    why: "memory of the core comes from the arena (c/base)",
  },
  { files: coreFolders, pattern: /\blong\b/, why: "its width differs between systems" },
  { files: /\.[ch]$/, pattern: /\b(strcpy|strcat|sprintf|gets)\s*\(/, why: "has no bound" },
];

const breaches: string[] = [];
const advice: string[] = [];

/** Where else package.json's version stands. */
const versions: readonly [path: string, pattern: RegExp][] = [
  ["deno.json", /"version": "([^"]*)"/],
  ["build.zig.zon", /\.version = "([^"]*)"/],
  ["src/native/locate.ts", /VERSION = "([^"]*)"/],
];

checkVersions();
for (const path of listFiles()) checkFile(path, readFileSync(join(root, path), "utf8"));

for (const line of [...advice, ...breaches]) process.stderr.write(`${line}\n`);
process.exitCode = breaches.length === 0 ? 0 : 1;

function listFiles(): string[] {
  const found = readdirSync(root).filter((name) => sourceFiles.test(name));
  for (const folder of folders) {
    let entries: string[] = [];
    try {
      entries = readdirSync(join(root, folder), { recursive: true }).map(String);
    } catch {
      continue; // a folder that does not exist yet
    }
    for (const entry of entries) {
      if (/node_modules/.test(entry)) continue;
      if (sourceFiles.test(entry)) found.push(`${folder}/${entry.replaceAll("\\", "/")}`);
    }
  }
  return found.sort();
}

function checkVersions(): void {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const [path, pattern] of versions) {
    const found = pattern.exec(readFileSync(join(root, path), "utf8"))?.[1];
    if (found !== version) breaches.push(`${path}: version ${found}, package.json has ${version}`);
  }
}

function checkFile(path: string, text: string): void {
  const lines = text.split("\n");
  if (!/^(\/\/|\/\*|#!)/.test(text)) {
    breaches.push(`${path}:1: opens without a comment that says what the file is for`);
  }
  if (lines.length > linesAllowed) breaches.push(`${path}: ${lines.length} lines; split it`);
  else if (lines.length > linesAdvised) advice.push(`${path}: ${lines.length} lines (advice)`);
  if (!text.endsWith("\n")) breaches.push(`${path}: does not end with a line feed`);

  const comment = commentTracker();
  lines.forEach((line, index) => {
    const code = comment(line);
    if ([...line].length > columnsAllowed) {
      breaches.push(`${path}:${index + 1}: ${[...line].length} columns`);
    }
    for (const rule of rules) {
      if (!rule.files.test(path) || rule.except?.test(path)) continue;
      const looked = rule.files.source === "." ? line : code;
      const match = rule.pattern.exec(looked);
      if (match !== null) {
        breaches.push(`${path}:${index + 1}: ${match[0].trim() || "line"}: ${rule.why}`);
      }
    }
  });
}

/** Gives each line of C without its comments and strings, line after line. */
function commentTracker(): (line: string) => string {
  let inside = false;
  return (line) => {
    let code = "";
    let rest = line.replace(/"(\\.|[^"\\])*"/g, '""');
    while (rest !== "") {
      const mark = inside ? rest.indexOf("*/") : rest.search(/\/\*|\/\//);
      if (!inside) code += mark < 0 ? rest : rest.slice(0, mark);
      if (mark < 0 || rest.startsWith("//", mark)) break;
      rest = rest.slice(mark + 2);
      inside = !inside;
    }
    return code;
  };
}
