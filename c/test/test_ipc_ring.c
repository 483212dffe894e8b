/* The ring and the transport over it: order, bounds, sleeping and waking, and a peer that lies.
 *
 * Method. Both ends in one process, as threads: the ring cannot tell, and the thread sanitizer can
 * only look at threads. Messages carry their number; whatever is lost, doubled or out of order
 * shows. Random pauses on both sides make every interleaving of sleep and wake likely.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include "ipc/link.h"
#include "ipc/system.h"
#include "platform/os.h"
#include "test.h"

static ipc_ring there;
static ipc_ring back;

static ipc_message numbered(uint32_t n)
{
    ipc_message m;
    for (uint32_t w = 0; w < IPC_WORDS; w++) {
        m.word[w] = n * 31 + w;
    }
    return m;
}

static bool has_number(const ipc_message *m, uint32_t n)
{
    for (uint32_t w = 0; w < IPC_WORDS; w++) {
        if (m->word[w] != n * 31 + w) {
            return false;
        }
    }
    return true;
}

TEST(messages_come_out_as_they_went_in)
{
    ipc_ring_init(&there);
    ipc_producer p = {.ring = &there};
    ipc_consumer c = {.ring = &there};
    ipc_message m;
    bool wake;
    CHECK(ipc_pop(&c, &m, &wake) == IPC_AGAIN);
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < IPC_SLOTS; i++) {
            m = numbered(round * 100 + i);
            CHECK(ipc_push(&p, &m, &wake) == IPC_OK && !wake);
        }
        CHECK(ipc_push(&p, &m, &wake) == IPC_AGAIN);
        for (uint32_t i = 0; i < IPC_SLOTS; i++) {
            CHECK(ipc_pop_ready(&c));
            CHECK(ipc_pop(&c, &m, &wake) == IPC_OK && has_number(&m, round * 100 + i));
        }
        CHECK(!ipc_pop_ready(&c) && ipc_pop(&c, &m, &wake) == IPC_AGAIN);
    }
}

TEST(counters_wrap_around)
{
    ipc_ring_init(&there);
    atomic_store(&there.tail, UINT32_MAX - 1);
    atomic_store(&there.head, UINT32_MAX - 1);
    ipc_producer p = {.ring = &there, .tail = UINT32_MAX - 1, .head = UINT32_MAX - 1};
    ipc_consumer c = {.ring = &there, .head = UINT32_MAX - 1};
    ipc_message m;
    bool wake;
    for (uint32_t i = 0; i < 3 * IPC_SLOTS; i++) {
        m = numbered(i);
        CHECK(ipc_push(&p, &m, &wake) == IPC_OK);
        CHECK(ipc_pop(&c, &m, &wake) == IPC_OK && has_number(&m, i));
    }
    CHECK_EQ_U(atomic_load(&there.tail), 3 * IPC_SLOTS - 2);
}

TEST(a_counter_that_cannot_be_is_a_violation)
{
    for (uint32_t bit = 0; bit < 32; bit++) {
        ipc_ring_init(&there);
        ipc_consumer c = {.ring = &there};
        ipc_producer p = {.ring = &there};
        ipc_message m = numbered(1);
        bool wake;
        uint32_t lie = UINT32_C(1) << bit;
        atomic_store(&there.tail, lie);
        CHECK(ipc_pop(&c, &m, &wake) == (lie <= IPC_SLOTS ? IPC_OK : IPC_VIOLATION));
        ipc_ring_init(&there);
        for (uint32_t i = 0; i < IPC_SLOTS; i++) {
            (void)ipc_push(&p, &m, &wake);
        }
        atomic_store(&there.head, lie);
        CHECK(ipc_push(&p, &m, &wake) == (lie <= IPC_SLOTS ? IPC_OK : IPC_VIOLATION));
    }
}

TEST(who_says_that_he_sleeps_is_woken_once)
{
    ipc_ring_init(&there);
    ipc_producer p = {.ring = &there};
    ipc_consumer c = {.ring = &there};
    ipc_message m = numbered(1);
    bool wake;
    uint32_t seen;
    CHECK(ipc_pop_sleep_begin(&c, &seen));
    CHECK(ipc_push(&p, &m, &wake) == IPC_OK && wake);
    CHECK(atomic_load(&there.bell) != seen);
    CHECK(ipc_push(&p, &m, &wake) == IPC_OK && !wake);
    CHECK(!ipc_pop_sleep_begin(&c, &seen)); /* there is something */
    CHECK_EQ_U(atomic_load(&there.sleeper), 0);
    while (p.tail - p.head < IPC_SLOTS) {
        (void)ipc_push(&p, &m, &wake);
    }
    CHECK(ipc_push_sleep_begin(&p, &seen));
    CHECK(ipc_pop(&c, &m, &wake) == IPC_OK && wake);
    CHECK(atomic_load(&there.full_bell) != seen);
}

static ipc_link ours;
static ipc_link theirs;
static uint32_t rounds;
static uint32_t pauses; /* one in so many messages is followed by one; 0 = none */

static void pause_sometimes(uint64_t *random)
{
    if (pauses && esp_test_random(random) % pauses == 0) {
        uint64_t end = os_clock_ns() + esp_test_random(random) % 50000;
        while (os_clock_ns() < end) {
        }
    }
}

/* Echoes what comes; then sends the same number of messages of its own. */
static void echo(void *unused)
{
    (void)unused;
    uint64_t random = 5;
    ipc_message m;
    for (uint32_t i = 0; i < rounds; i++) {
        CHECK(ipc_recv(&theirs, &m, IPC_FOREVER) == IPC_OK && has_number(&m, i));
        pause_sometimes(&random);
        CHECK(ipc_send(&theirs, &m, IPC_FOREVER) == IPC_OK);
    }
    for (uint32_t i = 0; i < rounds; i++) {
        m = numbered(i + 7);
        CHECK(ipc_send(&theirs, &m, IPC_FOREVER) == IPC_OK);
        pause_sometimes(&random);
    }
}

static void exchange(uint32_t spin_ns, uint32_t count, uint32_t pause_every)
{
    ipc_ring_init(&there);
    ipc_ring_init(&back);
    ipc_link_init(&ours, &there, &back, spin_ns);
    ipc_link_init(&theirs, &back, &there, spin_ns);
    rounds = count * esp_test_times;
    pauses = pause_every;
    os_thread peer;
    if (!CHECK(os_thread_start(&peer, echo, NULL, 256 * 1024) == 0)) {
        return;
    }
    uint64_t random = 9;
    ipc_message m;
    for (uint32_t i = 0; i < rounds; i++) {
        m = numbered(i);
        CHECK(ipc_send(&ours, &m, IPC_FOREVER) == IPC_OK);
        pause_sometimes(&random);
        CHECK(ipc_recv(&ours, &m, IPC_FOREVER) == IPC_OK && has_number(&m, i));
    }
    for (uint32_t i = 0; i < rounds; i++) {
        CHECK(ipc_recv(&ours, &m, IPC_FOREVER) == IPC_OK && has_number(&m, i + 7));
        pause_sometimes(&random);
    }
    os_thread_join(&peer);
}

TEST(no_message_is_lost_between_threads_that_sleep)
{
    exchange(0, 5000, 3);
    exchange(0, 5000, 0);
}

TEST(no_message_is_lost_between_threads_that_spin)
{
    exchange(20000, 5000, 5);
    exchange(2000, 5000, 3);
}

TEST(a_wait_ends_when_its_time_is_over)
{
    ipc_ring_init(&there);
    ipc_ring_init(&back);
    ipc_link_init(&ours, &there, &back, 0);
    ipc_message m;
    uint64_t start = os_clock_ns();
    CHECK(ipc_recv(&ours, &m, 0) == IPC_TIMED_OUT);
    CHECK(ipc_recv(&ours, &m, 5000000) == IPC_TIMED_OUT);
    CHECK(os_clock_ns() - start >= 5000000);
    m = numbered(1);
    for (uint32_t i = 0; i < IPC_SLOTS; i++) {
        CHECK(ipc_send(&ours, &m, 0) == IPC_OK);
    }
    CHECK(ipc_send(&ours, &m, 1000000) == IPC_TIMED_OUT);
}

static atomic_uint gone;

static void tell_death(void *unused)
{
    (void)unused;
    uint64_t end = os_clock_ns() + 2000000;
    while (os_clock_ns() < end) {
    }
    atomic_store(&gone, 1);
    ipc_link_ring(&ours);
}

TEST(a_wait_ends_when_the_peer_is_gone)
{
    ipc_ring_init(&there);
    ipc_ring_init(&back);
    ipc_link_init(&ours, &there, &back, 0);
    ours.gone = &gone;
    atomic_store(&gone, 0);
    os_thread teller;
    if (!CHECK(os_thread_start(&teller, tell_death, NULL, 256 * 1024) == 0)) {
        return;
    }
    ipc_message m;
    CHECK(ipc_recv(&ours, &m, IPC_FOREVER) == IPC_GONE);
    os_thread_join(&teller);
}

const esp_test test_ipc_ring[] = {
    {"messages come out as they went in", messages_come_out_as_they_went_in},
    {"counters wrap around", counters_wrap_around},
    {"a counter that cannot be is a violation", a_counter_that_cannot_be_is_a_violation},
    {"who says that he sleeps is woken once", who_says_that_he_sleeps_is_woken_once},
    {"no message is lost between threads that sleep",
     no_message_is_lost_between_threads_that_sleep},
    {"no message is lost between threads that spin", no_message_is_lost_between_threads_that_spin},
    {"a wait ends when its time is over", a_wait_ends_when_its_time_is_over},
    {"a wait ends when the peer is gone", a_wait_ends_when_the_peer_is_gone},
    {0},
};
#endif
