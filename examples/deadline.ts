// Limits. `budget` counts work: the answer is the same on every machine. `timeoutMs` counts time.
// In both cases the best cover so far is the answer: correct, and marked incomplete.

import { Cover, createEngine, minimize, RistrettoError } from "@ristretto/espresso";

// A function of 14 inputs without structure: plenty to do.
const hash = (x: number) => Math.imul(x ^ 0x9e3779b9, 0x85ebca6b) >>> 13;
const points = Array.from({ length: 2 ** 14 }, (_, x) => x).filter((x) => hash(x) % 5 < 2);
const noise = Cover.fromMinterms(14, points);

function show(title: string, { cover, stats }: ReturnType<typeof minimize>): void {
  const end = stats.complete ? "complete" : `stopped by ${stats.stopped}`;
  console.log(`${title}: ${noise.cubeCount} → ${cover.cubeCount} cubes, ${end}`);
}

show("10^8 units of work", minimize(noise, { budget: 1e8 }));

await using engine = await createEngine({ isolation: "direct" });
show("50 milliseconds", await engine.minimize(noise, { timeoutMs: 50 }));
show("as long as it takes", await engine.minimize(noise, { effort: "fast" }));

try {
  minimize(noise, { timeoutMs: 1, onLimit: "error" });
} catch (error) {
  if (!(error instanceof RistrettoError) || error.kind !== "LimitExceeded") throw error;
  console.log(`an error instead: ${error.kind}, ${error.limit}`);
}
