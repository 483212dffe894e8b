/* The host's side of the protocol against a worker that writes whatever it likes, whenever it
 * likes, into what they share.
 *
 * Method. There is no process: the test itself plays the worker in a real pair of regions, which is
 * a thousand times faster than one that has to be killed. First the shared words and the reply are
 * changed between two steps of the host, at random and to values that are nearly right; then a
 * second thread changes them while the host looks. Whatever comes of it, the host must answer with
 * one of its verdicts, within its memory (the sanitizer watches), and never with a result longer
 * than there is room for.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there is no other process to talk to */
#else
#include <string.h>

#include "isolate/worker.h"
#include "job/format.h"
#include "platform/os.h"
#include "test.h"

#define RESERVED (UINT64_C(1) << 24)

enum { ROOM = 64 * 1024, OUTPUT_MOST = 256 * 1024, ROUNDS = 100000 };
enum { WORDS = sizeof(iso_shared) / 4 };

static iso_worker w;
static uint8_t copy[OUTPUT_MOST];
static uint64_t seed;
static const uint8_t job[RST_HEADER_SIZE];
static const iso_source source = {.bytes = job, .length = sizeof job};

static void begin_links(void)
{
    ipc_ring_init(&w.shared->requests);
    ipc_ring_init(&w.shared->replies);
    ipc_link_init(&w.link, &w.shared->requests, &w.shared->replies, 0);
    w.link.gone = &w.gone;
    w.link.slice_ns = 1000000;
}

static bool begin(void)
{
    memset(&w, 0, sizeof w);
    w.control = w.process.handle = -1;
    w.reply = &w.own_reply;
    w.epoch = UINT64_C(0x500000007);
    w.output = OUTPUT_MOST;
    bool made = !ipc_region_create(&w.request, ROOM, RESERVED, true) &&
                !ipc_region_create(w.reply, ISO_REPLY_AREA + ROOM, RESERVED, false);
    if (!made) {
        esp_test_skip("this system has no shared regions");
        return false;
    }
    w.shared = (iso_shared *)(void *)w.reply->base;
    begin_links();
    return true;
}

static uint32_t pick(uint32_t below)
{
    return (uint32_t)(esp_test_random(&seed) >> 33) % below;
}

/* A word that a clever worker would write: near what is right, or at the end of a range. */
static uint32_t wicked(uint32_t right)
{
    static const uint32_t ends[] = {
        0,    1,        2,      3,          4,          7,           8,          9,
        ROOM, ROOM + 1, 0xffff, 0x7fffffff, 0x80000000, OUTPUT_MOST, 0xfffffffe, 0xffffffff};
    switch (pick(5)) {
    case 0:
        return right ^ UINT32_C(1) << pick(32);
    case 1:
        return right + pick(20) - 10;
    case 2:
        return ends[pick(sizeof ends / sizeof *ends)];
    default:
        return (uint32_t)esp_test_random(&seed);
    }
}

static _Atomic uint32_t *word_at(uint32_t at)
{
    return (_Atomic uint32_t *)(void *)w.shared + at;
}

static void change_words(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        _Atomic uint32_t *word = word_at(pick(WORDS));
        uint32_t right = atomic_load_explicit(word, memory_order_relaxed);
        atomic_store_explicit(word, wicked(right), memory_order_relaxed);
    }
}

static void put_header(uint32_t at, uint32_t value)
{
    memcpy(w.reply->base + ISO_REPLY_AREA + at, &value, sizeof value);
}

/* The answer that a worker would give, with some of its words changed. */
static void reply(uint32_t changes)
{
    ipc_producer out = {.ring = &w.shared->replies, .tail = w.link.in.head, .head = w.link.in.head};
    ipc_message m = {{0}};
    bool wake;
    uint32_t length = RST_HEADER_SIZE;
    put_header(RST_HEADER_MAGIC, RST_MAGIC_RESULT);
    put_header(RST_HEADER_VERSION, RST_FORMAT_VERSION);
    put_header(RST_HEADER_LENGTH, length);
    m.word[ISO_AT_KIND] = pick(8) ? ISO_DONE : ISO_NEED;
    m.word[ISO_AT_SEQUENCE] = w.sequence;
    m.word[ISO_AT_EPOCH] = (uint32_t)w.epoch;
    m.word[ISO_AT_EPOCH + 1] = (uint32_t)(w.epoch >> 32);
    m.word[ISO_AT_LENGTH] = pick(4) ? length : pick(2 * OUTPUT_MOST);
    for (uint32_t i = 0; i < changes; i++) {
        uint32_t at = pick(IPC_WORDS);
        m.word[at] = wicked(m.word[at]);
    }
    (void)ipc_push(&out, &m, &wake);
}

static bool is_verdict(int got)
{
    return got == IPC_OK || got == IPC_TIMED_OUT || got == IPC_VIOLATION || got == ISO_STALE ||
           got == ISO_NO_MEMORY || got == ISO_TOO_LONG;
}

/* One job as the host does it; false: its verdict is none. */
static bool host_round(uint32_t *answered)
{
    uint32_t length = 0;
    int got = iso_worker_wait(&w, 0, &length);
    if (got == IPC_OK) {
        if (length > w.reply->granted - ISO_REPLY_AREA || length > OUTPUT_MOST) {
            return false;
        }
        got = iso_worker_copy(&w, copy, length);
        *answered += got == IPC_OK;
    }
    return is_verdict(got);
}

TEST(whatever_a_worker_writes_between_two_steps_the_host_has_a_verdict)
{
    seed = 11 + esp_test_seed;
    uint32_t answered = 0;
    if (!begin()) {
        return;
    }
    for (uint32_t i = 0; i < ROUNDS * esp_test_times; i++) {
        begin_links();
        bool fair = i % 16 == 0; /* some jobs are answered as they should be */
        int given = iso_worker_give(&w, &source);
        CHECK(is_verdict(given));
        if (given == IPC_OK) {
            uint32_t before = answered;
            reply(fair ? 0 : pick(4));
            change_words(fair ? 0 : pick(4));
            CHECK(host_round(&answered));
            CHECK(answered - before <= 1);
        }
        (void)iso_worker_began(&w);
        iso_worker_cancel(&w);
    }
    CHECK(answered > ROUNDS / 100);
    CHECK(iso_worker_shared(&w) <= 2 * (OUTPUT_MOST + ISO_REPLY_AREA + ROOM));
    iso_worker_bury(&w);
}

static atomic_bool over;

static void scribble(void *unused)
{
    (void)unused;
    uint64_t state = 23 + esp_test_seed;
    _Atomic uint32_t *area = (_Atomic uint32_t *)(void *)(w.reply->base + ISO_REPLY_AREA);
    while (!atomic_load_explicit(&over, memory_order_relaxed)) {
        uint64_t random = esp_test_random(&state);
        _Atomic uint32_t *word =
            random & 1 ? word_at((uint32_t)(random >> 32) % WORDS) : area + (random >> 60);
        uint32_t is = atomic_load_explicit(word, memory_order_relaxed);
        uint32_t bit = UINT32_C(1) << (random >> 1 & 31);
        atomic_store_explicit(word, random & 64 ? is ^ bit : is + (uint32_t)(random >> 8 & 3),
                              memory_order_relaxed);
    }
}

TEST(a_worker_that_writes_while_the_host_looks_is_found_out_or_answers)
{
    seed = 29 + esp_test_seed;
    uint32_t answered = 0;
    os_thread thread;
    if (!begin()) {
        return;
    }
    atomic_store(&over, false);
    if (!CHECK(os_thread_start(&thread, scribble, NULL, 256 * 1024) == 0)) {
        return;
    }
    for (uint32_t i = 0; i < ROUNDS * esp_test_times; i++) {
        if (i % 4 == 0) {
            begin_links();
        }
        int given = iso_worker_give(&w, &source);
        CHECK(is_verdict(given));
        if (given == IPC_OK) {
            reply(0);
            CHECK(host_round(&answered));
        }
    }
    atomic_store(&over, true);
    os_thread_join(&thread);
    CHECK(iso_worker_shared(&w) <= 2 * (OUTPUT_MOST + ISO_REPLY_AREA + ROOM));
    iso_worker_bury(&w);
}

const esp_test test_hostile[] = {
    {"whatever a worker writes between two steps, the host has a verdict",
     whatever_a_worker_writes_between_two_steps_the_host_has_a_verdict},
    {"a worker that writes while the host looks is found out or answers",
     a_worker_that_writes_while_the_host_looks_is_found_out_or_answers},
    {0},
};
#endif
