/* A zygote: a worker process that runs no jobs, but has all that a worker has before it meets its
 * host's regions, and copies itself. For crews whose workers serve one job each.
 *
 *      host                         zygote                       copy
 *      hello, three handles ──►     clone ──────────────────►    another child of the host
 *      its id               ◄──     (closes the handles)         maps, starts its watcher, seals
 *                                                                ready, as any worker
 *
 * It has met nothing but hellos, so there is nothing of a job in a copy; and nothing in it is
 * shared with others but pages that nobody writes. What copies have in common is where things are:
 * a job that learned that in one of them knows it of all.
 *
 * By the supervisor's thread only.
 */
#ifndef ISO_ZYGOTE_H
#define ISO_ZYGOTE_H

#include "ipc/system.h"
#include "isolate/protocol.h"

typedef struct iso_zygote {
    ipc_process process; /* id 0: there is none */
    int32_t control;     /* our end */
    bool ready;
    uint32_t failures; /* in a row; after a few nobody tries again */
} iso_zygote;

/* Starts one, unless there is one; it is ready some time later. `hello` says what its copies are to
 * do to themselves. */
void iso_zygote_start(iso_zygote *z, int32_t program, const iso_hello *hello);
typedef enum iso_copy {
    ISO_COPY_MADE,
    ISO_COPY_NONE, /* not now: a worker must be started otherwise */
    ISO_COPY_LOST, /* the same; and there may be a copy that nobody knows, which has the handles */
} iso_copy;

/* A copy, with the handles of its request region, its control socket and its reply region. One that
 * has died or does not answer is ended. */
iso_copy iso_zygote_copy(iso_zygote *z, const iso_hello *hello, const int32_t handles[3],
                         ipc_process *copy);
/* Nothing is left of it. */
void iso_zygote_end(iso_zygote *z);

#endif
