// The command line: `bun src/cli/main.ts [options] [FILE…]`, `deno run -A src/cli/main.ts …`.
// docs/command-line.md is its manual.

import process from "node:process";
import { RistrettoError } from "../errors.ts";
import { VERSION } from "../native/locate.ts";
import { buildInfo } from "../native/run.ts";
import { parseArguments } from "./arguments.ts";
import { check } from "./check.ts";
import { doctor } from "./doctor.ts";
import { help } from "./help.ts";
import { UsageError } from "./options.ts";
import { run } from "./run.ts";
import { InputError, OutputError, PipeClosed, say, writeResult } from "./streams.ts";

const WRONG_USAGE = 2;
/** What a shell reports for a program that wrote into a closed pipe. */
const PIPE_CLOSED = 141;

async function main(words: readonly string[]): Promise<number> {
  const request = parseArguments(words);
  switch (request.kind) {
    case "run":
      return await run(request.settings);
    case "check-certificate":
      return await check(request.settings);
    case "doctor":
      return await doctor();
    case "help":
      await writeResult(new TextEncoder().encode(help));
      return 0;
    case "version":
      await writeResult(new TextEncoder().encode(version()));
      return 0;
  }
}

function version(): string {
  const lines = [`ristretto ${VERSION}`];
  try {
    const { version = "of unknown version", target = "an unknown target" } = buildInfo();
    lines.push(`library ${version} for ${target}`);
  } catch (error) {
    if (!(error instanceof RistrettoError)) throw error;
    lines.push("library not found; `doctor` tells more");
  }
  return lines.join("\n") + "\n";
}

/** What ended the program, told as its user needs it; the result is the exit status. */
function report(error: unknown): number {
  if (error instanceof PipeClosed) return PIPE_CLOSED;
  if (error instanceof UsageError) {
    say(`ristretto: ${error.message}\nristretto: --help lists what there is\n`);
    return WRONG_USAGE;
  }
  if (
    error instanceof RistrettoError || error instanceof OutputError ||
    error instanceof InputError
  ) {
    say(`ristretto: ${error.message}\n`);
    return 1;
  }
  say(`ristretto: a defect of the program: ${error instanceof Error ? error.stack : error}\n`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
