// The pages tell the truth: the programs in the README run in this runtime and print what their
// comments say, its command lines work, the commands it names exist, and links lead somewhere.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { cli, inRepository, runProgram } from "./cli_spawn.ts";

function read(path: string): string {
  return readFileSync(inRepository(path), "utf8");
}

const readme = read("README.md");
const docs = readdirSync(inRepository("docs")).filter((name) => name.endsWith(".md"));
const pages = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...["c/README.md", "bench/README.md", "examples/README.md"],
  ...docs.map((name) => `docs/${name}`),
];

/** The blocks of the README in a language. */
function blocks(language: string): string[] {
  const all = readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm);
  return [...all].filter(([, word]) => word === language).map(([, , text = ""]) => text);
}

describe("programs of the README", () => {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-readme-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const mod = new URL("../mod.ts", import.meta.url).href;

  for (const [index, block] of blocks("ts").entries()) {
    it(`number ${index + 1} prints what it says`, async () => {
      const file = join(folder, `program_${index + 1}.ts`);
      writeFileSync(file, block.replaceAll('"@ristretto/espresso"', JSON.stringify(mod)));
      const words = "Deno" in globalThis ? ["run", "-A", "--no-check", file] : [file];
      const { status, stdout, stderr } = await runProgram([process.execPath, ...words]);
      assertEquals([status, stderr], [0, ""]);
      const said = [...block.matchAll(/^ *console\.log\(.*; \/\/ (.*)$/gm)].map(([, text]) => text);
      assertEquals(stdout.trimEnd().split("\n"), said);
    });
  }
});

describe("command lines of the README", () => {
  const lines = blocks("sh").join("").split("\n")
    .filter((line) => line.startsWith("bun src/cli/main.ts "))
    .map((line) => line.replace(/ +#.*/, "").split(" ").slice(2));

  it("there are ten", () => assertEquals(lines.length, 10));

  for (const words of lines) {
    it(words.join(" "), async () => {
      const paths = words.map((word) => word.startsWith("examples/") ? inRepository(word) : word);
      const { status, stdout, stderr } = await cli(paths);
      assertEquals(status, 0, stderr);
      assert(stdout.length + stderr.length > 0);
    });
  }
});

describe("commands", () => {
  const { scripts, devDependencies } = JSON.parse(read("package.json"));
  const { tasks } = JSON.parse(read("deno.json"));

  it("of every page exist, with the Bun that package.json pins", () => {
    for (const page of pages) {
      const text = read(page);
      for (const [words, version, name = ""] of text.matchAll(/\bbun@(\S+) run ([\w:]+)/g)) {
        assertEquals(version, devDependencies.bun, `${page}: ${words}`);
        assert(name in scripts, `${page}: ${words}`);
      }
      for (const [words, name = ""] of text.matchAll(/\bbun run ([\w:]+)/g)) {
        assert(name in scripts, `${page}: ${words}`);
      }
      for (const [words, name = ""] of text.matchAll(/\bdeno task ([\w:]+)/g)) {
        assert(name in tasks, `${page}: ${words}`);
      }
    }
  });

  it("the continuous integration runs one that the README names", () => {
    const command = /^exec (.*)$/m.exec(read(".ci/run"))?.[1] ?? "";
    assert(command.startsWith("npx ") && readme.includes(`\`${command}\``), command);
  });
});

describe("links", () => {
  for (const page of pages) {
    it(`of ${page} lead to files`, () => {
      const links = [...read(page).matchAll(/\]\((?!\w+:)([^)#\s]+)[^)]*\)/g)];
      for (const [, link = ""] of links) {
        const target = posix.join(dirname(page), link);
        assert(existsSync(inRepository(target)), `${page}: ${link}`);
      }
    });
  }

  it("docs/README.md has one to each page beside it", () => {
    const index = read("docs/README.md");
    const missing = docs.filter((name) => name !== "README.md" && !index.includes(`](${name})`));
    assertEquals(missing, []);
  });
});
