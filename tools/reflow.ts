// Wraps the comments of C that run over 100 columns, before clang-format would: it does not know a
// list or a table from a paragraph. Only paragraphs with a line too long are touched.

import { readFileSync, writeFileSync } from "node:fs";

const columns = 100;

/** Wraps the comments of some files in place. */
export function reflowFiles(paths: readonly string[]): void {
  for (const path of paths) {
    const text = readFileSync(path, "utf8");
    const reflowed = reflow(text);
    if (reflowed !== text) writeFileSync(path, reflowed);
  }
}

/** Wraps the block comments of one text that begin their line. */
export function reflow(text: string): string {
  const result: string[] = [];
  const lines = text.split("\n");
  for (let from = 0; from < lines.length; from++) {
    let to = from;
    if (/^ *\/\*/.test(lines[from]!)) {
      while (to < lines.length && !lines[to]!.includes("*/")) to++;
    }
    const block = lines.slice(from, to + 1);
    const isComment = to < lines.length && /^ *\/\*/.test(block[0]!) &&
      block.at(-1)!.endsWith("*/");
    result.push(...(isComment && block.some(isTooLong) ? wrapComment(block) : block));
    from = to;
  }
  return result.join("\n");
}

function isTooLong(line: string): boolean {
  return [...line].length > columns;
}

function wrapComment(block: readonly string[]): string[] {
  const indent = /^ */.exec(block[0]!)![0];
  const contents = block.map((line, index) => {
    const body = index === 0 ? line.slice(indent.length + 2) : line.replace(/^ *\*?(?!\/)/, "");
    return body.replace(/ *\*\/$/, "").trimEnd();
  });
  const endsAlone = block.length > 1 && contents.at(-1) === "";
  if (endsAlone) contents.pop();
  const wrapped = paragraphs(contents, block).flatMap(({ lines, hang, tooLong }) =>
    tooLong ? wrap(lines, hang, columns - indent.length - 2) : lines
  );
  const result = wrapped.map((line, index) => `${indent}${index === 0 ? "/*" : " *"}${line}`);
  if (endsAlone) result.push(`${indent} */`);
  else if (isTooLong(`${result.at(-1)} */`)) result.push(`${indent} */`);
  else result.push(`${result.pop()} */`);
  return result;
}

interface Paragraph {
  lines: string[];
  /** The column at which its second line begins. */
  hang: number;
  tooLong: boolean;
}

/** A paragraph ends at an empty line, at another indentation, and where a list item begins. */
function paragraphs(contents: readonly string[], block: readonly string[]): Paragraph[] {
  const result: Paragraph[] = [];
  contents.forEach((line, index) => {
    const tooLong = isTooLong(block[index]!);
    const lead = /^ */.exec(line)![0].length;
    // "  2. text", "  - text", or a first column and a gap: what follows hangs under the text.
    const item = /^ *(?:(?:\d+[.)]|[-*·]|\w\)) +|\S.*?\S? {2,}(?=\S))/.exec(line);
    const last = result.at(-1);
    if (last !== undefined && line !== "" && item === null && lead === last.hang) {
      last.lines.push(line);
      last.tooLong ||= tooLong;
    } else {
      result.push({ lines: [line], hang: line === "" ? -1 : item?.[0].length ?? lead, tooLong });
    }
  });
  return result;
}

function wrap(lines: readonly string[], hang: number, width: number): string[] {
  const [first = "", ...others] = lines;
  const start = first.slice(0, hang);
  const words = [first.slice(hang), ...others].flatMap((line) => line.trim().split(/ +/));
  const result: string[] = [];
  let line = start;
  let empty = true;
  for (const word of words) {
    if (!empty && [...line, ...word].length + 1 > width) {
      result.push(line);
      line = " ".repeat(hang);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  result.push(line);
  return result;
}
