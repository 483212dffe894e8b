/* Running out of memory: every single request refused in turn, and nothing leaks, hangs or goes
 * wrong.
 *
 * Method. The seam to the system's allocator is replaced by one that counts what is out and fails
 * the n-th request (and, in a second pass, all from the n-th on), for n = 1, 2, … until a run needs
 * no n-th request.
 */
#include <stdlib.h>
#include <string.h>

#include "test_job_build.h"

static uint32_t requests, fail_at, outstanding;
static bool fail_all;

static void *counting_alloc(void *user, size_t size)
{
    (void)user;
    requests++;
    if (requests == fail_at || (fail_all && requests > fail_at)) {
        return NULL;
    }
    void *p = malloc(size);
    outstanding += p != NULL;
    return p;
}

static void counting_free(void *user, void *p)
{
    (void)user;
    outstanding -= p != NULL;
    free(p);
}

/* Enough cubes that the arena needs several chunks. */
static uint32_t make_text(char *text, uint32_t inputs, uint32_t cubes)
{
    uint64_t random = 3;
    uint32_t at = 0;
    memcpy(text, ".i 12\n.o 2\n.ilb a b c d e f g h i j k l\n", 40);
    at = 40;
    for (uint32_t i = 0; i < cubes; i++) {
        for (uint32_t v = 0; v < inputs; v++) {
            text[at++] = "01-"[esp_test_below(&random, 3)];
        }
        memcpy(text + at, esp_test_below(&random, 2) ? " 1-\n" : " 11\n", 4);
        at += 4;
    }
    return at;
}

static job_build job;
static uint8_t small_out[64];
static uint8_t out[128 * 1024];

/* One run with a fresh runner, the result always kept first; its status. `length` is 0 when it
 * could not be. */
static uint32_t run_once(void)
{
    esp_runner runner;
    requests = 0;
    esp_runner_init(&runner, NULL);
    uint32_t length = esp_run_job(&runner, job.bytes, job.length, small_out, sizeof small_out);
    CHECK(length > sizeof small_out && length <= sizeof out);
    CHECK_EQ_U(esp_take_result(&runner, NULL, 0), length);
    CHECK_EQ_U(esp_take_result(&runner, out, sizeof out), length);
    CHECK_EQ_U(esp_take_result(&runner, out, sizeof out), 0);
    CHECK(result_is_sound(out, length));
    CHECK_EQ_U(runner.ctx.arena.held + runner.ctx.side.held + runner.kept_size,
               esp_runner_memory(&runner));
    esp_runner_free(&runner);
    CHECK_EQ_U(esp_runner_memory(&runner), 0);
    CHECK_EQ_U(outstanding, 0);
    return block_u32(out, RST_HEADER_STATUS);
}

static void check_outcome(uint32_t status)
{
    if (status) {
        CHECK_EQ_U(status, ESP_LIMIT_EXCEEDED);
        CHECK_EQ_U(block_u32(result_section(out, RST_SECTION_ERROR, NULL, NULL), 4),
                   ESP_LIMIT_MEMORY);
    } else {
        uint32_t stopped = answer_u32(out, RST_ANSWER_STOPPED);
        CHECK(stopped == 0 || stopped == ESP_LIMIT_MEMORY);
    }
}

static void fail_each_request(uint32_t operation, uint32_t cubes, uint32_t emit)
{
    static char text[12 * 1024];
    job_begin(&job, operation);
    job_add(&job, RST_SECTION_TEXT, text, make_text(text, 12, cubes), 0);
    job_option(&job, RST_OPTION_EMIT, 4, emit);
    job_end(&job);
    uint32_t errors = 0;
    for (uint32_t pass = 0; pass < 2; pass++) {
        fail_all = pass != 0;
        fail_at = 0;
        do {
            fail_at++;
            uint32_t status = run_once();
            check_outcome(status);
            errors += status != 0;
        } while (requests >= fail_at && fail_at < 10000);
        CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), ESP_OK);
        CHECK_EQ_U(answer_u32(out, RST_ANSWER_COMPLETE), 1);
    }
    CHECK(errors > 1);
}

TEST(every_request_for_memory_may_fail)
{
    const esp_system_memory counting = {counting_alloc, counting_free, NULL};
    job_done();
    esp_set_system_memory(&counting);
    fail_each_request(RST_OP_MINIMIZE, 40, 0);
    fail_each_request(RST_OP_MINIMIZE, 200, 1);
    fail_each_request(RST_OP_COMPLEMENT, 100, 0);
    fail_each_request(RST_OP_PARSE, 700, 0);
    esp_set_system_memory(NULL);
}

TEST(a_runner_keeps_little_after_a_large_job)
{
    enum { CUBES = 200000 };
    job_done();
    esp_runner runner;
    esp_runner_init(&runner, NULL);
    uint64_t *rows = malloc(CUBES * sizeof *rows);
    uint8_t *block = malloc(CUBES * sizeof *rows + 1024);
    uint64_t random = 1;
    for (uint32_t i = 0; i < CUBES; i++) {
        rows[i] =
            (esp_test_random(&random) | UINT64_C(0x5555555555555555)) >> 2 | UINT64_C(1) << 62 | 1;
    }
    job_begin(&job, RST_OP_PARSE);
    job_vars(&job, 31, 1);
    for (uint32_t i = 0; i < CUBES; i++) {
        rows[i] &= (UINT64_C(1) << 63) - 1;
    }
    job_add(&job, RST_SECTION_ON, rows, CUBES * 8, CUBES);
    uint32_t length = job_lay_out(&job, block);
    uint32_t needed = esp_run_job(&runner, block, length, small_out, sizeof small_out);
    CHECK(needed > CUBES * 8);
    CHECK(esp_runner_memory(&runner) >= needed);
    uint8_t *result = malloc(needed);
    CHECK_EQ_U(esp_take_result(&runner, result, needed), needed);
    CHECK(!memcmp(result_section(result, RST_SECTION_ON, NULL, NULL), rows, CUBES * 8));
    CHECK(esp_runner_memory(&runner) <= (2 << 20) + (64 << 10) + 8192);
    CHECK_EQ_U(esp_run_job(&runner, block, length, small_out, sizeof small_out), needed);
    (void)esp_run_job(&runner, NULL, 0, out, sizeof out); /* the next run drops what nobody took */
    CHECK(esp_runner_memory(&runner) <= (2 << 20) + (64 << 10) + 8192);
    CHECK_EQ_U(esp_take_result(&runner, result, needed), 0);
    esp_runner_free(&runner);
    CHECK_EQ_U(esp_runner_memory(&runner), 0);
    free(result);
    free(block);
    free(rows);
}

const esp_test test_job_memory[] = {
    {"every request for memory may fail", every_request_for_memory_may_fail},
    {"a runner keeps little after a large job", a_runner_keeps_little_after_a_large_job},
    {0},
};
