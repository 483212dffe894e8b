// What `bun run top` shows: the text for Prometheus of a running engine becomes numbers, two looks
// become rates, and those a line, or lines for a terminal.

/** A sample of the text. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of ours in a text, which may hold others; what is no sample is passed over. */
export function readSamples(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const [, name, pairs = "", number] =
      /^(ristretto_[a-z_]+)(?:\{(.*)\})?\s+(\S+)(?:\s+\d+)?\s*$/.exec(line) ?? [];
    const value = number === "+Inf" ? Infinity : Number(number);
    if (name === undefined || Number.isNaN(value)) continue;
    const found = [...pairs.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
    const labels = found.map(([, key, value]) => [key, value!.replace(/\\(.)/g, unescape)]);
    samples.push({ name, labels: Object.fromEntries(labels), value });
  }
  return samples;
}

function unescape(_: string, letter: string): string {
  return letter === "n" ? "\n" : letter;
}

/** One look at an engine. */
export interface Look {
  /** When, in milliseconds. */
  readonly at: number;
  readonly samples: readonly Sample[];
}

/** A worker, as it is shown. */
export interface WorkerRow {
  readonly name: string;
  readonly jobsPerSecond: number;
  /** Of one processor, 0 to 1; undefined where it is not told. */
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly ends: number;
}

/** What is shown. */
export interface View {
  readonly modes: string;
  readonly jobsPerSecond: number;
  readonly failedPerSecond: number;
  /** Of the jobs that ended between the looks, in seconds; undefined: there were none. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly running: number;
  /** The next three are undefined where there are no workers. */
  readonly queue: number | undefined;
  readonly workers: number | undefined;
  readonly ends: ReadonlyMap<string, number> | undefined;
  readonly memory: number | undefined;
  readonly cpu: number | undefined;
  readonly rows: readonly WorkerRow[];
}

const DURATION = "ristretto_job_duration_seconds_bucket";

/** What happened between two looks. */
export function viewOf(before: Look, now: Look): View {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const old = new Map(before.samples.map((sample) => [keyOf(sample), sample.value]));
  /** How much a counter has grown; one that shrank began anew. */
  const grown = (sample: Sample): number => {
    const was = old.get(keyOf(sample)) ?? 0;
    return sample.value >= was ? sample.value - was : sample.value;
  };
  const of = (name: string) => now.samples.filter((sample) => sample.name === `ristretto_${name}`);
  const total = (found: readonly Sample[]) => found.reduce((sum, { value }) => sum + value, 0);
  const maybe = (found: readonly Sample[]) => found.length === 0 ? undefined : total(found);
  const jobs = of("jobs_total");
  const spans = new Map<number, number>();
  for (const sample of now.samples.filter(({ name }) => name === DURATION)) {
    const le = Number(sample.labels["le"]?.replace("+Inf", "Infinity"));
    spans.set(le, (spans.get(le) ?? 0) + grown(sample));
  }
  const counts = [...spans].sort(([a], [b]) => a - b);
  const endings = of("worker_ends_total");
  const cpu = of("worker_cpu_seconds_total");
  return {
    modes: [...new Set(now.samples.map(({ labels }) => labels["mode"] ?? "?"))].join(", "),
    jobsPerSecond: jobs.reduce((sum, sample) => sum + grown(sample), 0) / seconds,
    failedPerSecond: jobs.filter(({ labels }) => labels["outcome"] !== "ok")
      .reduce((sum, sample) => sum + grown(sample), 0) / seconds,
    p50: quantile(counts, 0.5),
    p99: quantile(counts, 0.99),
    running: total(of("jobs_in_progress")),
    queue: maybe(of("queue_jobs")),
    workers: maybe(of("workers")),
    ends: of("workers").length === 0 ? undefined : sumBy(endings, "cause"),
    memory: maybe(of("worker_resident_memory_bytes")),
    cpu: cpu.length === 0
      ? undefined
      : cpu.reduce((sum, sample) => sum + grown(sample), 0) / seconds,
    rows: of("worker_jobs_total").map((sample) => {
      const mine = (found: readonly Sample[]) =>
        found.filter(({ labels }) => rowName(labels) === rowName(sample.labels));
      const [used] = mine(cpu);
      return {
        name: rowName(sample.labels),
        jobsPerSecond: grown(sample) / seconds,
        cpu: used === undefined ? undefined : grown(used) / seconds,
        memory: maybe(mine(of("worker_resident_memory_bytes"))),
        ends: total(mine(endings)),
      };
    }),
  };
}

function keyOf({ name, labels }: Sample): string {
  return JSON.stringify([name, Object.entries(labels).sort()]);
}

function rowName(labels: Readonly<Record<string, string>>): string {
  return ["class", "tenant", "crew", "worker"].map((name) => labels[name])
    .filter((part) => part !== undefined).join(" ");
}

function sumBy(samples: readonly Sample[], label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { labels, value } of samples) {
    const key = labels[label] ?? "?";
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums;
}

/** The value below which a share of all is, from counts up to each bound: a straight line within a
 * span, as Prometheus has it. */
export function quantile(
  counts: readonly (readonly [bound: number, count: number])[],
  share: number,
): number | undefined {
  const all = counts.at(-1)?.[1] ?? 0;
  if (!(all > 0)) return undefined;
  const rank = share * all;
  let from = 0;
  let below = 0;
  for (const [bound, count] of counts) {
    if (count >= rank) {
      if (bound === Infinity) return from;
      return from + (bound - from) * (rank - below) / Math.max(count - below, 1e-9);
    }
    from = bound;
    below = count;
  }
  return from;
}

/** Seconds, in a unit that suits them. */
export function time(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(0)} µs`;
  return seconds < 1 ? `${(seconds * 1e3).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

/** Bytes, in a unit that suits them. */
export function size(bytes: number | undefined): string {
  if (bytes === undefined) return "-";
  if (bytes < 2 ** 20) return `${(bytes / 2 ** 10).toFixed(0)} KiB`;
  return bytes < 2 ** 30
    ? `${(bytes / 2 ** 20).toFixed(1)} MiB`
    : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0);
}

function percent(share: number | undefined): string {
  return share === undefined ? "-" : `${(100 * share).toFixed(0)} %`;
}

function count(number: number | undefined): string {
  return number === undefined ? "-" : `${number}`;
}

function restarts(ends: View["ends"]): string {
  if (ends === undefined) return "-";
  const all = [...ends].filter(([, number]) => number > 0);
  const sum = all.reduce((total, [, number]) => total + number, 0);
  return sum === 0 ? "0" : `${sum} (${all.map(([cause, n]) => `${cause} ${n}`).join(", ")})`;
}

/** A line for a pipe or a file. */
export function lineOf(view: View): string {
  return [
    `jobs/s ${rate(view.jobsPerSecond)}`,
    `failed/s ${rate(view.failedPerSecond)}`,
    `p50 ${time(view.p50)}`,
    `p99 ${time(view.p99)}`,
    `in progress ${view.running}`,
    `queue ${count(view.queue)}`,
    `workers ${count(view.workers)}`,
    `ended ${restarts(view.ends)}`,
    `memory ${size(view.memory)}`,
    `cpu ${percent(view.cpu)}`,
  ].join("  ");
}

/** The lines of a terminal of that size. */
export function screenOf(
  view: View,
  title: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): string[] {
  const lines = [
    `${title}   mode ${view.modes}`,
    "",
    `jobs      ${rate(view.jobsPerSecond)}/s, ${rate(view.failedPerSecond)}/s of them failed`,
    `time      p50 ${time(view.p50)}, p99 ${time(view.p99)}`,
    `now       ${view.running} in progress, ${count(view.queue)} in the queue`,
    `workers   ${count(view.workers)} ready, ended ${restarts(view.ends)}`,
    `memory    ${size(view.memory)}, processors ${percent(view.cpu)}`,
  ];
  if (view.rows.length > 0) {
    const width = Math.max(6, ...view.rows.map(({ name }) => name.length));
    lines.push("", row(width, "worker", "jobs/s", "processor", "memory", "ended"));
    const room = rows - lines.length - 2;
    const shown = view.rows.slice(0, Math.max(0, room));
    for (const { name, jobsPerSecond, cpu, memory, ends } of shown) {
      lines.push(row(width, name, rate(jobsPerSecond), percent(cpu), size(memory), `${ends}`));
    }
    if (shown.length < view.rows.length) lines.push(`and ${view.rows.length - shown.length} more`);
  }
  return lines.slice(0, Math.max(1, rows - 1)).map((line) => [...line].slice(0, columns).join(""));
}

function row(width: number, name: string, ...cells: readonly string[]): string {
  return name.padEnd(width) + cells.map((cell) => cell.padStart(11)).join("");
}
