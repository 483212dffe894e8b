// Screenshots of a report, light and dark, and what a browser finds wrong with it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBrowser, type Look, lookAt } from "./browser.ts";

/** Looks at a folder's report; the reason where no browser could. */
export async function takeScreenshots(folder: string): Promise<string | readonly string[]> {
  const browser = findBrowser();
  if (browser === undefined) return "no Chromium on PATH, and none named by CHROMIUM";
  const look = await lookAt(browser, join(folder, "report.html"), ["light", "dark"]);
  for (const [scheme, picture] of Object.entries(look.pictures)) {
    writeFileSync(join(folder, `report-${scheme}.png`), picture);
  }
  return faults(look);
}

/** What is wrong with a page. */
export function faults({ errors, plots, tooWide }: Look): string[] {
  return [
    ...errors.map((error) => `the console says: ${error}`),
    ...plots.filter(({ marks }) => marks === 0).map(({ name }) => `${name} is empty`),
    ...plots.flatMap(({ name, overlaps }) =>
      overlaps.map((texts) => `${name}: texts lie over each other: ${texts}`)
    ),
    ...(tooWide ? ["the page is wider than its window"] : []),
    ...(plots.length === 0 ? ["the page has no plot"] : []),
  ];
}
