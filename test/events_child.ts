// A program of its own for test/events.test.ts: what it does is its first argument.

import process from "node:process";
import { Cover, createEngine } from "../mod.ts";

const [what] = process.argv.slice(2);

if (what === "leaves") {
  let told: (() => void) | undefined;
  const started = new Promise<void>((resolve) => told = resolve);
  await createEngine({
    isolation: "process",
    onEvent: ({ type }) => {
      console.log(type);
      told!();
    },
  });
  const timer = setInterval(() => {}, 1000);
  await started;
  clearInterval(timer);
} else {
  process.on("uncaughtException", (error) => console.log(`caught: ${error.message}`));
  const events: string[] = [];
  const engine = await createEngine({
    isolation: "process",
    onEvent: ({ type }) => {
      events.push(type);
      throw new Error("a listener's own");
    },
  });
  const { stats } = await engine.minimize(Cover.fromTruthTable(3, "01101001"));
  console.log(events.join(" "));
  console.log(stats.cubes);
  await engine.close();
  console.log("ended");
}
