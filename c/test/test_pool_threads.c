/* Pools with many threads at them: nothing is lost and nothing is left, whoever does what when.
 *
 * Method. Threads of ours do random things to a few shared pools and jobs; afterwards the counts
 * must add up, and all memory must go. Round trips one at a time look for wake-ups that get lost:
 * one that does, ends in a wait of a minute and a failure.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include "platform/os.h"
#include "pool/pool.h"
#include "ristretto.h"
#include "test_pool_jobs.h"

enum { MEDDLERS = 4, POOLS = 3, HANDLES = 16, STACK = 256 * 1024 };

static job_build small;
static double pools[POOLS];
static double handles[HANDLES];

static double load(const double *from)
{
    double value;
    __atomic_load(from, &value, __ATOMIC_RELAXED);
    return value;
}

static void store(double *to, double value)
{
    __atomic_store(to, &value, __ATOMIC_RELAXED);
}

static double exchange(double *what, double value)
{
    double before;
    __atomic_exchange(what, &value, &before, __ATOMIC_RELAXED);
    return before;
}

static double open_any(uint64_t *random)
{
    return rst_pool_open(1 + esp_test_below(random, 3), 1 + esp_test_below(random, 5), 0,
                         1 + esp_test_below(random, 9), esp_test_below(random, 4), NULL, 0);
}

static void meddle_once(uint64_t *random, double mailbox)
{
    uint8_t room[4096];
    uint32_t pairs[16];
    double *pool = &pools[esp_test_below(random, POOLS)];
    double *job = &handles[esp_test_below(random, HANDLES)];
    switch (esp_test_below(random, 14)) {
    case 0:
    case 1:
    case 2:
        store(job, rst_pool_submit(load(pool), small.bytes, small.length, 0));
        break;
    case 3:
        store(job, rst_pool_submit_ticket(load(pool), small.bytes, small.length, 0, mailbox, 5));
        break;
    case 4:
        (void)rst_pool_wait(load(job), 1);
        break;
    case 5:
    case 6:
        (void)rst_pool_take(load(job), room, sizeof room);
        break;
    case 7:
        (void)rst_pool_cancel(load(job));
        break;
    case 8:
        (void)rst_pool_forget(load(job));
        break;
    case 9:
        (void)rst_pool_hurry(load(job));
        break;
    case 10:
        (void)rst_mailbox_drain(mailbox, pairs, 8);
        break;
    case 11:
        (void)rst_pool_wait_room(load(pool), 1);
        break;
    case 12:
        (void)rst_pool_statistics(load(pool), room, sizeof room / sizeof(double));
        break;
    default:
        if (esp_test_below(random, 20) == 0) {
            (void)rst_pool_close(load(pool), esp_test_below(random, 2));
            (void)rst_pool_release(exchange(pool, open_any(random)));
        }
        break;
    }
}

static void meddle(void *argument)
{
    uint64_t random = (uintptr_t)argument;
    double mailbox = rst_mailbox_open(); /* closed when the thread ends */
    for (uint32_t i = 0; i < 3000 * esp_test_times; i++) {
        meddle_once(&random, mailbox);
    }
}

TEST(threads_may_do_anything_to_pools_in_any_order)
{
    uint64_t random = 5;
    pool_small_job(&small);
    for (uint32_t i = 0; i < POOLS; i++) {
        pools[i] = rst_pool_open(2, 4, 0, 4, 1, NULL, 0);
    }
    os_thread threads[MEDDLERS];
    for (uint32_t i = 0; i < MEDDLERS; i++) {
        CHECK_EQ_U(os_thread_start(&threads[i], meddle, (void *)(uintptr_t)(i + 1), STACK), 0);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        esp_pool_counts c;
        if (esp_pool_count(load(&pools[esp_test_below(&random, POOLS)]), &c) == 0) {
            CHECK_EQ_U(c.submitted, c.completed + c.failed + c.cancelled + c.waiting + c.running);
        }
    }
    for (uint32_t i = 0; i < MEDDLERS; i++) {
        os_thread_join(&threads[i]);
    }
    for (uint32_t i = 0; i < POOLS; i++) {
        (void)rst_pool_release(pools[i]);
    }
    CHECK(pool_wait_all_gone());
}

typedef struct submitter {
    os_thread thread;
    double pool;
    uint32_t count;
} submitter;

/* One job at a time, each awaited. */
static void make_round_trips(void *argument)
{
    submitter *s = argument;
    uint8_t room[4096];
    uint64_t random = s->count;
    for (uint32_t i = 0; i < s->count; i++) {
        double job = rst_pool_submit(s->pool, small.bytes, small.length, 0);
        if (!CHECK(job > 0) || !CHECK(rst_pool_wait(job, 60000) == 1) ||
            !CHECK(rst_pool_take(job, room, sizeof room) > 0)) {
            return;
        }
        for (uint32_t pause = esp_test_below(&random, 2000); pause; pause--) {
            os_pause(); /* so that spinning threads give up at all sorts of moments */
        }
    }
}

TEST(no_wake_up_is_lost)
{
    enum { EACH = 4000 };
    pool_small_job(&small);
    double pool = rst_pool_open(2, 64, 0, 4, 1, NULL, 0);
    submitter submitters[3];
    make_round_trips(&(submitter){.pool = pool, .count = EACH * esp_test_times});
    for (uint32_t i = 0; i < 3; i++) {
        submitters[i] = (submitter){.pool = pool, .count = EACH * esp_test_times};
        CHECK_EQ_U(os_thread_start(&submitters[i].thread, make_round_trips, &submitters[i], STACK),
                   0);
    }
    for (uint32_t i = 0; i < 3; i++) {
        os_thread_join(&submitters[i].thread);
    }
    esp_pool_counts c;
    CHECK(esp_pool_count(pool, &c) == 0);
    CHECK_EQ_U(c.completed, (uint64_t)4 * EACH * esp_test_times);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(pool_wait_all_gone());
}

/* A thread that ends with jobs of all sorts on their way. */
static void end_in_between(void *argument)
{
    submitter *s = argument;
    static job_build longer; /* only read, once made */
    if (s->count == 0) {
        pool_long_job(&longer, 0);
    }
    double own = rst_pool_open(2, 64, 0, 4, 3, NULL, 0);
    double mailbox = rst_mailbox_open();
    for (uint32_t i = 0; i < 8; i++) {
        CHECK(rst_pool_submit_ticket(own, small.bytes, small.length, 0, mailbox, i) > 0);
        CHECK(rst_pool_submit_ticket(s->pool, small.bytes, small.length, 0, mailbox, i) > 0);
    }
    CHECK(rst_pool_submit(own, longer.bytes, longer.length, 0) > 0);
    CHECK(rst_pool_submit_ticket(own, longer.bytes, longer.length, 0, mailbox, 9) > 0);
}

TEST(a_thread_that_ends_leaves_nothing_of_its_jobs)
{
    pool_small_job(&small);
    double pool = rst_pool_open(2, 1024, 0, 4, 0, NULL, 0);
    for (uint32_t i = 0; i < 30; i++) {
        submitter s = {.pool = pool, .count = i};
        CHECK_EQ_U(os_thread_start(&s.thread, end_in_between, &s, STACK), 0);
        os_thread_join(&s.thread);
    }
    CHECK(rst_pool_wait_idle(pool, 60000) == 1);
    esp_pool_counts c;
    CHECK(esp_pool_count(pool, &c) == 0);
    CHECK_EQ_U(c.submitted, 240);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(pool_wait_all_gone());
}

/* Submits until the pool is closed. */
static void submit_until_closed(void *argument)
{
    submitter *s = argument;
    for (;;) {
        double job = rst_pool_submit(s->pool, small.bytes, small.length, 0);
        if (job == -RST_CLOSED) {
            return;
        }
        if (job == -RST_QUEUE_FULL) {
            (void)rst_pool_wait_room(s->pool, 60000);
        } else if (CHECK(job > 0)) {
            s->count++;
        }
    }
}

static void close_twice(void *argument)
{
    submitter *s = argument;
    (void)rst_pool_close(s->pool, s->count);
    (void)rst_pool_close(s->pool, 1);
    CHECK(rst_pool_wait_idle(s->pool, 60000) == 1);
}

TEST(closing_from_two_threads_during_submission_ends)
{
    pool_small_job(&small);
    for (uint32_t round = 0; round < 40; round++) {
        double pool = rst_pool_open(2, 4, 0, 4, 1, NULL, 0);
        submitter s[2] = {{.pool = pool}, {.pool = pool}};
        submitter closers[2] = {{.pool = pool, .count = 0}, {.pool = pool, .count = 1}};
        for (uint32_t i = 0; i < 2; i++) {
            CHECK_EQ_U(os_thread_start(&s[i].thread, submit_until_closed, &s[i], STACK), 0);
        }
        for (uint32_t i = 0; i < 2; i++) {
            CHECK_EQ_U(os_thread_start(&closers[i].thread, close_twice, &closers[i], STACK), 0);
        }
        for (uint32_t i = 0; i < 2; i++) {
            os_thread_join(&s[i].thread);
            os_thread_join(&closers[i].thread);
        }
        esp_pool_counts c;
        CHECK(esp_pool_count(pool, &c) == 0);
        CHECK_EQ_U(c.submitted, s[0].count + s[1].count);
        CHECK_EQ_U(c.submitted, c.completed + c.cancelled);
        CHECK(rst_pool_release(pool) == 0);
    }
    CHECK(pool_wait_all_gone());
}

TEST(pools_come_and_go_with_their_threads)
{
    pool_small_job(&small);
    for (uint32_t i = 0; i < 300; i++) {
        double pool = rst_pool_open(2, 4, 0, 4, 0, NULL, 0);
        CHECK(pool > 0);
        for (uint32_t k = 0; k < i % 4; k++) {
            (void)rst_pool_submit(pool, small.bytes, small.length, 0);
        }
        CHECK(rst_pool_release(pool) == 0);
    }
    CHECK(pool_wait_all_gone());
}

const esp_test test_pool_threads[] = {
    {"threads may do anything to pools, in any order",
     threads_may_do_anything_to_pools_in_any_order},
    {"no wake-up is lost", no_wake_up_is_lost},
    {"a thread that ends leaves nothing of its jobs",
     a_thread_that_ends_leaves_nothing_of_its_jobs},
    {"closing from two threads during submission ends",
     closing_from_two_threads_during_submission_ends},
    {"pools come and go with their threads", pools_come_and_go_with_their_threads},
    {0},
};
#endif
