// The command line from outside: what it reads and writes, and how it ends. Each test starts it as
// a program of its own, in the runtime that runs the test.

import { spawnSync, type StdioOptions } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { plaText, randomFunction, sparseCubes } from "../bench/generators.ts";
import { cli, command, type Ended, inRepository, runProgram } from "./cli_spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "ristretto-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const adder = inRepository("examples/adder2.pla");
const months = inRepository("examples/days_in_month.pla");
const xor = ".i 2\n.o 1\n01 1\n10 1\n.e\n";
const or = ".i 2\n.o 1\n01 1\n10 1\n11 1\n.e\n";

describe("input and output", () => {
  it("standard input without a file", async () => {
    const { status, stdout, stderr } = await cli([], { input: or });
    assertEquals([status, stderr], [0, ""]);
    assertEquals(stdout.split("\n").slice(0, 3), [".i 2", ".o 1", ".p 2"]);
  });

  it("standard input as -, among files", async () => {
    const { status, stdout } = await cli([adder, "-"], { input: or });
    assertEquals(status, 0);
    assertStringIncludes(stdout, "# <stdin>\n.i 2");
  });

  it("several files: each after a comment with its name, and as if alone", async () => {
    const both = await cli([adder, months]);
    const [first, second] = [await cli([adder]), await cli([months])];
    assertEquals(both.status, 0);
    assertEquals(both.stdout, `# ${adder}\n${first.stdout}# ${months}\n${second.stdout}`);
  });

  it("the result is a file that can be read, with the names of the input", async () => {
    const { stdout } = await cli([months]);
    assertStringIncludes(stdout, ".ilb m3 m2 m1 m0 leap\n.ob d28 d29 d30 d31\n");
    const again = await cli(["-Dverify", months, file("months.pla", stdout)]);
    assertEquals(again.status, 0);
  });

  it("the same bytes and the same complaint in every mode of isolation there is", async () => {
    const wrong = file("isolated.pla", ".i 2\n.o 1\n0z 1\n.e\n");
    const outcome = ({ status, stdout, stderr }: Ended) => [status, stdout, stderr];
    const expected = [outcome(await cli([months])), outcome(await cli([wrong]))];
    assertEquals(expected.map(([status]) => status), [0, 1]);
    const modes = [
      "pool",
      ...process.platform === "linux" ? ["process", "shared-heap", "fresh"] : [],
    ];
    for (const mode of modes) {
      const words = ["--isolation", mode];
      const found = [await cli([...words, months]), await cli([...words, wrong])];
      assertEquals(found.map(outcome), expected, mode);
    }
  });

  it("an empty input is an error, not an empty result", async () => {
    const { status, stdout, stderr } = await cli([], { input: "" });
    assertEquals([status, stdout], [1, ""]);
    assertMatch(stderr, /^<stdin>:/);
  });

  it("a large result arrives whole", async () => {
    const text = plaText(sparseCubes({ cubes: 20_000, inputs: 100, literals: 60, seed: 5 }));
    const { status, stdout } = await cli(["-Decho"], { input: text });
    assertEquals(status, 0);
    assertEquals(stdout.length, text.length);
    assert(stdout.endsWith(".e\n"));
  });

  it("a reader that goes away early ends it without a word", async () => {
    const text = plaText(sparseCubes({ cubes: 40_000, inputs: 100, literals: 60, seed: 5 }));
    const { status, stderr } = await cli(["-Decho", file("large.pla", text)], {
      onStart: (child) => child.stdout.once("data", () => child.stdout.destroy()),
    });
    assertEquals(stderr, "");
    assertEquals(status, 141);
  });
});

describe("errors", () => {
  it("FILE:LINE:COLUMN: message, status 1, nothing on standard output", async () => {
    const bad = file("bad.pla", ".i 3\n.o 1\n1-0 1\n1*0 1\n.e\n");
    const { status, stdout, stderr } = await cli([bad]);
    assertEquals([status, stdout], [1, ""]);
    assert(stderr.startsWith(`${bad}:4:2: `), stderr);
  });

  it("the other files are done all the same", async () => {
    const bad = file("bad2.pla", "nonsense\n");
    const missing = join(folder, "missing.pla");
    const { status, stdout, stderr } = await cli(["-Decho", bad, missing, folder, adder]);
    assertEquals(status, 1);
    assertStringIncludes(stdout, `# ${adder}\n.i 5`);
    assertStringIncludes(stderr, `${missing}: no such file\n`);
    assertStringIncludes(stderr, `${folder}: is a folder, not a file\n`);
  });

  it("an overlap of ON and OFF names both lines", async () => {
    const { status, stderr } = await cli([], { input: ".i 2\n.o 1\n.type fr\n1- 1\n11 0\n.e\n" });
    assertEquals(status, 1);
    assertMatch(stderr, /^<stdin>:5: .*line 4.*line 5/);
  });

  it("wrong usage: status 2, and what would be right", async () => {
    const wrong: [args: string[], says: string][] = [
      [["-Dexakt"], "Did you mean -Dexact?"],
      [["-Dqm"], "-Dqm is not offered yet"],
      [["-o", "eqntott"], "-oeqntott is not offered yet"],
      [["--metod", "exact"], "Did you mean --method?"],
      [["--effort=full"], "--effort takes fast, default, high"],
      [["--timeout", "soon"], "--timeout takes a time"],
      [["--isolation", "shared-hep"], "Did you mean shared-heap?"],
      [["-Dverify", adder], "-Dverify compares two files, and 1 were named"],
      [["-r", "1-2"], "-r is not offered yet"],
    ];
    const runs = await Promise.all(wrong.map(([args]) => cli(args, { input: or })));
    for (const [index, { status, stdout, stderr }] of runs.entries()) {
      assertEquals([status, stdout], [2, ""], wrong[index]![0].join(" "));
      assertStringIncludes(stderr, wrong[index]![1]);
    }
  });

  it("an isolation that the environment asks for is not replaced by less", async () => {
    const start = { input: or, env: { RISTRETTO_ISOLATION: "prison" } };
    const { status, stdout, stderr } = await cli([], start);
    assertEquals([status, stdout], [2, ""]);
    assertStringIncludes(stderr, "prison");
    assertEquals((await cli(["--isolation", "direct"], start)).status, 0);
  });

  it("without the library: status 1, and where it was looked for", async () => {
    const env = { RISTRETTO_LIBRARY: join(folder, "no-library.so") };
    const { status, stdout, stderr } = await cli([adder], { env });
    assertEquals([status, stdout], [1, ""]);
    assertStringIncludes(stderr, "no-library.so");
    const doctor = await cli(["doctor"], { env });
    assertEquals(doctor.status, 1);
    assertStringIncludes(doctor.stdout, "NOT USABLE");
    assertEquals((await cli(["--version"], { env })).status, 0);
  });
});

describe("commands", () => {
  it("-Dexact is --method exact", async () => {
    const [letters, word] = [await cli(["-Dexact", months]), await cli(["--method=exact", months])];
    assertEquals(letters, word);
  });

  it("-Decho writes the sets that -o names: r is the complement", async () => {
    const { status, stdout } = await cli(["-Decho", "-or"], { input: or });
    assertEquals(status, 0);
    assertStringIncludes(stdout, "\n00 0\n");
    const all = await cli(["-Decho", "-o", "fdr"], { input: ".i 2\n.o 1\n11 1\n10 -\n.e\n" });
    for (const row of ["11 1", "10 2", "0- 0"]) assertStringIncludes(all.stdout, `\n${row}\n`);
  });

  it("-Dtaut answers on standard output", async () => {
    const yes = await cli(["-Dtaut"], { input: ".i 1\n.o 1\n1 1\n0 -\n.e\n" });
    assertEquals([yes.status, yes.stdout], [0, "<stdin>: a tautology\n"]);
    const no = await cli(["-Dtaut"], { input: or });
    assertEquals([no.status, no.stdout], [0, "<stdin>: not a tautology\n"]);
  });

  it("-Dverify: equal and status 0, or the first output that differs and status 1", async () => {
    const [a, b] = [file("xor.pla", xor), file("or.pla", or)];
    const same = await cli(["-Dverify", a, a]);
    assertEquals([same.status, same.stdout], [0, `${a}, ${a}: equal\n`]);
    const other = await cli(["-D", "verify", a, b]);
    assertEquals(other.status, 1);
    assertMatch(other.stdout, /: not equal: output 1 is the first that differs\n$/);
  });

  it("-Dverify names the file that cannot be read", async () => {
    const bad = file("bad3.pla", ".i 2\n.o 1\n1? 1\n");
    const { status, stderr } = await cli(["-Dverify", adder, bad]);
    assertEquals(status, 1);
    assert(stderr.startsWith(`${bad}:3:2: `), stderr);
    const shapes = await cli(["-Dverify", adder, months]);
    assertEquals(shapes.status, 1);
    assertMatch(shapes.stderr, /days_in_month\.pla: the two functions/);
  });

  it("--help, --version and doctor", async () => {
    const [help, version, doctor] = await Promise.all([["-h"], ["--version"], ["doctor"]].map(
      (args) => cli(args),
    ));
    assertEquals([help!.status, version!.status, doctor!.status], [0, 0, 0]);
    assertStringIncludes(help!.stdout, "--on-limit");
    assertMatch(version!.stdout, /^ristretto \d+\.\d+\.\d+\nlibrary /);
    assertMatch(doctor!.stdout, /sha256 [0-9a-f]{64}/);
    assertMatch(doctor!.stdout, /isolation +direct +available/);
  });
});

const noPermissions = "Deno" in globalThis ? false : "only Deno has permissions";

describe("permissions", { skip: noPermissions }, () => {
  /** With a flag about permissions at least: a Deno that starts a Deno without gives it all. */
  function restricted(flags: string[], args: string[]): Promise<Ended> {
    const deno = [process.execPath, "run", "--no-check", "--deny-net", ...flags];
    return runProgram([...deno, inRepository("src/cli/main.ts"), ...args]);
  }

  async function grantOfDoctor(): Promise<string> {
    const { stdout } = await cli(["doctor"]);
    return /enough to minimise: deno run (--allow-ffi=\S+)/.exec(stdout)?.[1] ?? "";
  }

  it("without any, doctor names those that are missing, and asks for none", async () => {
    const { status, stdout, stderr } = await restricted([], ["doctor"]);
    assertEquals([status, stderr], [1, ""]);
    assertMatch(stdout, /MISSING +--allow-ffi=\S+ristretto\S+ \(needed/);
    assertMatch(stdout, /MISSING +--allow-env=RISTRETTO_ISOLATION/);
  });

  it("those that doctor names are enough", async () => {
    const flags = ["--no-prompt", await grantOfDoctor(), `--allow-read=${adder}`];
    const { status, stderr } = await restricted(flags, ["-x", "-s", adder]);
    assertEquals(status, 0, stderr);
  });

  it("a file that may not be read is an error of that file", async () => {
    const flags = ["--no-prompt", await grantOfDoctor()];
    const { status, stderr } = await restricted(flags, [adder]);
    assertEquals(status, 1);
    assertMatch(stderr, /adder2\.pla: .*--allow-read/);
  });
});

describe("figures on standard error", () => {
  it("-s: a line a file, and their total", async () => {
    const { status, stdout, stderr } = await cli(["-s", "-x", adder, months]);
    assertEquals([status, stdout], [0, ""]);
    const lines = stderr.trimEnd().split("\n");
    assertEquals(lines.length, 3);
    assertMatch(
      lines[0]!,
      /adder2\.pla +cubes +31 → +\d+ +literals +203 → +\d+ .* verified(, minimum)?$/,
    );
    assertMatch(lines[2]!, /^total +cubes +44 → +\d+ .* all verified$/);
  });

  it("--json: an object a file, nothing else", async () => {
    const bad = file("bad4.pla", ".i 2\n.o 1\n1 1\n");
    const { status, stderr } = await cli(["--json", "-x", adder, bad]);
    assertEquals(status, 1);
    const [good, wrong] = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals([good.file, good.before.cubes, good.verified], [adder, 31, true]);
    assertEquals([wrong.file, wrong.error.kind], [bad, "InvalidInput"]);
    assert(wrong.error.line >= 3);
  });

  it("--no-verify leaves the answer unchecked, and says so", async () => {
    const { stderr } = await cli(["-s", "-x", "--no-verify", adder]);
    assertMatch(stderr, / not verified(, minimum)?$/m);
  });

  it("of several files stands together after their results", () => {
    const log = join(folder, "both.log");
    const descriptor = openSync(log, "w");
    const [program, ...args] = command("src/cli/main.ts");
    const stdio: StdioOptions = ["ignore", descriptor, descriptor];
    const { status } = spawnSync(program, [...args, "-s", adder, months], { stdio });
    closeSync(descriptor);
    assertEquals(status, 0);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    assertEquals(lines.filter((line) => line.startsWith("#")), [`# ${adder}`, `# ${months}`]);
    const last = lines.slice(-3).map((line) => line.split("   ")[0]!.trim());
    assertEquals(last, [adder, months, "total"]);
  });

  it("a result that a limit of time left unchecked is called that", async () => {
    const hard = plaText(randomFunction({ inputs: 14, outputs: 2, seed: 3 }));
    const limited = ["-s", "-x", "--effort=high", "--timeout=500ms"];
    const { status, stderr } = await cli(limited, { input: hard });
    assertEquals(status, 0);
    assertMatch(stderr, /^<stdin>: stopped by the time limit .*; not verified$/m);
    assertMatch(stderr, / not verified, stopped by the time limit$/m);
  });

  it("a budget ends a run with the best cover so far, the same each time", async () => {
    const hard = file("hard.pla", plaText(randomFunction({ inputs: 10, outputs: 2, seed: 3 })));
    const first = await cli(["--budget", "1e6", hard]);
    assertEquals(first.status, 0);
    assertMatch(first.stderr, /hard\.pla: stopped by the budget .* best cover so far/);
    assertEquals((await cli(["--budget", "1e6", hard])).stdout, first.stdout);
    const verified = await cli(["-Dverify", hard, file("soft.pla", first.stdout)]);
    assertEquals(verified.status, 0, verified.stderr + verified.stdout);
  });

  it("a time limit with --on-limit error is an error", async () => {
    const hard = plaText(randomFunction({ inputs: 13, outputs: 2, seed: 3 }));
    const { status, stdout, stderr } = await cli(["--timeout=5ms", "--on-limit=error"], {
      input: hard,
    });
    assertEquals([status, stdout], [1, ""]);
    assertMatch(stderr, /^<stdin>: /);
  });
});
