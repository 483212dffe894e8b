// Long runs: progress where somebody can see it, and Ctrl-C. The job here takes seconds, and
// minutes at effort high, where the tests give it some.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { plaText, randomFunction } from "../bench/generators.ts";
import { findDeno } from "../tools/runtimes.ts";
import { cli, command, inRepository, runProgram } from "./cli_spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "ristretto-interrupt-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const long = join(folder, "long.pla");
writeFileSync(long, plaText(randomFunction({ inputs: 15, outputs: 4, density: 0.4, seed: 1 })));
const short = inRepository("examples/adder2.pla");

/** Not `child.kill`, after which Deno reports the signal in place of the program's exit status. */
function interrupt(child: { readonly pid?: number | undefined }): void {
  process.kill(child.pid!, "SIGINT");
}

const windows = process.platform === "win32";
const noSignals = windows ? "Windows has no signals between programs" : false;

describe("Ctrl-C", { skip: noSignals }, () => {
  it("prints the best cover so far, which is right, and leaves out the other files", async () => {
    let sent = false;
    const { status, stdout, stderr } = await cli(["-t", long, short], {
      onStderr(child, text) {
        if (sent || !text.includes("cubes")) return;
        sent = true;
        interrupt(child);
      },
    });
    assertEquals(status, 130, stderr);
    assertMatch(stderr, /long\.pla: stopped by Ctrl-C after .* best cover so far/);
    assert(!stdout.includes("adder2"));
    const best = join(folder, "best.pla");
    writeFileSync(best, stdout);
    const verified = await cli(["-Dverify", long, best]);
    assertEquals([verified.status, verified.stderr], [0, ""], verified.stdout);
  });

  it("twice ends the program, whatever the core does", async () => {
    let sent = 0;
    const { status } = await cli(["-t", "-x", long], {
      onStderr(child, text) {
        if (sent > 0 || !text.includes("cubes")) return;
        sent++;
        interrupt(child);
        setTimeout(() => {
          try {
            interrupt(child);
          } catch {
            // it has ended already
          }
        }, 400);
      },
    });
    assertEquals(status, 130);
  });

  it("ends it while it waits for standard input", async () => {
    const { status, signal, stdout } = await cli([], {
      onStart: (child) => void setTimeout(() => interrupt(child), 1500),
    });
    // A machine so slow that the program has not begun yet sees the signal's own default.
    assert(status === 130 || signal === "SIGINT", `${status} ${signal}`);
    assertEquals(stdout, "");
  });
});

const script = "/usr/bin/script";
const noTerminal = process.platform !== "linux" || !existsSync(script)
  ? "there is no util-linux `script` here to make a terminal with"
  : false;

describe("Ctrl-C on a terminal", { skip: noTerminal }, () => {
  it("leaves `deno task minimize` the time to print the best cover so far", async () => {
    const words = `cd '${inRepository("")}' && '${findDeno()}' task minimize -t '${long}'`;
    const { stdout } = await runProgram([script, "-qec", words, "/dev/null"], {
      onStart(child) {
        let text = "";
        child.stdout.on("data", (more: string) => {
          const before = text;
          text += more;
          if (text.includes("cubes") && !before.includes("cubes")) child.stdin.write("\x03");
        });
      },
    });
    assertMatch(stdout, /\.e\r\n/);
    assertMatch(stdout, /long\.pla: stopped by Ctrl-C after .* best cover so far/);
  });
});

describe("progress", () => {
  it("is not shown in a pipe", async () => {
    const { status, stderr } = await cli(["-x", "--effort=high", "--timeout", "1500ms", long]);
    assertEquals(status, 0);
    assertMatch(stderr, /^.*: stopped by the time limit .*\n$/);
    // deno-lint-ignore no-control-regex
    assertNotMatch(stderr, /[\r\x1b]/);
  });

  for (const isolation of ["direct", "pool"]) {
    const name = `is shown on a terminal after a second, and wiped away: ${isolation}`;
    it(name, { skip: noTerminal }, async () => {
      const options = ["-x", "--effort=high", "--timeout", "2500ms", "--isolation", isolation];
      const words = [...command("src/cli/main.ts"), ...options, long];
      const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
      const { status, stdout } = await runProgram([script, "-qec", quoted, "/dev/null"]);
      assertEquals(status, 0, stdout);
      assertMatch(
        stdout,
        /\r[^\r]*: [a-z ]+(, round \d+)?, [\d,]+ cubes(, at least [\d,]+)?, [12]\.\d+ s/,
      );
      assertMatch(stdout.split("\x1b[K").at(-1)!, /^.*: stopped by the time limit/);
    });
  }

  it("a short run shows none", { skip: noTerminal }, async () => {
    const words = [...command("src/cli/main.ts"), "-x", short];
    const { stdout } = await runProgram([script, "-qec", words.join(" "), "/dev/null"]);
    assertEquals(stdout, "");
  });
});
