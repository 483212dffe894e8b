// The sections about the minimiser itself and its peers.

import { geometricMean } from "../common/statistics.ts";
import { type Cell, numberText, type Table, tableOf, timeText } from "../common/table.ts";
import { coreTableList } from "../core/tables.ts";
import { ffiTableList } from "../ffi/tables.ts";
import { peersTableList } from "../peers/tables.ts";
import { cubesPicture } from "../picture/cubes.ts";
import { growthPicture } from "../picture/growth.ts";
import { peersPicture } from "../picture/peers.ts";
import { exactPicture, functionsPicture, poolPicture, speedsPicture } from "../picture/summary.ts";
import { timePicture } from "../picture/time.ts";
import type { ExactEntry, Results } from "./results.ts";
import type { Section } from "./sections.ts";

/** The sections for which there are results. */
export function coreSections(results: Results): Section[] {
  return [
    ...core(results),
    ...exact(results),
    ...peers(results),
    ...pools(results),
    ...calls(results),
  ];
}

function core({ core: result }: Results): Section[] {
  if (result === undefined) return [];
  const { functions, summary, misses } = result;
  const [cubes, cost, ...sums] = coreTableList(functions, summary, misses);
  return [{
    id: "core",
    title: "The minimiser beside Espresso 2.3",
    words: "Both in process, the same cubes in the same order, taking turns; every answer is " +
      "compared with the function that was given. Ristretto's times include its own check of " +
      "each answer.",
    plots: [
      { name: "core-speeds", svg: speedsPicture(functions), tables: sums },
      { name: "core-time", svg: timePicture(functions), tables: cost ? [cost] : [] },
      { name: "core-cubes", svg: cubesPicture(functions), tables: cubes ? [cubes] : [] },
      { name: "core-growth", svg: growthPicture(functions), tables: [] },
    ],
  }];
}

function exact({ exact: result }: Results): Section[] {
  if (result === undefined) return [];
  return [{
    id: "exact",
    title: "Proven minima",
    words: "The exact method of both, on the files of the corpus, each within a limit of time.",
    plots: [{
      name: "exact",
      svg: exactPicture(result.functions),
      tables: [exactTable(result.functions)],
    }],
  }];
}

function exactTable(entries: readonly ExactEntry[]): Table {
  const time = (entry: ExactEntry, key: string): string => {
    const finish = entry.results[key];
    return finish?.failure ?? timeText(finish?.wallMs?.median);
  };
  const ratios: number[] = [];
  const rows = entries.map((entry): Cell[] => {
    const mine = entry.results["ristretto exact"]?.wallMs?.median;
    const its = entry.results["espresso exact"]?.wallMs?.median;
    if (mine !== undefined && its !== undefined) ratios.push(its / mine);
    return [
      entry.name,
      entry.cubes,
      entry.lowerBound,
      entry.certificate?.kind ?? "–",
      time(entry, "ristretto exact"),
      time(entry, "espresso exact"),
      mine === undefined || its === undefined ? "–" : numberText(its / mine),
    ];
  });
  const mean = ratios.length === 0
    ? ""
    : `; ${
      numberText(geometricMean(ratios))
    } times as fast where both end, geometric mean of ${ratios.length}`;
  return tableOf(`Exact minimisation${mean}`, [
    "function",
    "cubes",
    "bound",
    "proof",
    "ours",
    "Espresso",
    "times as fast",
  ], rows);
}

function peers({ peers: result }: Results): Section[] {
  if (result === undefined) return [];
  return [{
    id: "peers",
    title: "Minimisers that a program can call",
    words: "Small functions, each library called as its users call it, its answers checked. " +
      Object.entries(result.versions).map(([name, version]) => `${name} ${version}`).join(", ") +
      ".",
    plots: [{
      name: "peers-time",
      svg: peersPicture(result.groups),
      tables: peersTableList(result.groups),
    }],
  }];
}

function pools({ pool: result }: Results): Section[] {
  if (result === undefined) return [];
  const rows = result.runtimes.flatMap(({ runtime, contestants }) =>
    contestants.flatMap(({ name, sizes }) =>
      sizes.map((size): Cell[] => [
        runtime,
        size.job,
        name,
        timeText(size.ownUs / 1000),
        timeText(size.awaited.median / 1000),
        timeText(size.awaited.p99 / 1000),
        timeText(size.awaitedCpuUs / 1000),
        ...["1", "2"].map((threads) => numberText(size.perSecond[threads] ?? NaN)),
        timeText(size.batchCpuUs / 1000),
      ])
    )
  );
  return [{
    id: "pools",
    title: "The pool beside pools of Workers",
    words:
      "The same bytes of a job in, the same bytes of a result out, each pool in a process of " +
      `its own. ${
        Object.entries(result.versions).map(([name, version]) => `${name} ${version}`).join(", ")
      }.`,
    plots: [{
      name: "pools",
      svg: poolPicture(result.runtimes),
      tables: [tableOf("Pools of threads", [
        "runtime",
        "job",
        "pool",
        "alone",
        "awaited, p50",
        "p99",
        "processor",
        "jobs/s, 1 thread",
        "2 threads",
        "processor",
      ], rows)],
    }],
  }];
}

function calls({ ffi: result }: Results): Section[] {
  if (result === undefined) return [];
  return [{
    id: "ffi",
    title: "A call from TypeScript",
    words: "Objects in, objects out, in `direct`: random functions of one output, and the least " +
      "that a call can cost.",
    plots: [{
      name: "ffi-functions",
      svg: functionsPicture(result.runtimes, result.espresso),
      tables: ffiTableList(result.runtimes, result.espresso),
    }],
  }];
}
