// Runs a command over its files, one after the other. An error in one does not keep the others from
// being done; the exit status tells that there was one.

import { createEngine } from "../engine/create.ts";
import type { Engine } from "../engine/engine.ts";
import { runWatched } from "../engine/watched.ts";
import { RistrettoError } from "../errors.ts";
import { Block } from "../job/block.ts";
import type { PlaResult } from "../operations/text.ts";
import { Interrupt, INTERRUPTED } from "./interrupt.ts";
import { decode, decodeReading, encode, encodeReading } from "./jobs.ts";
import { type Settings, UsageError } from "./options.ts";
import { ProgressLine } from "./progress.ts";
import { InputError, readInput, say, stdoutIsApart, writeOutput, writeResult } from "./streams.ts";
import { incomplete, jsonLine, Summary } from "./summary.ts";

/** Does all that the settings ask for; the result is the exit status. */
export async function run(settings: Settings): Promise<number> {
  await using engine = await openEngine(settings);
  const runner = new Runner(settings, engine);
  try {
    if (settings.command === "verify") await runner.compare();
    else await runner.each();
    return runner.status;
  } finally {
    runner.stop();
  }
}

async function openEngine({ isolation }: Settings): Promise<Engine> {
  try {
    return await createEngine({ isolation });
  } catch (error) {
    const ours = error instanceof RistrettoError;
    // A mode that does not exist is a wrong word, wherever it was said.
    if (ours && (error.kind === "InvalidInput" || error.kind === "Unsupported")) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

/** A name as messages show it: never more than one line. */
function label(file: string): string {
  // deno-lint-ignore no-control-regex
  return file === "-" ? "<stdin>" : file.replace(/[\x00-\x1f\x7f]/g, "?");
}

class Runner {
  /** The exit status so far. */
  status = 0;
  readonly #settings: Settings;
  readonly #engine: Engine;
  readonly #summary: Summary;
  readonly #interrupt: Interrupt;
  #progress: ProgressLine | undefined;
  /** Lines of the summary that wait for the last result. */
  #held = "";

  constructor(settings: Settings, engine: Engine) {
    this.#settings = settings;
    this.#engine = engine;
    this.#summary = new Summary(settings.files.map(label));
    this.#interrupt = new Interrupt(() => this.#progress?.clear());
  }

  stop(): void {
    this.#interrupt.stop();
  }

  /** Each file by itself. */
  async each(): Promise<void> {
    for (const file of this.#settings.files) {
      await this.#attempt(file, () => this.#one(file));
      if (this.#interrupt.happened) break;
    }
    say(this.#held);
    if (this.#settings.summary) say(this.#summary.total());
    if (this.#interrupt.happened) this.status = INTERRUPTED;
  }

  async #one(file: string): Promise<void> {
    const job = encode(this.#settings, [await readInput(file)]);
    const outcome = decode(this.#settings.command, await this.#job(file, job));
    if (outcome.kind === "text") return await this.#showText(file, outcome.result);
    const answer = outcome.answer ? "a tautology" : "not a tautology";
    await this.#showAnswer(label(file), answer, { tautology: outcome.answer });
  }

  /** Two files with each other. */
  async compare(): Promise<void> {
    const [first = "", second = ""] = this.#settings.files;
    const texts: Uint8Array[] = [];
    for (const file of [first, second]) {
      await this.#attempt(file, async () => void texts.push(await this.#readable(file)));
    }
    if (this.status !== 0) return;
    const names = `${label(first)}, ${label(second)}`;
    await this.#attempt(names, async () => {
      const result = decode("verify", await this.#job(names, encode(this.#settings, texts)));
      if (result.kind !== "verify") return;
      const { answer, output } = result;
      const where = output === undefined ? "" : `: output ${output + 1} is the first that differs`;
      const words = answer ? "equal" : `not equal${where}`;
      await this.#showAnswer(names, words, { equal: answer, differs: output });
      if (!answer) this.status = 1;
    });
    if (this.#interrupt.happened) this.status = INTERRUPTED;
  }

  /** A text that can be read: an error about it should name its file, not a pair of files. */
  async #readable(file: string): Promise<Uint8Array> {
    const text = await readInput(file);
    decodeReading(await this.#job(file, encodeReading(this.#settings, text)));
    return text;
  }

  /** Does something about a file, and tells what went wrong with it. */
  async #attempt(file: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof RistrettoError) this.#tellError(file, error);
      else if (error instanceof InputError) {
        this.#tellError(file, { kind: "Unavailable", message: error.message });
      } else throw error;
      this.status = 1;
    } finally {
      this.#progress?.clear();
    }
  }

  /** Runs a job; with isolation `direct` on a thread of its own, so that it can be watched. */
  async #job(file: string, job: Block): Promise<Block> {
    const progress = new ProgressLine(label(file), this.#settings.trace);
    this.#progress = progress;
    const onProgress = progress.update.bind(progress);
    const result = await this.#interrupt.during(async (signal) =>
      this.#engine.isolation.mode === "direct"
        ? await runWatched(job, { signal, onProgress })
        : Block.copyOf(
          await this.#engine.run(job.bytes.subarray(0, job.length), {
            signal,
            onLimit: "best",
            onProgress,
          }),
        )
    );
    progress.clear();
    return result;
  }

  async #showText(file: string, { bytes, stats, certificate }: PlaResult): Promise<void> {
    const { command, files, quiet, summary, json } = this.#settings;
    if (!quiet) {
      if (files.length > 1) await writeResult(encoder.encode(`# ${label(file)}\n`));
      await writeResult(bytes);
    }
    if (json) say(jsonLine(label(file), stats));
    this.#writeCertificate(file, certificate);
    const minimized = command === "minimize";
    if (minimized && !stats.complete && !json) say(`${label(file)}: ${incomplete(stats)}\n`);
    if (!summary) return;
    this.#tellSummary(
      minimized ? this.#summary.line(label(file), stats) : this.#summary.size(label(file), stats),
    );
  }

  /** At once; at the end, where the results of several files would come between the lines. */
  #tellSummary(line: string): void {
    const { files, quiet } = this.#settings;
    if (files.length > 1 && !quiet && !stdoutIsApart()) this.#held += line;
    else say(line);
  }

  #writeCertificate(file: string, certificate: string | undefined): void {
    const { certificate: target } = this.#settings;
    if (target === undefined) return;
    if (certificate === undefined) {
      say(`${label(file)}: the minimum is not proven; there is no certificate\n`);
      this.status = 1;
      return;
    }
    writeOutput(target, certificate);
  }

  async #showAnswer(names: string, words: string, facts: object): Promise<void> {
    if (!this.#settings.quiet) await writeResult(encoder.encode(`${names}: ${words}\n`));
    if (this.#settings.json) say(jsonLine(names, facts));
  }

  /** `FILE:LINE:COLUMN: message`, or with `--json` an object. */
  #tellError(file: string, error: ErrorFacts): void {
    this.#progress?.clear();
    const { kind, message, limit, line, column } = error;
    if (this.#settings.json) {
      say(jsonLine(label(file), { error: { kind, message, limit, line, column } }));
      return;
    }
    const place = line === undefined ? "" : `:${line}${column === undefined ? "" : `:${column}`}`;
    say(`${label(file)}${place}: ${message}\n`);
  }
}

/** What is told of an error. */
type ErrorFacts =
  & Pick<RistrettoError, "kind" | "message">
  & Partial<Pick<RistrettoError, "limit" | "line" | "column">>;

const encoder = new TextEncoder();
