// The classic functions, which are other people's data and stay out of the repository: a folder
// beside it, or wherever RISTRETTO_CORPUS says, with an index of what is known about them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { Cover } from "../../mod.ts";
import { root } from "../../tools/run.ts";
import { fromCover } from "../common/function_text.ts";
import type { Input, Known } from "./input.ts";

/** The folder of the corpus, whether it is there or not. */
export function corpusFolder(): string {
  return process.env["RISTRETTO_CORPUS"] || join(dirname(root), "shared", "corpus");
}

/** Every file of the corpus; `undefined` where there is none. */
export function corpus(): Input[] | undefined {
  const folder = corpusFolder();
  if (!existsSync(folder)) return undefined;
  const known = readIndex(join(folder, "index.tsv"));
  return readdirSync(folder).filter((file) => file.endsWith(".pla")).sort().map((file): Input => {
    const name = file.slice(0, -".pla".length);
    return {
      name,
      group: "corpus",
      known: known.get(name),
      make: () => fromCover(name, Cover.fromPla(readFileSync(join(folder, file)))),
    };
  });
}

function readIndex(path: string): Map<string, Known> {
  const known = new Map<string, Known>();
  if (!existsSync(path)) return known;
  const [head = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = head.split("\t");
  for (const line of lines) {
    const cells = line.split("\t");
    const number = (column: string): number | undefined => {
      const text = cells[columns.indexOf(column)] ?? "";
      return /^\d+$/.test(text) ? Number(text) : undefined;
    };
    known.set(cells[0]!, {
      espressoCubes: number("default_cubes"),
      espressoInputLiterals: number("default_input_literals"),
      espressoOutputLiterals: number("default_output_literals"),
      strongCubes: number("strong_cubes"),
      bestCubes: number("best_cubes"),
      proven: cells[columns.indexOf("best_is")] === "proven",
    });
  }
  return known;
}
