// Runs native_child.ts in a process of its own, in the runtime that runs the tests.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { runtimeName } from "../src/native/runtime.ts";

/** The programs that can be run. */
export const child: string = fileURLToPath(new URL("./native_child.ts", import.meta.url));

/** How a process is started and what it printed. */
export interface Outcome {
  /** What it printed; with its errors when it failed. */
  readonly output: string;
  /** Its exit status. */
  readonly status: number | null;
}

interface DenoCommand {
  outputSync(): { readonly code: number; readonly stdout: Uint8Array; readonly stderr: Uint8Array };
}

interface DenoSpawner {
  readonly Command: new (program: string, options: object) => DenoCommand;
}

/**
 * Runs a program (of native_child.ts, or of another file) with additions to the environment and, in
 * Deno, with these permissions.
 */
export function runChild(
  program: readonly string[],
  env: Readonly<Record<string, string>> = {},
  permissions: readonly string[] = ["-A"],
  file: string = child,
): Outcome {
  const environment = { ...process.env, NO_COLOR: "1", ...env };
  if (runtimeName === "deno") {
    // Deno's node:child_process gives a Deno that it starts every permission.
    const { Command } = (globalThis as unknown as { readonly Deno: DenoSpawner }).Deno;
    const args = ["run", "--no-prompt", "--no-check", ...permissions, file, ...program];
    const { code, stdout, stderr } = new Command(process.execPath, { args, env: environment })
      .outputSync();
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return { output: `${text(stdout)}${code === 0 ? "" : text(stderr)}`.trim(), status: code };
  }
  const names = new URL("../tools/coverage/node_names.js", import.meta.url).href;
  const hooks = runtimeName === "node" ? ["--import", names] : [];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...hooks, file, ...program], {
    env: environment,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { output: `${stdout}${status === 0 ? "" : stderr}`.trim(), status };
}
