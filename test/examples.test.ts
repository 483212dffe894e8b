// The examples run, and do what they say: the programs, one of them in C, end well with the output
// expected of them, the PLA files shrink as their README tells, and those that a script makes are
// what it makes.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import { files } from "../examples/generate.ts";
import { findZig } from "../tools/zig.ts";
import { cli, command, inRepository, runProgram } from "./cli_spawn.ts";

const names = readdirSync(inRepository("examples"));
const programs = names.filter((name) => name.endsWith(".ts") && name !== "generate.ts");
const functions = names.filter((name) => name.endsWith(".pla"));

function read(path: string): string {
  return readFileSync(inRepository(path), "utf8");
}

/** What each program prints, or a pattern of it. */
const outputs: Readonly<Record<string, RegExp>> = {
  "deadline.ts": /budget\n50 .*\nas long as it takes: .* complete\n.*LimitExceeded, time\n$/,
  "dont_cares.ts": /^10 to 15 free: .*\n10 to 15 are no: .*\nboth agree on all digits\n$/,
  "explain.ts": /11-1: prime, not needed\n[^]*\nminimised: f = [^]*essential/,
  "first_minimization.ts": /^\.i 5\n[^]*\n31 cubes became \d+, verified: true\n$/,
  "metrics_server.ts":
    /^listening .*\n[^]*\nristretto_jobs_total\{mode="process",outcome="ok"\} 1\n/,
  "pool.ts": /^1000 functions, .*\n\d+ jobs completed, .*\n(a thread ran \d+ .*\n)+$/,
  "many_workers.ts": /^40 functions: \d+ → \d+ cubes\n$/,
};

describe("programs", () => {
  for (const name of programs) {
    it(`${name} runs, and has less than 40 lines`, async () => {
      const { status, stdout, stderr } = await runProgram(command(`examples/${name}`));
      assertEquals([status, stderr], [0, ""]);
      assertMatch(stdout, outputs[name]!);
      assertLessOrEqual(read(`examples/${name}`).trimEnd().split("\n").length, 39);
    });
  }
});

describe("from C", () => {
  it("the program compiles, and says what the command line says", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ristretto-c-"));
    const path = inRepository("examples/seven_segment.pla");
    try {
      const program = join(folder, "minimize");
      const library = dirname(inRepository("zig-out/lib/x"));
      const flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", `-I${inRepository("c")}`];
      const link = [`-L${library}`, "-lristretto", `-Wl,-rpath,${library}`, "-o", program];
      const include = `-I${inRepository("c/include")}`;
      const compile = async (name: string): Promise<void> => {
        const source = inRepository(`examples/c/${name}.c`);
        const compiled = await runProgram([
          await findZig(),
          "cc",
          ...flags,
          include,
          source,
          ...link,
        ]);
        assertEquals(compiled.status, 0, compiled.stderr);
      };
      await compile("minimize");
      const { status, stdout } = await runProgram([program, path]);
      assertEquals([status, stdout], [0, (await cli([path])).stdout]);
      assert((await runProgram([program, join(folder, "missing.pla")])).status !== 0);

      await compile("pool");
      const paths = ["life", "votes7", "primes7"].map((name) =>
        inRepository(`examples/${name}.pla`)
      );
      const pooled = await runProgram([program, ...paths, ...paths, ...paths, ...paths]);
      assertEquals([pooled.status, pooled.stdout.split("\n").length], [0, 13]);
      for (const [row, name] of ["life", "votes7", "primes7"].entries()) {
        const [before, after] = readme().find((each) => each.name === `${name}.pla`)!.cubes;
        assert(pooled.stdout.split("\n")[row]!.endsWith(`: ${before} cubes became ${after}`));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** A line of the README's table of functions. */
interface Row {
  name: string;
  cubes: [before: number, after: number];
  literals: [before: number, after: number];
}

function readme(): Row[] {
  const pattern = /^\| `(\S+\.pla)`.* (\d+) → (\d+) +\| (\d+) → (\d+) +\|/gm;
  return [...read("examples/README.md").matchAll(pattern)].map(([, name = "", ...numbers]) => {
    const [a = 0, b = 0, c = 0, d = 0] = numbers.map(Number);
    return { name, cubes: [a, b], literals: [c, d] };
  });
}

describe("functions", () => {
  it("the README lists all of them", () => {
    assertEquals(readme().map((row) => row.name), functions.toSorted());
  });

  it("each is minimised, verified, and as small as the README says", async () => {
    const rows = readme();
    const paths = rows.map((row) => inRepository(`examples/${row.name}`));
    const { status, stderr } = await cli(["--json", "-x", ...paths]);
    assertEquals(status, 0, stderr);
    const lines = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.length, rows.length);
    for (const [index, stats] of lines.entries()) {
      const { name, cubes, literals } = rows[index]!;
      assert(stats.verified && stats.complete, name);
      assertEquals([stats.before.cubes, stats.before.literals], [cubes[0], literals[0]], name);
      assertLessOrEqual(stats.cubes, cubes[1], name);
      if (stats.cubes === cubes[1]) assertLessOrEqual(stats.literals, literals[1], name);
    }
  });

  it("generate.ts makes the same bytes again", () => {
    for (const [name, text] of Object.entries(files)) {
      assertEquals(read(`examples/${name}`), text, `${name}: run \`bun examples/generate.ts\``);
    }
  });
});
