// The command line's grammar: words to what is to be done, or to a complaint that says what is
// right.
//
// Short options are getopt's, as espresso's users type them: `-Dexact`, `-D exact`, `-sx`, `-ofd`.
// Long ones are `--name value` or `--name=value`. Options and files may come in any order; after
// `--` there are only files.

import { commands, efforts, oldSpellings, plaTypes } from "./espresso.ts";
import type { PlaType } from "../options.ts";
import { longOptions, type Option, type Settings, shortOptions, UsageError } from "./options.ts";
import { didYouMean } from "./suggest.ts";

/** What the words ask for. */
export type Request =
  | { kind: "run"; settings: Settings }
  | { kind: "check-certificate"; settings: Settings }
  | { kind: "help" | "version" | "doctor" };

/** Reads the words of a command line. Throws {@link UsageError}. */
export function parseArguments(words: readonly string[]): Request {
  const settings: Settings = {
    command: "minimize",
    singleOutput: false,
    files: [],
    inputType: "fd",
    outputType: "f",
    verify: true,
    summary: false,
    trace: false,
    json: false,
    quiet: false,
  };
  const rest = words.map((text) => oldSpellings[text] ?? text);
  const next = (option: string, { argument }: Option): string => {
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`${option} needs its ${argument} after it`);
    return value;
  };
  while (rest.length > 0) {
    const text = rest.shift()!;
    if (text === "--") {
      settings.files.push(...rest.splice(0));
    } else if (text === "--help" || text === "-h") {
      return { kind: "help" };
    } else if (text === "--version") {
      return { kind: "version" };
    } else if (text.startsWith("--")) {
      applyLong(settings, text, next);
    } else if (/^-f/.test(text)) {
      settings.inputType = inputType(text);
    } else if (text.startsWith("-") && text !== "-") {
      applyShort(settings, text, next);
    } else {
      settings.files.push(text);
    }
  }
  if (settings.files[0] === "doctor" && words.length === 1) return { kind: "doctor" };
  if (settings.files[0] === "check-certificate") return checkRequest(settings);
  checkFiles(settings);
  if (settings.singleOutput !== false && settings.strategy === 1) settings.method ??= "exact";
  checkExact(settings);
  return { kind: "run", settings };
}

function applyLong(
  settings: Settings,
  text: string,
  next: (option: string, meaning: Option) => string,
): void {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text.slice(2) : text.slice(2, equals);
  const option = Object.hasOwn(longOptions, name) ? longOptions[name] : undefined;
  if (option === undefined) {
    const known = [...Object.keys(longOptions), "help", "version"];
    throw new UsageError(`--${name} is unknown.${didYouMean(name, known, "--")}`);
  }
  if (option.argument === undefined && equals >= 0) {
    throw new UsageError(`--${name} takes no argument`);
  }
  const value = equals >= 0 ? text.slice(equals + 1) : option.argument ? next(text, option) : "";
  option.apply(settings, value);
}

function applyShort(
  settings: Settings,
  text: string,
  next: (option: string, meaning: Option) => string,
): void {
  const bare = text.slice(1);
  if (Object.hasOwn(commands, bare) || Object.hasOwn(efforts, bare)) {
    throw new UsageError(`${text} is unknown.${shortSuggestion(bare)}`);
  }
  for (let i = 1; i < text.length; i++) {
    const letter = text[i]!;
    const option = Object.hasOwn(shortOptions, letter) ? shortOptions[letter] : undefined;
    if (option === undefined) {
      throw new UsageError(`${text} is unknown.${shortSuggestion(bare)}`);
    }
    if (option.argument !== undefined) {
      const value = text.slice(i + 1);
      return option.apply(settings, value === "" ? next(`-${letter}`, option) : value);
    }
    option.apply(settings, "");
  }
}

/** `-exact` and `-json` are likelier slips than clusters of letters. */
function shortSuggestion(bare: string): string {
  if (Object.hasOwn(commands, bare)) return ` Did you mean -D${bare}?`;
  if (Object.hasOwn(efforts, bare)) return ` Did you mean -e${bare}?`;
  return didYouMean(bare, [...Object.keys(longOptions), "help", "version"], "--");
}

function inputType(text: string): PlaType {
  const type = plaTypes[text.slice(1)];
  if (type !== undefined) return type;
  const suggestion = shortSuggestion(text.slice(1));
  throw new UsageError(
    `${text} is unknown.${suggestion} Types of the input are -f, -fd, -fr, -fdr.`,
  );
}

function checkRequest(settings: Settings): Request {
  settings.files.shift();
  if (settings.files.length !== 2) {
    const count = settings.files.length;
    throw new UsageError(`check-certificate takes FILE and CERTIFICATE, and ${count} were named`);
  }
  return { kind: "check-certificate", settings };
}

function checkExact({ certificate, literals, method, singleOutput }: Settings): void {
  if (certificate !== undefined && singleOutput !== false) {
    throw new UsageError("there are no certificates for outputs that are minimised by themselves");
  }
  if (literals === "fewest" && method !== "exact") {
    throw new UsageError("--literals fewest needs the exact method: add --method exact");
  }
}

function checkFiles(settings: Settings): void {
  const { command, files } = settings;
  if (command === "verify" && files.length !== 2) {
    throw new UsageError(`-Dverify compares two files, and ${files.length} were named`);
  }
  if (settings.certificate !== undefined && (command !== "minimize" || files.length > 1)) {
    throw new UsageError("--certificate takes one FILE, and the command that minimises it");
  }
  if (files.length === 0) files.push("-");
  if (files.filter((name) => name === "-").length > 1) {
    throw new UsageError("standard input (-) can be read only once");
  }
}
