// The grammar of the command line, the numbers that people type, and the texts that list the
// options.

import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseArguments } from "../src/cli/arguments.ts";
import { commands, laterCommands, laterEfforts, laterOutputs } from "../src/cli/espresso.ts";
import { help } from "../src/cli/help.ts";
import { longOptions, type Settings, shortOptions, UsageError } from "../src/cli/options.ts";
import { formatCount, formatDuration, parseCount } from "../src/cli/quantities.ts";
import { parseDuration, parseSize } from "../src/cli/quantities.ts";
import { nearest } from "../src/cli/suggest.ts";
import { inRepository } from "./cli_spawn.ts";

function settings(line: string): Settings {
  const request = parseArguments(line.split(" ").filter((word) => word !== ""));
  assert(request.kind === "run");
  return request.settings;
}

function complaint(line: string): string {
  return assertThrows(() => settings(line), UsageError).message;
}

describe("words to settings", () => {
  it("nothing: minimise standard input, verify, fd in, f out", () => {
    const { command, files, inputType, outputType, verify, method, effort } = settings("");
    assertEquals([command, files, inputType, outputType], ["minimize", ["-"], "fd", "f"]);
    assertEquals([verify, method, effort], [true, undefined, undefined]);
  });

  it("joined, separate and clustered short options", () => {
    for (const line of ["-Decho -ofdr a", "-D echo -o fdr a", "a -do echo -out fdr"]) {
      const { command, outputType, files } = settings(line);
      assertEquals([command, outputType, files], ["echo", "fdr", ["a"]], line);
    }
    const { summary, trace, quiet, command } = settings("-stxDtaut a");
    assertEquals([summary, trace, quiet, command], [true, true, true, "tautology"]);
    assertEquals([settings("-d").summary, settings("-d").trace], [true, true]);
  });

  it("types of the input", () => {
    for (const type of ["f", "fd", "fr", "fdr"]) assertEquals(settings(`-${type}`).inputType, type);
  });

  it("-e words set the effort, or ask for what is done anyway", () => {
    assertEquals(settings("-efast").effort, "fast");
    assertEquals(settings("-e strong").effort, "high");
    assertEquals(settings("-eeat -eeatdots").effort, undefined);
  });

  it("long options, with = or a blank", () => {
    const line = "--method=exact --effort high --timeout 2s --budget=1e6 --memory 64M --seed=7 " +
      "--on-limit error --no-verify --json --isolation direct";
    const { method, effort, timeoutMs, budget, memory, seed, onLimit } = settings(line);
    assertEquals([method, effort, timeoutMs, budget], ["exact", "high", 2000, 1e6]);
    assertEquals([memory, seed, onLimit], [2 ** 26, 7, "error"]);
    assertEquals([settings(line).verify, settings(line).json], [false, true]);
  });

  it("-- ends the options, and doctor is a word only by itself", () => {
    assertEquals(settings("-- -s --json").files, ["-s", "--json"]);
    assertEquals(parseArguments(["doctor"]).kind, "doctor");
    assertEquals(settings("doctor a").files, ["doctor", "a"]);
    assertEquals(settings("-s doctor").files, ["doctor"]);
  });
});

describe("wrong usage says what is right", () => {
  it("slips of the finger", () => {
    assertStringIncludes(complaint("-Dechoo"), "Did you mean -Decho?");
    assertStringIncludes(complaint("-exact"), "Did you mean -Dexact?");
    assertStringIncludes(complaint("-fast"), "Did you mean -efast?");
    assertStringIncludes(complaint("-json"), "Did you mean --json?");
    assertStringIncludes(complaint("--efort=high"), "Did you mean --effort?");
    assertStringIncludes(complaint("--effort hihg"), "Did you mean high?");
    assertStringIncludes(complaint("-fx"), "-f, -fd, -fr, -fdr");
  });

  it("what espresso has and this does not have yet", () => {
    for (const name of laterCommands) {
      assertStringIncludes(complaint(`-D${name}`), "not offered yet");
    }
    for (const name of laterOutputs) {
      assertStringIncludes(complaint(`-o${name}`), "not offered yet");
    }
    for (const name of laterEfforts) {
      assertStringIncludes(complaint(`-e${name}`), "not offered yet");
    }
    assertStringIncludes(
      complaint("--isolation prison"),
      "--isolation prison is unknown. Offered: auto, direct, pool, process, shared-heap, fresh",
    );
  });

  it("arguments that are missing, wrong or too many", () => {
    assertStringIncludes(complaint("-D"), "needs its COMMAND");
    assertStringIncludes(complaint("--timeout"), "needs its TIME");
    assertStringIncludes(complaint("--json=yes"), "takes no argument");
    assertStringIncludes(complaint("--budget 0"), "takes a count");
    assertStringIncludes(complaint("--memory much"), "takes a size");
    assertStringIncludes(complaint("-S much"), "whole number");
    assertStringIncludes(complaint("- -"), "only once");
    assertStringIncludes(complaint("-Dverify a b c"), "3 were named");
    assertStringIncludes(complaint("-Dexact --method heuristic"), "name one");
    assertStringIncludes(complaint("--constructor"), "unknown");
    assertStringIncludes(complaint("-Dconstructor"), "unknown");
  });
});

describe("numbers", () => {
  it("times, sizes and counts", () => {
    assertEquals(["5", "5ms", "1.5s", "2m", "1h"].map(parseDuration), [5, 5, 1500, 120_000, 3.6e6]);
    assertEquals(["64", "1K", "1KiB", "1kb", "1.5M"].map(parseSize), [
      64,
      1024,
      1024,
      1000,
      1572864,
    ]);
    assertEquals(["12", "1_000", "1e6"].map(parseCount), [12, 1000, 1e6]);
    for (const text of ["", "x", "-1", "1.5", "1e99", "1__0", "5s"]) {
      assertEquals(parseCount(text), undefined, text);
    }
    assertEquals([parseDuration("5 parsecs"), parseSize("1mb5")], [undefined, undefined]);
  });

  it("as they are shown", () => {
    assertEquals([0, 999, 1000, 1234567].map(formatCount), ["0", "999", "1,000", "1,234,567"]);
    const times = [0.0421, 3.14159, 42.42, 999.4, 4321, 200_000];
    const shown = ["0.042 ms", "3.14 ms", "42.4 ms", "999 ms", "4.32 s", "3 min 20 s"];
    assertEquals(times.map(formatDuration), shown);
  });

  it("the nearest word, when one is near", () => {
    assertEquals(nearest("exatc", ["echo", "exact"]), "exact");
    assertEquals(nearest("zebra", ["echo", "exact"]), undefined);
  });
});

describe("documentation", () => {
  it("--help and docs/command-line.md know every option and command", () => {
    const manual = readFileSync(inRepository("docs/command-line.md"), "utf8");
    const options = [
      ...Object.keys(longOptions).map((name) => `--${name}`),
      ...Object.keys(shortOptions).filter((letter) => !"rv".includes(letter)).map((l) => `-${l}`),
      ...Object.keys(commands).map((name) => `-D${name}`),
    ];
    for (const option of options) {
      assertStringIncludes(help, option);
      assertStringIncludes(manual, option);
    }
  });
});
