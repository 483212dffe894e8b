/* Pools: jobs give what runs give, the queue is bounded, cancelling and closing do what they say,
 * shares are fair, and whatever happens the counts are right and nothing is left. */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <math.h> /* NAN */
#include <string.h>

#include "pool/pool.h"
#include "ristretto.h"
#include "test_pool_jobs.h"

static job_build job;
static uint8_t out[64 * 1024];

static double open_pool(uint32_t threads, uint32_t queue)
{
    return rst_pool_open(threads, queue, 0, 4, 1, NULL, 0);
}

static esp_pool_counts counts_of(double pool)
{
    esp_pool_counts c = {0};
    CHECK(esp_pool_count(pool, &c) == 0);
    CHECK_EQ_U(c.submitted, c.completed + c.failed + c.cancelled + c.waiting + c.running);
    return c;
}

/* Submits a job that lasts, and waits until it runs. */
static double start_long_job(double pool)
{
    pool_long_job(&job, 0);
    uint32_t before = counts_of(pool).running;
    double handle = rst_pool_submit(pool, job.bytes, job.length, 0);
    CHECK(handle > 0);
    for (uint32_t i = 0; i < 12000 && counts_of(pool).running == before; i++) {
        pool_sleep(1);
    }
    CHECK_EQ_U(counts_of(pool).running, before + 1);
    return handle;
}

TEST(a_job_gives_the_result_of_a_run)
{
    static uint8_t direct[sizeof out];
    void (*const make[])(job_build *) = {pool_small_job, pool_fair_job, pool_large_job};
    double pool = open_pool(2, 8);
    CHECK(pool > 0);
    for (uint32_t i = 0; i < sizeof make / sizeof make[0]; i++) {
        make[i](&job);
        double n = rst_run(job.bytes, job.length, direct, sizeof direct);
        CHECK(n > 0 && n <= sizeof direct);
        double handle = rst_pool_submit(pool, job.bytes, job.length, 0);
        memset(job.bytes, 0, sizeof job.bytes); /* it was copied */
        CHECK(pool_wait_done(handle));
        CHECK(rst_pool_take(handle, NULL, 0) == n);
        CHECK(rst_pool_take(handle, out, (uint32_t)n - 1) == n);
        CHECK(rst_pool_take(handle, out, (uint32_t)n) == n);
        CHECK(same_answers(out, direct));
        CHECK(rst_pool_take(handle, out, sizeof out) == -RST_CLOSED);
    }
    CHECK_EQ_U(counts_of(pool).completed, 3);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(pool_wait_all_gone());
}

TEST(errors_of_a_job_are_in_its_result_and_counted)
{
    double pool = open_pool(1, 8);
    double handle = rst_pool_submit(pool, NULL, 0, 0);
    CHECK(pool_wait_done(handle));
    CHECK(rst_pool_take(handle, out, sizeof out) > 0);
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), RST_INVALID_INPUT);
    CHECK_EQ_U(counts_of(pool).failed, 1);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(pool_wait_all_gone());
}

TEST(options_out_of_range_are_refused)
{
    const uint8_t *name = (const uint8_t *)"twelve-bytes";
    const double wrong[] = {
        rst_pool_open(257, 8, 0, 4, 0, NULL, 0),
        rst_pool_open(1, 0, 0, 4, 0, NULL, 0),
        rst_pool_open(1, (1 << 20) + 1, 0, 4, 0, NULL, 0),
        rst_pool_open(1, 8, 64, 4, 0, NULL, 0),
        rst_pool_open(1, 8, 200, 4, 0, NULL, 0),
        rst_pool_open(1, 8, 65536 + 64, 4, 0, NULL, 0),
        rst_pool_open(1, 8, 0, 0, 0, NULL, 0),
        rst_pool_open(1, 8, 0, 1001, 0, NULL, 0),
        rst_pool_open(1, 8, 0, 4, 0, name, 12),
        rst_pool_open(1, 8, 0, 4, 0, (const uint8_t *)"a b", 3),
        rst_pool_open(1, 8, 0, 4, 0, NULL, 3),
    };
    for (uint32_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(wrong[i] == -RST_INVALID_INPUT);
    }
    CHECK_EQ_U(rst_last_error(NULL, 0, NULL), RST_INVALID_INPUT);
    double pool = rst_pool_open(256, 1 << 20, 128, 1000, 0, (const uint8_t *)"eleven.byte", 11);
    CHECK(pool > 0);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(rst_pool_alive() == 0);
}

TEST(numbers_that_are_no_pools_or_jobs_are_refused)
{
    double pool = open_pool(1, 1);
    const double forged[] = {0, -1, 0.5, 3, pool + 0.5, pool + 77, -pool, 1e15, 1e300, NAN};
    for (uint32_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        CHECK(rst_pool_submit(forged[i], NULL, 0, 0) == -RST_INVALID_INPUT);
        CHECK(rst_pool_wait(forged[i], 60000) == -RST_INVALID_INPUT);
        CHECK(rst_pool_take(forged[i], out, 1) == -RST_INVALID_INPUT);
        CHECK(rst_pool_cancel(forged[i]) == -RST_INVALID_INPUT);
        CHECK(rst_pool_hurry(forged[i]) == -RST_INVALID_INPUT);
        CHECK(rst_pool_forget(forged[i]) == -RST_INVALID_INPUT);
        CHECK(rst_pool_wait_room(forged[i], 60000) == -RST_INVALID_INPUT);
        CHECK(rst_pool_wait_idle(forged[i], 60000) == -RST_INVALID_INPUT);
        CHECK(rst_pool_close(forged[i], 1) == -RST_INVALID_INPUT);
        CHECK(rst_pool_release(forged[i]) == -RST_INVALID_INPUT);
        CHECK(rst_pool_statistics(forged[i], out, 1) == -RST_INVALID_INPUT);
    }
    CHECK(rst_pool_submit(pool, NULL, 1, 0) == -RST_INVALID_INPUT);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(rst_pool_release(pool) == -RST_CLOSED);
    CHECK(rst_pool_submit(pool, NULL, 0, 0) == -RST_CLOSED);
    CHECK(rst_pool_alive() == 0);
}

TEST(a_full_queue_refuses_and_room_comes_back)
{
    double pool = open_pool(1, 2);
    double running = start_long_job(pool);
    double waiting[2];
    pool_small_job(&job);
    for (uint32_t i = 0; i < 2; i++) {
        waiting[i] = rst_pool_submit(pool, job.bytes, job.length, 0);
        CHECK(waiting[i] > 0);
    }
    CHECK(rst_pool_submit(pool, job.bytes, job.length, 0) == -RST_QUEUE_FULL);
    CHECK(rst_pool_wait_room(pool, 1) == 0);
    esp_pool_counts c = counts_of(pool);
    CHECK(c.waiting == 2 && c.running == 1 && c.refused == 1 && c.submitted == 3);
    CHECK(rst_pool_cancel(waiting[0]) == 0); /* room, at once */
    CHECK(rst_pool_wait_room(pool, 0) == 1);
    double more = rst_pool_submit(pool, job.bytes, job.length, 0);
    CHECK(more > 0);
    CHECK(rst_pool_cancel(running) == 0);
    CHECK(pool_wait_done(waiting[1]) && pool_wait_done(more) && pool_wait_done(running));
    c = counts_of(pool);
    CHECK(c.completed == 2 && c.cancelled == 2 && c.waiting == 0 && c.running == 0);
    CHECK(rst_pool_release(pool) == 0); /* with three results that nobody took */
    CHECK(pool_wait_all_gone());
}

TEST(a_job_is_cancelled_before_it_runs_and_while_it_does)
{
    double pool = open_pool(1, 4);
    double running = start_long_job(pool);
    double waiting = rst_pool_submit(pool, job.bytes, job.length, 0);
    CHECK(rst_pool_wait(waiting, 0) == 0);
    CHECK(rst_pool_take(waiting, out, sizeof out) == 0);
    CHECK(rst_pool_poll(waiting, NULL) == 0);
    CHECK(rst_pool_cancel(waiting) == 0);
    CHECK(rst_pool_cancel(waiting) == 0); /* again */
    CHECK(rst_pool_wait(waiting, 0) == 1);
    CHECK(rst_pool_take(waiting, out, sizeof out) == -RST_CANCELLED);
    CHECK(rst_pool_take(waiting, out, sizeof out) == -RST_CLOSED);
    CHECK(rst_pool_cancel(running) == 0);
    CHECK(pool_wait_done(running));
    uint32_t progress[16] = {0};
    CHECK(rst_pool_poll(running, (uint8_t *)progress) == 1);
    CHECK(progress[0] > 0 && progress[15] == 0); /* a step */
    CHECK(rst_pool_take(running, out, sizeof out) > 0);
    CHECK(rst_pool_poll(running, NULL) == -RST_CLOSED);
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), RST_CANCELLED);
    CHECK_EQ_U(counts_of(pool).cancelled, 2);
    double forgotten = start_long_job(pool);
    CHECK(rst_pool_forget(forgotten) == 0);
    CHECK(rst_pool_forget(forgotten) == -RST_CLOSED);
    CHECK(rst_pool_wait_idle(pool, 60000) == 1);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(pool_wait_all_gone());
}

TEST(time_counts_from_the_submit_and_a_late_job_is_hurried)
{
    double pool = open_pool(1, 4);
    double running = start_long_job(pool);
    pool_long_job(&job, 200);
    double late = rst_pool_submit(pool, job.bytes, job.length, 0);
    CHECK(rst_pool_wait(late, 0) == 0);
    /* As if it had waited for room, so long that its time is over. */
    double later = rst_pool_submit(pool, job.bytes, job.length, 10 * 1000 * 1000);
    CHECK(rst_pool_hurry(later) == 1);
    CHECK(rst_pool_hurry(later) == 0);
    CHECK(rst_pool_take(later, out, sizeof out) > 0);
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), RST_LIMIT_EXCEEDED);
    CHECK(rst_pool_hurry(running) == 0);
    CHECK(rst_pool_cancel(running) == 0);
    CHECK(pool_wait_done(late));
    CHECK(rst_pool_take(late, out, sizeof out) > 0);
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), RST_LIMIT_EXCEEDED);
    CHECK(counts_of(pool).failed == 2);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(pool_wait_all_gone());
}

TEST(closing_finishes_or_cancels)
{
    for (uint32_t cancel = 0; cancel < 2; cancel++) {
        double pool = open_pool(1, 64);
        double first = start_long_job(pool);
        double jobs[50];
        pool_small_job(&job);
        for (uint32_t i = 0; i < 50; i++) {
            jobs[i] = rst_pool_submit(pool, job.bytes, job.length, 0);
        }
        CHECK(rst_pool_close(pool, cancel) == 0);
        CHECK(rst_pool_close(pool, cancel) == 0);
        CHECK(rst_pool_submit(pool, job.bytes, job.length, 0) == -RST_CLOSED);
        CHECK(rst_pool_wait_room(pool, 60000) == 1); /* it must not wait for what never comes */
        if (!cancel) {
            CHECK(rst_pool_wait_idle(pool, 0) == 0);
            CHECK(rst_pool_cancel(first) == 0);
        }
        CHECK(rst_pool_wait_idle(pool, 60000) == 1);
        for (uint32_t i = 0; i < 50; i++) {
            double n = rst_pool_take(jobs[i], out, sizeof out);
            CHECK(cancel ? n == -RST_CANCELLED : n > 0);
        }
        CHECK(rst_pool_release(pool) == 0);
        CHECK(rst_pool_close(pool, 1) == -RST_CLOSED);
        CHECK(pool_wait_all_gone());
    }
}

TEST(a_pool_runs_no_more_jobs_at_once_than_it_may)
{
    double wide = open_pool(4, 64); /* so that the team has threads enough */
    double narrow = open_pool(1, 64);
    double jobs[32];
    pool_fair_job(&job);
    for (uint32_t i = 0; i < 32; i++) {
        jobs[i] = rst_pool_submit(i % 2 ? wide : narrow, job.bytes, job.length, 0);
    }
    for (uint32_t i = 0; i < 32; i++) {
        do {
            CHECK(counts_of(narrow).running <= 1);
            CHECK(counts_of(wide).running <= 4);
        } while (rst_pool_wait(jobs[i], 0) == 0);
    }
    CHECK(rst_pool_release(narrow) == 0);
    CHECK(rst_pool_release(wide) == 0);
    CHECK(pool_wait_all_gone());
}

/* What a pool looks like at one moment. */
typedef struct share {
    bool waits;    /* it has jobs that wait */
    uint64_t ran;  /* ns that its runs took */
    uint64_t most; /* ns; no run took longer */
} share;

static share share_of(double pool)
{
    enum { WAITING = 5, RAN = 9 + 1 + ESP_POOL_BUCKETS };
    double numbers[ESP_POOL_NUMBERS_MOST];
    CHECK(rst_pool_statistics(pool, (uint8_t *)numbers, ESP_POOL_NUMBERS_MOST) > RAN);
    share s = {.waits = numbers[WAITING] > 0, .ran = (uint64_t)numbers[RAN]};
    for (uint32_t i = 0; i < ESP_POOL_BUCKETS; i++) {
        if (numbers[RAN + 1 + i] > 0) {
            s.most = UINT64_C(2) << (i + 8);
        }
    }
    return s;
}

TEST(weights_share_the_threads)
{
    enum { EACH = 120 };
    double heavy = rst_pool_open(1, EACH, 0, 30, 1, NULL, 0);
    double light = rst_pool_open(1, EACH, 0, 10, 1, NULL, 0);
    double blocker = open_pool(1, 1); /* the one thread of the team is busy until all is queued */
    double first = start_long_job(blocker);
    pool_fair_job(&job);
    for (uint32_t i = 0; i < EACH; i++) {
        CHECK(rst_pool_submit(light, job.bytes, job.length, 0) > 0);
        CHECK(rst_pool_submit(heavy, job.bytes, job.length, 0) > 0);
    }
    CHECK(rst_pool_cancel(first) == 0);
    /* Time is shared, not the number of jobs: on a busy machine some take far longer than others.
     * While both wait, the time of each over its weight differs by two runs at most: the one that
     * was chosen by an estimate, and the one that is not counted yet. Of the light pool's time only
     * this is known, that it was between what a look before and a look after saw. */
    uint32_t looks = 0;
    for (;;) {
        share before = share_of(light);
        share now = share_of(heavy);
        share after = share_of(light);
        if (!now.waits || !after.waits) {
            break;
        }
        uint64_t slack = 2 * (now.most / 3 + after.most);
        CHECK(before.ran <= now.ran / 3 + slack);
        CHECK(now.ran / 3 <= after.ran + slack);
        looks++;
    }
    CHECK(rst_pool_release(heavy) == 0);
    CHECK(rst_pool_release(light) == 0);
    CHECK(rst_pool_release(blocker) == 0);
    CHECK(pool_wait_all_gone());
    if (looks == 0) {
        esp_test_skip("this thread was never let between the others while they worked");
    }
}

TEST(statistics_add_up)
{
    double numbers[ESP_POOL_NUMBERS_MOST];
    double pool = open_pool(2, 64);
    double quiet = rst_pool_open(1, 64, 0, 4, 0, (const uint8_t *)"quiet", 5);
    pool_fair_job(&job);
    for (uint32_t i = 0; i < 20; i++) {
        CHECK(rst_pool_submit(pool, job.bytes, job.length, 0) > 0);
        CHECK(rst_pool_submit(quiet, job.bytes, job.length, 0) > 0);
    }
    CHECK(rst_pool_wait_idle(pool, 60000) == 1 && rst_pool_wait_idle(quiet, 60000) == 1);
    for (uint32_t which = 0; which < 2; which++) {
        int32_t count =
            rst_pool_statistics(which ? quiet : pool, (uint8_t *)numbers, ESP_POOL_NUMBERS_MOST);
        CHECK(count >= 9 + 66 + 2 && count <= 9 + 66 + 2 * (which ? 1 : 2));
        CHECK(numbers[0] == 20 && numbers[1] == 20 && numbers[7] == 64);
        double waited = 0;
        double ran = 0;
        double jobs = 0;
        for (uint32_t i = 0; i < 32; i++) {
            waited += numbers[10 + i];
            ran += numbers[43 + i];
        }
        for (int32_t i = 75; i < count; i += 2) {
            jobs += numbers[i];
        }
        CHECK(waited == (which ? 0 : 20) && ran == (which ? 0 : 20));
        CHECK(which || numbers[42] > 0); /* nanoseconds of running */
        CHECK(jobs == 20);
    }
    CHECK(rst_pool_statistics(pool, NULL, 0) >= 77);
    CHECK(rst_pool_release(pool) == 0);
    CHECK(rst_pool_release(quiet) == 0);
    CHECK(pool_wait_all_gone());
}

const esp_test test_pool[] = {
    {"a job gives the result of a run", a_job_gives_the_result_of_a_run},
    {"errors of a job are in its result, and counted",
     errors_of_a_job_are_in_its_result_and_counted},
    {"options out of range are refused", options_out_of_range_are_refused},
    {"numbers that are no pools or jobs are refused",
     numbers_that_are_no_pools_or_jobs_are_refused},
    {"a full queue refuses, and room comes back", a_full_queue_refuses_and_room_comes_back},
    {"a job is cancelled before it runs and while it does",
     a_job_is_cancelled_before_it_runs_and_while_it_does},
    {"time counts from the submit, and a late job is hurried",
     time_counts_from_the_submit_and_a_late_job_is_hurried},
    {"closing finishes or cancels", closing_finishes_or_cancels},
    {"a pool runs no more jobs at once than it may", a_pool_runs_no_more_jobs_at_once_than_it_may},
    {"weights share the threads", weights_share_the_threads},
    {"statistics add up", statistics_add_up},
    {0},
};
#endif
