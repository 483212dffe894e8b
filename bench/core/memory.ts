// Peak memory of each minimisation: in fresh processes, one for us and one for Espresso, in which
// the peak is set back before each run. What a run adds is compared, not the runtime beneath it.

import type { Contestant, Finish, RacePlan } from "../common/race.ts";
import { Runner, RunnerFailure } from "../common/runner.ts";
import type { MemoryUse } from "./result.ts";

/** The memory of every contestant that ended its race; efforts in ascending order of appetite. */
export async function measureMemory(
  contestants: readonly Contestant[],
  finishes: ReadonlyMap<string, Finish>,
  { path, plan, tell }: {
    readonly path: string;
    readonly plan: RacePlan;
    readonly tell: (text: string) => void;
  },
): Promise<Record<string, MemoryUse>> {
  const uses: Record<string, MemoryUse> = {};
  const fresh = new Map<Runner, Runner>();
  for (const { key, runner, variant } of contestants) {
    if (finishes.get(key)?.failure !== undefined || key.includes("unverified")) continue;
    tell(`memory of ${key}`);
    let one = fresh.get(runner);
    if (one === undefined) fresh.set(runner, one = new Runner(runner.command));
    one.use(path);
    try {
      const before = await one.memory(true);
      await one.run(variant, 1, 2 * plan.limitMs);
      const { peak } = await one.memory();
      const grew = peak === null || before.resident === null
        ? null
        : Math.max(0, peak - before.resident); // pages can be given back meanwhile
      uses[key] = { grewBytes: grew, peakBytes: peak };
    } catch (error) {
      if (!(error instanceof RunnerFailure)) throw error;
    }
  }
  for (const one of fresh.values()) one.stop();
  return uses;
}
