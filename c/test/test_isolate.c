/* Worker processes: what they answer, and what becomes of jobs when they crash, hang, lie or die at
 * any step.
 *
 * Method. The library of these tests carries a worker that shows faults on demand
 * (isolate/worker/faults.h): a job asks for one. After each fault an ordinary job must be answered
 * right. Every job that was submitted must be told of exactly once.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "isolate/crew.h"
#include "isolate/worker/faults.h"
#include "job/job.h"
#include "platform/os.h"
#include "ristretto.h"
#include "test_crew.h"
#include "test_job_build.h"

enum { SIGNAL_ABORT = 6, SIGNAL_SEGFAULT = 11, SIGNAL_CALL = 31 };

/* Bytes of the shared heap of the next crew; 0: it has none. */
static uint64_t heap;
static job_build ordinary;
static uint8_t expected[4096];
static uint32_t expected_length;
static uint8_t out[64 * 1024];
static iso_failure failure;

/* A crew, 0 where there can be none; the reason is told. */
static double open_crew(uint32_t workers, uint32_t recycle)
{
    job_begin(&ordinary, RST_OP_MINIMIZE);
    job_vars(&ordinary, 3, 1);
    job_cover(&ordinary, RST_SECTION_ON, "000 1|001 1|011 1|111 1|110 1");
    job_end(&ordinary);
    expected_length = (uint32_t)rst_run(ordinary.bytes, ordinary.length, expected, sizeof expected);
    const iso_options options = {
        .workers = workers, .queue = 1000, .spin_ns = 5000, .recycle = recycle, .heap = heap};
    return test_crew_open(&options);
}

static bool is_expected(const uint8_t *result, double length)
{
    return length == expected_length &&
           memcmp(result, expected, expected_length - RST_TRAILER_SIZE) == 0;
}

static double run(double crew, const uint8_t *job, uint32_t length, double timeout_us)
{
    uint8_t *kept;
    double n = iso_run(crew, job, length, timeout_us, out, sizeof out, &kept, &failure);
    if (kept) {
        esp_system_free(kept);
    }
    return n;
}

static bool ordinary_runs(double crew)
{
    return is_expected(out, run(crew, ordinary.bytes, ordinary.length, 0));
}

static uint8_t demand_bytes[TEST_DEMAND_BYTES];

static void make_demand(uint32_t fault)
{
    static uint32_t number;
    test_make_demand(demand_bytes, fault, ++number);
}

static double demand(double crew, uint32_t fault, double timeout_us)
{
    make_demand(fault);
    return run(crew, demand_bytes, sizeof demand_bytes, timeout_us);
}

TEST(a_worker_answers_as_this_process_does)
{
    double crew = open_crew(2, 0);
    for (uint32_t i = 0; crew > 0 && i < 200; i++) {
        CHECK(ordinary_runs(crew));
    }
    CHECK(crew == 0 || demand(crew, ISO_FAULT_NONE, 0) > 0); /* a job's own error is a result */
    CHECK(crew == 0 || run(crew, NULL, 0, 0) > 0);
    CHECK(crew == 0 || iso_release(crew) == 0);
    CHECK(crew == 0 || iso_release(crew) == -ESP_CLOSED);
}

static bool filtered(double crew)
{
    iso_guarded g;
    return iso_guards(crew, &g) == 0 && (g.guards & IPC_GUARD_CALLS);
}

static void check_crash(double crew, uint32_t fault, int32_t signal, int32_t code)
{
    CHECK(demand(crew, fault, 0) == -ESP_WORKER_CRASHED);
    CHECK(failure.signal == signal && failure.code == code);
    CHECK(ordinary_runs(crew));
}

TEST(a_crash_fails_its_job_and_no_other)
{
    double crew = open_crew(1, 0);
    for (uint32_t i = 0; crew > 0 && i < 3; i++) {
        check_crash(crew, ISO_FAULT_SEGFAULT, SIGNAL_SEGFAULT, 0);
        /* A filtered worker cannot even signal itself: the call that abort makes ends it. */
        check_crash(crew, ISO_FAULT_ABORT, filtered(crew) ? SIGNAL_CALL : SIGNAL_ABORT, 0);
        check_crash(crew, ISO_FAULT_EXIT, 0, 42);
    }
    (void)iso_release(crew);
}

TEST(a_job_that_hangs_is_ended_at_its_time)
{
    double crew = open_crew(1, 0);
    for (uint32_t i = 0; crew > 0 && i < 3; i++) {
        CHECK(demand(crew, ISO_FAULT_HANG, 10000) == -ESP_LIMIT_EXCEEDED);
        CHECK_EQ_U(failure.limit, ESP_LIMIT_TIME);
        CHECK(ordinary_runs(crew));
    }
    (void)iso_release(crew);
}

TEST(garbage_in_any_word_of_a_reply_is_a_violation)
{
    double crew = open_crew(1, 0);
    for (uint32_t word = 0; crew > 0 && word < IPC_WORDS; word++) {
        CHECK(demand(crew, ISO_FAULT_WORD + word, 0) == -ESP_PROTOCOL_VIOLATION);
        CHECK(ordinary_runs(crew));
    }
    (void)iso_release(crew);
}

TEST(counters_that_lie_hurt_nobody)
{
    double crew = open_crew(1, 0);
    for (uint32_t bit = 0; crew > 0 && bit < 32; bit++) {
        double n = demand(crew, ISO_FAULT_TAIL + bit, 60e6);
        CHECK(n > 0 || n == -ESP_PROTOCOL_VIOLATION); /* seen in time or not */
        CHECK(ordinary_runs(crew));
    }
    for (uint32_t i = 0; crew > 0 && i < 5; i++) {
        double n = demand(crew, ISO_FAULT_REPLAY, 60e6);
        CHECK(n > 0 || n == -ESP_PROTOCOL_VIOLATION);
        CHECK(ordinary_runs(crew)); /* on another worker, when this one was caught */
        n = demand(crew, ISO_FAULT_FLOOD, 60e6);
        CHECK(n > 0 || n == -ESP_PROTOCOL_VIOLATION);
        CHECK(ordinary_runs(crew));
        CHECK(demand(crew, ISO_FAULT_SILENT, 1e6) != 0);
        CHECK(ordinary_runs(crew));
        n = demand(crew, ISO_FAULT_SCRIBBLE, 3e6);
        CHECK(n < 0);
        CHECK(ordinary_runs(crew));
    }
    (void)iso_release(crew);
}

TEST(a_result_without_a_limit_has_the_usual_one)
{
    double crew = open_crew(1, 0);
    uint32_t before[8] = {0};
    uint32_t after[8] = {0};
    if (crew > 0) {
        CHECK(ordinary_runs(crew) && iso_facts(crew, before, 8) == 4);
        CHECK(demand(crew, ISO_FAULT_HUGE, 0) == -ESP_LIMIT_EXCEEDED);
        CHECK_EQ_U(failure.limit, ESP_LIMIT_SIZE);
        CHECK(ordinary_runs(crew) && iso_facts(crew, after, 8) == 4);
        CHECK_EQ_U(before[3], after[3]); /* the worker stays: a result may be long */
    }
    (void)iso_release(crew);
}

TEST(a_worker_never_has_more_memory_than_it_was_given)
{
    const iso_options options = {
        .workers = 1,
        .queue = 10,
        .terms = {.memory = 32 << 20, .required = IPC_GUARD_MEMORY},
    };
    double crew = test_crew_open(&options);
    iso_guarded found = {0};
    if (crew > 0) {
        CHECK(iso_guards(crew, &found) == 0 && found.memory == options.terms.memory);
        CHECK(demand(crew, ISO_FAULT_MEMORY, 0) == -ESP_WORKER_CRASHED);
        CHECK(failure.signal == 0 && failure.code == 41);
        CHECK(demand(crew, ISO_FAULT_NONE, 0) > 0);
    }
    (void)iso_release(crew);
}

TEST(a_job_that_killed_two_workers_is_refused)
{
    double crew = open_crew(1, 0);
    make_demand(ISO_FAULT_SEGFAULT);
    for (uint32_t i = 0; crew > 0 && i < 4; i++) {
        CHECK(run(crew, demand_bytes, sizeof demand_bytes, 0) == -ESP_WORKER_CRASHED);
        CHECK_EQ_U(failure.refused, i >= 2);
        CHECK(ordinary_runs(crew));
    }
    (void)iso_release(crew);
}

TEST(a_worker_of_one_job_serves_no_second_one)
{
    double crew = open_crew(2, 1);
    uint32_t before[16] = {0};
    for (uint32_t i = 0; crew > 0 && i < 20; i++) {
        CHECK(ordinary_runs(crew));
    }
    if (crew > 0) {
        CHECK(iso_facts(crew, before, 16) >= 3);
        CHECK(before[1] >= 20); /* started */
    }
    (void)iso_release(crew);
}

TEST(a_worker_of_one_job_that_does_not_end_is_ended)
{
    double crew = open_crew(2, 1);
    for (uint32_t i = 0; crew > 0 && i < 5; i++) {
        CHECK(demand(crew, ISO_FAULT_STAY, 0) > 0); /* an answer, and then it stays */
        CHECK(ordinary_runs(crew) && ordinary_runs(crew));
    }
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    uint32_t facts[8] = {0};
    while (crew > 0 && os_clock_ns() < end && !(facts[0] == 2 && facts[1] >= 17)) {
        CHECK(iso_facts(crew, facts, 8) >= 3);
    }
    CHECK(crew == 0 || (facts[0] == 2 && facts[1] >= 17)); /* 15 jobs, and two spares */
    (void)iso_release(crew);
}

enum { TICKETS = 4096 };

static uint32_t told[TICKETS];

/* Drains until `count` more were told of; false: they were not, in time. */
static bool drain(esp_mailbox *box, uint32_t count)
{
    uint32_t pairs[64];
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (count) {
        uint32_t n = esp_mailbox_drain(box, pairs, 32);
        for (uint32_t i = 0; i < n; i++) {
            told[pairs[2 * i] % TICKETS]++;
        }
        if (n > count || os_clock_ns() > end) {
            return false;
        }
        count -= n;
        if (!n && !esp_mailbox_arm(box)) {
            (void)esp_mailbox_wait(box, 50);
            esp_mailbox_disarm(box);
        }
    }
    return true;
}

TEST(submitted_jobs_are_told_of_once)
{
    double crew = open_crew(2, 0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    static double jobs[500];
    memset(told, 0, sizeof told);
    for (uint32_t i = 0; box && i < 500; i++) {
        jobs[i] = iso_submit(crew, ordinary.bytes, ordinary.length, 0, box, i, &failure);
        CHECK(jobs[i] > 0);
    }
    CHECK(!box || drain(box, 500));
    for (uint32_t i = 0; box && i < 500; i++) {
        CHECK_EQ_U(told[i], 1);
        CHECK(iso_take(jobs[i], out, 1, &failure) == expected_length); /* too small: kept */
        CHECK(is_expected(out, iso_take(jobs[i], out, sizeof out, &failure)));
        CHECK(iso_take(jobs[i], out, sizeof out, &failure) == -ESP_CLOSED);
    }
    (void)iso_release(crew);
    esp_mailbox_let_go(box);
}

/* One job of a fault among ordinary ones, all submitted at once. */
static void submit_around(double crew, esp_mailbox *box, uint32_t fault)
{
    double jobs[9];
    memset(told, 0, sizeof told);
    for (uint32_t i = 0; i < 9; i++) {
        bool bad = i == 4;
        make_demand(fault);
        jobs[i] = iso_submit(crew, bad ? demand_bytes : ordinary.bytes,
                             bad ? sizeof demand_bytes : ordinary.length, bad ? 20000 : 0, box, i,
                             &failure);
        CHECK(jobs[i] > 0);
    }
    CHECK(drain(box, 9));
    for (uint32_t i = 0; i < 9; i++) {
        double n = iso_take(jobs[i], out, sizeof out, &failure);
        CHECK_EQ_U(told[i], 1);
        CHECK(i == 4 ? n != 0 : is_expected(out, n));
    }
}

TEST(other_faults_take_no_other_job_with_them)
{
    double crew = open_crew(2, 0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    for (uint32_t i = 0; box && i < 3; i++) {
        submit_around(crew, box, ISO_FAULT_SEGFAULT);
        submit_around(crew, box, ISO_FAULT_HANG);
        submit_around(crew, box, ISO_FAULT_WORD + 1);
    }
    (void)iso_release(crew);
    esp_mailbox_let_go(box);
}

TEST(a_cancelled_job_ends_by_force_if_it_must)
{
    double crew = open_crew(1, 0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    if (box) {
        memset(told, 0, sizeof told);
        make_demand(ISO_FAULT_HANG);
        double running = iso_submit(crew, demand_bytes, sizeof demand_bytes, 0, box, 1, &failure);
        double waiting = iso_submit(crew, ordinary.bytes, ordinary.length, 0, box, 2, &failure);
        CHECK(iso_take(running, out, sizeof out, &failure) == 0);
        CHECK(iso_cancel(waiting, 20) == 0 && iso_cancel(running, 20) == 0);
        CHECK(drain(box, 2) && told[1] == 1 && told[2] == 1);
        CHECK(iso_take(waiting, out, sizeof out, &failure) == -ESP_CANCELLED);
        CHECK(iso_take(running, out, sizeof out, &failure) == -ESP_CANCELLED);
        CHECK(iso_cancel(running, 0) == -ESP_CLOSED);
        CHECK(ordinary_runs(crew));
    }
    (void)iso_release(crew);
    esp_mailbox_let_go(box);
}

TEST(closing_settles_every_job_and_leaves_nothing)
{
    double crew = open_crew(2, 0);
    esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
    double jobs[20];
    memset(told, 0, sizeof told);
    for (uint32_t i = 0; box && i < 20; i++) {
        make_demand(ISO_FAULT_HANG);
        jobs[i] = iso_submit(crew, demand_bytes, sizeof demand_bytes, 0, box, i, &failure);
    }
    (void)iso_release(crew);
    CHECK(!box || drain(box, 20));
    for (uint32_t i = 0; box && i < 20; i++) {
        CHECK(told[i] == 1 && iso_take(jobs[i], out, sizeof out, &failure) == -ESP_CLOSED);
    }
    CHECK(run(crew, ordinary.bytes, ordinary.length, 0) < 0);
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (iso_crews_alive() && os_clock_ns() < end) {
    }
    CHECK_EQ_U(iso_crews_alive(), 0);
    esp_mailbox_let_go(box);
}

/* All the faults again, where jobs and results are in a shared heap. */
TEST(a_shared_heap_changes_nothing_of_that)
{
    heap = 64 << 20;
    a_worker_answers_as_this_process_does();
    a_crash_fails_its_job_and_no_other();
    a_job_that_hangs_is_ended_at_its_time();
    garbage_in_any_word_of_a_reply_is_a_violation();
    counters_that_lie_hurt_nobody();
    a_job_that_killed_two_workers_is_refused();
    a_worker_of_one_job_serves_no_second_one();
    a_worker_of_one_job_that_does_not_end_is_ended();
    submitted_jobs_are_told_of_once();
    other_faults_take_no_other_job_with_them();
    a_cancelled_job_ends_by_force_if_it_must();
    closing_settles_every_job_and_leaves_nothing();
    heap = 0;
}

const esp_test test_isolate[] = {
    {"a worker answers as this process does", a_worker_answers_as_this_process_does},
    {"a crash fails its job and no other", a_crash_fails_its_job_and_no_other},
    {"a job that hangs is ended at its time", a_job_that_hangs_is_ended_at_its_time},
    {"garbage in any word of a reply is a violation",
     garbage_in_any_word_of_a_reply_is_a_violation},
    {"counters that lie hurt nobody", counters_that_lie_hurt_nobody},
    {"a result without a limit has the usual one", a_result_without_a_limit_has_the_usual_one},
    {"a worker never has more memory than it was given",
     a_worker_never_has_more_memory_than_it_was_given},
    {"a job that killed two workers is refused", a_job_that_killed_two_workers_is_refused},
    {"a worker of one job serves no second one", a_worker_of_one_job_serves_no_second_one},
    {"a worker of one job that does not end is ended",
     a_worker_of_one_job_that_does_not_end_is_ended},
    {"submitted jobs are told of once", submitted_jobs_are_told_of_once},
    {"other faults take no other job with them", other_faults_take_no_other_job_with_them},
    {"a cancelled job ends by force if it must", a_cancelled_job_ends_by_force_if_it_must},
    {"closing settles every job and leaves nothing", closing_settles_every_job_and_leaves_nothing},
    {"a shared heap changes nothing of that", a_shared_heap_changes_nothing_of_that},
    {0},
};
#endif
