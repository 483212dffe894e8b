/**
 * Classes of workers: several crews in one engine, each with its own workers, queue and limits, of
 * which a job names one. What happens in one delays nobody in another.
 *
 *     minimize(cover)                      ──► small   ████   the first class
 *     minimize(cover, { class: "huge" })   ──► huge    █
 */

import { invalid, RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import { show } from "../options.ts";
import type { ClassOptions, EngineOptions } from "./engine.ts";
import { fromThere } from "./events.ts";
import type { GuardReport } from "./limits.ts";
import type { Measured, WorkerFacts } from "./metrics.ts";
import type { Call, OpenTransport, Transport } from "./transport.ts";

const NAMES: readonly string[] = [
  ...["workers", "queue", "memory", "limits", "recycle", "recycleMemory", "idleMs", "graceMs"],
];
const MOST = 64;

/** The option, checked as far as it can be before the classes are opened. */
export function checkClasses(classes: unknown): ReadonlyMap<string, ClassOptions> {
  if (typeof classes !== "object" || classes === null || Array.isArray(classes)) {
    throw invalid(`option classes: expected an object of classes, got ${show(classes)}`);
  }
  const entries = Object.entries(classes);
  if (entries.length === 0 || entries.length > MOST) {
    throw invalid(`option classes: expected 1 to ${MOST} classes, got ${entries.length}`);
  }
  for (const [name, options] of entries) {
    if (typeof options !== "object" || options === null) {
      throw invalid(`option classes.${name}: expected an object, got ${show(options)}`);
    }
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(name)) {
      const what = "letters, digits, dots, hyphens and underscores, at most 63";
      throw invalid(`option classes: the name of a class is ${what}, got ${show(name)}`);
    }
    const wrong = Object.keys(options).find((option) => !NAMES.includes(option));
    if (wrong === undefined) continue;
    const known = `a class has the options ${NAMES.join(", ")}`;
    throw invalid(`option classes.${name}: ${show(wrong)} is not known; ${known}`);
  }
  return new Map(entries);
}

/** The options of the engine, as they are for one class. Errors: `InvalidInput`. */
function optionsOf(name: string, own: ClassOptions, engine: EngineOptions): EngineOptions {
  const { memory, limits, ...numbers } = own;
  if (memory !== undefined && limits?.memory !== undefined) {
    throw invalid(`option classes.${name}: memory is given twice, also in limits`);
  }
  const all = { ...engine.limits, ...limits, ...(memory === undefined ? {} : { memory }) };
  const limited = Object.keys(all).length === 0 ? {} : { limits: all };
  return fromThere({ ...engine, ...numbers, ...limited }, { class: name });
}

/** Opens every class. What keeps one from opening closes the others, and says which it was. */
export async function openClasses(
  options: EngineOptions,
  classes: ReadonlyMap<string, ClassOptions>,
  open: (name: string) => OpenTransport,
): Promise<Transport> {
  const transports = new Map<string, Transport>();
  for (const [name, own] of classes) {
    try {
      transports.set(name, await open(name)(optionsOf(name, own, options)));
    } catch (error) {
      for (const transport of transports.values()) transport.closeNow();
      if (!(error instanceof RistrettoError) || error.message.includes("classes.")) throw error;
      const { kind, message, limit, tried } = error;
      throw new RistrettoError(kind, `option classes.${name}: ${message}`, {
        ...(limit === undefined ? {} : { limit }),
        ...(tried === undefined ? {} : { tried }),
        cause: error,
      });
    }
  }
  return new ClassTransport(transports);
}

class ClassTransport implements Transport {
  readonly routes = ["class"];
  readonly width: number;
  readonly sandbox?: GuardReport;
  readonly #transports: ReadonlyMap<string, Transport>;
  readonly #all: readonly Transport[];

  constructor(transports: ReadonlyMap<string, Transport>) {
    this.#transports = transports;
    this.#all = [...transports.values()];
    this.width = this.#all.reduce((sum, { width }) => sum + width, 0);
    this.routes.push(...this.#all[0]!.routes ?? []);
    const { sandbox } = this.#all[0]!;
    if (sandbox !== undefined) this.sandbox = sandbox;
  }

  runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    return this.#of(call).runSync(job, call, read);
  }

  run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    return this.#of(call).run(job, call, read, now);
  }

  restart(rolling: boolean): void {
    for (const transport of this.#all) transport.restart?.(rolling);
  }

  async drained(): Promise<void> {
    await Promise.all(this.#all.map((transport) => transport.drained?.()));
  }

  workers(): readonly WorkerFacts[] {
    return [...this.#transports].flatMap(([name, transport]) =>
      (transport.workers?.() ?? []).map((facts) => ({
        ...facts,
        labels: { class: name, ...facts.labels },
      }))
    );
  }

  measured(): readonly Measured[] {
    return this.#all.flatMap((transport) => transport.measured?.() ?? []);
  }

  async close(cancel: boolean): Promise<void> {
    await Promise.all(this.#all.map((transport) => transport.close(cancel)));
  }

  closeNow(): void {
    for (const transport of this.#all) transport.closeNow();
  }

  #of({ class: name }: Call): Transport {
    const found = name === undefined ? this.#all[0] : this.#transports.get(name);
    if (found !== undefined) return found;
    const names = [...this.#transports.keys()].join(", ");
    throw invalid(`option class: ${show(name)} is none of ${names}`);
  }
}
