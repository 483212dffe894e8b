// A real browser looks at the report: headless Chromium, spoken to by its own protocol. Only one
// that is installed already is used; where there is none, that is said.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** The browser's program: `$CHROMIUM`, or the first of the usual names on PATH. */
export function findBrowser(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named) return existsSync(named) ? named : undefined;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const places = (process.env["PATH"] ?? "").split(delimiter).filter((place) => place !== "");
  return names.flatMap((name) => places.map((place) => join(place, name))).find(existsSync);
}

/** What the page has to say of a plot. */
export interface SeenPlot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Shapes that stand for figures: dots, bars, areas. */
  readonly marks: number;
  /** Pairs of texts that lie over each other, and texts that reach out of the picture. */
  readonly overlaps: readonly string[];
}

/** What a look at a page has found. */
export interface Look {
  /** What the page wrote to its console as an error, or threw. */
  readonly errors: readonly string[];
  readonly plots: readonly SeenPlot[];
  readonly text: string;
  /** The page is wider than the window. */
  readonly tooWide: boolean;
  /** The page as a picture, in each scheme that was asked for. */
  readonly pictures: Readonly<Partial<Record<"light" | "dark", Uint8Array>>>;
}

const WIDTH = 1100;
const PATIENCE_MS = 60_000;

/** Opens a page and looks at it. */
export async function lookAt(
  browser: string,
  file: string,
  schemes: readonly ("light" | "dark")[] = [],
): Promise<Look> {
  const profile = mkdtempSync(join(tmpdir(), "ristretto-browser-"));
  const child = spawn(browser, [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
    "about:blank",
  ], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let words = "";
      const timer = setTimeout(() => reject(new Error(`no answer: ${words}`)), PATIENCE_MS);
      child.on("error", reject);
      child.on("close", () => reject(new Error(`the browser ended: ${words.slice(-500)}`)));
      child.stderr.setEncoding("utf8").on("data", (piece: string) => {
        words += piece;
        const found = /DevTools listening on (ws:\S+)/.exec(words);
        if (found === null) return;
        clearTimeout(timer);
        resolve(found[1]!);
      });
    });
    return await visit(await Connection.open(address), file, schemes);
  } finally {
    child.kill("SIGKILL");
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  // deno-lint-ignore no-explicit-any
  readonly params?: any;
  // deno-lint-ignore no-explicit-any
  readonly result?: any;
  readonly error?: { readonly message: string };
}

/** The protocol: requests with a number, answers with the same, and events. */
class Connection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly events: Answer[] = [];
  #next = 1;
  #event: (() => void) | undefined;
  session: string | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id === undefined) {
        this.events.push(answer);
        this.#event?.();
      } else {
        this.#waiting.get(answer.id)?.(answer);
        this.#waiting.delete(answer.id);
      }
    };
  }

  static open(address: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(address);
      socket.onopen = () => resolve(new Connection(socket));
      socket.onerror = () => reject(new Error(`no connection to ${address}`));
    });
  }

  // deno-lint-ignore no-explicit-any
  ask(method: string, params: object = {}): Promise<any> {
    const id = this.#next++;
    const session = this.session === undefined ? {} : { sessionId: this.session };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE_MS);
      this.#waiting.set(id, ({ result, error }) => {
        clearTimeout(timer);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    });
  }

  /** Waits until an event has come. */
  async until(method: string): Promise<void> {
    while (!this.events.some((event) => event.method === method)) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${method} did not come`)), PATIENCE_MS);
        this.#event = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}

async function visit(
  page: Connection,
  file: string,
  schemes: readonly ("light" | "dark")[],
): Promise<Look> {
  const { targetId } = await page.ask("Target.createTarget", { url: "about:blank" });
  const attached = await page.ask("Target.attachToTarget", { targetId, flatten: true });
  page.session = attached.sessionId;
  for (const domain of ["Page", "Runtime", "Log"]) await page.ask(`${domain}.enable`);
  await view(page, 900);
  page.events.length = 0;
  await page.ask("Page.navigate", { url: pathToFileURL(file).href });
  await page.until("Page.loadEventFired");
  const { result } = await page.ask("Runtime.evaluate", {
    expression: `(${inspect.toString()})()`,
    returnByValue: true,
  });
  const seen = result.value as Omit<Look, "errors" | "pictures"> & { readonly height: number };
  const pictures: { light?: Uint8Array; dark?: Uint8Array } = {};
  for (const scheme of schemes) {
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await page.ask("Emulation.setEmulatedMedia", { features });
    await view(page, seen.height);
    const { data } = await page.ask("Page.captureScreenshot", { format: "png" });
    pictures[scheme] = Uint8Array.from(atob(data), (symbol) => symbol.charCodeAt(0));
  }
  const errors = page.events.flatMap(({ method, params }): string[] => {
    if (method === "Runtime.exceptionThrown") return [params.exceptionDetails.text];
    if (method === "Log.entryAdded") return [`${params.entry.level}: ${params.entry.text}`];
    return method === "Runtime.consoleAPICalled" ? [`console.${params.type}`] : [];
  });
  page.close();
  return { errors, plots: seen.plots, text: seen.text, tooWide: seen.tooWide, pictures };
}

function view(page: Connection, height: number): Promise<unknown> {
  return page.ask("Emulation.setDeviceMetricsOverride", {
    width: WIDTH,
    height,
    deviceScaleFactor: 1,
    mobile: false,
  });
}

/** Runs in the page, as text: it must not refer to anything outside. */
function inspect(): unknown {
  // deno-lint-ignore no-explicit-any
  const { document } = globalThis as any;
  const root = document.documentElement;
  // deno-lint-ignore no-explicit-any
  const plots = [...document.querySelectorAll("svg[data-plot]")].map((svg: any) => {
    const frame = svg.getBoundingClientRect();
    // deno-lint-ignore no-explicit-any
    const words = [...svg.querySelectorAll("text")].map((one: any) => ({
      text: one.textContent,
      box: one.getBoundingClientRect(),
    }));
    const overlaps: string[] = [];
    for (const [i, { text, box }] of words.entries()) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1) overlaps.push(`${text} |`);
      for (const other of words.slice(i + 1)) {
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (across > 2 && down > 4) overlaps.push(`${text} / ${other.text}`);
      }
    }
    return {
      name: svg.dataset.plot,
      width: frame.width,
      height: frame.height,
      marks: svg.querySelectorAll("circle, rect:not(.back), path.area").length,
      overlaps,
    };
  });
  return {
    plots,
    text: document.body.textContent,
    tooWide: root.scrollWidth > root.clientWidth,
    height: root.scrollHeight,
  };
}
