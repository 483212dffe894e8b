// Results as the benchmarks would write them, made up: smooth numbers with seeded noise, in which
// the tests know what is there. No figure in here was measured.

import { histogramOf } from "../bench/common/histogram.ts";
import { rounded, spread } from "../bench/common/statistics.ts";
import type { Head } from "../bench/common/results.ts";
import { summarize } from "../bench/core/summary.ts";
import type { Entry } from "../bench/core/result.ts";
import { random } from "../bench/generators.ts";
import type {
  Cell,
  EventsReport,
  Form,
  IsolationResult,
  RuntimeReport,
} from "../bench/isolation/result.ts";
import type { Results } from "../bench/report/results.ts";

/** What is made up differently. */
export interface Shape {
  readonly seed: number;
  /** A factor on the time of a way. */
  readonly factor?: (way: string) => number;
}

/** Microseconds that a way adds, in both forms. */
const added: Readonly<Record<string, readonly [sync: number, awaited: number]>> = {
  direct: [0, 0.4],
  pool: [6, 8],
  process: [4, 12],
  fresh: [200, 300],
};
const jobs: Readonly<Record<string, number>> = { "size": 0.3, "4 inputs": 2, "8 inputs": 60 };

const head = (benchmark: string, skipped: Head["skipped"] = []): Head => ({
  format: 1,
  benchmark,
  quick: false,
  command: `bench:${benchmark}`,
  machine: {
    processor: "a made-up processor",
    cores: 2,
    memoryGiB: 8,
    system: "linux x64",
    kernel: "1.0",
    bun: "1.0.0",
    deno: "1.0.0",
    runtime: "bun",
    commit: "0000000",
  },
  started: "2000-01-01T00:00:00.000Z",
  ended: "2000-01-01T00:01:00.000Z",
  busy: 0,
  load: { began: [0, 0, 0], ended: [0, 0, 0] },
  skipped,
});

/** Results of every part. */
export function madeUpResults(shape: Shape): Results {
  const noise = noiseOf(shape.seed);
  return {
    isolation: {
      ...head("isolation", [{ what: "shared-heap", why: "this version has none" }]),
      ...isolation(shape, noise),
    },
    core: core(noise),
    exact: {
      ...head("exact"),
      functions: ["a", "b"].map((name, i) => ({
        name,
        proven: true,
        cubes: 3,
        lowerBound: 3,
        results: {
          "ristretto exact": finish(1 + i, 3, noise),
          "espresso exact": finish(9 + i, 3, noise),
        },
      })),
    },
    peers: {
      ...head("peers"),
      versions: { ristretto: "0.1.0", other: "1.0.0" },
      groups: [4, 6].map((inputs) => ({
        name: `random-${inputs}x1`,
        functions: 20,
        inputs,
        outputs: 1,
        dontCares: false,
        results: {
          "ristretto default": finish(0.01 * inputs, 90, noise),
          "other": finish(0.2 * inputs, 95, noise),
        },
      })),
    },
    pool: {
      ...head("pool"),
      versions: { piscina: "1.0.0" },
      runtimes: [{
        runtime: "bun",
        contestants: ["ristretto", "piscina"].map((name, i) => ({
          name,
          sizes: [{
            job: "size",
            ownUs: 0.1,
            awaited: spread([5 + i, 6 + 5 * i, 9 + 20 * i]),
            awaitedP999: 30,
            awaitedCpuUs: 7,
            perSecond: { "1": 200_000, "2": 250_000 },
            batchCpuUs: 4,
          }],
        })),
      }],
    },
    ffi: {
      ...head("ffi"),
      runtimes: [{
        runtime: "bun",
        version: "1.0.0",
        kernels: "portable",
        clockNs: 20,
        memory: { idle: 0 },
        calls: {
          "a foreign call that does nothing": times(3, noise),
          "the operation size, job and result": times(200, noise),
        },
        functions: (["fast", "default"] as const).map((effort) => ({
          inputs: 4,
          effort,
          functions: 40,
          calls: 4000,
          cubes: 120,
          perCall: times(2000, noise),
          perFunction: times(2000, noise),
        })),
        batches: [{
          inputs: 4,
          functions: 1000,
          cubes: 3000,
          perFunction: times(300, noise),
        }],
        rounds: 5,
      }],
      espresso: { "4 inputs": finish(0.08, 120, noise) },
    },
  };
}

/** A factor near 1 that differs from call to call. */
function noiseOf(seed: number): () => number {
  const source = random(seed);
  return () => Math.exp(0.03 * (source.below(2001) / 1000 - 1));
}

function isolation({ factor = () => 1 }: Shape, noise: () => number): IsolationResult {
  const runtimes = (["bun", "deno"] as const).map((runtime): RuntimeReport => ({
    runtime,
    version: "1.0.0",
    jobs: Object.keys(jobs).map((name) => ({
      name,
      inputs: 4,
      outputs: 1,
      cubes: 8,
      bytes: 300,
      functions: 32,
    })),
    cells: Object.keys(added).flatMap((way) =>
      Object.keys(jobs).flatMap((job) =>
        ([["sync", 1], ["awaited", 1], ["awaited", 16], ["awaited", 64]] as const).map((
          [form, flight],
        ) => cell({ way, job, form, flight }, factor(way), noise))
      )
    ),
    noopNs: { median: 3, rounds: [3, 3.1, 2.9].map((ns) => ns * noise()) },
    ...events(noise),
  }));
  return {
    ways: [...Object.keys(added), "shared-heap"].map((name) => ({ name, mode: name })),
    parallel: 2,
    floor: ["futex", "pipe", "ring, sleeping", "spawn"].map((name, i) => ({
      name,
      pinned: false,
      p50Us: 2 + i,
      p99Us: 5 + i,
      p999Us: 9 + i,
      cpuUs: 2,
    })),
    messagesPerSecond: 5e6,
    runtimes,
  };
}

function cell(
  at: { way: string; job: string; form: Form; flight: number },
  factor: number,
  noise: () => number,
): Cell {
  const middle = factor * (jobs[at.job]! + added[at.way]![at.form === "sync" ? 0 : 1]);
  const us = Array.from({ length: 200 }, (_, i) => middle * noise() * (i % 50 === 0 ? 3 : 1));
  const rounds = Array.from({ length: 5 }, () => rounded(middle * noise()));
  return {
    ...at,
    calls: us.length,
    us: { ...spread(us), p999: 4 * middle },
    perSecond: rounded(1e6 / middle),
    cpuUs: rounded(1.5 * middle),
    histogram: histogramOf(us),
    rounds: { us: rounds, perSecond: rounds.map((each) => 1e6 / each), cpuUs: rounds },
  };
}

function events(noise: () => number): EventsReport {
  const samples = (middle: number) => Array.from({ length: 8 }, () => middle * noise());
  return {
    events: Object.keys(added).map((way) => {
      const isProcess = way === "process" || way === "fresh";
      return {
        way,
        startMs: samples(0.4),
        coldMs: samples(60),
        memory: {
          hostOwn: 50_000,
          workerOwn: isProcess ? 180_000 : undefined,
          workerShared: isProcess ? 300_000 : undefined,
        },
        noticedUs: isProcess ? samples(150) : [],
        servingUs: isProcess ? samples(600) : [],
      };
    }),
    seeds: ["pool", "process"].map((way, i) => ({
      way,
      workers: 4,
      requests: 10_000,
      inFlight: 64,
      perSecond: 100_000 / (1 + i),
      us: { ...spread(samples(400)), p999: 3000 },
      cpuUs: 12,
      memory: 3e6,
      rounds: { perSecond: samples(1e5), us: samples(400) },
    })),
  };
}

function core(noise: () => number): NonNullable<Results["core"]> {
  const functions = Array.from({ length: 8 }, (_, i): Entry => ({
    name: `f${i}`,
    group: i < 4 ? "corpus" : "growth",
    growth: i < 4 ? undefined : { curve: "grow", axis: "cubes", size: 10 ** (i - 2) },
    inputs: 8,
    outputs: 2,
    cubes: 100,
    known: {
      espressoCubes: 22,
      espressoInputLiterals: 80,
      espressoOutputLiterals: 22,
      strongCubes: 21,
      bestCubes: 20,
      proven: true,
    },
    results: {
      "ristretto fast": finish(0.4 * (i + 1), 20 + i % 2, noise),
      "ristretto default": finish(0.9 * (i + 1), 20, noise),
      "espresso default": finish(5 * (i + 1), 22, noise),
    },
    memory: {},
  }));
  return { ...head("core"), functions, summary: summarize(functions), misses: [] };
}

function finish(ms: number, cubes: number, noise: () => number) {
  const roundsMs = Array.from({ length: 5 }, () => ms * noise());
  return {
    wallMs: spread(roundsMs),
    roundsMs,
    cpuMs: ms,
    rounds: 5,
    cubes,
    inputLiterals: 4 * cubes,
    outputLiterals: cubes,
    verified: "right",
  };
}

function times(ns: number, noise: () => number) {
  const medians = Array.from({ length: 5 }, () => ns * noise());
  const { min, p25, median, p75, p99, max } = spread(medians);
  return { min, p25, median, p75, p99, mean: ns, rounds: [min, max] as const, medians };
}
