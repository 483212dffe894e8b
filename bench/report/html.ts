// The report as one page that needs nothing else: no script, no font, no file beside it. Light or
// dark as the reader's system is.

import { type Head, isBusy, type Skipped } from "../common/results.ts";
import { cellText, type Table } from "../common/table.ts";
import { inline, pictureStyle } from "../picture/svg.ts";
import type { Section } from "./sections.ts";

/** What the page is made of. */
export interface Page {
  readonly title: string;
  readonly heads: readonly Head[];
  readonly summaries: readonly Table[];
  readonly sections: readonly Section[];
  readonly skipped: readonly Skipped[];
  /** How it was measured, in paragraphs. */
  readonly method: readonly string[];
}

const style = `
:root { color-scheme: light dark; --page: #f6f8fa; --ink: #1c2128; --soft: #57606a;
  --sheet: #ffffff; --edge: #d8dee4; --link: #0969da; --warn: #fff8c5; --stripe: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --page: #010409; --ink: #e6edf3; --soft: #9aa4ae;
  --sheet: #0d1117; --edge: #30363d; --link: #58a6ff; --warn: #3a2d00; --stripe: #131a22; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main, header { max-width: 1000px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.01em; }
h2 { font-size: 22px; margin: 56px 0 6px; line-height: 1.25; }
p { margin: 8px 0; max-width: 72ch; } .soft { color: var(--soft); } a { color: var(--link); }
nav { margin: 20px 0 8px; display: flex; flex-wrap: wrap; gap: 6px 18px; font-size: 15px; }
.warn { background: var(--warn); padding: 10px 14px; border-radius: 8px; max-width: none; }
figure, .card { margin: 18px 0; background: var(--sheet); border: 1px solid var(--edge);
  border-radius: 10px; padding: 14px; overflow-x: auto; }
figure > svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
details { margin-top: 10px; } summary { cursor: pointer; color: var(--soft); font-size: 14px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums;
  margin: 10px 0 2px; width: 100%; line-height: 1.35; }
caption { text-align: left; font-weight: 600; padding: 4px 0 8px; }
th, td { padding: 5px 10px; border-bottom: 1px solid var(--edge); text-align: left;
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: 13px; vertical-align: bottom; }
tbody tr:nth-child(even) { background: var(--stripe); }
.n { text-align: right; } td.n { white-space: nowrap; }
code { font: 0.9em ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
footer { max-width: 1000px; margin: 40px auto; padding: 0 24px 24px; color: var(--soft); }
`;

/** The text of the page. */
export function html(page: Page): string {
  const contents = [
    ...page.sections.map(({ id, title }) => [id, title]),
    ["method", "How it was measured"],
    ["skipped", "What was left out"],
  ];
  return [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><title>${escape(page.title)}</title>`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<style>${style}${pictureStyle}</style></head><body>`,
    `<header><h1>${escape(page.title)}</h1>${machineWords(page)}${warning(page)}`,
    `<nav>${
      contents.map(([id, title]) => `<a href="#${id}">${escape(title!)}</a>`).join("")
    }</nav></header><main>`,
    ...page.summaries.map((one) => `<div class="card">${tableHtml(one)}</div>`),
    ...page.sections.map(sectionHtml),
    `<section id="method"><h2>How it was measured</h2>`,
    ...page.method.map((words) => `<p>${marked(words)}</p>`),
    `<div class="card">${tableHtml(commandsTable(page.heads))}</div></section>`,
    `<section id="skipped"><h2>What was left out</h2>`,
    page.skipped.length === 0 ? "<p>Nothing.</p>" : `<div class="card">${
      tableHtml({
        title: "Skipped, and why",
        head: ["what", "why"],
        rows: page.skipped.map(({ what, why }) => [what, why]),
      })
    }</div>`,
    "</section></main>",
    `<footer>Made by <code>bun run bench</code>. Figures under the pointer show in the plots; ` +
    `the tables behind them hold all of them, and the JSON files beside this page the samples.` +
    `</footer></body></html>`,
    "",
  ].join("\n");
}

function machineWords({ heads }: Page): string {
  const [first] = heads;
  if (first === undefined) return "";
  const { processor, cores, memoryGiB, system, kernel, bun, deno, commit } = first.machine;
  return `<p class="soft">${
    [
      `${processor}, ${cores} cores, ${memoryGiB} GiB`,
      `${system}, kernel ${kernel}`,
      `Bun ${bun ?? "–"}, Deno ${deno ?? "–"}`,
      `commit ${commit}`,
      first.started.slice(0, 16).replace("T", " ") + " UTC",
    ].map(escape).join(" · ")
  }</p>`;
}

function warning({ heads }: Page): string {
  const quick = heads.some((head) => head.quick);
  const busy = heads.filter((head) => isBusy(head.busy));
  const words = [
    ...(quick ? ["This is a quick run: few rounds, to see that it works, not to be quoted."] : []),
    ...(busy.length > 0
      ? [
        `The machine was busy with other work when ` +
        `${busy.map(({ benchmark }) => benchmark).join(", ")} began (` +
        `${busy.map((head) => head.busy).join(", ")} processors): times are upper ends.`,
      ]
      : []),
  ];
  return words.length === 0 ? "" : `<p class="warn">${words.map(escape).join("<br>")}</p>`;
}

function sectionHtml({ id, title, words, plots }: Section): string {
  const figures = plots.map(({ name, svg, tables }) => {
    const filled = tables.filter(({ rows }) => rows.length > 0);
    const details = filled.map((one) =>
      svg === undefined
        ? tableHtml(one)
        : `<details><summary>${escape(one.title)}</summary>${tableHtml(one)}</details>`
    );
    const drawn = svg === undefined
      ? ""
      : inline(svg).replace("<svg ", `<svg data-plot="${name}" `);
    return `<figure id="${name}">${drawn}${details.join("")}</figure>`;
  });
  return `<section id="${id}"><h2>${escape(title)}</h2><p>${marked(words)}</p>${
    figures.join("\n")
  }</section>`;
}

/** The commands, when they ran and at which load. */
export function commandsTable(heads: readonly Head[]): Table {
  return {
    title: "Commands",
    head: ["command", "began, UTC", "took", "load before", "load after"],
    rows: heads.map(({ command, started, ended, load }) => [
      command,
      started.slice(0, 16).replace("T", " "),
      `${Math.round((Date.parse(ended) - Date.parse(started)) / 1000)} s`,
      String(load.began[0]),
      String(load.ended[0]),
    ]),
  };
}

function tableHtml({ title, head, rows }: Table): string {
  const right = head.map((_, i) =>
    i > 0 && rows.some((row) => isNumeric(row[i])) &&
    rows.every((row) => isNumeric(row[i]) || /^[–-]?$/.test(cellText(row[i])))
  );
  const kind = (i: number) => right[i] ? ' class="n"' : "";
  const cells = (row: Table["rows"][number]) =>
    head.map((_, i) => `<td${kind(i)}>${marked(cellText(row[i]))}</td>`).join("");
  return `<table><caption>${marked(title)}</caption><thead><tr>${
    head.map((name, i) => `<th${kind(i)}>${marked(name)}</th>`).join("")
  }</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("\n")}</tbody></table>`;
}

function isNumeric(cell: Table["rows"][number][number]): boolean {
  return typeof cell === "number" || /^[−+-]?\d/.test(cell ?? "");
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Escaped, with `code` in backquotes. */
function marked(words: string): string {
  return escape(words).replace(/`([^`]+)`/g, "<code>$1</code>");
}
