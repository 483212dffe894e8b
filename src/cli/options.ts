// The options: what each is called, whether it takes an argument, and what it sets. The grammar
// that reads them is in arguments.ts, the words of espresso in espresso.ts.

import {
  type Command,
  commands,
  efforts,
  laterCommands,
  laterEfforts,
  laterOutputs,
  plaTypes,
} from "./espresso.ts";
import type { Isolation } from "../engine/engine.ts";
import { ISOLATIONS } from "../engine/modes.ts";
import type { Effort, Method, PlaType } from "../options.ts";
import { parseCount, parseDuration, parseSize } from "./quantities.ts";
import { didYouMean } from "./suggest.ts";

/** All that a run needs to know. */
export interface Settings {
  command: Command;
  /** Names of files; "-" is standard input. Never empty after parsing. */
  files: string[];
  /** Type of text without `.type`, and of the text written. */
  inputType: PlaType;
  outputType: PlaType;
  method?: Method;
  effort?: Effort;
  isolation?: Isolation | "auto";
  timeoutMs?: number;
  budget?: number;
  memory?: number;
  seed?: number;
  /** `-Dso`: each output by itself; `-Dso_both`: either phase of it. */
  singleOutput: boolean | "either";
  /** `-S`. */
  strategy?: number;
  literals?: "few" | "fewest";
  /** Where the certificate goes. */
  certificate?: string;
  onLimit?: "best" | "error";
  verify: boolean;
  summary: boolean;
  trace: boolean;
  json: boolean;
  /** `-x`: work, but do not print the result. */
  quiet: boolean;
}

/** Wrong usage: the message says what is right. */
export class UsageError extends Error {}

/** An option: what its argument is called (none: a switch), and what it does. */
export interface Option {
  readonly argument?: string;
  readonly apply: (settings: Settings, value: string) => void;
}

function oneOf<T extends string>(name: string, value: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new UsageError(
    `${name} takes ${words.join(", ")}, not "${value}".${didYouMean(value, words)}`,
  );
}

/** The meaning of one of espresso's words, or a complaint that tells unknown from not offered. */
function word<T>(
  option: string,
  value: string,
  offered: Readonly<Record<string, T>>,
  later: readonly string[],
): T {
  if (Object.hasOwn(offered, value)) return offered[value]!;
  const list = `Offered: ${Object.keys(offered).map((name) => option + name).join(", ")}.`;
  if (later.includes(value)) throw new UsageError(`${option}${value} is not offered yet. ${list}`);
  const known = [...Object.keys(offered), ...later];
  throw new UsageError(
    `${option}${value} is unknown.${didYouMean(value, known, option)} ${list}`,
  );
}

/** Above it, microseconds are no whole numbers any more; nothing that people mean is. */
const MOST = 2 ** 53 / 1000;

function quantity(
  name: string,
  value: string,
  read: (text: string) => number | undefined,
  example: string,
  positive = true,
): number {
  const number = read(value);
  if (number !== undefined && (number > 0 || !positive) && number < MOST) return number;
  throw new UsageError(`${name} takes ${example}, not "${value}"`);
}

function chooseMethod(settings: Settings, method: Method): void {
  if (settings.method !== undefined && settings.method !== method) {
    throw new UsageError("both the heuristic and the exact method are asked for: name one");
  }
  settings.method = method;
}

function isolation(value: string): Isolation | "auto" {
  if (value === "auto") return value;
  const mode = ISOLATIONS.find((name) => name === value);
  if (mode !== undefined) return mode;
  const list = `Offered: auto, ${ISOLATIONS.join(", ")}.`;
  const suggestion = didYouMean(value, ["auto", ...ISOLATIONS]);
  throw new UsageError(`--isolation ${value} is unknown.${suggestion} ${list}`);
}

const singleOutputs: Readonly<Record<string, boolean | "either">> = {
  so: true,
  single_output: true,
  so_both: "either",
};

/** Short options; the letter f is apart, since its argument is part of the word. */
export const shortOptions: Readonly<Record<string, Option>> = {
  D: {
    argument: "COMMAND",
    apply(settings, value) {
      settings.command = word("-D", value, commands, laterCommands);
      if (value === "exact") chooseMethod(settings, "exact");
      settings.singleOutput = singleOutputs[value] ?? false;
    },
  },
  o: {
    argument: "TYPE",
    apply: (settings, value) => settings.outputType = word("-o", value, plaTypes, laterOutputs),
  },
  e: {
    argument: "OPTION",
    apply(settings, value) {
      const effort = word("-e", value, efforts, laterEfforts);
      if (effort !== undefined) settings.effort = effort;
    },
  },
  S: {
    argument: "STRATEGY",
    // Read with -Dso and -Dso_both (arguments.ts); espresso ignores it with the others offered.
    apply(settings, value) {
      settings.strategy = quantity("-S", value, parseCount, "a whole number", false);
    },
  },
  s: { apply: (settings) => settings.summary = true },
  t: { apply: (settings) => settings.trace = true },
  d: { apply: (settings) => settings.summary = settings.trace = true },
  x: { apply: (settings) => settings.quiet = true },
  r: { argument: "FROM-TO", apply: () => notOffered("-r") },
  v: { argument: "TYPE", apply: () => notOffered("-v", " -t traces the steps.") },
};

function notOffered(option: string, instead = ""): never {
  throw new UsageError(`${option} is not offered yet.${instead}`);
}

/** Long options. */
export const longOptions: Readonly<Record<string, Option>> = {
  method: {
    argument: "METHOD",
    apply(settings, value) {
      chooseMethod(settings, oneOf("--method", value, ["heuristic", "exact"]));
    },
  },
  effort: {
    argument: "EFFORT",
    apply(settings, value) {
      settings.effort = oneOf("--effort", value, ["fast", "default", "high"]);
    },
  },
  isolation: {
    argument: "MODE",
    apply: (settings, value) => settings.isolation = isolation(value),
  },
  timeout: {
    argument: "TIME",
    apply(settings, value) {
      const example = "a time such as 500ms, 2s or 1m (a bare number: milliseconds)";
      settings.timeoutMs = quantity("--timeout", value, parseDuration, example);
    },
  },
  budget: {
    argument: "WORK",
    apply(settings, value) {
      settings.budget = quantity("--budget", value, parseCount, "a count such as 1e6 or 1_000_000");
    },
  },
  memory: {
    argument: "SIZE",
    apply(settings, value) {
      settings.memory = quantity("--memory", value, parseSize, "a size such as 64M or 1G");
    },
  },
  "on-limit": {
    argument: "WHAT",
    apply(settings, value) {
      settings.onLimit = oneOf("--on-limit", value, ["best", "error"]);
    },
  },
  seed: {
    argument: "NUMBER",
    apply(settings, value) {
      settings.seed = quantity("--seed", value, parseCount, "a number from 0 to 2^53 - 1", false);
    },
  },
  literals: {
    argument: "WHICH",
    apply(settings, value) {
      settings.literals = oneOf("--literals", value, ["few", "fewest"]);
    },
  },
  certificate: {
    argument: "FILE",
    apply(settings, value) {
      settings.certificate = value;
      chooseMethod(settings, "exact");
    },
  },
  "no-verify": { apply: (settings) => settings.verify = false },
  json: { apply: (settings) => settings.json = true },
};
