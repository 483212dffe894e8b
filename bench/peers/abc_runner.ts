// The runner (README.md, "Runners") of Berkeley ABC, which has no two-level minimiser of its own
// any more (its command `espresso` is switched off): what comes nearest is a BDD of each output,
// and an irredundant sum of products of that (`collapse; sop -d`). No don't-cares, no sharing of
// cubes between outputs but by chance. ABC runs beside us and is asked through its standard input:
// reading and writing its files is not timed, one round trip through its pipes is.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import {
  type Line,
  readFunctions,
  sizeOf,
  type TwoLevel,
  writeFunctions,
} from "../common/function_text.ts";

const folder = mkdtempSync(join(tmpdir(), "ristretto-abc-"));
const abc: ChildProcessWithoutNullStreams = spawn("berkeley-abc", ["-s"], { stdio: "pipe" });
let heard = "";
let mark = 0;
let hear: (() => void) | undefined;
abc.stdout.setEncoding("utf8").on("data", (text: string) => {
  heard += text;
  hear?.();
});
abc.on("close", () => process.exit(1));

/** Has ABC run commands; what it said. */
function tell(commands: string): Promise<string> {
  const end = `end-of-${++mark}`;
  heard = "";
  return new Promise((resolve) => {
    // ABC echoes what it is told, so the mark counts only where a line begins with it.
    hear = () => {
      if (new RegExp(`^${end}`, "m").test(heard)) resolve(heard);
    };
    abc.stdin.write(`${commands}\necho ${end}\n`);
  });
}

let functions: TwoLevel[] = [];
let results: TwoLevel[] = [];

function load(path: string): object {
  functions = readFunctions(path);
  for (const [i, { inputs, outputs, on }] of functions.entries()) {
    const lines = on.map(([input, output]) => `${input} ${output}`);
    const head = [`.i ${inputs}`, `.o ${outputs}`, `.p ${lines.length}`];
    writeFileSync(join(folder, `${i}.pla`), [...head, ...lines, ".e", ""].join("\n"));
  }
  return { functions: functions.length };
}

async function run(count: number): Promise<object> {
  const wall: number[] = [];
  results = [];
  for (const [i, original] of functions.entries()) {
    let ms = 0;
    for (let k = 0; k < count; k++) {
      await tell(`read_pla ${join(folder, `${i}.pla`)}`);
      const start = performance.now();
      await tell("collapse; sop -d");
      ms += performance.now() - start;
    }
    const path = join(folder, "result.blif");
    await tell(`write_blif ${path}`);
    wall.push(ms * 1e6 / count);
    results.push({ ...original, on: readBlif(path, original), dc: undefined, off: undefined });
  }
  const sizes = results.map(({ on }) => sizeOf(on));
  return {
    wall,
    cpu: wall.reduce((sum, ns) => sum + ns, 0), // its own is not known: it is another process
    cubes: sizes.map(([cubes]) => cubes),
    inputLiterals: sizes.map(([, inputs]) => inputs),
    outputLiterals: sizes.map(([, , outputs]) => outputs),
  };
}

/** The cubes of a network of one level; cubes that several outputs have are one. */
function readBlif(path: string, { inputs, outputs }: TwoLevel): Line[] {
  const text = readFileSync(path, "utf8").replaceAll("\\\n", "");
  const found = new Map<string, boolean[]>();
  let columns: number[] = [];
  let output = 0;
  const number = (name: string) => Number(name.slice(1)); // ABC calls them x0 … and z0 …
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[0] === ".names") {
      columns = words.slice(1, -1).map(number);
      output = number(words.at(-1)!);
    } else if (/^[01-]*\s*1$/.test(line) && line !== "") {
      const symbols = new Array<string>(inputs).fill("-");
      const cube = words.length > 1 ? words[0]! : "";
      for (const [k, column] of columns.entries()) symbols[column] = cube[k]!;
      const key = symbols.join("");
      const row = found.get(key) ?? new Array<boolean>(outputs).fill(false);
      row[output] = true;
      found.set(key, row);
    }
  }
  return Array.from(found, ([input, row]) => [input, row.map((one) => one ? "1" : "0").join("")]);
}

async function obey(words: readonly string[]): Promise<object> {
  switch (words[0]) {
    case "load":
      return load(words[1]!);
    case "run":
      return await run(Math.max(1, Number(words[2])));
    case "write":
      writeFunctions(words[1]!, results);
      return {};
    case "reset":
    case "memory":
      return { resident: null, peak: null };
  }
  throw new Error(`request not known: ${words.join(" ")}`);
}

function answer(value: object): void {
  process.stdout.write(`@${JSON.stringify(value)}\n`);
}

const greeting = await tell("");
const version = /ABC (\S+) \(compiled ([^)]*)\)/.exec(greeting);
answer({ name: "abc", version: version?.[1] ?? "unknown", variants: ["default"] });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "quit") break;
  try {
    answer(await obey(line.split("\t")));
  } catch (error) {
    answer({ error: error instanceof Error ? error.message : String(error) });
  }
}
abc.kill("SIGKILL");
rmSync(folder, { recursive: true, force: true });
process.exit(0);
