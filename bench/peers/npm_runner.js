// The runner (bench/README.md, "Runners") of the npm packages espresso-logic-minimizer, which is
// Espresso 2.3 built for Node, and espresso-iisojs, which is JavaScript and does one output only.
// Node runs it: arguments are the package's name and the folder that it is installed in. Lines of
// text, or arrays of literals, are what users of the packages hand over; making them is not timed.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const [name, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { version } = JSON.parse(
  readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"),
);

/** Lines of a PLA in, lines of cubes out. */
function minimizer() {
  const { minimize } = require(name);
  return {
    prepare: ({ inputs, outputs, on, dc }) => {
      const lines = [`.i ${inputs}`, `.o ${outputs}`];
      for (const [input, output] of on) lines.push(`${input} ${output}`);
      for (const [input, output] of dc) {
        lines.push(`${input} ${output.replaceAll("1", "-").replaceAll("0", "~")}`);
      }
      lines.push(".e");
      return lines;
    },
    minimize,
    read: (lines) => lines.map((line) => line.split(" ")),
  };
}

/** Literals as numbers: twice the input, one more where it must be 1. */
function iisojs() {
  const { espresso } = require(name);
  const literals = ([input]) =>
    [...input].flatMap((symbol, i) => symbol === "-" ? [] : [2 * i + Number(symbol)]);
  return {
    prepare: ({ inputs, outputs, on, dc }) => {
      if (outputs !== 1) throw new Error("one output only");
      return { inputs, on: on.map(literals), dc: dc.map(literals) };
    },
    minimize: ({ on, dc }) => espresso(on, dc),
    read: (cubes, { inputs }) =>
      cubes.map((cube) => {
        const symbols = new Array(inputs).fill("-");
        for (const literal of cube) symbols[literal >> 1] = String(literal & 1);
        return [symbols.join(""), "1"];
      }),
  };
}

const peer = name === "espresso-iisojs" ? iisojs() : minimizer();
let functions = [];
let prepared = [];
let results = [];

function readFunctions(path) {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const found = [];
  let at = 0;
  while (at < lines.length) {
    const [, title, inputs, outputs, ...counts] = lines[at++].split(" ");
    const [on, dc, off] = counts.map((count) => {
      const cubes = count === "-" ? [] : lines.slice(at, at += Number(count));
      return cubes.map((line) => line.split(" "));
    });
    if (off.length > 0) throw new Error("an OFF set beside ON and DC is not supported");
    found.push({ name: title, inputs: Number(inputs), outputs: Number(outputs), on, dc });
  }
  return found;
}

function run(count) {
  const wall = [];
  const { user, system } = process.cpuUsage();
  results = prepared.map((input, i) => {
    let result;
    const start = process.hrtime.bigint();
    for (let k = 0; k < count; k++) result = peer.minimize(input);
    wall.push(Number(process.hrtime.bigint() - start) / count);
    return peer.read(result, functions[i]);
  });
  const after = process.cpuUsage();
  const cpu = (after.user - user + after.system - system) * 1000 / count;
  const countOf = (cubes, column, pattern) =>
    cubes.reduce((sum, cube) => sum + (cube[column].match(pattern)?.length ?? 0), 0);
  return {
    wall,
    cpu,
    cubes: results.map((cubes) => cubes.length),
    inputLiterals: results.map((cubes) => countOf(cubes, 0, /[01]/g)),
    outputLiterals: results.map((cubes) => countOf(cubes, 1, /1/g)),
  };
}

function write(path) {
  const lines = [];
  for (const [i, cubes] of results.entries()) {
    const { name: title, inputs, outputs } = functions[i];
    lines.push(`.function ${title} ${inputs} ${outputs} ${cubes.length} - -`);
    for (const cube of cubes) lines.push(cube.join(" "));
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
}

function obey([request, first, second]) {
  switch (request) {
    case "load":
      functions = readFunctions(first);
      prepared = functions.map(peer.prepare);
      return { functions: functions.length };
    case "run":
      return run(Math.max(1, Number(second)));
    case "write":
      write(first);
      return {};
    case "reset":
    case "memory":
      return { resident: process.memoryUsage().rss, peak: null };
  }
  throw new Error(`request not known: ${request}`);
}

const answer = (value) => process.stdout.write(`@${JSON.stringify(value)}\n`);
answer({ name, version, variants: ["default"] });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "quit") break;
  try {
    answer(obey(line.split("\t")));
  } catch (error) {
    answer({ error: error.message });
  }
}
