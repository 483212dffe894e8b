// Jobs of the command line: PLA text goes in as text and comes back as text. Nothing of it is
// parsed here, so that the same jobs can run in every mode of isolation.

import { Block } from "../job/block.ts";
import { openResult, readTruth } from "../job/decode.ts";
import { encodeJob } from "../job/encode.ts";
import * as f from "../job/format.ts";
import { decodeText, type PlaResult } from "../operations/text.ts";
import { checkOptions, type PlaOptions } from "../options.ts";
import type { Command } from "./espresso.ts";
import type { Settings } from "./options.ts";

const operations: Readonly<Record<Command, number>> = {
  minimize: f.OP_MINIMIZE,
  echo: f.OP_PRINT,
  primes: f.OP_PRIMES,
  essential: f.OP_ESSENTIAL,
  tautology: f.OP_TAUTOLOGY,
  verify: f.OP_EQUIVALENT,
};

/** What a job of the command line gives: text, or yes or no. */
export type Outcome =
  | { readonly kind: "text"; readonly result: PlaResult }
  | { readonly kind: "tautology"; readonly answer: boolean }
  /** `output`: the first one that differs, from 0. */
  | { readonly kind: "verify"; readonly answer: boolean; readonly output: number | undefined };

/** Whether a command answers with a text. */
function isText(command: Command): boolean {
  return command !== "tautology" && command !== "verify";
}

/** The job of a command on one text, or on two. */
export function encode(settings: Settings, texts: readonly Uint8Array[]): Block {
  const emits = isText(settings.command);
  const job = new Block(64);
  encodeJob(job, {
    operation: operations[settings.command],
    text: texts[0],
    secondText: texts[1],
    options: { ...checkOptions(optionsOf(settings)), emit: emits ? 1 : 0 },
  });
  return job;
}

/** The job that only reads a text, to find out whether it can be read. */
export function encodeReading(settings: Settings, text: Uint8Array): Block {
  const job = new Block(64);
  const options = checkOptions({ inputType: settings.inputType, memory: settings.memory });
  encodeJob(job, { operation: f.OP_PARSE, text, options });
  return job;
}

/** Throws the error that such a job ended with, if it did. */
export function decodeReading(result: Block): void {
  openResult(result, f.OP_PARSE);
}

function optionsOf(settings: Settings): PlaOptions {
  const { inputType, outputType, method, effort, timeoutMs } = settings;
  const { budget, memory, seed, onLimit, verify } = settings;
  const certificate = settings.certificate === undefined ? undefined : true;
  const types = { inputType, outputType };
  const { singleOutput, literals } = settings;
  const search = { method, effort, seed, verify, certificate, singleOutput, literals };
  return { ...types, ...search, timeoutMs, budget, memory, onLimit };
}

/** Reads the result of a job. Throws the error that is in it. */
export function decode(command: Command, result: Block): Outcome {
  if (isText(command)) {
    return { kind: "text", result: decodeText(result, operations[command]) };
  }
  openResult(result, operations[command]);
  if (command === "tautology") return { kind: "tautology", answer: readTruth() };
  const differs = answerWord(result, f.ANSWER_OUTPUT);
  return { kind: "verify", answer: readTruth(), output: differs === 0 ? undefined : differs - 1 };
}

/** A number of the answer of an opened result. */
function answerWord({ words }: Block, field: number): number {
  const end = f.HEADER_SIZE + f.ENTRY_SIZE * words[f.HEADER_SECTIONS / 4]!;
  for (let entry = f.HEADER_SIZE; entry < end; entry += f.ENTRY_SIZE) {
    if (words[(entry + f.ENTRY_KIND) / 4] !== f.SECTION_ANSWER) continue;
    return words[(words[(entry + f.ENTRY_OFFSET) / 4]! + field) / 4]!;
  }
  return 0;
}
