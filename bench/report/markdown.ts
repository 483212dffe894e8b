// The report as Markdown: the same sections and tables, with the pictures as files beside it.

import { cellText, type Table } from "../common/table.ts";
import { commandsTable, type Page } from "./html.ts";

/** The text. */
export function markdown(page: Page): string {
  const [first] = page.heads;
  const lines = [`# ${page.title}`, ""];
  if (first !== undefined) {
    const { processor, cores, memoryGiB, system, kernel, bun, deno, commit } = first.machine;
    lines.push(
      `${processor}, ${cores} cores, ${memoryGiB} GiB; ${system}, kernel ${kernel}; Bun ${bun}, ` +
        `Deno ${deno}; commit ${commit}; ${first.started.slice(0, 16)} UTC.`,
      "",
    );
    if (first.quick) lines.push("A quick run: not to be quoted.", "");
  }
  for (const one of page.summaries) lines.push(...tableMarkdown(one));
  for (const { title, words, plots } of page.sections) {
    lines.push(`## ${title}`, "", words, "");
    for (const { name, svg, tables } of plots) {
      if (svg !== undefined) lines.push(`![${title}](${name}.svg)`, "");
      for (const one of tables) if (one.rows.length > 0) lines.push(...tableMarkdown(one));
    }
  }
  lines.push("## How it was measured", "", ...page.method.flatMap((words) => [words, ""]));
  lines.push(...tableMarkdown(commandsTable(page.heads)));
  lines.push("## What was left out", "");
  if (page.skipped.length === 0) lines.push("Nothing.", "");
  else {
    lines.push(...tableMarkdown({
      title: "",
      head: ["what", "why"],
      rows: page.skipped.map(({ what, why }) => [what, why]),
    }));
  }
  return lines.join("\n");
}

/** A table, with its title before it. */
export function tableMarkdown({ title, head, rows }: Table): string[] {
  const texts = rows.map((row) =>
    head.map((_, i) => cellText(row[i]).replaceAll("|", "\\|").replaceAll("\n", " "))
  );
  const names = head.map((name) => name.replaceAll("|", "\\|"));
  const widths = names.map((name, i) =>
    Math.max(3, name.length, ...texts.map((row) => row[i]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [
    ...(title === "" ? [] : [`**${title}**`, ""]),
    line(names),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...texts.map(line),
    "",
  ];
}
