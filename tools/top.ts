// A live view of a running engine, in the terminal: reads the text that it has for Prometheus once
// a second. In a pipe, a line a second. Ends with Ctrl-C.
//
//     bun run top http://127.0.0.1:9464/metrics

import process from "node:process";
import { main, ToolError } from "./run.ts";
import { lineOf, type Look, readSamples, screenOf, type View, viewOf } from "./top_view.ts";

const USAGE = "usage: bun run top [--interval=SECONDS] URL, the address where an engine's " +
  "metrics() is served, as by examples/metrics_server.ts";
const ANSWER_MS = 5000;

interface Settings {
  readonly url: string;
  readonly intervalMs: number;
}

/** Wrong usage is exit status 2. */
class UsageError extends Error {}

function readArguments(args: readonly string[]): Settings {
  let intervalMs = 1000;
  const others: string[] = [];
  for (const argument of args) {
    const [, seconds] = /^--interval=(.*)$/.exec(argument) ?? [];
    if (seconds !== undefined) {
      intervalMs = 1000 * Number(seconds);
      if (!(intervalMs >= 100 && intervalMs <= 3_600_000)) {
        throw new UsageError(`--interval: expected 0.1 to 3600 seconds, got ${seconds}`);
      }
    } else if (argument.startsWith("-")) throw new UsageError(`${argument} is not known; ${USAGE}`);
    else others.push(argument);
  }
  const [address] = others;
  if (address === undefined || others.length > 1) throw new UsageError(USAGE);
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//.test(address) ? address : `http://${address}`);
  } catch {
    throw new UsageError(`${address} is no address; ${USAGE}`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new UsageError(`${address}: expected http or https; ${USAGE}`);
  }
  if (url.pathname === "/") url.pathname = "/metrics";
  return { url: url.href, intervalMs };
}

/** Asks once. Errors: `ToolError`, in a sentence. */
async function look(url: string, stop: AbortSignal): Promise<Look> {
  let text: string;
  const late = new AbortController(); // AbortSignal.timeout would keep the program from ending
  const timer = setTimeout(() => late.abort(new Error("no answer in 5 s")), ANSWER_MS);
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([stop, late.signal]) });
    if (!answer.ok) throw new ToolError(`${url} answers with status ${answer.status}`);
    text = await answer.text();
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const { code, message } = ((error as Error).cause ?? error) as {
      code?: string;
      message: string;
    };
    throw new ToolError(`${url} cannot be reached: ${code ?? message}`);
  } finally {
    clearTimeout(timer);
  }
  const samples = readSamples(text);
  if (samples.length === 0) {
    throw new ToolError(`${url} answers, but not with the metrics of an engine; ${USAGE}`);
  }
  return { at: performance.now(), samples };
}

/** The terminal, as it was before when it is let go of. */
class Screen {
  #open = false;

  show(lines: readonly string[]): void {
    const start = this.#open ? "" : "\x1b[?1049h\x1b[?25l";
    this.#open = true;
    process.stdout.write(
      `${start}\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\n")}\x1b[J`,
    );
  }

  close(): void {
    if (this.#open) process.stdout.write("\x1b[?25h\x1b[?1049l");
    this.#open = false;
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end);
    if (stop.aborted) end();
  });
}

async function watch({ url, intervalMs }: Settings, stop: AbortSignal): Promise<void> {
  const screen = new Screen();
  const terminal = process.stdout.isTTY === true;
  const show = (view: View, note: string): void => {
    if (terminal) {
      const { rows, columns } = process.stdout; // 0: a terminal that does not know
      const size = { rows: rows || 24, columns: columns || 80 };
      screen.show(screenOf(view, `${url}${note}`, size));
    } else process.stdout.write(`${new Date().toISOString()}  ${lineOf(view)}\n`);
  };
  let before = await look(url, stop); // who cannot be reached at all is an error
  let view = viewOf({ at: before.at - intervalMs, samples: before.samples }, before);
  try {
    if (terminal) show(view, "");
    while (!stop.aborted) {
      await pause(intervalMs, stop);
      if (stop.aborted) return;
      try {
        const now = await look(url, stop);
        view = viewOf(before, now);
        before = now;
        show(view, "");
      } catch (error) {
        if (stop.aborted || !(error instanceof ToolError)) return;
        if (terminal) show(view, "   (not reached)");
        else process.stderr.write(`${error.message}\n`);
      }
    }
  } finally {
    screen.close();
  }
}

await main(async () => {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
  process.stdout.on("error", end); // whoever read it has gone
  try {
    await watch(readArguments(process.argv.slice(2)), stop.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`ristretto: ${error.message}\n`);
    return 2;
  } // The listeners stay: who started this program may pass the same Ctrl-C on once more.
});
