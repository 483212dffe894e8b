/**
 * Tenants kept apart: whoever a job is for has worker processes of their own, which no job of
 * anybody else ever reaches. Only so many tenants have some at a time; when another one comes,
 * those of the one that was heard of least recently are ended, once its jobs have settled.
 *
 *     { tenant: "a" } ──► workers of a ─┐
 *     { tenant: "b" } ──► workers of b ─┴─ at most `tenants` of them
 *     no tenant       ──► workers of the engine
 *
 * Cost: the first job of a tenant waits until its worker is started; any other pays for a look into
 * a map.
 */

import { RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import type { GuardReport } from "./limits.ts";
import type { WorkerFacts } from "./metrics.ts";
import { cancelled } from "../options.ts";
import type { Call, Transport } from "./transport.ts";
import { lateError, workerError } from "./worker_errors.ts";

interface Tenant {
  readonly transport: Transport;
  /** Jobs that have not settled. */
  jobs: number;
}

/** Jobs of tenants, each on workers of its own. */
export class TenantTransport implements Transport {
  readonly routes: readonly string[] = ["tenant"];
  readonly width: number;
  readonly sandbox?: GuardReport;
  readonly #open: (tenant: string | undefined) => Transport;
  readonly #most: number;
  readonly #own: Transport;
  /** Those heard of least recently come first. */
  readonly #tenants = new Map<string, Tenant>();
  /** Jobs for whose tenant there is no room yet. */
  #line: (() => void)[] = [];
  #waiting = 0;
  #idle: (() => void)[] = [];
  #closed = false;

  /** Opens the workers of jobs without a tenant, too: what is wrong with the options is told. */
  constructor(open: (tenant: string | undefined) => Transport, most: number) {
    this.#open = open;
    this.#most = most;
    this.#own = open(undefined);
    this.width = this.#own.width;
    if (this.#own.sandbox !== undefined) this.sandbox = this.#own.sandbox;
  }

  runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    if (call.tenant === undefined) return this.#own.runSync(job, call, read);
    const tenant = this.#find(call.tenant);
    if (tenant !== undefined) return tenant.transport.runSync(job, call, read);
    throw noRoom();
  }

  run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    if (call.tenant === undefined) return this.#own.run(job, call, read, now);
    let tenant: Tenant | undefined;
    try {
      tenant = this.#find(call.tenant);
    } catch (error) {
      return Promise.reject(error);
    }
    if (tenant === undefined) return now ? Promise.reject(noRoom()) : this.#later(job, call, read);
    tenant.jobs++;
    return tenant.transport.run(job, call, read, now).finally(() => {
      tenant.jobs--;
      if (tenant.jobs === 0) this.#rouse();
    });
  }

  restart(rolling: boolean): void {
    for (const transport of this.#all()) transport.restart?.(rolling);
  }

  async drained(): Promise<void> {
    while (this.#waiting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await Promise.all(this.#all().map((transport) => transport.drained?.()));
  }

  workers(): readonly WorkerFacts[] {
    const named = [...this.#tenants].map(([tenant, { transport }]) =>
      transport.workers!().map((facts) => ({ ...facts, labels: { ...facts.labels, tenant } }))
    );
    return [...this.#own.workers!(), ...named.flat()];
  }

  async close(cancel: boolean): Promise<void> {
    if (!cancel) await this.drained();
    this.#closed = true;
    await Promise.all(this.#all().map((transport) => transport.close(cancel)));
    this.#rouse(); // whoever waits for room is told that it is closed
  }

  closeNow(): void {
    this.#closed = true;
    for (const transport of this.#all()) transport.closeNow();
    this.#rouse();
  }

  #all(): Transport[] {
    return [this.#own, ...[...this.#tenants.values()].map(({ transport }) => transport)];
  }

  /** The workers of a tenant, started if there is room for it; it was heard of just now. */
  #find(name: string): Tenant | undefined {
    if (this.#closed) throw workerError("Closed");
    let tenant = this.#tenants.get(name);
    if (tenant === undefined) {
      if (this.#tenants.size >= this.#most && !this.#makeRoom()) return undefined;
      tenant = { transport: this.#open(name), jobs: 0 };
    } else this.#tenants.delete(name);
    this.#tenants.set(name, tenant);
    return tenant;
  }

  /** Ends the workers of a tenant that has no job; false: all have. */
  #makeRoom(): boolean {
    for (const [name, { transport, jobs }] of this.#tenants) {
      if (jobs > 0) continue;
      this.#tenants.delete(name);
      transport.closeNow();
      return true;
    }
    return false;
  }

  /** Waits for room; the signal and the time of a call end that, too. */
  async #later<T>(job: Block, call: Call, read: (result: Block) => T): Promise<T> {
    const own = job.keep();
    const { signal, timeoutMs = Infinity } = call;
    const end = performance.now() + timeoutMs;
    let given = false;
    let go = (): void => {};
    call.onStart?.(() => {
      given = true;
      go();
    });
    const wake = (): void => go();
    const timer = timeoutMs < 0x7fff_ffff ? setTimeout(wake, timeoutMs) : undefined;
    signal?.addEventListener("abort", wake);
    this.#waiting++;
    try {
      do {
        await new Promise<void>((resolve) => this.#line.push(go = resolve));
        if (signal?.aborted) throw cancelled(signal);
        if (given) throw new RistrettoError("Cancelled", "nobody waits for the job any longer");
        if (performance.now() >= end) throw lateError();
      } while (this.#find(call.tenant!) === undefined);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      this.#waiting--;
      if (this.#waiting === 0) { for (const resolve of this.#idle.splice(0)) resolve(); }
    }
    const left = timeoutMs === Infinity ? call : { ...call, timeoutMs: end - performance.now() };
    return await this.run(own, left, read, false);
  }

  #rouse(): void {
    const line = this.#line;
    this.#line = [];
    for (const go of line) go();
  }
}

function noRoom(): RistrettoError {
  return new RistrettoError(
    "QueueFull",
    "as many tenants as may have workers have jobs on their way",
  );
}
