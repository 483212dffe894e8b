/* A team: the threads of pools, and the choice of whose job runs next. One for each stack size and
 * name; pools of the same kind share it, whichever JavaScript threads they belong to.
 *
 *      pool A: waiting ■■■■   ┐            ┌ thread 1: context, job of A
 *      pool B: waiting ■      ├── team ────┼ thread 2: context, job of B
 *      pool C: waiting        ┘            └ (parked)
 *
 * Internal to c/pool; pool.h is what others use.
 */
#ifndef ESP_TEAM_H
#define ESP_TEAM_H

#include "job/job.h"
#include "pool/mailbox.h"
#include "pool/pool.h"

typedef enum esp_pool_state {
    ESP_POOL_WAITING, /* in its pool's queue */
    ESP_POOL_RUNNING,
    ESP_POOL_DONE,      /* there is a result */
    ESP_POOL_CANCELLED, /* it never ran */
} esp_pool_state;

typedef struct esp_team esp_team;
typedef struct esp_pool esp_pool;

/* A job of a pool; its bytes, and later its result, follow it. Held by its handle, and by the queue
 * or the thread it is in. "Guarded" is: by the lock of the team. */
typedef struct esp_pool_job {
    esp_held held;
    esp_letter letter;
    esp_pool *pool;       /* held */
    esp_mailbox *mailbox; /* held; NULL: somebody waits for it */
    double handle;
    struct esp_pool_job *next; /* guarded: in the queue, or among those that run */
    struct esp_pool_job *prev;
    struct esp_pool_job *next_known; /* guarded: among those of its pool that have a handle */
    struct esp_pool_job *prev_known;
    esp_pool_state state;   /* guarded */
    esp_word cancel;        /* read by the core */
    esp_progress progress;  /* written by the core */
    uint32_t length;        /* of the job */
    uint32_t capacity;      /* of the memory after this struct */
    uint32_t result_length; /* once done */
    uint8_t *large;         /* the result, when it is longer than that memory */
    uint64_t charged;       /* to the pass of its pool, when it began to run */
    uint64_t start;         /* of its run, and its end */
    uint64_t end;
    uint64_t since; /* nanoseconds: when it was asked for */
} esp_pool_job;

static inline uint8_t *esp_pool_bytes(esp_pool_job *job)
{
    return (uint8_t *)(job + 1);
}

/* Counts of times: bucket n holds those from 2^(n + 8) ns to twice that; the first one also what is
 * less, the last one what is more. */
typedef struct esp_histogram {
    uint32_t counts[ESP_POOL_BUCKETS];
    uint64_t total_ns;
} esp_histogram;

/* One engine's share of a team. Everything but `team`, `handle` and `options` is guarded. */
struct esp_pool {
    esp_held held;
    esp_team *team;
    double handle;
    esp_pool_options options;
    os_condition changed; /* a job of it is done, or there is room: for those who wait here */
    uint32_t waiters;     /* on that condition */
    bool closing;         /* no more jobs */
    esp_pool *next_busy;  /* the team's list of pools with a waiting job */
    esp_pool *prev_busy;
    esp_pool_job *first; /* the queue */
    esp_pool_job *last;
    esp_pool_job *running; /* jobs that run */
    esp_pool_job *known;   /* jobs that have a handle */
    esp_pool_job *spare;   /* memory of small jobs that are no more */
    uint32_t spares;
    uint64_t pass;     /* processor time received over its weight */
    uint64_t usual_ns; /* a run of it, on average */
    esp_pool_counts counts;
    esp_histogram waited;
    esp_histogram ran;
};

/* A team for pools of these options, counted for one more pool; NULL and *error (minus a kind). */
esp_team *esp_team_join(const esp_pool_options *options, int32_t *error);
/* One pool less; the last one ends the threads. */
void esp_team_leave(esp_team *team);
os_mutex *esp_team_lock(esp_team *team);

/* Under the lock: the job is the last of its pool's queue. */
void esp_team_enqueue(esp_team *team, esp_pool_job *job);
/* Under the lock: out of the queue again. */
void esp_team_dequeue(esp_team *team, esp_pool_job *job);
/* Under the lock: the calling thread has put a job into a queue; a thread looks at it. */
void esp_team_submitted(esp_team *team);
/* A run of a job, in three parts: under the lock, not under the lock, under the lock again. */
void esp_team_start(esp_pool_job *job);
void esp_team_run(esp_runner *runner, esp_pool_job *job);
void esp_team_account(esp_pool_job *job);
/* Not under the lock: says that a job is done or cancelled to whom it may concern; the hold of the
 * queue or thread that it was in goes. */
void esp_pool_tell(esp_pool_job *job);
/* Under the lock: threads, jobs they ran and nanoseconds they ran for, each pair into `out`; how
 * many threads there are. */
uint32_t esp_team_threads(const esp_team *team, double *out, uint32_t most);

#endif
