/**
 * For how long a thread that waits looks before it sleeps.
 *
 * To sleep costs two wakes, of the thread and of the worker, which falls asleep itself where its
 * next job comes late; some 0.1 ms together in a virtual machine. To look costs a processor, which
 * the worker may be waiting for. So looks last twice as long as they usually take to find what they
 * look for, and once one has found nothing the next ones are glances. What comes after the thread
 * has slept says nothing of how long a look is worth, as sleeping made it late: an average of such
 * times once kept threads from looking for jobs of 2 µs, most of the time.
 *
 * Instead, the 3rd, 5th, 9th and then every 16th look since one found something lasts as long as a
 * sleep would take: if it was worth looking, that finds it out. It costs long jobs 10 µs each.
 *
 *     looks of twice the usual time ──► one finds nothing ──► glances, now and then a whole look
 *               ▲                                                  │ one of them finds something
 *               └──────────────────────────────────────────────────┘
 *
 * Where many things are waited for, one sleep serves several of them, and whoever does them is not
 * disturbed meanwhile, so the time is divided by their number.
 */

/** Milliseconds: of a glance; of a whole look, at least; at most. */
const GLANCE_MS = 0.02;
const WHOLE_MS = 0.15;
const MOST_MS = 0.3;
/** How much what was found counts in the average of times. */
const SHARE = 1 / 8;
/** Looks from one whole one to the next, in the long run. */
const EVERY = 16;

/** What one thread has learnt. */
export class Patience {
  /** Milliseconds after which a look finds something, on average. */
  #usualMs = 0;
  /** Looks in a row that found nothing; the first look is a whole one. */
  #misses = EVERY;

  /** Milliseconds for which the present look may last, where so many things are waited for. */
  ms(pending: number): number {
    const missed = this.#misses;
    const whole = missed % EVERY === 0 || missed === 2 || missed === 4 || missed === 8;
    const least = missed > 0 && whole ? WHOLE_MS : GLANCE_MS;
    const usual = missed > 0 && !whole ? 0 : Math.min(MOST_MS, 2 * this.#usualMs);
    return Math.max(GLANCE_MS, Math.max(least, usual) / pending);
  }

  /** A look found something after so many milliseconds. */
  found(ms: number): void {
    this.#usualMs += (this.#misses > 0 ? 1 : SHARE) * (ms - this.#usualMs);
    this.#misses = 0;
  }

  /** A look found nothing, and the thread is about to sleep. */
  missed(): void {
    this.#misses++;
  }
}
