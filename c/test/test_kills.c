/* Workers that die, or are stopped, at every labelled step of their lives: no other job is lost,
 * none gets another's answer, and each is told of once.
 *
 * Method. The steps are in isolate/worker/faults.h. One job in nine asks its worker to die at one:
 * before its first job (workers of every second epoch do), at each word of the protocol, while a
 * result is taken, while memory is granted, and within the core, at the n-th look at the clock and
 * the n-th request for memory. The others must have their right answers, and the crew another
 * worker. Then each step again, where the worker stays and is stopped from outside.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there is no other process */
#else
#define _GNU_SOURCE /* waitid */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined __linux__
#include <errno.h>
#include <sys/wait.h>
#endif

#include "base/arena.h"
#include "isolate/crew.h"
#include "isolate/worker/faults.h"
#include "job/format.h"
#include "platform/os.h"
#include "ristretto.h"
#include "test_crew.h"
#include "test_job_build.h"

enum { AROUND = 9, THE_BAD = 4, ROUNDS = 2, HOLD_US = 60000, ROWS = 3300, LONG_ROWS = 5000 };
enum { HEAP = 64 << 20, INPUTS = 13 };

static job_build ordinary;
static uint8_t expected[4096];
static uint32_t expected_length;
static uint8_t *out;
enum { OUT = 1 << 20 };
static uint64_t kills;
static uint64_t answered;

/* A job that is a demand by its seed. */
typedef struct bad_job {
    uint8_t bytes[64 * 1024];
    uint32_t length;
    uint32_t seed_at;
} bad_job;
static bad_job quick;
static bad_job lasting;  /* computes until it is stopped */
static bad_job printing; /* its result is longer than a worker's first room */

static void add_points(job_build *b, uint64_t *rows, uint32_t most, uint32_t below_of_five)
{
    uint64_t random = 5;
    uint32_t count = 0;
    for (uint32_t point = 0; point < 1u << INPUTS && count < most; point++) {
        if (esp_test_below(&random, 5) < below_of_five) {
            uint64_t row = UINT64_C(1) << 2 * INPUTS;
            for (uint32_t k = 0; k < INPUTS; k++) {
                row |= UINT64_C(1) << (2 * k + (point >> k & 1));
            }
            rows[count++] = row;
        }
    }
    job_vars(b, INPUTS, 1);
    job_add(b, RST_SECTION_ON, rows, count * 8, count);
}

/* The seed is the last option, so it ends the block but for padding. */
static void finish_bad(bad_job *bad, job_build *b)
{
    job_option(b, RST_OPTION_SEED, 8, ISO_FAULT_SEED << 48);
    job_add(b, RST_SECTION_OPTIONS, b->options, b->options_length, b->options_count);
    bad->length = job_lay_out(b, NULL);
    if (CHECK(bad->length <= sizeof bad->bytes)) {
        (void)job_lay_out(b, bad->bytes);
    }
    uint32_t entry = RST_HEADER_SIZE + (b->sections - 1) * RST_ENTRY_SIZE;
    bad->seed_at = block_u32(bad->bytes, entry + RST_ENTRY_OFFSET) + b->options_length - 8;
}

static void make_jobs(void)
{
    static job_build b;
    static uint64_t rows[LONG_ROWS];
    out = out ? out : malloc(OUT);
    job_begin(&ordinary, RST_OP_MINIMIZE);
    job_vars(&ordinary, 3, 1);
    job_cover(&ordinary, RST_SECTION_ON, "000 1|001 1|011 1|111 1|110 1");
    job_end(&ordinary);
    expected_length = (uint32_t)rst_run(ordinary.bytes, ordinary.length, expected, sizeof expected);
    job_begin(&b, RST_OP_MINIMIZE);
    add_points(&b, rows, ROWS, 2);
    job_option(&b, RST_OPTION_METHOD, 4, 1);
    job_option(&b, RST_OPTION_TIMEOUT, 8, 10000000);
    finish_bad(&lasting, &b);
    job_begin(&b, RST_OP_MINIMIZE);
    add_points(&b, rows, 10, 2);
    finish_bad(&quick, &b);
    job_begin(&b, RST_OP_PRINT);
    add_points(&b, rows, LONG_ROWS, 5);
    finish_bad(&printing, &b);
}

/* Demands differ in a number, so that none is refused for what another did. */
static const bad_job *demand(uint32_t fault)
{
    static uint32_t number;
    uint32_t step = fault - (fault < ISO_FAULT_HOLD ? ISO_FAULT_STEP : ISO_FAULT_HOLD);
    bool long_one = step >= ISO_STEP_ASKED;
    bad_job *bad = step == ISO_STEP_TAKING ? &printing : long_one ? &lasting : &quick;
    uint64_t seed = ISO_FAULT_SEED << 48 | (uint64_t)fault << 32 | ++number;
    memcpy(bad->bytes + bad->seed_at, &seed, sizeof seed);
    return bad;
}

static double open_crew(uint32_t workers, uint32_t recycle, uint64_t heap, uint32_t start_step)
{
    const iso_options options = {
        .workers = workers,
        .queue = 1000,
        .spin_ns = 5000,
        .recycle = recycle,
        .heap = heap,
        .terms = {.memory = 64 << 20,
                  .cpu_seconds = start_step ? ISO_FAULT_HELLO << 16 | start_step : 0},
    };
    return test_crew_open(&options);
}

static bool is_expected(double length)
{
    return length == expected_length &&
           memcmp(out, expected, expected_length - RST_TRAILER_SIZE) == 0;
}

static bool ordinary_runs(double crew)
{
    uint8_t *kept;
    iso_failure failure;
    double n = iso_run(crew, ordinary.bytes, ordinary.length, 0, out, OUT, &kept, &failure);
    answered += n > 0;
    return is_expected(n);
}

/* Drains until all were told of; false: one was told of twice, or never. A thread that attends
 * looks for replies itself, unless it sleeps. */
static bool drain(double crew, esp_mailbox *box, bool attends)
{
    uint32_t told[AROUND] = {0};
    uint32_t pairs[2 * AROUND];
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    for (uint32_t count = 0; count < AROUND && os_clock_ns() < end;) {
        CHECK(!attends || iso_attend(crew, true) >= 0);
        uint32_t n = esp_mailbox_drain(box, pairs, AROUND);
        for (uint32_t i = 0; i < n; i++) {
            told[pairs[2 * i] % AROUND]++;
        }
        count += n;
        bool found = n || (attends && iso_attend(crew, false) > 0);
        if (!found && !esp_mailbox_arm(box)) {
            (void)esp_mailbox_wait(box, 50);
            esp_mailbox_disarm(box);
        }
    }
    if (attends) { /* the next jobs may be of somebody who does not */
        CHECK(iso_attend(crew, false) >= 0);
    }
    bool once = true;
    for (uint32_t i = 0; i < AROUND; i++) {
        once = once && told[i] == 1;
    }
    return once;
}

/* Whether the job of a worker that dies at a step may be answered all the same. */
static bool may_answer(uint32_t step)
{
    return step >= ISO_STEP_PUBLISHED && step <= ISO_STEP_RANG;
}

static void die_among_others(double crew, esp_mailbox *box, uint32_t step, bool attends)
{
    double jobs[AROUND];
    iso_failure failure;
    for (uint32_t i = 0; i < AROUND; i++) {
        const bad_job *bad = i == THE_BAD ? demand(ISO_FAULT_STEP + step) : NULL;
        jobs[i] = iso_submit(crew, bad ? bad->bytes : ordinary.bytes,
                             bad ? bad->length : ordinary.length, 0, box, i, &failure);
        CHECK(jobs[i] > 0);
    }
    CHECK(drain(crew, box, attends));
    for (uint32_t i = 0; i < AROUND; i++) {
        double n = iso_take(jobs[i], out, OUT, &failure);
        if (i == THE_BAD) {
            CHECK(n == -ESP_WORKER_CRASHED || (n > 0 && may_answer(step)));
            kills += step != ISO_STEP_RANG || !attends; /* nobody may have to be rung for */
        } else {
            CHECK(is_expected(n));
            answered++;
        }
    }
}

static void die_alone(double crew, uint32_t step)
{
    uint8_t *kept;
    iso_failure failure;
    const bad_job *bad = demand(ISO_FAULT_STEP + step);
    double n = iso_run(crew, bad->bytes, bad->length, 0, out, OUT, &kept, &failure);
    if (kept) {
        esp_system_free(kept);
    }
    /* Nobody is rung for a caller who waits, so that step is not reached. */
    CHECK(n == -ESP_WORKER_CRASHED || (n > 0 && may_answer(step)));
    kills += step != ISO_STEP_RANG;
    CHECK(ordinary_runs(crew));
}

/* Whether a worker with or without a heap comes to a step in a job that is not its last. */
static bool is_reached(uint32_t step, bool heap)
{
    bool of_heap = step >= ISO_STEP_CALLED && step <= ISO_STEP_GRANTED;
    return step != ISO_STEP_LAST && (heap ? step != ISO_STEP_TAKING : !of_heap);
}

TEST(a_worker_that_dies_at_any_step_takes_no_other_job_with_it)
{
    make_jobs();
    for (uint32_t heap = 0; heap < 2; heap++) {
        double crew = open_crew(2, 0, heap ? HEAP : 0, 0);
        esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
        for (uint32_t i = 0; box && i < ROUNDS * esp_test_times; i++) {
            for (uint32_t step = ISO_STEP_RECEIVED; step < ISO_STEPS; step++) {
                if (is_reached(step, heap)) {
                    char name[24];
                    (void)snprintf(name, sizeof name, "step %u", step);
                    esp_test_case(name);
                    die_among_others(crew, box, step, i % 2 != 0);
                    die_alone(crew, step);
                }
            }
        }
        (void)iso_release(crew);
        esp_mailbox_let_go(box);
    }
}

TEST(a_worker_that_dies_at_any_step_of_its_start_is_replaced)
{
    make_jobs();
    for (uint32_t step = ISO_STEP_GREETED; step <= ISO_STEP_READY; step++) {
        double crew = open_crew(1, 0, 0, step);
        for (uint32_t i = 0; crew > 0 && i < 4 * ROUNDS * esp_test_times; i++) {
            CHECK(ordinary_runs(crew));
            CHECK(iso_restart(crew, false) == 0);
        }
        uint32_t facts[3] = {0};
        CHECK(crew == 0 || (iso_facts(crew, facts, 3) >= 3 && facts[1] >= ROUNDS));
        kills += facts[1] / 2;
        (void)iso_release(crew);
    }
}

TEST(a_copy_of_a_zygote_that_dies_at_any_step_takes_no_other_job_with_it)
{
    make_jobs();
    double crew = open_crew(2, 1, 0, 0);
    for (uint32_t i = 0; crew > 0 && i < ROUNDS * esp_test_times; i++) {
        for (uint32_t step = ISO_STEP_RECEIVED; step < ISO_STEPS; step++) {
            if (is_reached(step, false) && step != ISO_STEP_TAKING) {
                die_alone(crew, step); /* and an ordinary job after it */
            }
        }
    }
    (void)iso_release(crew);
}

#if defined __linux__
/* Whether this process comes to have no child, in a time that is enough anywhere. */
static bool is_childless(void)
{
    uint64_t end = os_clock_ns() + UINT64_C(30000000000);
    siginfo_t news;
    do {
        if (waitid(P_ALL, 0, &news, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) {
            return true;
        }
    } while (os_clock_ns() < end);
    return false;
}
#else
static bool is_childless(void)
{
    return true;
}
#endif

/* The copy is there, and nobody knows its number: what was made for it must not serve another
 * worker, or there were two of them; and it must not be left as a zombie. */
TEST(a_zygote_that_copies_itself_and_does_not_say_so_harms_no_job)
{
    make_jobs();
    double crew = open_crew(1, 1, 0, ISO_STEP_COPIED);
    for (uint32_t i = 0; crew > 0 && i < 8; i++) {
        die_alone(crew, ISO_STEP_RECEIVED); /* and an ordinary job after it */
    }
    (void)iso_release(crew);
    CHECK(crew <= 0 || is_childless());
}

TEST(a_worker_that_dies_at_any_step_after_its_last_job_harms_nobody)
{
    make_jobs();
    double crew = open_crew(2, 1, 0, 0);
    for (uint32_t i = 0; crew > 0 && i < 4 * ROUNDS * esp_test_times; i++) {
        uint8_t *kept;
        iso_failure failure;
        const bad_job *bad = demand(ISO_FAULT_STEP + ISO_STEP_LAST);
        double n = iso_run(crew, bad->bytes, bad->length, 0, out, OUT, &kept, &failure);
        CHECK(n > 0 && !kept);
        CHECK(ordinary_runs(crew));
        kills++;
    }
    (void)iso_release(crew);
}

/* The process of the one worker, once it can have the job. */
static int32_t worker_of(double crew)
{
    uint32_t facts[8] = {0};
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (iso_facts(crew, facts, 8) != 4 || facts[0] != 1) {
        if (!CHECK(os_clock_ns() < end)) {
            return 0;
        }
    }
    return (int32_t)facts[3];
}

static void stop_at(double crew, esp_mailbox *box, uint32_t step)
{
    iso_failure failure;
    uint32_t pair[2];
    const bad_job *bad = demand(ISO_FAULT_HOLD + step);
    CHECK(ordinary_runs(crew)); /* the worker is there */
    int32_t id = worker_of(crew);
    double job = iso_submit(crew, bad->bytes, bad->length, HOLD_US, box, 1, &failure);
    if (!CHECK(job > 0 && id > 0)) {
        return;
    }
    uint64_t then = os_clock_ns() + HOLD_US * UINT64_C(1000) / 4;
    while (os_clock_ns() < then) {
    }
    esp_test_stop(id);
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (esp_mailbox_drain(box, pair, 1) == 0 && CHECK(os_clock_ns() < end)) {
        if (!esp_mailbox_arm(box)) {
            (void)esp_mailbox_wait(box, 50);
            esp_mailbox_disarm(box);
        }
    }
    double n = iso_take(job, out, OUT, &failure);
    CHECK((n == -ESP_LIMIT_EXCEEDED && failure.limit == ESP_LIMIT_TIME) || n > 0);
    if (n > 0) { /* it had answered, so it is there, and only the next job's time would end it */
        esp_test_kill(id);
    }
    CHECK(ordinary_runs(crew));
    kills++;
}

TEST(a_worker_that_is_stopped_at_any_step_is_replaced_in_time)
{
    make_jobs();
    for (uint32_t heap = 0; heap < 2; heap++) {
        double crew = open_crew(1, 0, heap ? HEAP : 0, 0);
        esp_mailbox *box = crew > 0 ? esp_mailbox_create() : NULL;
        for (uint32_t step = ISO_STEP_RECEIVED; box && step < ISO_STEPS; step++) {
            if (is_reached(step, heap)) {
                stop_at(crew, box, step);
            }
        }
        (void)iso_release(crew);
        esp_mailbox_let_go(box);
    }
    if (esp_test_times > 1) {
        printf("kills: %llu at %u labelled steps; %llu other jobs, each with its right answer\n",
               (unsigned long long)kills, (unsigned)ISO_STEPS - 1, (unsigned long long)answered);
    }
    free(out);
    out = NULL;
}

const esp_test test_kills[] = {
    {"a worker that dies at any step takes no other job with it",
     a_worker_that_dies_at_any_step_takes_no_other_job_with_it},
    {"a worker that dies at any step of its start is replaced",
     a_worker_that_dies_at_any_step_of_its_start_is_replaced},
    {"a copy of a zygote that dies at any step takes no other job with it",
     a_copy_of_a_zygote_that_dies_at_any_step_takes_no_other_job_with_it},
    {"a zygote that copies itself and does not say so harms no job",
     a_zygote_that_copies_itself_and_does_not_say_so_harms_no_job},
    {"a worker that dies at any step after its last job harms nobody",
     a_worker_that_dies_at_any_step_after_its_last_job_harms_nobody},
    {"a worker that is stopped at any step is replaced in time",
     a_worker_that_is_stopped_at_any_step_is_replaced_in_time},
    {0},
};
#endif
