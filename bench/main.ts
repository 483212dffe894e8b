// `bun run bench`: all benchmarks, one after the other; what is given to it is given to each.

import { join } from "node:path";
import process from "node:process";
import { main, root, run, say, thisRuntime } from "../tools/run.ts";

const parts = ["ffi", "pool", "isolation", "core", "exact", "peers"];

await main(async () => {
  const args = process.argv.slice(2);
  let worst = 0;
  for (const part of parts) {
    say(`bench:${part}`);
    const file = join(root, "bench", `${part}.ts`);
    const { code } = await run([...thisRuntime(file), ...args], { io: "inherit" });
    worst = Math.max(worst, code);
    if (args.includes("--help")) break;
  }
  return worst;
});
