/**
 * A second opinion: a job is run twice, in two worker processes that share nothing, and only an
 * answer that both gave is one. The second crew is started by the first call that asks for it.
 *
 *     job ──┬──► a worker of the engine     ──► answer ─┐
 *           └──► a worker of the other crew ──► answer ─┴─ the same bytes, or ProtocolViolation
 *
 * Both are compared without their trailers, which tell of the run. A run that time stopped need not
 * answer what another one does: then there is no second opinion, and that is an error as well.
 *
 * Cost: everything twice; the caller waits for the slower of both.
 */

import { RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import {
  ENTRY_KIND,
  ENTRY_LENGTH,
  ENTRY_OFFSET,
  ENTRY_SIZE,
  HEADER_SECTIONS,
  HEADER_SIZE,
  MAX_SECTIONS,
  SECTION_TRAILER,
} from "../job/format.ts";
import { Around } from "./around.ts";
import type { WorkerFacts } from "./metrics.ts";
import type { Call, Transport } from "./transport.ts";

/** The transport, with another one for second opinions. */
export function withSecond(inner: Transport, open: () => Transport): Transport {
  return new SecondTransport(inner, open);
}

class SecondTransport extends Around {
  readonly #open: () => Transport;
  #other: Transport | undefined;

  constructor(inner: Transport, open: () => Transport) {
    super(inner, ["second-worker"]);
    this.#open = open;
  }

  override runSync<T>(job: Block, call: Call, read: (result: Block) => T): T {
    if (call.verify !== "second-worker") return this.inner.runSync(job, call, read);
    const other = (this.#other ??= this.#open()).runSync(job.keep(), call, answerOf);
    // A copy: what was compared must be what is read.
    return read(agreed(this.inner.runSync(job, call, (result) => result.keep()), other));
  }

  override run<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    if (call.verify !== "second-worker") return this.inner.run(job, call, read, now);
    return this.#ask(job, call, read, now);
  }

  async #ask<T>(job: Block, call: Call, read: (result: Block) => T, now: boolean): Promise<T> {
    this.#other ??= this.#open();
    const giveUps: (() => void)[] = [];
    const both: Call = { ...call, onStart: (giveUp) => void giveUps.push(giveUp) };
    const answers = Promise.all([
      this.inner.run(job, both, (result) => result.keep(), now),
      this.#other.run(job.keep(), { ...both, onProgress: undefined }, answerOf, now),
    ]);
    call.onStart?.(() => {
      for (const giveUp of giveUps) giveUp();
    });
    const [mine, other] = await answers;
    return read(agreed(mine, other));
  }

  override restart(rolling: boolean): void {
    super.restart(rolling);
    this.#other?.restart?.(rolling);
  }

  override async drained(): Promise<void> {
    await super.drained();
    await this.#other?.drained?.();
  }

  override workers(): readonly WorkerFacts[] {
    const others = this.#other?.workers?.() ?? [];
    const named = others.map((facts) => ({
      ...facts,
      labels: { ...facts.labels, crew: "second" },
    }));
    return [...super.workers(), ...named];
  }

  override async close(cancel: boolean): Promise<void> {
    await Promise.all([super.close(cancel), this.#other?.close(cancel)]);
  }

  override closeNow(): void {
    super.closeNow();
    this.#other?.closeNow();
  }
}

/** The bytes of a result, those of its trailer zero. */
function answerOf(result: Block): Uint8Array {
  const bytes = result.copy();
  const words = new DataView(bytes.buffer);
  const sections = Math.min(words.getUint32(HEADER_SECTIONS, true), MAX_SECTIONS);
  for (let entry = 0; entry < sections; entry++) {
    const at = HEADER_SIZE + entry * ENTRY_SIZE;
    if (at + ENTRY_SIZE > bytes.length) break;
    if (words.getUint32(at + ENTRY_KIND, true) !== SECTION_TRAILER) continue;
    const start = words.getUint32(at + ENTRY_OFFSET, true);
    bytes.fill(0, start, start + words.getUint32(at + ENTRY_LENGTH, true));
  }
  return bytes;
}

/** The result, when the other worker gave the same. */
function agreed(result: Block, other: Uint8Array): Block {
  const mine = answerOf(result);
  const same = mine.length === other.length && mine.every((byte, index) => byte === other[index]);
  if (same) return result;
  throw new RistrettoError(
    "ProtocolViolation",
    "two workers gave different answers to the same job (as runs may that a time limit stops)",
  );
}
