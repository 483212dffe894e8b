/* Synchronous jobs that take longer than a slice: the thread comes back between two of them, so
 * that it can be ended, and can give the job up.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <string.h>

#include "isolate/crew.h"
#include "isolate/worker/faults.h"
#include "job/job.h"
#include "platform/os.h"
#include "pool/mailbox.h"
#include "ristretto.h"
#include "test_crew.h"
#include "test_job_build.h"

static uint8_t hang[TEST_DEMAND_BYTES];
static uint8_t out[4096];
static iso_failure failure;

static const uint8_t *make_hang(uint32_t number)
{
    test_make_demand(hang, ISO_FAULT_HANG, number);
    return hang;
}

static bool begins(iso_call *call, double crew, uint32_t number, double timeout_us)
{
    const iso_work work = {
        .bytes = make_hang(number), .length = sizeof hang, .timeout_us = timeout_us};
    return CHECK(iso_call_begin(call, crew, &work, &failure) == 0);
}

static double wait_once(iso_call *call)
{
    iso_outcome o = {.out = out, .capacity = sizeof out};
    return iso_call_wait(call, hang, &o, &failure);
}

/* A job of no bytes is answered, with an error. */
static bool serves(double crew)
{
    uint8_t *kept;
    return iso_run(crew, NULL, 0, 0, out, sizeof out, &kept, &failure) > 0;
}

static double open_crew(uint64_t heap)
{
    const iso_options options = {.workers = 1, .queue = 10, .heap = heap};
    return test_crew_open(&options);
}

TEST(a_call_that_lasts_can_be_given_up_between_two_slices)
{
    for (uint32_t shared = 0; shared < 2; shared++) {
        double crew = open_crew(shared * ISO_HEAP_LEAST);
        for (uint32_t round = 0; crew > 0 && round < 3; round++) {
            iso_call call;
            iso_call other;
            if (!begins(&call, crew, round, 0) || !begins(&other, crew, round, 0)) {
                break;
            }
            CHECK(wait_once(&call) == 0 && wait_once(&call) == 0);
            CHECK(wait_once(&other) == 0); /* there is no second worker */
            iso_call_abandon(&other);
            iso_call_abandon(&other); /* there is none any more */
            CHECK(wait_once(&call) == 0);
            iso_call_abandon(&call);
            CHECK(serves(crew));
        }
        CHECK(crew == 0 || iso_release(crew) == 0);
    }
}

TEST(a_call_that_lasts_ends_at_its_time_after_some_slices)
{
    double crew = open_crew(0);
    iso_call call;
    uint32_t slices = 0;
    /* A thread that gets no processor for longer than that sees one slice: then with more time. */
    for (double us = 250000; crew > 0 && slices < 2 && us < 100e6; us *= 4) {
        if (!begins(&call, crew, (uint32_t)us, us)) {
            break;
        }
        double n = 0;
        slices = 0;
        while (n == 0) {
            n = wait_once(&call);
            slices++;
        }
        CHECK(n == -ESP_LIMIT_EXCEEDED && failure.limit == ESP_LIMIT_TIME);
        CHECK(call.crew == NULL);
        CHECK(serves(crew));
    }
    CHECK(crew == 0 || slices > 1);
    (void)iso_release(crew);
}

TEST(a_worker_for_one_job_that_is_past_its_time_is_ended_at_once)
{
    const iso_options options = {.workers = 2, .queue = 10, .recycle = 1};
    double crew = test_crew_open(&options);
    uint32_t facts[3] = {0};
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (crew > 0 && facts[0] < 2 && os_clock_ns() < end) {
        CHECK(iso_facts(crew, facts, 3) >= 3);
    }
    uint32_t before = facts[1]; /* started; another one waits, so nobody needs this one's seat */
    iso_call call;
    if (crew > 0 && begins(&call, crew, 0, 20000)) {
        double n = 0;
        while (n == 0) {
            n = wait_once(&call);
        }
        CHECK(n == -ESP_LIMIT_EXCEEDED);
        while (facts[1] == before && os_clock_ns() < end) {
            CHECK(iso_facts(crew, facts, 3) >= 3);
        }
        CHECK(facts[1] > before); /* the dead one's successor */
    }
    (void)iso_release(crew);
}

static void check_late(double length)
{
    CHECK(length > 0);
    CHECK_EQ_U(answer_u32(out, RST_ANSWER_COMPLETE), 0);
    CHECK_EQ_U(answer_u32(out, RST_ANSWER_STOPPED), ESP_LIMIT_TIME);
}

/* A worker that hangs is in the way of two jobs that have 20 ms and would need far less. */
TEST(the_time_of_a_job_counts_from_when_it_was_asked_for)
{
    static job_build brief;
    job_begin(&brief, RST_OP_MINIMIZE);
    job_vars(&brief, 4, 1);
    job_cover(&brief, RST_SECTION_ON, "00-- 1|01-- 1|1-11 1|1-00 1");
    job_option(&brief, RST_OPTION_TIMEOUT, 8, 20000);
    job_end(&brief);
    for (uint32_t shared = 0; shared < 2; shared++) {
        double crew = open_crew(shared * ISO_HEAP_LEAST);
        esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
        const iso_work work = {.bytes = brief.bytes, .length = brief.length};
        iso_outcome o = {.out = out, .capacity = sizeof out};
        iso_call call;
        iso_call other;
        if (!box || !begins(&call, crew, 0, 0)) {
            break;
        }
        CHECK(wait_once(&call) == 0);
        double job = iso_submit_work(crew, &work, box, 1, &failure);
        CHECK(job > 0);
        CHECK(iso_call_begin(&other, crew, &work, &failure) == 0);
        uint64_t until = os_clock_ns() + UINT64_C(20000000);
        double n = 0;
        while (n == 0 && os_clock_ns() < until) {
            n = iso_call_wait(&other, brief.bytes, &o, &failure);
        }
        CHECK(n == 0);
        iso_call_abandon(&call);
        while (n == 0) {
            n = iso_call_wait(&other, brief.bytes, &o, &failure);
        }
        check_late(n);
        uint32_t pair[2];
        uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
        while (esp_mailbox_drain(box, pair, 1) == 0 && os_clock_ns() < end) {
        }
        check_late(iso_take(job, out, sizeof out, &failure));
        CHECK(iso_release(crew) == 0);
        esp_mailbox_let_go(box);
    }
}

TEST(jobs_that_a_thread_was_told_of_and_never_took_go_with_it)
{
    double crew = open_crew(0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    enum { JOBS = 5 };
    for (uint32_t i = 0; box && i < JOBS; i++) {
        CHECK(iso_submit(crew, NULL, 0, 0, box, i, &failure) > 0);
    }
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    uint32_t told = 0;
    while (box && told < JOBS && os_clock_ns() < end) {
        uint32_t pairs[2 * JOBS];
        told += esp_mailbox_drain(box, pairs, JOBS);
    }
    CHECK(!box || told == JOBS);
    CHECK(crew == 0 || iso_abandon(crew) == 0);
    esp_mailbox_let_go(box);
    while (iso_crews_alive() > 0 && os_clock_ns() < end) { /* those of tests before end as well */
    }
    CHECK_EQ_U(iso_crews_alive(), 0);
}

TEST(a_thread_that_calls_for_another_job_gives_the_first_one_up)
{
    const uint32_t options[] = {1, 10};
    if (!esp_test_can_start_programs()) {
        return;
    }
    double crew = rst_process_open(options, 2);
    if (crew == -ESP_UNSUPPORTED) {
        esp_test_skip("this system has no workers");
        return;
    }
    uint32_t words[8] = {0};
    CHECK(rst_process_wait(hang, NULL, out, sizeof out, words) == -ESP_INVALID_INPUT);
    CHECK_EQ_U(words[0], ESP_INVALID_INPUT);
    const uint8_t *job = make_hang(0);
    CHECK(rst_process_run(crew, job, sizeof hang, 0, out, sizeof out, words) == 0);
    CHECK(rst_process_wait(job, NULL, out, sizeof out, words) == 0);
    CHECK(rst_process_wait(NULL, NULL, out, sizeof out, words) == -ESP_INVALID_INPUT);
    double n = rst_process_run(crew, NULL, 0, 0, out, sizeof out, words);
    while (n == 0) { /* its worker is being started */
        n = rst_process_wait(NULL, NULL, out, sizeof out, words);
    }
    CHECK(n > 0);
    CHECK(rst_process_wait(job, NULL, out, sizeof out, words) == -ESP_INVALID_INPUT);
    CHECK(rst_process_run(crew, job, sizeof hang, 0, out, sizeof out, words) == 0);
    CHECK(rst_process_release(crew) == 0);
    CHECK(rst_process_wait(job, NULL, out, sizeof out, words) == -ESP_INVALID_INPUT);
}

const esp_test test_isolate_call[] = {
    {"a call that lasts can be given up between two slices",
     a_call_that_lasts_can_be_given_up_between_two_slices},
    {"a call that lasts ends at its time after some slices",
     a_call_that_lasts_ends_at_its_time_after_some_slices},
    {"a worker for one job that is past its time is ended at once",
     a_worker_for_one_job_that_is_past_its_time_is_ended_at_once},
    {"the time of a job counts from when it was asked for",
     the_time_of_a_job_counts_from_when_it_was_asked_for},
    {"jobs that a thread was told of and never took go with it",
     jobs_that_a_thread_was_told_of_and_never_took_go_with_it},
    {"a thread that calls for another job gives the first one up",
     a_thread_that_calls_for_another_job_gives_the_first_one_up},
    {0},
};
#endif
