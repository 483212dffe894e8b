/* The memory of a pool's jobs. Internal to c/pool; pool.h is what others use. */
#ifndef ESP_POOL_JOB_H
#define ESP_POOL_JOB_H

#include "pool/team.h"

/* Bytes that any job has room for, and its result. */
enum { ESP_JOB_SMALL = 2048 };

/* A job with a copy of the bytes, held by the caller; it holds the pool. NULL: no memory. */
esp_pool_job *esp_job_create(esp_pool *pool, const uint8_t *bytes, uint32_t length);
/* The same under the lock, in the memory of an earlier job; NULL: there is none that fits. */
esp_pool_job *esp_job_spare(esp_pool *pool, const uint8_t *bytes, uint32_t length);
/* Under the lock, of a job that the caller holds twice, once for the handle that was just taken
 * away: keeps its memory for another. Then it is no more, and the caller has its holds on its pool
 * and its mailbox. False: it is too large, or somebody else holds it still; nothing has changed. */
bool esp_job_keep(esp_pool_job *job);
/* The words of esp_progress, and 0 in place of the others. */
void esp_job_progress(const esp_pool_job *job, uint32_t words[16]);
/* Gives what was kept back to the system. */
void esp_job_free_spares(esp_pool *pool);

#endif
