// `check-certificate FILE CERTIFICATE`: does the certificate show that its cover is minimum?

import { checkCertificate } from "../certificate/check.ts";
import { Cover } from "../cover/cover.ts";
import { RistrettoError } from "../errors.ts";
import type { Settings } from "./options.ts";
import { readInput, say, writeResult } from "./streams.ts";

/** Checks it, and says what it shows; the result is the exit status: 1 when it is refused. */
export async function check({ files, inputType, quiet, summary }: Settings): Promise<number> {
  const [file = "", certificate = ""] = files;
  const cover = Cover.fromPla(await readInput(file), { type: inputType });
  const text = new TextDecoder().decode(await readInput(certificate));
  const begin = performance.now();
  try {
    const { cubes, lowerBound, minimum, kind, points } = checkCertificate(cover, text);
    const words = minimum ? `${cubes} cubes are minimum` : `${lowerBound} to ${cubes} cubes`;
    const line = `${file}: ${words}, by ${points} points (${kind})\n`;
    if (!quiet) await writeResult(new TextEncoder().encode(line));
    if (summary) say(`${certificate}: checked in ${(performance.now() - begin).toFixed(1)} ms\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof RistrettoError)) throw error;
    say(`${certificate}: refused: ${error.message}\n`);
    return 1;
  }
}
