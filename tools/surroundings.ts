// `bun run surroundings [NAME…]`: the tests of worker processes and their containment where a
// program may do less than here: as root, as an unprivileged user, without user namespaces, and
// with the capabilities that Docker leaves. Linux only; needs setpriv and unshare (util-linux), and
// root for all but "itself". What cannot be tried is skipped, with the reason.

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { buildLibrary, zigBuild } from "./build.ts";
import { countBun, countOurs, type Counts } from "./counts.ts";
import { ask, main, root, run, say, tail, ToolError } from "./run.ts";
import { findBun, runtimeEnvironment } from "./runtimes.ts";

const FILES = [
  ...["process", "sandbox", "groups", "worker_states", "tenants", "wipe", "verify", "zygote"],
  ...["shared_heap", "streams"],
];
const NATIVE = ["test_isolate", "test_kills", "test_health", "test_sandbox", "test_hostile"];
const NOBODY = "65534";
/** What Docker leaves to a container unless it is told otherwise. */
const CAPABILITIES = [
  ...["chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap"],
  ...["net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap"],
];
/** Bun's own limit of 5 s a test is short on a busy machine, for any user. */
const TEST_MS = "120000";
const MINUTE = 60_000;

/** Where a program runs: by what it is started. */
const SURROUNDINGS: Readonly<Record<string, readonly string[]>> = {
  "itself": [],
  "unprivileged": ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"],
  "no user namespaces": [
    ...["unshare", "--user", "--map-root-user", "sh", "-c"],
    ...['echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"],
  ],
  "as in Docker": [
    ...["setpriv", "--inh-caps", "-all", "--bounding-set"],
    ["-all", ...CAPABILITIES.map((name) => `+${name}`)].join(),
  ],
};

await main(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in SURROUNDINGS));
  if (unknown !== undefined) {
    const known = Object.keys(SURROUNDINGS).map((name) => `"${name}"`).join(", ");
    throw new ToolError(`there is no "${unknown}"; there are ${known}`);
  }
  if (process.platform !== "linux") {
    say("there is nothing of the kind on this system");
    return 0;
  }
  await buildLibrary();
  const built = await zigBuild(["test-program"], { timeoutMs: 12 * MINUTE });
  if (built.code !== 0) throw new ToolError(tail(built.output));
  let failed = 0;
  for (const name of names.length > 0 ? names : Object.keys(SURROUNDINGS)) {
    failed += await tryIn(name, SURROUNDINGS[name]!);
  }
  return failed === 0 ? 0 : 1;
});

/** How many tests failed there. */
async function tryIn(name: string, within: readonly string[]): Promise<number> {
  if (within.length > 0 && ask([...within, "true"]) === undefined) {
    process.stdout.write(`${name}: skipped, as ${within[0]} is not here or refuses\n`);
    return 0;
  }
  const home = mkdtempSync(join(tmpdir(), "ristretto-"));
  chmodSync(home, 0o777);
  const env = { ...runtimeEnvironment(), HOME: home, TMPDIR: home };
  try {
    const files = FILES.map((file) => join("test", `${file}.test.ts`));
    const bun = [findBun(), "test", "--timeout", TEST_MS, ...files];
    const native = [join(root, "zig-out", "test", "native_test"), ...NATIVE];
    return await count(`${name}, Bun`, [...within, ...bun], env, countBun) +
      await count(`${name}, native`, [...within, ...native], env, countOurs);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function count(
  name: string,
  command: readonly string[],
  env: Record<string, string>,
  read: (output: string) => Counts | undefined,
): Promise<number> {
  const start = performance.now();
  const { code, output } = await run(command, { io: "capture", env, timeoutMs: 20 * MINUTE });
  const seconds = Math.round((performance.now() - start) / 1000);
  const counts = read(output);
  const failed = Math.max(counts?.failed ?? 1, code === 0 ? 0 : 1);
  if (failed > 0) say(tail(output, 40));
  const { passed, skipped } = counts ?? { passed: 0, skipped: 0 };
  process.stdout.write(
    `${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)\n`,
  );
  return failed;
}
