// The report of the benchmarks: what it is made of, what a browser sees of it, that the README says
// nothing but what is in a result, that a comparison finds what has changed and nothing else, and
// the rule of `advise`.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { choose, type WayFigures } from "../bench/advise/choose.ts";
import { compare } from "../bench/compare/main.ts";
import { chance, findings, incompleteBeta } from "../bench/compare/statistics.ts";
import { breakEven, overheads } from "../bench/isolation/figures.ts";
import { findBrowser, lookAt } from "../bench/report/browser.ts";
import { folderOfPart, readmePart, splitReadme } from "../bench/report/readme.ts";
import { readResults, type Results } from "../bench/report/results.ts";
import { faults } from "../bench/report/screenshots.ts";
import { pageOf, writeReport } from "../bench/report/write.ts";
import { ISOLATIONS } from "../src/engine/modes.ts";
import { root } from "../tools/run.ts";
import { madeUpResults } from "./bench_results.ts";
import { command, runProgram } from "./cli_spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "ristretto-report-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const made = madeUpResults({ seed: 1 });
for (const [part, result] of Object.entries(made)) {
  writeFileSync(join(folder, `${part}.json`), JSON.stringify(result));
}
writeReport(folder);

/** Why no browser can look; a machine without one has nothing to look with. */
const browser = findBrowser();
const noBrowser = browser === undefined ? "no Chromium is installed" : false;

/** Modes that a page neither shows in a plot's table nor names as left out. */
function missingModes(results: Results, text: string): string[] {
  const page = pageOf(results);
  const shown = page.sections.flatMap(({ plots }) => plots.flatMap(({ svg }) => svg ?? [])).join();
  return ISOLATIONS.filter((mode) =>
    !text.includes(mode) ||
    !(shown.includes(`>${mode}<`) || page.skipped.some(({ what }) => what.includes(mode)))
  );
}

/** A real browser opens the page and says what is wrong. */
async function look(place: string): Promise<void> {
  const seen = await lookAt(browser!, join(place, "report.html"));
  assertEquals(faults(seen), []);
  const results = readResults(place);
  assertEquals(missingModes(results, seen.text), []);
  const drawn = pageOf(results).sections.flatMap(({ plots }) =>
    plots.flatMap(({ name, svg }) => svg === undefined ? [] : [name])
  );
  assertEquals(seen.plots.map(({ name }) => name), drawn);
}

describe("the report", () => {
  const html = readFileSync(join(folder, "report.html"), "utf8");

  it("has every section, every mode, and needs nothing else", () => {
    for (const part of ["calls", "sizes", "throughput", "events", "floor"]) {
      assertStringIncludes(html, `<section id="${part}">`);
    }
    for (const part of ["core", "exact", "peers", "pools", "ffi", "method", "skipped"]) {
      assertStringIncludes(html, `<section id="${part}">`);
    }
    assertEquals(missingModes(made, html), []);
    assertEquals(/<script|<link|<img|\bsrc=|url\(|https?:(?!\/\/www\.w3\.org)/.exec(html), null);
    assertEquals(/NaN|undefined|Infinity|\[object/.exec(html), null);
    for (const figure of html.split("<figure").slice(1)) assertStringIncludes(figure, "<svg");
  });

  it("says the same in Markdown and JSON", () => {
    const markdown = readFileSync(join(folder, "report.md"), "utf8");
    const json = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
    for (const { title, plots } of json.sections) {
      assertStringIncludes(markdown, `## ${title}`);
      for (const { name } of plots) {
        assertStringIncludes(html, `id="${name}"`);
        assertStringIncludes(markdown, `(${name}.svg)`);
        assert(existsSync(join(folder, `${name}.svg`)), name);
      }
    }
    assertEquals(json.skipped, [{ what: "shared-heap", why: "this version has none" }]);
  });

  it("shows no errors, no empty plot and no text over another in a browser", {
    skip: noBrowser,
  }, () => look(folder));

  it("is found wrong by the browser when it is", { skip: noBrowser }, async () => {
    const place = mkdtempSync(join(folder, "wrong-"));
    writeFileSync(
      join(place, "report.html"),
      `<!doctype html><svg data-plot="p" width="90" height="20"><text y="15">word</text>` +
        `<text y="15">word</text></svg><script>throw new Error("wrong")</script>`,
    );
    const found = faults(await lookAt(browser!, join(place, "report.html")));
    assertEquals(found.length, 3, found.join("\n"));
  });

  it("has a mode's break-even where its line crosses the bound", () => {
    const [bun] = made.isolation!.runtimes;
    const pool = breakEven(overheads(bun!, "pool", "sync"), 1);
    assertEquals(pool?.is, "at");
    assert(pool!.us > 2 && pool!.us < 60, String(pool!.us));
    assertEquals(breakEven(overheads(bun!, "fresh", "sync"))?.is, "above");
  });
});

describe("the README", () => {
  const text = readFileSync(join(root, "README.md"), "utf8");
  const { before, part, after: behind } = splitReadme(text);
  const place = folderOfPart(part);

  it("says of figures what the linked result says", () => {
    assertEquals(part, readmePart(place));
  });

  it("has no measured figure outside of that part", () => {
    const figure = /\d\s?(ns|µs|ms|MiB\/s|jobs\/s|times as fast|× faster)\b/;
    for (const line of `${before}${behind}`.split("\n")) assertEquals(figure.exec(line), null);
  });

  it("links a report that a browser finds right, with screenshots beside it", {
    skip: place === undefined ? "no result is linked" : noBrowser,
  }, async () => {
    const there = join(root, place!);
    for (const scheme of ["light", "dark"]) {
      assert(existsSync(join(there, `report-${scheme}.png`)), scheme);
    }
    await look(there);
  });
});

describe("a comparison", () => {
  it("of two runs of one program finds nothing", () => {
    for (let seed = 2; seed < 7; seed++) {
      const { changes, compared } = compare(made, madeUpResults({ seed }));
      assertEquals(changes, [], `seed ${seed}`);
      assert(compared > 60, String(compared));
    }
  });

  it("finds a mode that has become slower, and no other", () => {
    const slower = madeUpResults({ seed: 20, factor: (way) => way === "process" ? 1.3 : 1 });
    const { changes } = compare(made, slower);
    assert(changes.length >= 20, String(changes.length));
    for (const { name, ratio } of changes) {
      assertStringIncludes(name, "| process |");
      assert(ratio! > 1.2 && ratio! < 1.4, `${name}: ${ratio}`);
    }
  });

  it("reports another number of cubes, whatever the times", () => {
    const [first, ...others] = made.core!.functions;
    const key = "ristretto default";
    const results = { ...first!.results, [key]: { ...first!.results[key]!, cubes: 21 } };
    const functions = [{ ...first!, results }, ...others];
    const { changes } = compare(made, { ...made, core: { ...made.core!, functions } });
    assertEquals(changes.map(({ name }) => name), ["core | f0 | ristretto default"]);
  });

  it("leans on statistics that are right", () => {
    assertAlmostEquals(incompleteBeta(0.5, 2, 3), 0.6875, 1e-9);
    // Student's t with 4 degrees of freedom is above 2.776 in 2.5 % of all cases, on either side.
    assertAlmostEquals(incompleteBeta(4 / (4 + 2.776445 ** 2), 2, 0.5), 0.05, 1e-6);
    assertEquals(chance({ a: [1, 2], b: [5, 6] }), 1);
    assert(chance({ a: [1, 1.01, 0.99], b: [2, 2.02, 1.98] }) < 0.001);
    assert(chance({ a: [1, 2, 3], b: [1.1, 2.1, 2.9] }) > 0.5);
    assertEquals(findings([0.5, 0.01, 0.02, 0.9], 0.05), [false, true, true, false]);
  });

  it("is a command that says what it needs", async () => {
    const words = command("bench/main.ts");
    const none = await runProgram([...words, "compare", folder]);
    assertEquals([none.status, none.stderr.includes("two folders")], [1, true]);
    const { status, stdout, stderr } = await runProgram([...words, "compare", folder, folder]);
    assertEquals(status, 0, stderr);
    assertStringIncludes(stdout, "nothing has really changed");
    const unknown = await runProgram([...words, "frobnicate"]);
    assertStringIncludes(unknown.stderr, "there is no benchmark frobnicate");
  });
});

describe("advise", () => {
  const figures = (processUs: number, poolRate = 1): WayFigures[] => [
    { way: "direct", rank: 0, syncUs: 1000, awaitedUs: 1000, perSecond: 1000, workerBytes: 0 },
    {
      way: "pool",
      rank: 0,
      syncUs: 1010,
      awaitedUs: 1020,
      perSecond: 1000 * poolRate,
      workerBytes: 0,
    },
    { way: "process", rank: 1, syncUs: processUs, awaitedUs: 1100, perSecond: 900, workerBytes: 1 },
    { way: "fresh", rank: 2, syncUs: 1400, awaitedUs: 1500, perSecond: 300, workerBytes: 1 },
  ];

  it("takes the most protection that costs little, else the pool, else direct", () => {
    assertEquals(choose(figures(1050), 1, 0.1).take, "process");
    assertEquals(choose(figures(1050), 1, 0.5).take, "fresh");
    assertEquals(choose(figures(1300), 1, 0.1).take, "direct");
    assertEquals(choose(figures(1300, 1.9), 1, 0.1).take, "pool");
  });

  it("names the place of an error in a file", async () => {
    const file = join(folder, "bad.pla");
    writeFileSync(file, ".i 2\n.o 1\n1z 1\n.e\n");
    const { status, stderr } = await runProgram([...command("bench/advise.ts"), file], {
      env: { RISTRETTO_ISOLATION: "", PATH: process.env["PATH"] ?? "" },
    });
    assertEquals(status, 1);
    assertStringIncludes(stderr, `${file}:3:2`);
  });
});
