/* Replies that the thread which submitted the jobs collects by itself, and those that it leaves to
 * the supervisor, because it sleeps or does something else. That nothing is lost when workers die
 * meanwhile is seen in test_kills.c.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <string.h>

#include "isolate/crew.h"
#include "job/job.h"
#include "platform/os.h"
#include "test_crew.h"
#include "test_job_build.h"

enum { MANY = 64 };

static job_build ordinary;
static uint8_t out[4096];
static uint32_t told[MANY];
static iso_failure failure;

static double open_crew(uint32_t workers, uint64_t heap)
{
    job_begin(&ordinary, RST_OP_MINIMIZE);
    job_vars(&ordinary, 3, 1);
    job_cover(&ordinary, RST_SECTION_ON, "000 1|001 1|011 1|111 1|110 1");
    job_end(&ordinary);
    const iso_options options = {.workers = workers, .queue = 1000, .spin_ns = 5000, .heap = heap};
    return test_crew_open(&options);
}

static double submit(double crew, esp_mailbox *box, uint32_t ticket)
{
    double job = iso_submit(crew, ordinary.bytes, ordinary.length, 0, box, ticket, &failure);
    CHECK(job > 0);
    return job;
}

/* Takes what was posted; how much. */
static uint32_t take(esp_mailbox *box)
{
    uint32_t pairs[2 * MANY];
    uint32_t n = esp_mailbox_drain(box, pairs, MANY);
    for (uint32_t i = 0; i < n; i++) {
        told[pairs[2 * i] % MANY]++;
    }
    return n;
}

/* Waits without looking at the crew; how many more were told of. */
static uint32_t wait_for(esp_mailbox *box, uint32_t count)
{
    uint32_t all = 0;
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (all < count && os_clock_ns() < end) {
        all += take(box);
        if (all < count && !esp_mailbox_arm(box)) {
            (void)esp_mailbox_wait(box, 50);
            esp_mailbox_disarm(box);
        }
    }
    return all;
}

static void check_answered(const double *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        CHECK_EQ_U(told[i], 1);
        CHECK(iso_take(jobs[i], out, sizeof out, &failure) > 0);
    }
}

TEST(a_thread_that_looks_takes_replies_itself)
{
    for (uint32_t heap = 0; heap < 2; heap++) {
        double crew = open_crew(2, heap ? UINT64_C(1) << 24 : 0);
        esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
        uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
        for (uint32_t i = 0; box && i < 200; i++) {
            double job;
            int32_t taken = 0;
            memset(told, 0, sizeof told);
            CHECK(iso_attend(crew, true) == 0);
            job = submit(crew, box, 0);
            while (taken == 0 && os_clock_ns() < end) {
                taken = iso_attend(crew, true);
            }
            CHECK(taken == 1); /* nobody else has */
            CHECK_EQ_U(take(box), 1);
            check_answered(&job, 1);
        }
        (void)iso_release(crew);
        esp_mailbox_let_go(box);
    }
}

TEST(replies_are_told_of_when_nobody_looks_any_more)
{
    double crew = open_crew(2, 0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    for (uint32_t i = 0; box && i < 200; i++) {
        double jobs[2];
        memset(told, 0, sizeof told);
        CHECK(iso_attend(crew, true) == 0);
        for (uint32_t n = 0; n < 2; n++) {
            jobs[n] = submit(crew, box, n);
        }
        for (uint32_t n = 0; n < i % 50; n++) { /* stops sooner or later */
            (void)iso_attend(crew, true);
        }
        CHECK(iso_attend(crew, false) >= 0);
        CHECK_EQ_U(wait_for(box, 2), 2);
        check_answered(jobs, 2);
    }
    (void)iso_release(crew);
    esp_mailbox_let_go(box);
}

TEST(jobs_that_wait_do_not_wait_for_a_thread_that_looked)
{
    double crew = open_crew(1, 0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    double jobs[MANY];
    for (uint32_t i = 0; box && i < 5; i++) {
        memset(told, 0, sizeof told);
        CHECK(iso_attend(crew, true) == 0);
        for (uint32_t n = 0; n < MANY; n++) {
            jobs[n] = submit(crew, box, n);
        }
        /* It looks no more, and has not said so: the last reply alone is its own business. */
        uint32_t count = wait_for(box, MANY - 1);
        CHECK(count >= MANY - 1);
        CHECK(iso_attend(crew, false) >= 0);
        CHECK(wait_for(box, MANY - count) == MANY - count);
        check_answered(jobs, MANY);
    }
    (void)iso_release(crew);
    esp_mailbox_let_go(box);
}

TEST(a_caller_who_waits_gets_the_seat_of_a_reply_that_nobody_took)
{
    double crew = open_crew(1, 0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    for (uint32_t i = 0; box && i < 50; i++) {
        uint8_t *kept;
        memset(told, 0, sizeof told);
        CHECK(iso_attend(crew, true) == 0);
        double job = submit(crew, box, 0);
        CHECK(iso_run(crew, ordinary.bytes, ordinary.length, 0, out, sizeof out, &kept, &failure) >
              0);
        CHECK_EQ_U(wait_for(box, 1), 1);
        check_answered(&job, 1);
    }
    CHECK(iso_attend(0, true) == -ESP_INVALID_INPUT);
    (void)iso_release(crew);
    CHECK(!box || iso_attend(crew, true) == -ESP_CLOSED);
    esp_mailbox_let_go(box);
}

const esp_test test_isolate_attend[] = {
    {"a thread that looks takes replies itself", a_thread_that_looks_takes_replies_itself},
    {"replies are told of when nobody looks any more",
     replies_are_told_of_when_nobody_looks_any_more},
    {"jobs that wait do not wait for a thread that looked",
     jobs_that_wait_do_not_wait_for_a_thread_that_looked},
    {"a caller who waits gets the seat of a reply that nobody took",
     a_caller_who_waits_gets_the_seat_of_a_reply_that_nobody_took},
    {0},
};
#endif
