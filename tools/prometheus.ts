// Asks a real Prometheus: the example server runs in Bun and in Deno, Prometheus scrapes both, and
// its answers must be the jobs that were posted. promtool, of the same package, checks the text.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { main, root, say, ToolError } from "./run.ts";
import { findBun, findDeno } from "./runtimes.ts";

const jobs = 7;
const deadline = performance.now() + 240_000;

/** A program under way: what it printed so far, and how it is ended. */
interface Program {
  output: () => string;
  kill: () => Promise<void>;
}

/** What Prometheus answers a query with, as far as it is looked at. */
interface Answer {
  data: { result: { metric: { instance: string }; value: [number, string] }[] };
}

await main(async () => {
  const folder = mkdtempSync(join(tmpdir(), "ristretto-prometheus-"));
  const programs: Program[] = [];
  try {
    const server = join(root, "examples", "metrics_server.ts");
    const env = { PORT: "0" };
    programs.push(start([findBun(), server], env));
    programs.push(start([findDeno(), "run", "-A", "--no-check", server], env));
    const addresses: string[] = [];
    for (const program of programs) {
      addresses.push(
        await until("a server to listen", () => {
          return Promise.resolve(/listening on http:\/\/(\S+)/.exec(program.output())?.[1]);
        }),
      );
    }
    for (const address of addresses) await post(address);
    for (const address of addresses) await checkText(address);
    const port = await freePort();
    writeFileSync(join(folder, "prometheus.yml"), configuration(addresses));
    programs.push(start([
      "prometheus",
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]));
    for (const address of addresses) await checkSeries(port, address);
    process.stdout.write(`prometheus: ${addresses.length} passed, 0 failed\n`);
    return 0;
  } finally {
    await Promise.all(programs.map((program) => program.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
});

function start([program = "", ...args]: readonly string[], env: object = {}): Program {
  let output = "";
  const child = spawn(program, args, { env: { ...process.env, ...env } });
  child.stdout.on("data", (data) => output += data);
  child.stderr.on("data", (data) => output += data);
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", (error) => {
      output += error;
      resolve();
    });
  });
  const kill = (): Promise<void> => {
    child.kill("SIGKILL");
    return ended;
  };
  return { output: () => output, kill };
}

/** A port that nobody has at the moment. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(100);
  }
  throw new ToolError(`waited in vain for ${what}`);
}

/** One of the jobs is wrong. */
async function post(address: string): Promise<void> {
  for (let n = 0; n < jobs; n++) {
    const body = n === 0 ? "nonsense" : ".i 2\n.o 1\n11 1\n10 1\n.e\n";
    const { status } = await fetch(`http://${address}/`, { method: "POST", body });
    if (status !== (n === 0 ? 400 : 200)) throw new ToolError(`a job had the status ${status}`);
  }
}

async function checkText(address: string): Promise<void> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  await new Promise<void>((resolve, reject) => {
    const child = spawn("promtool", ["check", "metrics"]);
    let said = "";
    child.stderr.on("data", (data) => said += data);
    child.stdout.on("data", (data) => said += data);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0 && said === "") resolve();
      else reject(new ToolError(`promtool says: ${said}`));
    });
    child.stdin.end(text);
  });
  say(`${address}: promtool has nothing to say against it`);
}

function configuration(addresses: readonly string[]): string {
  return [
    "global: { scrape_interval: 1s }",
    "scrape_configs:",
    "  - job_name: ristretto",
    `    static_configs: [{ targets: [${addresses.map((name) => `"${name}"`).join(", ")}] }]`,
    "",
  ].join("\n");
}

async function checkSeries(port: number, instance: string): Promise<void> {
  const expected: readonly [string, number][] = [
    [`ristretto_jobs_total{outcome="ok"}`, jobs - 1],
    [`ristretto_jobs_total{outcome="invalid_input"}`, 1],
    [`ristretto_job_duration_seconds_count`, jobs],
    [`ristretto_workers`, 2],
    [`ristretto_worker_jobs_total`, jobs],
    [`count_over_time(ristretto_worker_resident_memory_bytes[1m]) > bool 0`, 2],
  ];
  for (const [series, value] of expected) {
    const query = `sum(${series}) by (instance)`;
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const found = await until(`Prometheus to know ${series}`, async () => {
      try {
        const answer = await (await fetch(url)).json() as Answer;
        return answer.data.result.find(({ metric }) => metric.instance === instance)?.value[1];
      } catch {
        return undefined; // it is not up yet
      }
    });
    if (Number(found) !== value) {
      throw new ToolError(`${series} is ${found} in Prometheus, and should be ${value}`);
    }
  }
  say(`${instance}: Prometheus counts what was posted`);
}
