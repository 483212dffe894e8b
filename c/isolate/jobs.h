/* What job.c offers to crew.c alone, beside seat.h. */
#ifndef ISO_JOBS_H
#define ISO_JOBS_H

#include "isolate/seat.h"

/* A copy of the bytes, held by its handle and by the caller (who passes that on to the crew); NULL:
 * there is no memory. Without the crew's lock. */
iso_job *iso_job_create(iso_crew *c, const uint8_t *bytes, uint32_t length, esp_mailbox *mailbox,
                        uint32_t ticket);
/* It was never given to a crew, and is no more. */
void iso_job_forget(iso_job *job);
/* Held for the caller; NULL and *error. */
iso_job *iso_job_find(double handle, int32_t *error);
/* Under the lock. */
void iso_queue_put(iso_crew *c, iso_job *job);

#endif
