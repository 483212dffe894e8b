/**
 * How promises learn that a native thread is done: the JavaScript end of this thread's mailbox
 * (c/pool/mailbox.h). Native threads never call JavaScript; JavaScript looks.
 *
 *     expect() ──► look from setImmediate, for a bounded time ──► arm the doorbell, sleep
 *                       ▲  something came: settle it                    │ one ring for all
 *                       └───────────────────────────────────────────────┘
 *
 * Who posts may be looked at as well while this looks ({@link Source}): then no other thread has to
 * wake up to post. The time for which it looks follows what looks found of late (patience.ts):
 * short jobs are found by looking, long ones ring. A thread that expects nothing neither looks nor
 * sleeps, and holds no process; one that expects something does. A listener is something else: it
 * is told as often as somebody posts, keeps no process alive, and has the doorbell armed while
 * nothing is expected.
 */

import { native } from "../native/open.ts";
import { lastError } from "../native/run.ts";
import type { Doorbell } from "./doorbell.ts";
import { openDoorbell } from "./doorbell.ts";
import { Patience } from "./patience.ts";

/** Completions taken at one look. */
const BATCH = 256;

/** What a completion does: settles a promise. It must not throw. */
export type Settle = (value: number) => void;

/** A record that is told instead: it costs no function for each job. */
export interface Expecting {
  /** As {@link Settle}. */
  arrive(value: number): void;
  /** It is a listener: more may come. */
  readonly stays?: boolean;
}

/** What posts to a mailbox once it is looked at, or by a thread of its own. */
export interface Source {
  /** Posts what is there; with `again`, the caller comes back soon. Must not throw. */
  attend(again: boolean): void;
}

/** This thread's end of its mailbox. */
export class Mailbox {
  /** The number by which native code knows it. */
  readonly handle: number;
  readonly #native = native();
  readonly #pairs = new Uint32Array(2 * BATCH);
  // Tickets are places in a list; free ones are remembered.
  readonly #settles: (Settle | Expecting | undefined)[] = [];
  readonly #free: number[] = [];
  #pending = 0;
  #state: "idle" | "looking" | "asleep" | "listening" = "idle";
  #listeners = 0;
  readonly #sources = new Set<Source>();
  #doorbell: Doorbell | undefined;
  /** When something was last expected or came. */
  #since = 0;
  readonly #patience = new Patience();
  readonly #look = (): void => this.#tick(true);

  readonly #open: typeof openDoorbell;

  /**
   * Opens the mailbox of this thread, whose doorbell is opened when it is first needed. Errors:
   * `LimitExceeded` without memory.
   */
  constructor(open: typeof openDoorbell = openDoorbell) {
    this.#open = open;
    this.handle = this.#native.rst_mailbox_open();
    if (!(this.handle > 0)) throw lastError();
  }

  /** Completions that are expected. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * A ticket for whoever will post: `settle` is called once, with the value that is posted, on this
   * thread and never before this returns.
   */
  expect(settle: Settle | Expecting): number {
    const ticket = this.#free.pop() ?? this.#settles.length;
    this.#settles[ticket] = settle;
    this.#pending++;
    if (this.#state !== "looking") this.#start();
    return ticket;
  }

  /** Gives a ticket back: nobody will post with it. */
  forget(ticket: number): void {
    this.#settles[ticket] = undefined;
    this.#free.push(ticket);
    this.#pending--;
  }

  /** A ticket that may be posted with any number of times, until {@link Mailbox.unlisten}. */
  listen(told: Settle): number {
    const ticket = this.#free.pop() ?? this.#settles.length;
    this.#settles[ticket] = { arrive: told, stays: true };
    this.#listeners++;
    if (this.#state === "idle") this.#start();
    return ticket;
  }

  /** Ends it. The ticket is not given again: something may be on its way to it. */
  unlisten(ticket: number): void {
    this.#settles[ticket] = undefined;
    this.#listeners--;
  }

  /** From now on it is looked at as well. */
  watch(source: Source): void {
    this.#sources.add(source);
  }

  /** Ends that. */
  unwatch(source: Source): void {
    this.#sources.delete(source);
  }

  #start(): void {
    if (this.#state === "asleep" || this.#state === "listening") {
      this.#native.rst_mailbox_disarm(this.handle);
      if (this.#state === "asleep") this.#doorbell!.release();
    }
    this.#state = "looking";
    this.#since = performance.now();
    setImmediate(this.#look);
  }

  /** A look; `looked`: there was no sleep before it. */
  #tick(looked: boolean): void {
    const came = this.#settleAll();
    const now = performance.now();
    if (came && looked) this.#patience.found(now - this.#since);
    if (this.#pending === 0) {
      if (this.#listeners > 0) this.#sleep();
      else this.#state = "idle";
      return;
    }
    if (came || !looked) this.#since = now; // a ring for nothing: a letter is about to come
    if (now - this.#since < this.#patience.ms(this.#pending)) {
      setImmediate(this.#look);
      return;
    }
    this.#patience.missed();
    this.#sleep();
  }

  /** Settles what came; false when nothing did. */
  #settleAll(): boolean {
    const pairs = this.#pairs;
    for (const source of this.#sources) source.attend(true);
    let all = 0;
    let count: number;
    do {
      count = this.#native.rst_mailbox_drain(this.handle, pairs, BATCH);
      for (let at = 0; at < 2 * count; at += 2) {
        const ticket = pairs[at]!;
        const settle = this.#settles[ticket];
        if (settle === undefined) continue; // a post of nobody we know
        const value = pairs[at + 1]!;
        if (typeof settle === "function") {
          this.forget(ticket);
          settle(value);
        } else {
          if (settle.stays !== true) this.forget(ticket);
          settle.arrive(value);
        }
      }
      all += count;
    } while (count === BATCH);
    return all > 0;
  }

  #sleep(): void {
    this.#doorbell ??= this.#open(this.handle, () => this.#wake());
    for (const source of this.#sources) source.attend(false);
    // Armed first, then looked at once more: nothing that came in between is slept through.
    if (this.#native.rst_mailbox_arm(this.handle) !== 0) {
      setImmediate(this.#look);
      return;
    }
    this.#state = this.#pending > 0 ? "asleep" : "listening";
    if (this.#pending > 0) this.#doorbell.hold();
  }

  #wake(): void {
    // A ring that something else was quicker than.
    if (this.#state !== "asleep" && this.#state !== "listening") return;
    this.#native.rst_mailbox_disarm(this.handle);
    if (this.#state === "asleep") this.#doorbell!.release();
    this.#state = "looking";
    this.#tick(false);
  }
}

let here: Mailbox | undefined;

/** This thread's mailbox, opened at its first use. */
export function mailbox(): Mailbox {
  return here ??= new Mailbox();
}
