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
  tautology: f.OP_TAUTOLOGY,
  verify: f.OP_EQUIVALENT,
};

/** What a job of the command line gives: text, or yes or no. */
export type Outcome =
  | { readonly kind: "text"; readonly result: PlaResult }
  | { readonly kind: "tautology"; readonly answer: boolean }
  /** `output`: the first one that differs, from 0. */
  | { readonly kind: "verify"; readonly answer: boolean; readonly output: number | undefined };

/** The job of a command on one text, or on two. */
export function encode(settings: Settings, texts: readonly Uint8Array[]): Block {
  const emits = settings.command === "minimize" || settings.command === "echo";
  const job = new Block(64);
  encodeJob(job, {
    operation: operations[settings.command],
    text: texts[0],
    options: { ...checkOptions(optionsOf(settings)), emit: emits ? 1 : 0 },
  });
  return texts[1] === undefined ? job : withSection(job, f.SECTION_TEXT2, texts[1]);
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
  const types = { inputType, outputType };
  return { ...types, method, effort, timeoutMs, budget, memory, seed, onLimit, verify };
}

/** A job with one more section. Its table grows by an entry, which may push everything back. */
function withSection(job: Block, kind: number, bytes: Uint8Array): Block {
  const sections = job.words[f.HEADER_SECTIONS / 4]!;
  const tableEnd = f.HEADER_SIZE + f.ENTRY_SIZE * sections;
  const shift = align(tableEnd + f.ENTRY_SIZE) - align(tableEnd);
  const offset = job.length + shift;
  const more = new Block(align(offset + bytes.length));
  more.length = more.bytes.length;
  more.bytes.set(job.bytes.subarray(0, tableEnd));
  more.bytes.set(job.bytes.subarray(align(tableEnd), job.length), align(tableEnd) + shift);
  more.bytes.set(bytes, offset);
  for (let entry = f.HEADER_SIZE; entry < tableEnd; entry += f.ENTRY_SIZE) {
    more.words[(entry + f.ENTRY_OFFSET) / 4]! += shift;
  }
  more.words[(tableEnd + f.ENTRY_KIND) / 4] = kind;
  more.words[(tableEnd + f.ENTRY_FLAGS) / 4] = f.CRITICAL;
  more.words[(tableEnd + f.ENTRY_OFFSET) / 4] = offset;
  more.words[(tableEnd + f.ENTRY_LENGTH) / 4] = bytes.length;
  more.words[f.HEADER_SECTIONS / 4] = sections + 1;
  more.words[f.HEADER_LENGTH / 4] = more.length;
  return more;
}

function align(bytes: number): number {
  return 64 * Math.ceil(bytes / 64);
}

/** Reads the result of a job. Throws the error that is in it. */
export function decode(command: Command, result: Block): Outcome {
  if (command === "minimize" || command === "echo") {
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
