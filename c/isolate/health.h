/* Why a worker does not answer: a verdict from two looks at it. health.c says how. */
#ifndef ISO_HEALTH_H
#define ISO_HEALTH_H

#include "isolate/worker.h"

/* In the order of the words in src/errors.ts. */
typedef enum iso_health {
    ISO_HEALTH_UNKNOWN = 0,
    ISO_HEALTH_COMPUTES = 1, /* the core goes on: the job is long, or its loop has no end */
    ISO_HEALTH_ASTRAY = 2,   /* it uses the processor, and the core does not go on */
    ISO_HEALTH_BLOCKED = 3,  /* it sleeps, waiting for something that does not come */
    ISO_HEALTH_STOPPED = 4,  /* somebody stopped it (SIGSTOP) */
} iso_health;

typedef struct iso_look {
    uint64_t at; /* by the clock; 0 = there was no look */
    ipc_look process;
    uint64_t work; /* what the core has told of its progress; the worker's word for it */
} iso_look;

/* The last time that somebody asked. */
typedef struct iso_asked {
    iso_look look;
    uint64_t job; /* what it did then: another number for each job of each worker */
    iso_health health;
} iso_asked;

/* A look at a worker that was not reaped. */
void iso_look_at(const iso_worker *w, iso_look *look);
iso_health iso_health_of(const iso_look *before, const iso_look *after);
/* How a worker is, for whoever asks; one without a job is well unless it is stopped. `job` is 0 for
 * none, and else tells it from others. */
iso_health iso_health_now(const iso_worker *w, uint64_t job, iso_asked *asked);
/* When to look for the first time at a worker that is to be killed at a time. */
uint64_t iso_look_time(uint64_t now, uint64_t kill_at);

#endif
