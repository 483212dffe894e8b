/**
 * Opens the library, at its first use and once for each JavaScript thread. It is never closed: code
 * that a thread may still run must not go away.
 *
 * Threads of one process may open it at the same moment. Bun 1.3 could crash there (its issue
 * 40972), and JavaScript offers threads that were not told of each other nothing to take turns by;
 * the versions that we support do not crash, which test/native_workers.test.ts tries each time.
 */

import { RistrettoError } from "../errors.ts";
import { openWithBun } from "./bun.ts";
import { openWithDeno } from "./deno.ts";
import { LIBRARY_VARIABLE, libraryPlaces, type Place } from "./locate.ts";
import { openWithNode } from "./node.ts";
import { isFile, isPermitted, runtimeName } from "./runtime.ts";
import { ABI_VERSION, type Native } from "./symbols.ts";

/** The library that is open, and where it came from. */
export interface OpenLibrary {
  /** Its functions. */
  readonly native: Native;
  /** Its file. */
  readonly path: string;
  /** Which of the places it was in. */
  readonly what: string;
}

let opened: OpenLibrary | undefined;

/** The functions of the library. Errors: `Unavailable`, telling what was tried and what to do. */
export function native(): Native {
  return (opened ??= openLibrary()).native;
}

/** The library and where it came from. Errors: as {@link native}. */
export function library(): OpenLibrary {
  return opened ??= openLibrary();
}

function openLibrary(): OpenLibrary {
  if (runtimeName === undefined) {
    throw new RistrettoError("Unsupported", "this runtime is none of Bun, Deno and Node");
  }
  const tried: string[] = [];
  let cause: unknown;
  for (const place of libraryPlaces()) {
    const refusal = refuse(place);
    if (refusal !== undefined) {
      tried.push(refusal);
      continue;
    }
    const path = place.path!;
    try {
      const native = open(path);
      checkVersion(native, path);
      return { native, path, what: place.what };
    } catch (error) {
      if (error instanceof RistrettoError) throw error;
      cause = error;
      tried.push(`${path} (${place.what}): ${messageOf(error)}`);
    }
  }
  throw new RistrettoError("Unavailable", explain(tried), { tried, cause });
}

/** Why a place is not worth trying; `undefined` when it is. */
function refuse({ path, what }: Place): string | undefined {
  if (path === undefined) return `no file (${what}): the folder is not known`;
  if (isFile(path) === false) return `${path} (${what}): there is no such file`;
  if (isPermitted({ name: "ffi", path })) return undefined;
  return `${path} (${what}): not permitted; run with --allow-ffi=${path}`;
}

function open(path: string): Native {
  switch (runtimeName!) {
    case "bun":
      return openWithBun(path);
    case "deno":
      return openWithDeno(path);
    case "node":
      return openWithNode(path);
  }
}

/** Refuses a library of another version. Errors: `Unavailable`. */
export function checkVersion(native: Pick<Native, "rst_abi_version">, path: string): void {
  const version = native.rst_abi_version();
  if (version === ABI_VERSION) return;
  throw new RistrettoError(
    "Unavailable",
    `${path} has version ${version} of the ABI, these sources need version ${ABI_VERSION}: ` +
      "build it again (`bun run build`)",
    { tried: [path] },
  );
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}

function explain(tried: readonly string[]): string {
  return [
    "the native library could not be loaded. Tried:",
    ...tried.map((line) => `  - ${line}`),
    "Build it with `bun run build` (or `deno task build`), or name its file in the variable " +
    `${LIBRARY_VARIABLE}.`,
  ].join("\n");
}
