/* Threads: each has its own state, gets the same answers, and leaves nothing behind.
 *
 * Method. Threads of our own with small stacks, all started at once, so that first calls meet;
 * results are compared byte by byte with those of a single thread.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <stdlib.h>
#include <string.h>

#include "platform/os.h"
#include "ristretto.h"
#include "test_job_build.h"

enum { THREADS = 8, JOBS = 80, SMALL_STACK = 128 * 1024 };

static job_build jobs[JOBS];
static uint8_t *expected[JOBS];

static void make_jobs(void)
{
    static const uint32_t operations[] = {RST_OP_MINIMIZE, RST_OP_COMPLEMENT, RST_OP_PRINT,
                                          RST_OP_SIZE};
    uint64_t random = 11;
    static uint8_t out[64 * 1024];
    for (uint32_t i = 0; i < JOBS; i++) {
        uint64_t rows[60];
        uint32_t inputs = 3 + i % 7;
        uint32_t count = 1 + i % 60;
        for (uint32_t k = 0; k < count; k++) {
            uint64_t row = UINT64_C(1) << (2 * inputs + esp_test_below(&random, 2));
            for (uint32_t v = 0; v < inputs; v++) {
                row |= (uint64_t)(1 + esp_test_below(&random, 3)) << 2 * v;
            }
            rows[k] = row;
        }
        job_begin(&jobs[i], operations[i % 4]);
        job_vars(&jobs[i], inputs, 2);
        job_add(&jobs[i], RST_SECTION_ON, rows, count * 8, count);
        job_end(&jobs[i]);
        uint32_t n = (uint32_t)rst_run(jobs[i].bytes, jobs[i].length, out, sizeof out);
        CHECK(n <= sizeof out && result_is_sound(out, n));
        CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), 0);
        expected[i] = malloc(n);
        memcpy(expected[i], out, n);
    }
}

static void free_jobs(void)
{
    for (uint32_t i = 0; i < JOBS; i++) {
        free(expected[i]);
        expected[i] = NULL;
    }
}

/* Threads wait here until all exist. */
static os_mutex gate_lock;
static os_condition gate_opens;
static bool gate_open;

static void set_gate(bool open)
{
    os_mutex_lock(&gate_lock);
    gate_open = open;
    os_condition_wake_all(&gate_opens);
    os_mutex_unlock(&gate_lock);
}

static void pass_gate(void)
{
    os_mutex_lock(&gate_lock);
    while (!gate_open) {
        (void)os_condition_wait(&gate_opens, &gate_lock, 1000000000);
    }
    os_mutex_unlock(&gate_lock);
}

static void make_gate(void)
{
    CHECK_EQ_U(os_mutex_init(&gate_lock), 0);
    CHECK_EQ_U(os_condition_init(&gate_opens), 0);
}

static void pause_a_moment(void)
{
    os_mutex_lock(&gate_lock);
    (void)os_condition_wait(&gate_opens, &gate_lock, 1000000);
    os_mutex_unlock(&gate_lock);
}

typedef struct worker {
    os_thread thread;
    uint32_t rounds, wrong;
    double memory;
} worker;

static void work(void *argument)
{
    worker *w = argument;
    uint8_t *out = malloc(64 * 1024);
    pass_gate();
    for (uint32_t round = 0; round < w->rounds; round++) {
        for (uint32_t i = 0; i < JOBS; i++) {
            uint32_t room = i % 3 ? 64 * 1024 : 100; /* some results wait in the state */
            double n = rst_run(jobs[i].bytes, jobs[i].length, out, room);
            if (n > room) {
                n = rst_take(out, 64 * 1024);
            }
            w->wrong += n <= 0 || !same_answers(out, expected[i]);
        }
    }
    w->memory = rst_thread_memory();
    free(out);
}

/* The count of states falls to `most`; threads that were joined may still be ending on some
 * systems. */
static bool states_fall_to(uint32_t most)
{
    for (uint32_t i = 0; i < 60000 && rst_thread_count() > most; i++) {
        pause_a_moment();
    }
    return rst_thread_count() <= most;
}

static void run_workers(uint32_t threads, uint32_t rounds)
{
    static worker workers[64];
    static os_once once;
    os_run_once(&once, make_gate);
    set_gate(false);
    for (uint32_t i = 0; i < threads; i++) {
        workers[i] = (worker){.rounds = rounds};
        CHECK_EQ_U(os_thread_start(&workers[i].thread, work, &workers[i], SMALL_STACK), 0);
    }
    set_gate(true);
    for (uint32_t i = 0; i < threads; i++) {
        os_thread_join(&workers[i].thread);
        CHECK_EQ_U(workers[i].wrong, 0);
        CHECK(workers[i].memory > 0);
    }
}

TEST(eight_threads_get_the_answers_of_one)
{
    make_jobs();
    run_workers(THREADS, 8 * esp_test_times); /* 640 jobs each */
    CHECK(states_fall_to(1));
    free_jobs();
}

TEST(states_come_and_go_with_their_threads)
{
    make_jobs();
    uint32_t before = rst_thread_count();
    for (uint32_t i = 0; i < 10 * esp_test_times; i++) {
        run_workers(32, 1);
    }
    CHECK(states_fall_to(before));
    free_jobs();
}

#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define RACES_ARE_FOUND 1
#endif
#endif

/* A job that another thread changes while it runs. */
#if !defined RACES_ARE_FOUND
static volatile uint32_t stop_changing;
static uint8_t shared[4096];
static uint32_t shared_length;

static void change(void *unused)
{
    (void)unused;
    uint64_t random = 5;
    const job_build *sound = &jobs[0];
    while (!__atomic_load_n(&stop_changing, __ATOMIC_ACQUIRE)) {
        uint32_t at = esp_test_below(&random, shared_length);
        ((volatile uint8_t *)shared)[at] = (uint8_t)esp_test_random(&random);
        for (uint32_t i = 0; i < 100; i++) {
            ((volatile uint8_t *)shared)[at] = sound->bytes[at];
        }
    }
}
#endif

TEST(a_job_that_changes_while_it_runs_gives_some_result)
{
#if defined RACES_ARE_FOUND
    esp_test_skip("here the race is the test, and the thread sanitizer finds it");
    return;
#else
    make_jobs();
    uint64_t random = 9;
    uint32_t answers = 0;
    for (uint32_t text = 0; text < 2; text++) {
        job_begin(&jobs[0], text ? RST_OP_PRINT : RST_OP_MINIMIZE);
        if (text) {
            job_text(&jobs[0], RST_SECTION_TEXT,
                     ".i 4\n.o 2\n.ilb a b c d\n10-1 1-\n0--- 10\n1111 01\n.e\n");
        } else {
            job_vars(&jobs[0], 4, 2);
            job_cover(&jobs[0], RST_SECTION_ON, "10-1 11|0--- 10|1111 01|0011 11");
            job_names(&jobs[0], "a b c d", "f g");
        }
        job_end(&jobs[0]);
        shared_length = jobs[0].length;
        memcpy(shared, jobs[0].bytes, shared_length);
        stop_changing = 0;
        os_thread changer;
        CHECK_EQ_U(os_thread_start(&changer, change, NULL, SMALL_STACK), 0);
        static uint8_t out[64 * 1024];
        for (uint32_t i = 0; i < 20000 * esp_test_times; i++) {
            double n = rst_run(shared, shared_length, out, sizeof out);
            CHECK(n > 0 && n <= sizeof out && result_is_sound(out, (uint32_t)n));
            answers += block_u32(out, RST_HEADER_STATUS) == 0;
            shared[esp_test_below(&random, shared_length)] ^=
                1; /* also on a machine with one processor */
            memcpy(shared, jobs[0].bytes, shared_length);
        }
        __atomic_store_n(&stop_changing, 1, __ATOMIC_RELEASE);
        os_thread_join(&changer);
    }
    CHECK(answers > 0);
    free_jobs();
#endif
}

/* Jobs in a thread with a stack of 128 KiB. */
typedef struct stack_job {
    os_thread thread;
    const uint8_t *job;
    uint32_t length;
    uint8_t *out;
    uint32_t capacity;
    double needed;
} stack_job;

static void run_stack_job(void *argument)
{
    stack_job *s = argument;
    s->needed = rst_run(s->job, s->length, s->out, s->capacity);
}

/* `cubes` random cubes of 10,000 inputs with some literals each. */
static uint8_t *large_job(uint32_t cubes, uint32_t *length)
{
    enum { INPUTS = 10000, WORDS = (2 * INPUTS + 1 + 63) / 64 };
    static job_build b;
    uint32_t bytes = cubes * WORDS * 8;
    uint64_t *rows = malloc(bytes);
    uint64_t random = 21;
    memset(rows, 0xff, bytes);
    for (uint32_t i = 0; i < cubes; i++) {
        uint64_t *row = rows + (size_t)i * WORDS;
        for (uint32_t k = 0; k < 12; k++) {
            uint32_t bit = esp_test_below(&random, 2 * INPUTS);
            row[bit / 64] &= ~(UINT64_C(1) << bit % 64);
            row[(bit ^ 1) / 64] |= UINT64_C(1) << (bit ^ 1) % 64;
        }
        row[WORDS - 1] &= (UINT64_C(1) << (2 * INPUTS + 1) % 64) - 1;
    }
    job_begin(&b, RST_OP_MINIMIZE);
    job_vars(&b, INPUTS, 1);
    job_add(&b, RST_SECTION_ON, rows, bytes, cubes);
    job_option(&b, RST_OPTION_TIMEOUT, 8, 300000);
    job_add(&b, RST_SECTION_OPTIONS, b.options, b.options_length, b.options_count);
    *length = job_lay_out(&b, NULL);
    uint8_t *block = malloc(*length);
    job_lay_out(&b, block);
    free(rows);
    return block;
}

TEST(a_huge_job_ends_within_a_small_stack)
{
    uint32_t cubes = esp_test_times > 1 ? 100000 : 10000;
    uint32_t length;
    stack_job s = {.job = large_job(cubes, &length), .capacity = length + 4096};
    s.length = length;
    s.out = malloc(s.capacity);
    CHECK_EQ_U(os_thread_start(&s.thread, run_stack_job, &s, SMALL_STACK), 0);
    os_thread_join(&s.thread);
    if (CHECK(s.needed > 0 && s.needed <= s.capacity)) {
        CHECK(result_is_sound(s.out, (uint32_t)s.needed));
        uint32_t status = block_u32(s.out, RST_HEADER_STATUS);
        CHECK(status == 0 || status == RST_LIMIT_EXCEEDED);
        CHECK(status || answer_u32(s.out, RST_ANSWER_CUBES) > 0);
    }
    free((void *)(uintptr_t)s.job);
    free(s.out);
}

const esp_test test_abi_threads[] = {
    {"eight threads get the answers of one", eight_threads_get_the_answers_of_one},
    {"states come and go with their threads", states_come_and_go_with_their_threads},
    {"a job that changes while it runs gives some result",
     a_job_that_changes_while_it_runs_gives_some_result},
    {"a huge job ends within a small stack", a_huge_job_ends_within_a_small_stack},
    {0},
};
#endif
