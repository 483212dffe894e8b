// Commands of espresso about single outputs and essential primes; what `-S1` and `--literals` ask
// for.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cli } from "./cli_spawn.ts";

const input = ".i 2\n.o 2\n00 10\n01 11\n10 11\n.e\n";
const cubesOf = (text: string): string[] => text.split("\n").filter((line) => /^[01-]/.test(line));

test("-Dso shares no cube between outputs, -S1 with it is exact", async () => {
  for (const words of [["-Dso"], ["-Dsingle_output"], ["-Dso", "-S1", "--json"]]) {
    const { status, stdout, stderr } = await cli(words, { input });
    assertEquals(status, 0);
    assertEquals(cubesOf(stdout).sort(), ["-0 10", "0- 10", "01 01", "10 01"]);
    if (words.length > 2) assert(JSON.parse(stderr).optimal);
  }
});

test("-Dso_both tells which outputs are complements", async () => {
  const { status, stdout } = await cli(["-Dso_both", "-S1"], { input });
  assertEquals(status, 0);
  assertStringIncludes(stdout, "#.phase 01\n");
  assertEquals(cubesOf(stdout).sort(), ["01 01", "10 01", "11 10"]);
});

test("-Dessen writes the essential primes", async () => {
  const text = ".i 3\n.o 1\n001 1\n011 1\n111 1\n110 1\n.e\n";
  const { status, stdout } = await cli(["-Dessen"], { input: text });
  assertEquals([status, cubesOf(stdout).sort()], [0, ["0-1 1", "11- 1"]]);
});

test("--literals fewest is about the exact method, --certificate about shared cubes", async () => {
  const exact = ["--method", "exact", "--literals", "fewest", "--json"];
  const { status, stderr } = await cli(exact, { input });
  assertEquals([status, JSON.parse(stderr).fewestLiterals], [0, true]);
  assertEquals((await cli(["--literals", "fewest"], { input })).status, 2);
  const words = ["-Dso", "--certificate", "never-written"];
  const refused = await cli(words, { input });
  assertEquals(refused.status, 2);
  assertStringIncludes(refused.stderr, "no certificates");
});
