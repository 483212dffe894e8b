/* A bounded queue for one producer and one consumer, and how its sides sleep.
 *
 *      slots   │ taken │ taken │ ready │ ready │ free │ …        index = counter modulo IPC_SLOTS
 *                              ▲ head          ▲ tail
 *
 * Idea. Two counters, each written by one side only. The producer fills the slot at `tail` and then
 * publishes tail + 1 with release; the consumer that reads it with acquire therefore sees the slot
 * filled. The other way round for `head` and the slot being free. (Lamport, Specifying concurrent
 * program modules, 1983.) Counters run modulo 2^32, so full and empty differ.
 *
 * Why atomics work across processes. C11 says that lock-free atomic operations are address-free:
 * they do not depend on the address they are done at, and communicate through memory that is mapped
 * at several places or into several processes. That is a note of the standard (7.17.5), and how
 * processors work: cache coherence knows physical lines, neither processes nor virtual addresses. A
 * lock-based atomic would not do, as its lock lies in one process; the assertions below refuse
 * those.
 *
 * Sleeping. The consumer that finds nothing says "I sleep", and looks once more; the producer
 * publishes, and then looks whether somebody sleeps. Each writes one word and reads the other's, so
 * both need a full fence between the two: with anything weaker, both reads may be older than both
 * writes, and a message would lie there while its reader sleeps (Dekker's pattern). With it, at
 * least one sees the other. The sleeper waits on `bell`, which it read before it said so and which
 * every wake changes: a wake between its last look and the kernel's wait ends that wait at once.
 * test/model has the model of this file; without one of the fences, one of the second looks, or the
 * change of the bell, a message is lost in it.
 *
 * Trust. The peer may write anything into the ring. Private counters are the truth; a foreign one
 * is fetched once and must be within IPC_SLOTS of ours. Words of a slot are fetched once each into
 * a private message, and what they mean is the caller's to check. A sleeper's flag that lies costs
 * a needless wake, or a wait that the caller must bound.
 *
 * Cost: a message that nobody sleeps for takes one cache line for the message, one for the counter.
 */
#include "ipc/ring.h"

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "atomic words must work across processes");
_Static_assert((IPC_SLOTS & (IPC_SLOTS - 1)) == 0, "counters wrap evenly");

void ipc_ring_init(ipc_ring *r)
{
    atomic_init(&r->tail, 0);
    atomic_init(&r->producer_cpu, 0);
    atomic_init(&r->full_sleeper, 0);
    atomic_init(&r->head, 0);
    atomic_init(&r->consumer_cpu, 0);
    atomic_init(&r->sleeper, 0);
    atomic_init(&r->bell, 0);
    atomic_init(&r->full_bell, 0);
    for (uint32_t i = 0; i < IPC_SLOTS; i++) {
        for (uint32_t w = 0; w < IPC_WORDS; w++) {
            atomic_init(&r->slots[i][w], 0);
        }
    }
}

/* After something was published: whether to ring, because the other side says it sleeps. The first
 * who notices takes the flag, so one sleep is ended by one wake. */
static bool take_sleeper(_Atomic uint32_t *sleeper, _Atomic uint32_t *bell)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (!atomic_load_explicit(sleeper, memory_order_relaxed) ||
        !atomic_exchange_explicit(sleeper, 0, memory_order_relaxed)) {
        return false;
    }
    atomic_fetch_add_explicit(bell, 1, memory_order_release);
    return true;
}

int ipc_push(ipc_producer *p, const ipc_message *m, bool *wake)
{
    ipc_ring *r = p->ring;
    if (p->tail - p->head == IPC_SLOTS) {
        uint32_t head = atomic_load_explicit(&r->head, memory_order_acquire);
        if (p->tail - head > IPC_SLOTS) {
            return IPC_VIOLATION;
        }
        p->head = head;
        if (p->tail - head == IPC_SLOTS) {
            return IPC_AGAIN;
        }
    }
    _Atomic uint32_t *slot = r->slots[p->tail % IPC_SLOTS];
    for (uint32_t w = 0; w < IPC_WORDS; w++) {
        atomic_store_explicit(&slot[w], m->word[w], memory_order_relaxed);
    }
    p->tail++;
    atomic_store_explicit(&r->tail, p->tail, memory_order_release);
    *wake = take_sleeper(&r->sleeper, &r->bell);
    return IPC_OK;
}

int ipc_pop(ipc_consumer *c, ipc_message *m, bool *wake)
{
    ipc_ring *r = c->ring;
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    if (tail == c->head) {
        return IPC_AGAIN;
    }
    if (tail - c->head > IPC_SLOTS) {
        return IPC_VIOLATION;
    }
    _Atomic uint32_t *slot = r->slots[c->head % IPC_SLOTS];
    for (uint32_t w = 0; w < IPC_WORDS; w++) {
        m->word[w] = atomic_load_explicit(&slot[w], memory_order_relaxed);
    }
    c->head++;
    atomic_store_explicit(&r->head, c->head, memory_order_release);
    *wake = take_sleeper(&r->full_sleeper, &r->full_bell);
    return IPC_OK;
}

bool ipc_pop_ready(const ipc_consumer *c)
{
    return atomic_load_explicit(&c->ring->tail, memory_order_relaxed) != c->head;
}

bool ipc_pop_sleep_begin(ipc_consumer *c, uint32_t *seen)
{
    ipc_ring *r = c->ring;
    *seen = atomic_load_explicit(&r->bell, memory_order_acquire);
    atomic_store_explicit(&r->sleeper, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&r->tail, memory_order_relaxed) == c->head) {
        return true;
    }
    ipc_pop_sleep_end(c);
    return false;
}

void ipc_pop_sleep_end(ipc_consumer *c)
{
    atomic_store_explicit(&c->ring->sleeper, 0, memory_order_relaxed);
}

bool ipc_push_sleep_begin(ipc_producer *p, uint32_t *seen)
{
    ipc_ring *r = p->ring;
    *seen = atomic_load_explicit(&r->full_bell, memory_order_acquire);
    atomic_store_explicit(&r->full_sleeper, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (p->tail - atomic_load_explicit(&r->head, memory_order_relaxed) == IPC_SLOTS) {
        return true;
    }
    ipc_push_sleep_end(p);
    return false;
}

void ipc_push_sleep_end(ipc_producer *p)
{
    atomic_store_explicit(&p->ring->full_sleeper, 0, memory_order_relaxed);
}
