/**
 * A program with pipes as its standard streams, by the runtime's own subprocess API: `Deno.Command`
 * in Deno, where it needs no grant but `--allow-run`, and `node:child_process` in Bun and Node.
 */

import { deno, node } from "../../native/runtime.ts";

/** How a program ended. */
export interface End {
  /** The name of the signal that killed it. */
  readonly signal: string | undefined;
  /** Its exit status; `undefined` when it was killed, or nobody knows. */
  readonly code: number | undefined;
}

/** What is told of a running program. */
export interface Listener {
  /** Bytes of its standard output. */
  readonly onData: (bytes: Uint8Array) => void;
  /** It has ended, and all of its output was told before. Called once. */
  readonly onEnd: (end: End) => void;
}

/** A running program. */
export interface Child {
  /** Its process. */
  readonly id: number;
  /** Sends bytes to its standard input; that it is gone is told by its end. */
  write(bytes: Uint8Array): void;
  /** Ends it at once. */
  kill(): void;
  /** Whether it keeps this program alive. */
  hold(alive: boolean): void;
}

/** Starts a program with an empty environment. Throws what the runtime throws. */
export function startChild(command: readonly string[], listener: Listener): Child {
  return deno === undefined ? startWithNode(command, listener) : startWithDeno(command, listener);
}

interface DenoChild {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly status: Promise<{ readonly code: number; readonly signal: string | null }>;
  kill(signal: string): void;
  ref(): void;
  unref(): void;
}

function startWithDeno([program, ...args]: readonly string[], listener: Listener): Child {
  const { Command } = deno as unknown as {
    readonly Command: new (program: string, options: object) => { spawn(): DenoChild };
  };
  const pipes = { stdin: "piped", stdout: "piped", stderr: "null" };
  const child = new Command(program!, { args, ...pipes, clearEnv: true }).spawn();
  const writer = child.stdin.getWriter();
  const output = readAll(child.stdout, listener.onData);
  void Promise.all([child.status, output]).then(([{ code, signal }]) => {
    writer.close().catch(() => {});
    listener.onEnd({ signal: signal ?? undefined, code: signal === null ? code : undefined });
  });
  return {
    id: child.pid,
    write: (bytes) => void writer.write(bytes).catch(() => {}),
    kill: () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended already
      }
    },
    hold: (alive) => {
      try {
        alive ? child.ref() : child.unref();
      } catch {
        // its output is closed: it is about to end
      }
    },
  };
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  onData: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = stream.getReader();
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      onData(value);
    }
  } catch {
    // its end tells the rest
  }
}

interface NodeStream {
  on(event: string, listener: (value: Uint8Array) => void): void;
  write(bytes: Uint8Array): void;
  ref?(): void;
  unref?(): void;
}

interface NodeChild {
  readonly pid: number | undefined;
  readonly stdin: NodeStream;
  readonly stdout: NodeStream;
  on(event: string, listener: (code: number | null, signal: string | null) => void): void;
  kill(signal: string): void;
  ref(): void;
  unref(): void;
}

interface ChildProcess {
  spawn(program: string, args: readonly string[], options: object): NodeChild;
}

function startWithNode([program, ...args]: readonly string[], listener: Listener): Child {
  const { spawn } = node!.getBuiltinModule("node:child_process") as ChildProcess;
  const child = spawn(program!, args, { env: {}, stdio: ["pipe", "pipe", "ignore"] });
  let ended = false;
  const end = (code: number | null, signal: string | null): void => {
    if (ended) return;
    ended = true;
    listener.onEnd({ signal: signal ?? undefined, code: code ?? undefined });
  };
  child.on("close", end);
  child.on("error", () => end(null, null)); // it could not even be started
  child.stdin.on("error", () => {});
  child.stdout.on("error", () => {});
  child.stdout.on("data", listener.onData);
  let held = true;
  return {
    id: child.pid ?? 0,
    write: (bytes) => child.stdin.write(bytes),
    kill: () => child.kill("SIGKILL"),
    hold(alive) {
      if (alive === held) return; // Bun counts
      held = alive;
      for (const part of [child, child.stdout]) alive ? part.ref?.() : part.unref?.();
    },
  };
}
