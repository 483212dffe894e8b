/* The memory of a pool's jobs: a job and its bytes are one piece.
 *
 * Small jobs all get pieces of the same size, which then also have room for their results. A pool
 * keeps some of those of jobs that are done: for a job of a microsecond, asking the system for
 * memory and giving it back is most of what a submit costs. Invariant: a kept piece is nobody's
 * job, and is counted nowhere. Cost: SPARES_MOST pieces a pool at most, 280 KiB.
 */
#include "pool/pool_job.h"

#include <string.h> /* memcpy, memset */

#include "base/arena.h" /* esp_system_alloc */

enum { SPARES_MOST = 128 };
_Static_assert(ESP_JOB_SMALL >= ESP_ERROR_RESULT_MOST, "what does not fit is in memory of its own");

static atomic_uint jobs_alive;

uint32_t esp_pool_jobs_alive(void)
{
    return atomic_load(&jobs_alive);
}

static void destroy(esp_held *self)
{
    esp_pool_job *job = (esp_pool_job *)self;
    esp_mailbox_let_go(job->mailbox);
    esp_let_go(&job->pool->held);
    esp_system_free(job->large);
    esp_system_free(job);
    atomic_fetch_sub(&jobs_alive, 1);
}

/* Makes a piece of memory a job. */
static void fill(esp_pool_job *job, esp_pool *pool, const uint8_t *bytes, uint32_t length)
{
    memset(job, 0, sizeof *job);
    esp_held_init(&job->held, destroy);
    esp_hold(&pool->held);
    job->pool = pool;
    job->length = length;
    job->capacity = length < ESP_JOB_SMALL ? ESP_JOB_SMALL : length;
    if (length) {
        memcpy(esp_pool_bytes(job), bytes, length);
    }
    atomic_fetch_add(&jobs_alive, 1);
}

esp_pool_job *esp_job_create(esp_pool *pool, const uint8_t *bytes, uint32_t length)
{
    uint32_t capacity = length < ESP_JOB_SMALL ? ESP_JOB_SMALL : length;
    uint64_t size = (uint64_t)sizeof(esp_pool_job) + capacity;
    esp_pool_job *job = size <= SIZE_MAX ? esp_system_alloc((size_t)size) : NULL;
    if (job) {
        fill(job, pool, bytes, length);
    }
    return job;
}

esp_pool_job *esp_job_spare(esp_pool *pool, const uint8_t *bytes, uint32_t length)
{
    esp_pool_job *job = length <= ESP_JOB_SMALL ? pool->spare : NULL;
    if (job) {
        pool->spare = job->next;
        pool->spares--;
        fill(job, pool, bytes, length);
    }
    return job;
}

bool esp_job_keep(esp_pool_job *job)
{
    esp_pool *pool = job->pool;
    /* What others did with it comes before what becomes of its memory. */
    bool ours = atomic_load_explicit(&job->held.holders, memory_order_acquire) == 2;
    if (!ours || job->capacity != ESP_JOB_SMALL || job->large || pool->spares == SPARES_MOST) {
        return false;
    }
    job->next = pool->spare;
    pool->spare = job;
    pool->spares++;
    atomic_fetch_sub(&jobs_alive, 1);
    return true;
}

void esp_job_progress(const esp_pool_job *job, uint32_t words[16])
{
    const esp_progress *p = &job->progress;
    const uint32_t now[16] = {esp_word_get(&p->step),     esp_word_get(&p->cubes),
                              esp_word_get(&p->bound),    esp_word_get(&p->round),
                              esp_word_get(&p->work_low), esp_word_get(&p->work_high)};
    memcpy(words, now, sizeof now);
}

void esp_job_free_spares(esp_pool *pool)
{
    while (pool->spare) {
        esp_pool_job *job = pool->spare;
        pool->spare = job->next;
        esp_system_free(job);
    }
}
