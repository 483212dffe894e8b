/* A pool: jobs on native threads, of which there is a bounded number, out of a bounded queue.
 *
 *   esp_pool_options options = ESP_POOL_DEFAULTS;
 *   double pool = esp_pool_open(&options);
 *   double job = esp_pool_submit(pool, bytes, length, NULL, 0, 0);
 *   while (esp_pool_wait(job, 1000) == 0) { }
 *   double n = esp_pool_take(job, out, sizeof out);
 *   esp_pool_release(pool);
 *
 * Pools and jobs are handles (registry.h): they may be used from any thread, in any order, after
 * they are gone, or invented; the worst that happens is -ESP_CLOSED or -ESP_INVALID_INPUT.
 *
 * A job is told of in one of two ways: by a letter to a mailbox, with a ticket (then the job is
 * taken when the letter has come), or by esp_pool_wait.
 */
#ifndef ESP_POOL_H
#define ESP_POOL_H

#include "pool/mailbox.h"

struct esp_runner;

enum {
    ESP_POOL_THREADS_MOST = 256,
    ESP_POOL_QUEUE_MOST = 1 << 20,
    ESP_POOL_STACK_LEAST = 128,  /* KiB */
    ESP_POOL_STACK_MOST = 65536, /* KiB */
    ESP_POOL_WEIGHT_MOST = 1000,
    ESP_POOL_NAME_MOST = 11, /* and a number, in the 15 bytes that systems show */
    ESP_POOL_BUCKETS = 32,
    ESP_POOL_NUMBERS_MOST = 9 + 2 * (1 + ESP_POOL_BUCKETS) + 2 * ESP_POOL_THREADS_MOST,
};

typedef struct esp_pool_options {
    uint32_t threads;   /* its jobs that may run at once; 0 = what the machine allows */
    uint32_t queue;     /* its jobs that may wait */
    uint32_t stack_kib; /* of a thread, a multiple of 64 */
    uint32_t weight;    /* its share of the threads, beside other pools of the team */
    bool statistics;    /* count times, too */
    char name[ESP_POOL_NAME_MOST + 1]; /* of the threads */
} esp_pool_options;

#define ESP_POOL_DEFAULTS ((esp_pool_options){0, 1024, 256, 4, true, "ristretto"})

/* submitted = waiting + running + completed + failed + cancelled, at any moment. */
typedef struct esp_pool_counts {
    uint64_t submitted;
    uint64_t completed; /* with an answer */
    uint64_t failed;    /* with an error */
    uint64_t cancelled; /* before they ran, or while they did */
    uint64_t refused;   /* for want of room; not submitted */
    uint32_t waiting;
    uint32_t running;
} esp_pool_counts;

/* Processors that the affinity mask and the container's quota allow, at least 1. */
uint32_t esp_pool_processors(void);

/* A handle, or minus ESP_INVALID_INPUT, ESP_LIMIT_EXCEEDED (memory), ESP_UNAVAILABLE (no thread),
 * ESP_UNSUPPORTED (no threads here). */
double esp_pool_open(const esp_pool_options *options);
/* Copies the job. A handle, or minus ESP_QUEUE_FULL, ESP_LIMIT_EXCEEDED (memory), ESP_CLOSED. Time
 * limits of the job count from `waited_us` microseconds ago. */
double esp_pool_submit(double pool, const uint8_t *job, uint32_t length, esp_mailbox *mailbox,
                       uint32_t ticket, uint32_t waited_us);
/* Until there is room in the queue (1), at most so long (0). */
int32_t esp_pool_wait_room(double pool, uint32_t milliseconds);
/* No more jobs from now on; with `cancel`, those there are cancelled. Again does no harm. */
int32_t esp_pool_close(double pool, bool cancel);
/* Until no job waits or runs (1), at most so long (0). */
int32_t esp_pool_wait_idle(double pool, uint32_t milliseconds);
/* Closes and cancels, and the handle is no more. Never waits. */
int32_t esp_pool_release(double pool);
int32_t esp_pool_count(double pool, esp_pool_counts *counts);
/* The same, then the histograms and the team's threads, as numbers; see ristretto.h. How many
 * numbers there are; at most `most` are written. */
int32_t esp_pool_statistics(double pool, double *out, uint32_t most);

/* 1 done, 0 not yet. */
int32_t esp_pool_wait(double job, uint32_t milliseconds);
/* 1 done, 0 not yet; the 16 words of its progress, unless `progress` is NULL. */
int32_t esp_pool_poll(double job, uint32_t *progress);
/* Out of the queue, or told to stop if it runs; 0. It is done soon, and told of as usual. */
int32_t esp_pool_cancel(double job);
/* 0 while it is not done. Then the length of the result, written when it fits, and the handle is no
 * more; minus ESP_CANCELLED, likewise, for a job that never ran. */
double esp_pool_take(double job, uint8_t *out, uint32_t capacity);
/* Runs a job that waits on the calling thread, in its runner: for jobs whose time is over, which do
 * not take long. 1 it did, 0 there was nothing to do. */
int32_t esp_pool_hurry(double job, struct esp_runner *runner);
/* Cancels it, and the handle is no more. */
int32_t esp_pool_forget(double job);

/* Jobs and pools whose memory is still there (for leak tests). */
uint32_t esp_pool_jobs_alive(void);
uint32_t esp_pools_alive(void);

#endif
