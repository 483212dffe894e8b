/* Workers that do not answer, and workers that grow: the verdict on each, and what becomes of them.
 *
 * Method. A job asks its worker for a fault (isolate/worker/faults.h), or is one that lasts; its
 * time ends it, and the failure has to say how its worker was. On a machine so busy that a worker
 * got no processor between two looks the verdict is "unknown", which is true: then again.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there is no other process */
#else
#include <string.h>
#if defined __linux__
#include <unistd.h>
#endif

#include "base/arena.h"
#include "isolate/crew.h"
#include "isolate/events.h"
#include "isolate/health.h"
#include "isolate/worker/faults.h"
#include "job/format.h"
#include "platform/os.h"
#include "test_crew.h"
#include "test_job_build.h"

enum { TRIES = 100, TIME_US = 200000, ROWS = 4000, INPUTS = 13 };

static uint8_t out[4096];
static uint8_t demand[TEST_DEMAND_BYTES];
static job_build lasting;
static uint8_t lasting_bytes[64 * 1024];

static void make_demand(uint32_t fault)
{
    static uint32_t number;
    test_make_demand(demand, fault, ++number);
}

/* The proven minimum of a random function of 13 inputs: nobody sees the end of it. */
static void make_lasting(void)
{
    static uint64_t rows[ROWS];
    uint64_t random = 5;
    uint32_t count = 0;
    for (uint32_t point = 0; point < 1u << INPUTS && count < ROWS; point++) {
        if (esp_test_below(&random, 5) < 2) {
            uint64_t row = UINT64_C(1) << 2 * INPUTS;
            for (uint32_t k = 0; k < INPUTS; k++) {
                row |= UINT64_C(1) << (2 * k + (point >> k & 1));
            }
            rows[count++] = row;
        }
    }
    job_begin(&lasting, RST_OP_MINIMIZE);
    job_vars(&lasting, INPUTS, 1);
    job_add(&lasting, RST_SECTION_ON, rows, count * 8, count);
    job_option(&lasting, RST_OPTION_METHOD, 4, 1);
    job_add(&lasting, RST_SECTION_OPTIONS, lasting.options, lasting.options_length,
            lasting.options_count);
    lasting.length = job_lay_out(&lasting, NULL);
    if (CHECK(lasting.length <= sizeof lasting_bytes)) {
        (void)job_lay_out(&lasting, lasting_bytes);
    }
}

static iso_work work_of(uint32_t fault)
{
    if (fault == 0) {
        return (iso_work){.bytes = lasting_bytes, .length = lasting.length, .timeout_us = TIME_US};
    }
    make_demand(fault);
    return (iso_work){.bytes = demand, .length = sizeof demand, .timeout_us = TIME_US};
}

/* What whoever asked was told of the one worker, when it was something. */
static uint32_t asked;

static void ask(double crew)
{
    uint32_t words[ISO_SEAT_WORDS];
    if (CHECK_EQ_U(iso_seats(crew, words, 1), 1) && words[ISO_SEAT_HEALTH]) {
        asked = words[ISO_SEAT_HEALTH];
    }
}

/* Waits for the one letter, and asks for the health of the crew's worker meanwhile. */
static bool is_told(double crew, esp_mailbox *box)
{
    uint32_t pair[2];
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (esp_mailbox_drain(box, pair, 1) == 0) {
        if (os_clock_ns() > end) {
            return false;
        }
        if (!esp_mailbox_arm(box)) {
            (void)esp_mailbox_wait(box, 30);
            esp_mailbox_disarm(box);
        }
        ask(crew);
    }
    return true;
}

/* The process of the one worker, once it is there and so has the job, if there is one. */
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

static uint32_t health_of_submitted(double crew, uint32_t fault, bool stop)
{
    iso_failure failure = {0};
    esp_mailbox *box = esp_mailbox_create();
    iso_work work = work_of(fault);
    double job = box ? iso_submit_work(crew, &work, box, 1, &failure) : 0;
    if (CHECK(job > 0)) {
        if (stop) {
            esp_test_stop(worker_of(crew));
        }
        CHECK(is_told(crew, box));
        CHECK(iso_take(job, out, sizeof out, &failure) == -ESP_LIMIT_EXCEEDED);
        CHECK_EQ_U(failure.limit, ESP_LIMIT_TIME);
    }
    esp_mailbox_let_go(box);
    return failure.health;
}

static uint32_t health_of_waited(double crew, uint32_t fault)
{
    iso_failure failure = {0};
    iso_work work = work_of(fault);
    iso_outcome o = {.out = out, .capacity = sizeof out};
    CHECK(iso_perform(crew, &work, &o, &failure) == -ESP_LIMIT_EXCEEDED);
    CHECK_EQ_U(failure.limit, ESP_LIMIT_TIME);
    return failure.health;
}

static void check_verdict(double crew, uint32_t fault, bool stop, iso_health expected)
{
    uint32_t found = ISO_HEALTH_UNKNOWN;
    asked = ISO_HEALTH_UNKNOWN;
    for (uint32_t i = 0; i < TRIES && (!found || !asked); i++) {
        found = health_of_submitted(crew, fault, stop);
    }
    CHECK_EQ_U(found, expected);
    CHECK_EQ_U(asked, expected);
    found = stop ? expected : ISO_HEALTH_UNKNOWN;
    for (uint32_t i = 0; i < TRIES && found == ISO_HEALTH_UNKNOWN; i++) {
        found = health_of_waited(crew, fault);
    }
    CHECK_EQ_U(found, expected);
}

static bool tells_time(double crew)
{
    iso_failure failure = {0};
    esp_mailbox *box = esp_mailbox_create();
    iso_work work = work_of(ISO_FAULT_HANG);
    double job = box ? iso_submit_work(crew, &work, box, 1, &failure) : 0;
    bool tells = CHECK(job > 0) && esp_test_tells_time(worker_of(crew));
    CHECK(job <= 0 || is_told(crew, box));
    CHECK(job <= 0 || iso_take(job, out, sizeof out, &failure) == -ESP_LIMIT_EXCEEDED);
    esp_mailbox_let_go(box);
    return tells;
}

TEST(a_worker_that_does_not_answer_has_one_of_four_verdicts)
{
    make_lasting();
    const iso_options options = {.workers = 1, .queue = 10, .terms = {.memory = 64 << 20}};
    double crew = test_crew_open(&options);
    if (crew > 0) {
        if (tells_time(crew)) {
            check_verdict(crew, 0, false, ISO_HEALTH_COMPUTES);
            check_verdict(crew, ISO_FAULT_HANG, false, ISO_HEALTH_ASTRAY);
            check_verdict(crew, ISO_FAULT_LOCK, false, ISO_HEALTH_BLOCKED);
        } else {
            esp_test_skip("three verdicts: this system tells no processor time of others");
        }
        check_verdict(crew, ISO_FAULT_HANG, true, ISO_HEALTH_STOPPED);
        check_verdict(crew, ISO_FAULT_LOCK, true, ISO_HEALTH_STOPPED);
        (void)iso_release(crew);
    }
}

TEST(a_worker_that_is_cancelled_has_a_verdict_too)
{
    const iso_options options = {.workers = 1, .queue = 10};
    double crew = test_crew_open(&options);
    iso_failure failure = {0};
    for (uint32_t i = 0; crew > 0 && i < TRIES && !failure.health; i++) {
        esp_mailbox *box = esp_mailbox_create();
        make_demand(ISO_FAULT_LOCK);
        double job = iso_submit(crew, demand, sizeof demand, 0, box, 1, &failure);
        CHECK(job > 0 && iso_cancel(job, 200) == 0 && is_told(crew, box));
        CHECK(iso_take(job, out, sizeof out, &failure) == -ESP_CANCELLED);
        esp_mailbox_let_go(box);
    }
    CHECK(crew == 0 || failure.health == ISO_HEALTH_BLOCKED || !tells_time(crew));
    (void)iso_release(crew);
}

static uint32_t workers_started(double crew)
{
    uint32_t facts[3] = {0};
    CHECK(iso_facts(crew, facts, 3) >= 3);
    return facts[1];
}

static void run_leaks(double crew, uint32_t jobs)
{
    for (uint32_t i = 0; i < jobs; i++) {
        iso_failure failure = {0};
        make_demand(ISO_FAULT_LEAK);
        const iso_work work = {.bytes = demand, .length = sizeof demand};
        iso_outcome o = {.out = out, .capacity = sizeof out};
        CHECK(iso_perform(crew, &work, &o, &failure) > 0); /* its own error is a result */
    }
}

TEST(a_worker_that_grew_beyond_its_mark_is_replaced_after_its_job)
{
    iso_options options = {.workers = 1, .queue = 10};
    double crew = test_crew_open(&options);
    uint64_t base = crew > 0 ? esp_test_own_memory(worker_of(crew)) : 0;
    if (crew > 0) { /* without a mark it is not */
        run_leaks(crew, 8);
        CHECK_EQ_U(workers_started(crew), 1);
        (void)iso_release(crew);
    }
    options.leak = base + (10 << 20);
    crew = test_crew_open(&options);
    if (crew > 0) { /* each holds two leaks, and ends after the third */
        run_leaks(crew, 10);
        CHECK_EQ_U(workers_started(crew), 4);
        (void)iso_release(crew);
    }
}

#if defined __linux__ /* the others have no sentinels */
/* The number is a worker's word, and a hostile one could name any. */
TEST(a_thread_of_another_process_is_no_sentinel)
{
    int32_t sentinel = 0;
    const ipc_process other = {.handle = -1, .id = (int32_t)getppid()};
    const int64_t numbers[] = {ipc_thread_id(), 0, -1, INT64_MAX, INT64_C(1) << 32 | 1};
    for (uint32_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        CHECK(ipc_sentinel_open(&sentinel, &other, numbers[i]) == OS_UNSUPPORTED);
        CHECK(sentinel == -1);
    }
}
#endif

const esp_test test_health[] = {
    {"a worker that does not answer has one of four verdicts",
     a_worker_that_does_not_answer_has_one_of_four_verdicts},
    {"a worker that is cancelled has a verdict too", a_worker_that_is_cancelled_has_a_verdict_too},
    {"a worker that grew beyond its mark is replaced after its job",
     a_worker_that_grew_beyond_its_mark_is_replaced_after_its_job},
#if defined __linux__
    {"a thread of another process is no sentinel", a_thread_of_another_process_is_no_sentinel},
#endif
    {0},
};
#endif
