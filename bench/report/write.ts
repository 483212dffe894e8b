// Makes the report of a folder of results: report.html, report.md, report.json and the pictures.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { html, type Page } from "./html.ts";
import { markdown } from "./markdown.ts";
import { headsOf, readResults, type Results } from "./results.ts";
import { type Section, sectionsOf } from "./sections.ts";
import { coreSummary, modesSummary } from "./summary.ts";

const method: readonly string[] = [
  "Every contestant runs in process and gets the same cubes in the same order; every answer is " +
  "compared with the function that was given, and in the modes of isolation also, cube for cube, " +
  "with the answer of `direct`, before anything is timed.",
  "A first run that is not timed warms up compilers and caches and says how many calls fit. " +
  "Which mode, which runtime and which contestant comes first is another one each time. A " +
  "round is a process of its own, so that figures of two rounds share neither compiled code nor " +
  "memory; a figure is the median of the rounds, and the rounds' medians are kept beside it.",
  "The clock of a call includes whatever happened in it: garbage collection, compilation, the " +
  "scheduler. Before a cell the garbage of earlier ones is collected, so that none pays for " +
  "another. Processor time is that of the whole tree: the caller with its collector, all " +
  "threads, all workers, also those that have ended.",
  "What a method leaves out is named below. bench/README.md says more.",
];

/** The page of some results. */
export function pageOf(results: Results): Page {
  const heads = headsOf(results);
  const seen = new Set<string>();
  const skipped = heads.flatMap((head) => head.skipped).filter(({ what, why }) => {
    const line = `${what} ${why}`;
    return !seen.has(line) && seen.add(line);
  });
  return {
    title: "Ristretto: what isolation costs",
    heads,
    summaries: [modesSummary(results), coreSummary(results)].filter((one) => one !== undefined),
    sections: sectionsOf(results),
    skipped,
    method,
  };
}

/** Writes the report into the folder that holds the results. */
export function writeReport(folder: string, into = folder): Page {
  const page = pageOf(readResults(folder));
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, "report.html"), html(page));
  writeFileSync(join(into, "report.md"), markdown(page));
  writeFileSync(join(into, "report.json"), `${JSON.stringify(json(page), undefined, 1)}\n`);
  for (const { name, svg } of page.sections.flatMap(({ plots }) => plots)) {
    if (svg !== undefined) writeFileSync(join(into, `${name}.svg`), svg);
  }
  return page;
}

/** The same for programs: tables in place of plots. */
function json({ title, heads, summaries, sections, skipped }: Page): object {
  const [first] = heads;
  return {
    format: 1,
    title,
    machine: first?.machine,
    quick: first?.quick,
    commands: heads.map(({ command, started, ended, load }) => ({ command, started, ended, load })),
    summaries,
    sections: sections.map(({ id, title: name, plots }: Section) => ({
      id,
      title: name,
      plots: plots.map((plot) => ({ name: plot.name, tables: plot.tables })),
    })),
    skipped,
  };
}
