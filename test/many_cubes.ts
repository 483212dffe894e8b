// A job whose cover is large: random cubes over many inputs, two outputs.

import { Cover } from "../mod.ts";

/** So many cubes; the same ones each time. */
export function manyCubes(inputs: number, cubes: number): Cover {
  let seed = 7;
  const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const builder = Cover.builder(inputs, 2);
  for (let cube = 0; cube < cubes; cube++) {
    const text = Array.from({ length: inputs }, () => "01-"[Math.floor(random() * 3)]).join("");
    builder.add(text, random() < 0.5 ? "10" : "11");
  }
  return builder.build();
}
