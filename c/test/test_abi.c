/* The exported functions on one thread: results that fit and that do not, misuse, last errors. */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* the ABI is not in this build */
#else
#include <string.h>

#include "ristretto.h"
#include "test_job_build.h"

static job_build job;
static uint8_t out[16 * 1024];

static void make_job(uint32_t operation)
{
    job_begin(&job, operation);
    job_vars(&job, 4, 2);
    job_cover(&job, RST_SECTION_ON, "10-1 11|0--- 10|1111 01");
    job_end(&job);
}

static uint32_t last_error(char *text, uint32_t capacity)
{
    uint32_t length = 0;
    uint32_t kind = rst_last_error((uint8_t *)text, capacity, &length);
    CHECK(length < capacity);
    text[length < capacity ? length : 0] = 0;
    return kind;
}

/* The call returned minus this kind and said this. */
static void check_misuse(double returned, uint32_t kind, const char *fragment)
{
    char text[256];
    CHECK(returned == -(double)kind);
    CHECK_EQ_U(last_error(text, sizeof text), kind);
    CHECK_HAS(text, fragment);
}

TEST(a_result_that_fits_is_written)
{
    make_job(RST_OP_MINIMIZE);
    double n = rst_run(job.bytes, job.length, out, sizeof out);
    CHECK(n > 0 && result_is_sound(out, (uint32_t)n));
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), 0);
    const uint8_t *trailer = result_section(out, RST_SECTION_TRAILER, NULL, NULL);
    CHECK(block_u64(trailer, RST_TRAILER_RUN_NS) > 0);
    CHECK_EQ_U(block_u32(trailer, RST_TRAILER_ATTEMPTS), 1);
    CHECK_EQ_U(block_u32(trailer, RST_TRAILER_WORKER), 0);
    check_misuse(rst_take(out, sizeof out), RST_CLOSED, "no result of this thread waits");
}

TEST(a_result_that_does_not_fit_waits_to_be_taken)
{
    static uint8_t direct[16 * 1024];
    make_job(RST_OP_MINIMIZE);
    uint32_t n = (uint32_t)rst_run(job.bytes, job.length, direct, sizeof direct);
    for (uint32_t capacity = 0; capacity < n; capacity++) {
        memset(out, 0xee, sizeof out);
        CHECK(rst_run(job.bytes, job.length, capacity ? out : NULL, capacity) == n);
        CHECK(rst_take(NULL, 0) == n);
        CHECK(rst_take(out, n - 1) == n);
        CHECK(out[0] == 0xee && out[capacity] == 0xee);
        CHECK(rst_take(out, n) == n);
        CHECK(out[n] == 0xee);
        CHECK(same_answers(out, direct));
        check_misuse(rst_take(out, sizeof out), RST_CLOSED, "no result");
    }
    CHECK(rst_run(job.bytes, job.length, out, 1) == n);
    CHECK(rst_run(job.bytes, job.length, out, sizeof out) == n); /* forgets the one that waited */
    check_misuse(rst_take(out, sizeof out), RST_CLOSED, "no result");
    CHECK(rst_run(NULL, 0, out, 10) > 0); /* errors wait as well */
    uint32_t length = (uint32_t)rst_take(out, sizeof out);
    CHECK(result_is_sound(out, length));
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), RST_INVALID_INPUT);
}

TEST(misuse_is_an_error_and_no_crash)
{
    make_job(RST_OP_SIZE);
    check_misuse(rst_run(NULL, 1, out, sizeof out), RST_INVALID_INPUT, "job is a null pointer");
    check_misuse(rst_run(job.bytes, job.length, NULL, 1), RST_INVALID_INPUT,
                 "memory for the answer");
    check_misuse(rst_take(NULL, 1), RST_INVALID_INPUT, "memory for the answer");
    check_misuse(rst_task_start(NULL, 1), RST_INVALID_INPUT, "job is a null pointer");
    char text[4] = "...";
    uint32_t length = 0;
    CHECK_EQ_U(rst_last_error((uint8_t *)text, 2, &length), RST_INVALID_INPUT);
    CHECK(length > 10 && text[1] != '.' && text[2] == '.');
    CHECK_EQ_U(rst_last_error(NULL, 100, NULL), RST_INVALID_INPUT);
    CHECK(rst_run(job.bytes, job.length, out, sizeof out) > 0); /* the thread goes on */
    CHECK_EQ_U(answer_u32(out, RST_ANSWER_CUBES), 3);
}

TEST(the_library_says_what_it_is)
{
    CHECK_EQ_U(rst_abi_version(), RST_ABI_VERSION);
    CHECK_EQ_U(rst_noop(17), 17);
    char text[512] = {0};
    uint32_t length = rst_build_info((uint8_t *)text, sizeof text);
    CHECK(length == strlen(text) && length < sizeof text);
    CHECK_HAS(text, "version=");
    CHECK_HAS(text, "\ntarget=");
    CHECK_HAS(text, "\nkernels=");
    for (uint32_t capacity = 0; capacity <= length; capacity++) {
        char cut[512];
        memset(cut, '~', sizeof cut);
        CHECK_EQ_U(rst_build_info(capacity ? (uint8_t *)cut : NULL, capacity), length);
        CHECK(!memcmp(cut, text, capacity) && cut[capacity] == '~');
    }
}

TEST(the_state_of_a_thread_is_small)
{
    make_job(RST_OP_SIZE);
    CHECK(rst_run(job.bytes, job.length, out, sizeof out) > 0);
    CHECK(sizeof(esp_runner) < 4096);
    CHECK(rst_thread_memory() > 0);
    CHECK(rst_thread_count() >= 1);
}

const esp_test test_abi[] = {
    {"a result that fits is written", a_result_that_fits_is_written},
    {"a result that does not fit waits to be taken", a_result_that_does_not_fit_waits_to_be_taken},
    {"misuse is an error and no crash", misuse_is_an_error_and_no_crash},
    {"the library says what it is", the_library_says_what_it_is},
    {"the state of a thread is small", the_state_of_a_thread_is_small},
    {0},
};
#endif
