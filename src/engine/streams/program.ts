/**
 * Finds the worker's program without calling the library. The library's file carries it (behind a
 * marker, c/isolate/image.c); beside the library there may be a copy that is a file of its own, and
 * else one is written to the user's cache folder, under a name that holds its hash.
 *
 * A file is compared with what the library carries before each start, and never looked for in PATH
 * or the current directory.
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { RistrettoError } from "../../errors.ts";
import { cacheFolder, libraryPlaces, VERSION } from "../../native/locate.ts";
import { deno, isFile, isPermitted, systemName } from "../../native/runtime.ts";

/** What stands before the program in a library's file, with the zeros that fill 32 bytes. */
const MARKER = "ristretto worker \x01\x02 here it is\0";
const MARKER_ROOM = 32;
/** Bytes after the marker: the program's size, and zero. */
const SIZE_ROOM = 8;

/** The name of the program's file on this system. */
export function programName(): string {
  return systemName === "windows" ? "ristretto-worker.exe" : "ristretto-worker";
}

/** A program that may be started: a file, and the bytes that it must have. */
export interface Program {
  /** The file. */
  readonly path: string;
  /** What it must hold; `undefined` where no library says so. */
  readonly image: Uint8Array | undefined;
}

let found: Program | undefined;

/**
 * The command that starts the worker over its standard streams. Errors: `Unavailable`, telling what
 * was tried and which permissions are missing.
 */
export function workerCommand(): readonly string[] {
  if (found === undefined || !holds(found)) found = findProgram();
  return [found.path, "streams"];
}

function findProgram(): Program {
  const tried: string[] = [];
  const image = carriedImage(tried);
  for (const path of programPlaces()) {
    const program = { path, image };
    const refusal = refuse(program);
    if (refusal === undefined) return program;
    tried.push(refusal);
  }
  if (image !== undefined) {
    const program = extract(image, tried);
    if (program !== undefined) return program;
  }
  const lines = tried.map((line) => `  - ${line}`);
  throw new RistrettoError(
    "Unavailable",
    ["the worker's program could not be found. Tried:", ...lines].join("\n"),
    { tried },
  );
}

/** Where it may be: where a build or a package puts it. */
function programPlaces(): string[] {
  const places = libraryPlaces().flatMap(({ path }) =>
    path === undefined ? [] : [
      join(dirname(path), programName()),
      join(dirname(dirname(path)), "bin", programName()),
    ]
  );
  return [...new Set(places)];
}

function refuse(program: Program): string | undefined {
  const { path } = program;
  if (!isPermitted({ name: "read", path })) return `${path}: not permitted; --allow-read=${path}`;
  if (isFile(path) !== true) return `${path}: there is no such file`;
  if (!isPermitted({ name: "run", command: path })) {
    return `${path}: not permitted; run with --allow-run=${path}`;
  }
  if (systemName !== "windows" && (fs.statSync(path).mode & 0o100) === 0) {
    return `${path}: it is not executable`;
  }
  return holds(program) ? undefined : `${path}: it is not the program of the library`;
}

/** Whether the file is there, and holds what it must. */
function holds({ path, image }: Program): boolean {
  try {
    if (image === undefined) return isFile(path) === true;
    const bytes = fs.readFileSync(path);
    return bytes.length === image.length && bytes.equals(image);
  } catch {
    return false;
  }
}

/** The program inside the first library that may be read. */
function carriedImage(tried: string[]): Uint8Array | undefined {
  for (const { path, what } of libraryPlaces()) {
    if (path === undefined) continue;
    if (!isPermitted({ name: "read", path })) {
      tried.push(`${path} (${what}): not permitted; run with --allow-read=${path}`);
    } else if (isFile(path) === true) {
      const image = imageIn(fs.readFileSync(path));
      if (image !== undefined) return image;
      tried.push(`${path} (${what}): it carries no worker`);
    } else {
      tried.push(`${path} (${what}): there is no such file`);
    }
  }
  return undefined;
}

/** The program inside the bytes of a library. */
export function imageIn(library: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(library.buffer, library.byteOffset, library.length);
  const at = bytes.indexOf(MARKER, 0, "latin1");
  if (at < 0 || at + MARKER_ROOM + SIZE_ROOM > bytes.length) return undefined;
  const size = bytes.readUInt32LE(at + MARKER_ROOM);
  const start = at + MARKER_ROOM + SIZE_ROOM;
  return size > 0 && start + size <= bytes.length ? bytes.subarray(start, start + size) : undefined;
}

/**
 * Writes the program to the cache folder: a folder that only its user may enter, a name that holds
 * its hash, written under another name and renamed, so that nobody ever sees half of it.
 */
function extract(image: Uint8Array, tried: string[]): Program | undefined {
  const cache = cacheFolder();
  if (cache === undefined) {
    tried.push("a copy in the cache folder: it is not known (--allow-env=HOME,XDG_CACHE_HOME)");
    return undefined;
  }
  const hash = createHash("sha256").update(image).digest("hex");
  const folder = join(cache, "ristretto", VERSION, "worker");
  const path = join(folder, hash, programName());
  const program = { path, image };
  if (deno !== undefined) {
    for (const name of ["read", "write"] as const) {
      if (isPermitted({ name, path: folder })) continue;
      tried.push(`${path} (a copy): not permitted; run with --allow-${name}=${folder}`);
      return undefined;
    }
    if (!isPermitted({ name: "run", command: path })) {
      tried.push(`${path} (a copy): not permitted; run with --allow-run=${path}`);
      return undefined;
    }
  }
  try {
    if (!isOwn(folder)) throw new Error(`others may write to ${folder}`);
    if (!holds(program)) writeProgram(path, image);
  } catch (error) {
    tried.push(`${path} (a copy): ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
  return program;
}

/** Makes the folder if it is not there, and looks whose it is. */
function isOwn(folder: string): boolean {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return systemName === "windows" || (fs.statSync(folder).mode & 0o022) === 0;
}

function writeProgram(path: string, image: Uint8Array): void {
  fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    fs.writeFileSync(draft, image, { mode: 0o700, flag: "wx" });
    fs.renameSync(draft, path);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}
