// What the report says, in what order: sections with plots and the tables behind them. How it looks
// is html.ts and markdown.ts.

import type { Table } from "../common/table.ts";
import * as isolation from "../isolation/tables.ts";
import * as picture from "../picture/isolation.ts";
import { coreSections } from "./core.ts";
import type { Results } from "./results.ts";

/** A picture with the tables behind it. */
export interface Plot {
  /** The name of its file, without the ending. */
  readonly name: string;
  /** Nothing where there was nothing to draw: then only the tables are shown. */
  readonly svg: string | undefined;
  readonly tables: readonly Table[];
}

/** A part of the report. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  readonly plots: readonly Plot[];
}

/** All sections for which there are results. */
export function sectionsOf(results: Results): Section[] {
  return [...isolationSections(results), ...coreSections(results)]
    .map((section) => ({ ...section, plots: section.plots.filter(isFilled) }))
    .filter(({ plots }) => plots.length > 0);
}

function isFilled({ svg, tables }: Plot): boolean {
  return svg !== undefined || tables.some(({ rows }) => rows.length > 0);
}

function isolationSections({ isolation: result }: Results): Section[] {
  if (result === undefined) return [];
  return [
    {
      id: "calls",
      title: "What does isolation cost?",
      words: "The same small job, one call after the other, in every mode. `direct` is a plain " +
        "call into the core; what another mode takes above it is its price. Each call is timed " +
        "by itself, collector and compiler included.",
      plots: [
        {
          name: "isolation-calls",
          svg: picture.callsPicture(result),
          tables: [isolation.callsTable(result)],
        },
        { name: "isolation-latency", svg: picture.latencyPicture(result), tables: [] },
      ],
    },
    {
      id: "sizes",
      title: "From which size of a job on does it not matter?",
      words: "What a mode adds is nearly the same for every job, so a long job hardly notices. " +
        "Break-even is the time that a job must take alone for the mode to add a tenth of it.",
      plots: [
        {
          name: "isolation-overhead",
          svg: picture.overheadPicture(result, "time"),
          tables: [isolation.sizesTable(result, "sync"), isolation.sizesTable(result, "awaited")],
        },
        {
          name: "isolation-share",
          svg: picture.overheadPicture(result, "share"),
          tables: [isolation.breakEvenTable(result)],
        },
      ],
    },
    {
      id: "throughput",
      title: "Many jobs at once",
      words:
        "Awaited jobs, 1 to 64 of them in flight, and what they cost in processor time, which " +
        "is what a spin or a second thread hides in a latency.",
      plots: [
        {
          name: "isolation-throughput",
          svg: picture.throughputPicture(result),
          tables: [isolation.flightTable(result)],
        },
        { name: "isolation-processor", svg: picture.processorPicture(result), tables: [] },
        {
          name: "isolation-requests",
          svg: picture.seedsPicture(result),
          tables: [isolation.seedsTable(result)],
        },
      ],
    },
    {
      id: "events",
      title: "Start-up, crashes, memory",
      words: "How long a mode takes until its first answer; how long after a worker was killed " +
        "while it computed the job is told of, and the next one answered; what a worker holds.",
      plots: [
        {
          name: "isolation-events",
          svg: picture.eventsPicture(result),
          tables: [isolation.eventsTable(result)],
        },
        {
          name: "isolation-memory",
          svg: picture.memoryPicture(result),
          tables: [isolation.memoryTable(result)],
        },
      ],
    },
    {
      id: "floor",
      title: "The floor",
      words:
        "No mode can be faster than what it is made of: a foreign call, a futex, a pipe, the " +
        "start of a process.",
      plots: [{
        name: "isolation-floor",
        svg: picture.floorPicture(result),
        tables: [isolation.floorTable(result)],
      }],
    },
  ];
}
