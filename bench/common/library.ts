// What has to be there before anything is measured: the development packages, and the library of
// these sources, or the file that RISTRETTO_LIBRARY names, to measure another one with the same
// benchmarks.

import process from "node:process";
import { LIBRARY_VARIABLE } from "../../src/native/locate.ts";
import { installPackages } from "../../tools/runtimes.ts";
import { setup } from "../../tools/setup.ts";

/** Sees to it that there is a library to measure. */
export async function prepareLibrary(): Promise<void> {
  if (process.env[LIBRARY_VARIABLE]) await installPackages();
  else await setup();
}
