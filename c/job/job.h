/* Run job → result: the whole product, in one function.
 *
 *      esp_runner_init     once; holds no memory of its own until the first job
 *      esp_run_job         a job's bytes in, a result's length out; the bytes are in `out` or kept
 *      esp_take_result     the kept ones
 *      esp_runner_free
 *
 * A runner belongs to one thread at a time. Every mode of isolation brings the bytes of a job in
 * front of this function in its own way, and none of them does more.
 */
#ifndef ESP_JOB_H
#define ESP_JOB_H

#include "job/writer.h"

typedef struct esp_runner {
    esp_context ctx;
    uint8_t *kept;          /* memory for results that did not fit; NULL = none */
    uint32_t kept_size;     /* bytes of it */
    uint32_t result_length; /* bytes of the kept result; 0 = none is kept */
    bool in_reserve;        /* the kept result is in `reserve` */
    esp_progress *progress; /* of the next run; NULL = nobody watches */
    const esp_word *cancel; /* of the next run; NULL = cannot be cancelled from outside */
    uint64_t since;         /* when the next run's time began to count; 0 = with it */
    uint8_t reserve[ESP_ERROR_RESULT_MOST]; /* so that "out of memory" can always be told */
} esp_runner;

/* `clock` in nanoseconds, monotonic; NULL: jobs with a time limit are refused. */
void esp_runner_init(esp_runner *r, uint64_t (*clock)(void));
void esp_runner_free(esp_runner *r);
/* Bytes obtained from the system now, the runner itself not counted. */
uint64_t esp_runner_memory(const esp_runner *r);

/* Runs a job and returns the length of its result block, which is always a whole one: errors are in
 * it. When it fits `capacity` it is in `out`; otherwise `out` is untouched and the result is kept
 * until the next run. `out` may be the memory of the job. */
uint32_t esp_run_job(esp_runner *r, const uint8_t *job, uint32_t length, uint8_t *out,
                     uint32_t capacity);

/* The length of the kept result, 0 when there is none. It is copied, and no longer kept, when it
 * fits. */
uint32_t esp_take_result(esp_runner *r, uint8_t *out, uint32_t capacity);
/* The kept result without a copy: its memory becomes the caller's (esp_system_free). Only where the
 * run had a capacity of ESP_ERROR_RESULT_MOST at least. */
uint8_t *esp_detach_result(esp_runner *r);

#endif
