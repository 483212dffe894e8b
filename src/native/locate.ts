/**
 * Where the library may be, in this order:
 *
 * 1. the file that the variable RISTRETTO_LIBRARY names, when it may be read; then no other
 * 2. `zig-out/` beside the sources, where `bun run build` puts it
 * 3. `lib/<target>/` beside this module, where a package has it
 * 4. `ristretto/<version>/<target>/` in the user's cache folder, for a package without files
 *
 * A module that was loaded over the network has no place beside it.
 */

import { fileURLToPath } from "node:url";
import { processorName, systemName, variable } from "./runtime.ts";

/** A place to look at. */
export interface Place {
  /** The file; `undefined` when there is none to look at. */
  readonly path: string | undefined;
  /** Which place it is, for messages. */
  readonly what: string;
}

/** The version whose libraries fit these sources; also in deno.json and package.json. */
export const VERSION = "0.1.0";

/** The variable that names the library's file. */
export const LIBRARY_VARIABLE = "RISTRETTO_LIBRARY";

/** The name of the library's file on this system. */
export function libraryName(): string {
  if (systemName === "windows") return "ristretto.dll";
  return systemName === "macos" ? "libristretto.dylib" : "libristretto.so";
}

/** The places to look at, in order. */
export function libraryPlaces(): Place[] {
  const chosen = variable(LIBRARY_VARIABLE);
  if (chosen !== undefined) return [{ path: chosen, what: LIBRARY_VARIABLE }];
  const name = libraryName();
  const folder = systemName === "windows" ? "bin" : "lib";
  return [
    { path: beside(`../../zig-out/${folder}/${name}`), what: "built beside the sources" },
    ...targetNames().map((target) => ({
      path: beside(`lib/${target}/${name}`),
      what: "in the package",
    })),
    ...targetNames().map((target) => ({ path: cached(target, name), what: "in the cache" })),
  ];
}

/** A file by its place relative to this module; `undefined` when this module is no file. */
function beside(relative: string): string | undefined {
  const url = new URL(relative, import.meta.url);
  return url.protocol === "file:" ? fileURLToPath(url) : undefined;
}

/** The targets of build.zig that fit this machine; of two C libraries, the one that loads does. */
function targetNames(): string[] {
  const target = `${processorName}-${systemName}`;
  if (systemName === "linux") return [`${target}-gnu`, `${target}-musl`];
  return systemName === "windows" ? [`${target}-gnu`] : [target];
}

function cached(target: string, name: string): string | undefined {
  const folder = cacheFolder();
  return folder && `${folder}/ristretto/${VERSION}/${target}/${name}`;
}

/** The user's cache folder; `undefined` where it is not known, or may not be. */
export function cacheFolder(): string | undefined {
  if (systemName === "windows") return variable("LOCALAPPDATA");
  const home = variable("HOME");
  if (systemName === "macos") return home && `${home}/Library/Caches`;
  return variable("XDG_CACHE_HOME") ?? (home && `${home}/.cache`);
}
