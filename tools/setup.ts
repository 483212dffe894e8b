// Gets this machine ready: Zig, Bun, Deno, the development packages, and the native library.
// Under a second when there is nothing to do. Writes nothing to standard output.

import { buildLibrary } from "./build.ts";
import { main } from "./run.ts";
import { findBun, findDeno, installPackages } from "./runtimes.ts";

/** Installs and builds whatever is missing or stale. */
export async function setup(): Promise<void> {
  await installPackages();
  findBun();
  findDeno();
  await buildLibrary();
}

if (import.meta.main) {
  await main(async () => {
    await setup();
    return 0;
  });
}
