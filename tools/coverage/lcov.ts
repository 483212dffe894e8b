// Reads the coverage records that every collector can write (lcov), merges them and prints a table.
// Merged means: a line is covered when one of the collectors saw it run. Counts are not added up,
// because the collectors do not count the same thing.

import { isAbsolute, relative, resolve } from "node:path";
import { root } from "../run.ts";

/** For each file, by its path from the root: each line that holds code, and whether it ran. */
export type Coverage = Map<string, Map<number, boolean>>;

/** Reads lcov text; of its records only the lines. Files outside of `folders` are left out. */
export function parseLcov(text: string, folders: readonly string[]): Coverage {
  const coverage: Coverage = new Map();
  let lines: Map<number, boolean> | undefined;
  for (const record of text.split(/\r?\n/)) {
    const [tag, rest = ""] = splitOnce(record, ":");
    if (tag === "SF") {
      const path = relative(root, isAbsolute(rest) ? rest : resolve(root, rest))
        .replaceAll("\\", "/");
      lines = undefined;
      if (folders.some((folder) => path === folder || path.startsWith(`${folder}/`))) {
        lines = coverage.get(path) ?? new Map();
        coverage.set(path, lines);
      }
    } else if (tag === "DA") {
      const [line, count] = rest.split(",").map(Number);
      lines?.set(line!, (lines.get(line!) ?? false) || count! > 0);
    }
  }
  return coverage;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * The union of what several collectors saw. They disagree on which lines hold code (types, braces):
 * a line that the most precise of them, the first to know the file, does not list is left out.
 */
export function merge(collections: readonly Coverage[]): Coverage {
  const merged: Coverage = new Map();
  for (const coverage of collections) {
    for (const [path, lines] of coverage) {
      const known = merged.get(path);
      if (known === undefined) merged.set(path, new Map(lines));
      else {
        for (const [line, ran] of lines) if (ran && known.has(line)) known.set(line, true);
      }
    }
  }
  return merged;
}

/** Lines covered and lines in all. */
export function sum(coverage: Coverage, which = /^/): { covered: number; all: number } {
  let covered = 0;
  let all = 0;
  for (const [path, lines] of coverage) {
    if (!which.test(path)) continue;
    all += lines.size;
    covered += [...lines.values()].filter(Boolean).length;
  }
  return { covered, all };
}

/** "93.1 % (1204 of 1293)" */
export function share({ covered, all }: { covered: number; all: number }): string {
  const percent = all === 0 ? 100 : (100 * covered) / all;
  return `${percent.toFixed(1)} % (${covered} of ${all})`;
}

/** The merged coverage as lcov again, for editors and services. */
export function toLcov(coverage: Coverage): string {
  return sorted(coverage).map(([path, lines]) => {
    const records = [...lines].sort(([left], [right]) => left - right);
    const text = records.map(([line, ran]) => `DA:${line},${ran ? 1 : 0}\n`).join("");
    return `SF:${path}\n${text}end_of_record\n`;
  }).join("");
}

/** A table in Markdown: each file's share, and the lines that nothing ran. */
export function toMarkdown(coverage: Coverage): string {
  const rows = sorted(coverage).map(([path, lines]) =>
    `| ${path} | ${share(sum(new Map([[path, lines]])))} | ${missing(lines)} |`
  );
  return ["| file | lines | not run |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

function sorted(coverage: Coverage): [string, Map<number, boolean>][] {
  return [...coverage].sort(([left], [right]) => left < right ? -1 : 1);
}

/** "12-14, 20": consecutive lines without a covered one between them as one range. */
function missing(lines: Map<number, boolean>): string {
  const ranges: [number, number][] = [];
  let open = false;
  for (const [line, ran] of [...lines].sort(([left], [right]) => left - right)) {
    if (ran) open = false;
    else if (open) ranges.at(-1)![1] = line;
    else {
      ranges.push([line, line]);
      open = true;
    }
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}
