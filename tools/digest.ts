// Compares the answers of every kind of build: the programs of `zig build digest` print hashes of
// them, which must be the same lines for each processor, system, C library and variant of the
// kernels. Prints which lines differ, and "digest: N passed, N failed, N skipped", one a kind.
//
// Usage: bun tools/digest.ts [--install] [options and files for the programs]

import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { zigBuild } from "./build.ts";
import { foreignEnvironment, type Need, needed, provide } from "./needs.ts";
import { main, type Outcome, root, run, say, tail } from "./run.ts";
import { findBun } from "./runtimes.ts";

/** A kind of build, and how its program is started here. */
interface Kind {
  name: string;
  program: string;
  start?: readonly string[];
  options?: readonly string[];
  /** It answers fewer jobs: what it prints must be among the lines of the others. */
  partly?: true;
  needs?: readonly Need[];
}

const program = (triple: string, file = "digest") => join(root, "zig-out", "digest", triple, file);
const own = process.arch === "arm64" ? "aarch64" : "x86_64";
const other = process.arch === "arm64"
  ? { processor: "x86_64", needs: [needed.qemuX86] }
  : { processor: "aarch64", needs: [needed.qemuArm64] };

/** The first is what the others are compared with; the slowest, the emulated ones, are last. */
const kinds: readonly Kind[] = [
  { name: "glibc", program: program(`${own}-linux-gnu`) },
  { name: "portable kernels", program: program(`${own}-linux-gnu`), options: ["--portable"] },
  { name: "musl", program: program(`${own}-linux-musl`) },
  {
    name: "wasm32",
    program: program("wasm32-wasi", "digest.wasm"),
    start: [findBun(), join(root, "tools", "wasi.ts")],
  },
  {
    name: "Windows",
    options: ["--jobs=1000"],
    partly: true,
    program: program("x86_64-windows-gnu", "digest.exe"),
    start: ["wine"],
    needs: [needed.wine],
  },
  {
    name: other.processor,
    options: ["--jobs=1000"],
    partly: true,
    program: program(`${other.processor}-linux-musl`),
    start: [`qemu-${other.processor}`],
    needs: other.needs,
  },
  {
    name: "32-bit arm", // emulated, like those above: a tenth of the jobs
    options: ["--jobs=1000"],
    partly: true,
    program: program("arm-linux-musleabihf"),
    start: ["qemu-arm"],
    needs: [needed.qemuArm],
  },
];

await main(async () => {
  const given = process.argv.slice(2);
  const install = given.includes("--install");
  const args = given.filter((word) => word !== "--install");
  if (!args.some((word) => !word.startsWith("--"))) args.push(...plaFiles());

  const built = await zigBuild(["digest"]);
  if (built.code !== 0) return built.code;

  const outcomes = await inParallel(kinds, (kind) => runKind(kind, args, install));
  const first = outcomes[0];
  const expected = typeof first === "object" && first.code === 0 ? linesOf(first) : undefined;
  const count = { passed: 0, failed: 0, skipped: 0 };
  outcomes.forEach((outcome, index) => {
    const { name, partly } = kinds[index]!;
    if (typeof outcome === "string") {
      say(`digest, ${name}: skipped, ${outcome}`);
      count.skipped++;
      return;
    }
    const lines = linesOf(outcome);
    const compared = partly ? expected?.filter((line) => lines.includes(line)) : expected;
    const why = outcome.code === 0 ? difference(compared, lines) : tail(outcome.output, 5);
    count[why === "" ? "passed" : "failed"]++;
    say(`digest, ${name}: ${why === "" ? `${lines.length} lines alike` : why}`);
  });
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  process.stdout.write(`digest: ${count.passed} passed, ${count.failed} failed${skipped}\n`);
  return count.failed === 0 ? 0 : 1;
});

/** Does the work for each item, as many at a time as there are processors, the last ones first. */
async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = items.length;
  const worker = async () => {
    while (next > 0) {
      const index = --next;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/** The lines that end in a hash; another counts the answers, which the hashes cover. */
function linesOf(outcome: Outcome): string[] {
  return outcome.stdout.split(/\r?\n/).filter((line) => / [0-9a-f]{16}$/.test(line));
}

async function runKind(
  { program, start = [], options = [], needs = [] }: Kind,
  args: readonly string[],
  install: boolean,
): Promise<Outcome | string> {
  for (const need of needs) {
    const why = await provide(need, install);
    if (why !== undefined) return why;
  }
  return await run([...start, program, ...args, ...options], {
    env: foreignEnvironment(),
    io: "capture",
    timeoutMs: 15 * 60_000,
  });
}

function difference(expected: readonly string[] | undefined, lines: readonly string[]): string {
  if (expected === undefined) return "there is nothing to compare it with";
  if (expected.length !== lines.length) {
    return `${lines.length} lines in place of ${expected.length}`;
  }
  const differing = lines.filter((line, index) => line !== expected[index]);
  return differing.length === 0
    ? ""
    : `${differing.length} lines differ: ${tail(differing.join("\n"))}`;
}

/** The corpus, where there is one, and our own examples. */
function plaFiles(): string[] {
  const corpus = resolve(root, process.env.RISTRETTO_CORPUS ?? "../shared/corpus");
  return [join(root, "examples"), corpus].filter(existsSync).flatMap((folder) =>
    readdirSync(folder).filter((name) => name.endsWith(".pla")).sort().map((name) =>
      join(folder, name)
    )
  );
}
