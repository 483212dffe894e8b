// PLA text in, minimal PLA text out: the sum of two 2-bit numbers and a carry.
//
//     bun examples/first_minimization.ts         deno run -A examples/first_minimization.ts

import { readFileSync } from "node:fs";
import { Cover, minimize } from "@ristretto/espresso";

const adder = Cover.fromPla(readFileSync(new URL("adder2.pla", import.meta.url)));
const { cover, stats } = minimize(adder);

console.log(cover.toPla());
console.log(`${stats.before.cubes} cubes became ${stats.cubes}, verified: ${stats.verified}`);
