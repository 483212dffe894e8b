/* Jobs for tests of pools: short ones, ones that last until they are stopped, ones with large
 * results. */
#ifndef TEST_POOL_JOBS_H
#define TEST_POOL_JOBS_H

#include "test_job_build.h"

/* Two cubes come out of it. */
void pool_small_job(job_build *b);
/* Takes minutes, unless it is stopped; with a time limit in milliseconds when that is not 0. */
void pool_long_job(job_build *b, uint32_t limit_ms);
/* About a millisecond of work, always the same. */
void pool_fair_job(job_build *b);
/* Its result is text of more than 16 KiB. */
void pool_large_job(job_build *b);
/* Waits until the job is done; false: it is not after a minute. */
bool pool_wait_done(double job);
void pool_sleep(uint32_t milliseconds);
/* Waits until there are no jobs and no pools; false: some are left after a minute. */
bool pool_wait_all_gone(void);

#endif
