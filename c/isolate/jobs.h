/* What job.c and crew.c offer to call.c and each other alone, beside seat.h. */
#ifndef ISO_JOBS_H
#define ISO_JOBS_H

#include "isolate/seat.h"

/* A job of a piece that it holds from now on, or of a copy of the bytes; held by its handle and by
 * the caller (who passes that on to the crew); NULL: there is no memory. Without the crew's lock.
 */
iso_job *iso_job_create(iso_crew *c, const iso_source *source, esp_mailbox *mailbox,
                        uint32_t ticket);
/* It was never given to a crew, and is no more. */
void iso_job_forget(iso_job *job);
/* Nobody will take the jobs of a crew any more. */
void iso_jobs_forget(iso_crew *c);
/* Held for the caller; NULL and *error. */
iso_job *iso_job_find(double handle, int32_t *error);
/* Under the lock. */
void iso_queue_put(iso_crew *c, iso_job *job);

/* A crew by its handle, held for the caller; NULL and *error. */
iso_crew *iso_crew_find(double handle, int32_t *error);
/* Under the lock: no worker lives, and those that were started did not live long. */
bool iso_crew_is_broken(const iso_crew *c);
/* Without the lock: a job of which workers died twice. */
bool iso_is_guilty(iso_crew *c, const uint8_t *bytes, uint32_t length);
/* Under the lock: an idle seat, now HELD; NULL: there is none. */
iso_seat *iso_seat_idle(iso_crew *c);
/* Under the lock: there is a job, so workers are needed again if they had gone. */
void iso_crew_rouse(iso_crew *c);
/* Whether the next job of a seat is the last of its worker. */
bool iso_seat_is_last(const iso_seat *seat);
/* Without the lock: the seat's worker is done for. `expected`: it is ended by us. */
void iso_seat_give_up(iso_seat *seat, bool expected);
/* Without the lock: a job to a seat that is HELD. True: the seat is busy. False: it is free, and
 * the job settled, or the worker is done for and *job back in the caller's hands. */
bool iso_seat_dispatch(iso_seat *seat, iso_job **job, bool *fit);

#endif
