/* Sending and receiving with a bounded, adaptive spin before each sleep.
 *
 * Spinning pays only where the peer runs on another processor meanwhile: on the peer's own
 * processor it delays the very answer it waits for (25 to 40 times dearer, measured). So each side
 * publishes where it runs, a side spins only when that is elsewhere, for a bounded time (not a
 * count: a pause differs tenfold between processors), and only as long as it has paid of late; it
 * tries again every 16th time. That a peer may lie about its processor costs the spin's bound, no
 * more.
 */
#include "ipc/link.h"

#include "ipc/system.h"
#include "platform/os.h"

enum {
    SUCCESS_MOST = 256,
    SUCCESS_LEAST = 48, /* below: a spin does not pay */
    RETRY = 16,
    LOOKS = 8, /* between two looks at the clock */
};

void ipc_link_init(ipc_link *l, ipc_ring *out, ipc_ring *in, uint32_t spin_ns)
{
    l->out = (ipc_producer){.ring = out};
    l->in = (ipc_consumer){.ring = in};
    l->spin = (ipc_spin){
        .most_ns = ipc_processors() > 1 ? spin_ns : 0,
        .success = SUCCESS_MOST,
    };
    l->gone = NULL;
    l->slice_ns = IPC_FOREVER;
}

static bool is_gone(const ipc_link *l)
{
    return l->gone && atomic_load_explicit(l->gone, memory_order_seq_cst);
}

static void pause_briefly(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("isb");
#endif
}

static bool worth_spinning(ipc_link *l)
{
    ipc_spin *s = &l->spin;
    if (s->most_ns == 0) {
        return false;
    }
    uint32_t here = ipc_processor() + 1;
    atomic_store_explicit(&l->out.ring->producer_cpu, here, memory_order_relaxed);
    uint32_t there = atomic_load_explicit(&l->in.ring->producer_cpu, memory_order_relaxed);
    if (here == there || here == 0 || there == 0) {
        return false;
    }
    if (s->success >= SUCCESS_LEAST || ++s->turn >= RETRY) {
        s->turn = 0;
        return true;
    }
    return false;
}

/* True: there is something. */
static bool spin(ipc_link *l)
{
    ipc_spin *s = &l->spin;
    uint64_t end = os_clock_ns() + s->most_ns;
    bool found = false;
    do {
        for (uint32_t i = 0; i < LOOKS && !found; i++) {
            found = ipc_pop_ready(&l->in);
            if (!found) {
                pause_briefly();
            }
        }
    } while (!found && !is_gone(l) && os_clock_ns() < end);
    s->success = s->success - s->success / 8 + (found ? SUCCESS_MOST / 8 : 0);
    return found;
}

/* Nanoseconds to sleep now; 0: the time is over. */
static uint64_t sleep_time(const ipc_link *l, uint64_t until)
{
    if (until == IPC_FOREVER) {
        return l->slice_ns;
    }
    uint64_t now = os_clock_ns();
    uint64_t left = now < until ? until - now : 0;
    return left < l->slice_ns ? left : l->slice_ns;
}

static uint64_t end_of(uint64_t timeout_ns)
{
    return timeout_ns >= IPC_SLICE ? IPC_FOREVER : os_clock_ns() + timeout_ns;
}

int ipc_recv(ipc_link *l, ipc_message *m, uint64_t timeout_ns)
{
    uint64_t until = timeout_ns == 0 ? 0 : end_of(timeout_ns);
    bool spun = timeout_ns == 0;
    bool slept = false;
    for (;;) {
        bool wake;
        int got = ipc_pop(&l->in, m, &wake);
        if (got != IPC_AGAIN) {
            if (got == IPC_OK && wake) {
                ipc_wake(&l->in.ring->full_bell);
            }
            return got;
        }
        if (is_gone(l)) {
            return IPC_GONE;
        }
        if (!spun) {
            spun = true;
            if (worth_spinning(l) && spin(l)) {
                continue;
            }
        }
        uint64_t time = timeout_ns == 0 || slept ? 0 : sleep_time(l, until);
        if (time == 0) {
            return IPC_TIMED_OUT;
        }
        uint32_t seen;
        if (ipc_pop_sleep_begin(&l->in, &seen)) {
            if (!is_gone(l)) {
                ipc_wait(&l->in.ring->bell, seen, time);
                slept = timeout_ns == IPC_SLICE;
            }
            ipc_pop_sleep_end(&l->in);
        }
    }
}

int ipc_send(ipc_link *l, const ipc_message *m, uint64_t timeout_ns)
{
    uint64_t until = timeout_ns == 0 ? 0 : end_of(timeout_ns);
    if (l->spin.most_ns) {
        uint32_t here = ipc_processor() + 1;
        atomic_store_explicit(&l->out.ring->producer_cpu, here, memory_order_relaxed);
    }
    for (;;) {
        bool wake;
        int sent = ipc_push(&l->out, m, &wake);
        if (sent != IPC_AGAIN) {
            if (sent == IPC_OK && wake) {
                ipc_wake(&l->out.ring->bell);
            }
            return sent;
        }
        if (is_gone(l)) {
            return IPC_GONE;
        }
        uint64_t time = timeout_ns == 0 ? 0 : sleep_time(l, until);
        if (time == 0) {
            return IPC_TIMED_OUT;
        }
        uint32_t seen;
        if (ipc_push_sleep_begin(&l->out, &seen)) {
            if (!is_gone(l)) {
                ipc_wait(&l->out.ring->full_bell, seen, time);
            }
            ipc_push_sleep_end(&l->out);
        }
    }
}

void ipc_link_ring(ipc_link *l)
{
    atomic_fetch_add(&l->in.ring->bell, 1);
    ipc_wake(&l->in.ring->bell);
    atomic_fetch_add(&l->out.ring->full_bell, 1);
    ipc_wake(&l->out.ring->full_bell);
}
