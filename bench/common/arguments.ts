// What may be asked of a benchmark. All of them understand the same options.

import process from "node:process";
import { parseArgs } from "node:util";
import { ToolError } from "../../tools/run.ts";

/** The options of a run. */
export interface Arguments {
  /** A sample of the inputs and few rounds: under a minute, not to be quoted. */
  readonly quick: boolean;
  /** Names, or parts of them, of the inputs to run; all when empty. */
  readonly only: readonly string[];
  /** Modes of isolation, or parts of their names, to measure; all when empty. */
  readonly modes: readonly string[];
  /** Sizes of jobs, or parts of their names, to measure in the modes; all when empty. */
  readonly sizes: readonly string[];
  /** Runtimes to measure; both when empty. */
  readonly runtimes: readonly string[];
  /** Also effort `high`. */
  readonly high: boolean;
  /** Runners to leave out. */
  readonly without: readonly string[];
  /** Whether peers that are missing are installed; `system`: also packages of the system. */
  readonly install: "never" | "peers" | "system";
  /** Milliseconds that a single minimisation may take. */
  readonly limitMs: number;
  /** The folder for the results, when it is not the usual one. */
  readonly out: string | undefined;
  /** The words of the command, for the record. */
  readonly given: readonly string[];
}

const usage = `Options of every benchmark:
  --quick          a sample of the inputs, few rounds: under a minute, not to be quoted
  --only NAME      only inputs whose name contains NAME; may be repeated
  --mode NAME      only modes of isolation whose name contains NAME; may be repeated
  --size NAME      only jobs (in modes of isolation) whose name contains NAME; may be repeated
  --runtime NAME   only bun, or only deno
  --high           also effort high (core: up to a minute a file)
  --without NAME   leave out a runner (espresso-logic, pyeda, abc, …); may be repeated
  --no-install     do not install peers that are missing, name them as skipped
  --install        install also what needs the system's package manager (root; so does CI)
  --limit SECONDS  time after which a single minimisation is stopped (60; quick: 5)
  --out FOLDER     where the results go, instead of bench/results/<date>-<machine>
  --help           this text
`;

/** Reads the command line; `undefined` when it asked for help, which was given. */
export function readArguments(args: readonly string[]): Arguments | undefined {
  const { values } = parse(args);
  if (values.help) {
    process.stdout.write(usage);
    return undefined;
  }
  const limit = Number(values.limit ?? (values.quick ? 5 : 60));
  if (!(limit > 0)) throw new ToolError(`--limit: expected seconds, got ${values.limit}`);
  for (const name of values.runtime) {
    if (name !== "bun" && name !== "deno") {
      throw new ToolError(`--runtime: expected bun or deno, got ${name}`);
    }
  }
  const system = values.install || process.env["CI"] === "true";
  return {
    quick: values.quick,
    only: values.only,
    modes: values.mode,
    sizes: values.size,
    runtimes: values.runtime,
    high: values.high,
    without: values.without,
    install: values["no-install"] ? "never" : system ? "system" : "peers",
    limitMs: limit * 1000,
    out: values.out,
    given: values.out === undefined ? args : args.map((word) => word === values.out ? "…" : word),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        mode: { type: "string", multiple: true, default: [] },
        size: { type: "string", multiple: true, default: [] },
        runtime: { type: "string", multiple: true, default: [] },
        high: { type: "boolean", default: false },
        without: { type: "string", multiple: true, default: [] },
        "no-install": { type: "boolean", default: false },
        install: { type: "boolean", default: false },
        limit: { type: "string" },
        out: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new ToolError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

/** Whether a runtime was asked for. */
export function isRuntimeWanted(name: string, { runtimes, without }: Arguments): boolean {
  return !without.includes(name) && (runtimes.length === 0 || runtimes.includes(name));
}

/** Whether an input, or a part of a benchmark, was asked for. */
export function isWanted(name: string, { only }: Arguments): boolean {
  return only.length === 0 || only.some((part) => name.includes(part));
}
