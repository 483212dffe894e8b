/* Jobs for tests of pools. */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include "test_pool_jobs.h"

#include <string.h>

#include "ristretto.h"

void pool_small_job(job_build *b)
{
    job_begin(b, RST_OP_MINIMIZE);
    job_vars(b, 2, 1);
    job_cover(b, RST_SECTION_ON, "00 1|01 1|11 1");
    job_end(b);
}

/* Random cubes of binary inputs, of one output. */
static void random_job(job_build *b, uint32_t operation, uint32_t inputs, uint32_t cubes)
{
    uint64_t rows[1500];
    uint64_t random = 77;
    for (uint32_t i = 0; i < cubes; i++) {
        rows[i] = UINT64_C(1) << 2 * inputs;
        for (uint32_t v = 0; v < inputs; v++) {
            uint32_t part = esp_test_below(&random, 5);
            rows[i] |= (uint64_t)(part < 2 ? part + 1 : 3) << 2 * v;
        }
    }
    job_begin(b, operation);
    job_vars(b, inputs, 1);
    job_add(b, RST_SECTION_ON, rows, cubes * (uint32_t)sizeof *rows, cubes);
}

void pool_long_job(job_build *b, uint32_t limit_ms)
{
    random_job(b, RST_OP_COMPLEMENT, 30, 1500);
    if (limit_ms) {
        job_option(b, RST_OPTION_TIMEOUT, 8, UINT64_C(1000) * limit_ms);
    }
    job_end(b);
}

void pool_fair_job(job_build *b)
{
    random_job(b, RST_OP_MINIMIZE, 12, 60);
    job_end(b);
}

void pool_large_job(job_build *b)
{
    random_job(b, RST_OP_PRINT, 30, 1500);
    job_option(b, RST_OPTION_EMIT, 4, 1);
    job_end(b);
}

bool pool_wait_done(double job)
{
    int32_t ready = 0;
    for (uint32_t i = 0; i < 1200 && ready == 0; i++) {
        ready = rst_pool_wait(job, 50);
    }
    return ready == 1;
}

void pool_sleep(uint32_t milliseconds)
{
    double mailbox = rst_mailbox_open();
    (void)rst_mailbox_wait(mailbox, milliseconds); /* nobody posts there */
    (void)rst_mailbox_close(mailbox);
}

bool pool_wait_all_gone(void)
{
    for (uint32_t i = 0; i < 12000 && rst_pool_alive() != 0; i++) {
        pool_sleep(5);
    }
    return rst_pool_alive() == 0;
}
#endif
