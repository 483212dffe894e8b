/* One worker process as its host sees it: started, greeted, given a job, asked for its reply,
 * buried.
 *
 * A worker belongs to one thread at a time; whose turn it is, is crew.c's business. Functions that
 * talk to it return IPC_OK, IPC_TIMED_OUT, IPC_GONE (it died), IPC_VIOLATION (it sent what cannot
 * be: it must be killed), ISO_STALE (the same, but the sin was committed in the job before: this
 * one may be tried elsewhere), ISO_NO_MEMORY, or ISO_TOO_LONG (the result).
 */
#ifndef ISO_WORKER_H
#define ISO_WORKER_H

#include "ipc/link.h"
#include "ipc/sandbox.h"
#include "ipc/system.h"
#include "isolate/area.h"
#include "isolate/protocol.h"
#include "isolate/zygote.h"

enum { ISO_NO_MEMORY = -10, ISO_STALE = -11, ISO_TOO_LONG = -12 };

/* What a worker is asked to do to itself, and what it told that it did. */
typedef struct iso_terms {
    uint64_t memory;      /* bytes that its jobs may have; 0 = what is usual */
    uint32_t guards;      /* beside the usual ones, see ipc/sandbox.h */
    uint32_t without;     /* of the usual ones */
    uint32_t required;    /* it must not serve without them */
    uint32_t cpu_seconds; /* of its whole life; 0 = no limit */
    int32_t nice;
    int32_t oom;
    uint32_t output; /* bytes that a result may have; 0 = what is usual */
    bool wipe;       /* nothing of a job may be left in memory; not with a shared heap */
    uint32_t cores;  /* thousandths of a processor that it may keep busy; 0 = no limit */
} iso_terms;

typedef struct iso_guarded {
    uint64_t memory;
    uint32_t guards;
    uint32_t landlock;
    uint32_t calls;
    uint32_t operations; /* how many it knows, and which */
    uint32_t operation[ISO_OPERATIONS_ROOM];
    uint32_t kinds;   /* of limits that its group keeps (ipc/group.h); 0 = it has none */
    uint32_t version; /* of its control group; 0 = it is none, or there is no group */
} iso_guarded;

/* The program that a worker is, and what it loads: handles of ipc_program_create. */
typedef struct iso_program {
    uint32_t image; /* ISO_IMAGE_STATIC or ISO_IMAGE_DYNAMIC; 0: the one that the library carries */
    int32_t program; /* unless 0 */
    int32_t library; /* of the dynamic image; else not looked at */
} iso_program;
enum { ISO_EXTENTS_MOST = 64 }; /* of one job */

/* Where a job's bytes are. */
typedef struct iso_source {
    const uint8_t *bytes;
    uint32_t length;
    const iso_piece *piece; /* of the arguments' area, which they are; NULL: to be copied */
    uint64_t since;         /* by the clock: its time counts from then; 0 = from when it is given */
} iso_source;

typedef struct iso_worker {
    ipc_process process;
    int32_t control; /* our end; -1 = closed */
    ipc_region request;
    ipc_region own_reply;
    ipc_region *reply;
    iso_shared *shared; /* the start of the reply region */
    /* With a shared heap: */
    iso_area *arguments; /* the crew's, which outlives the worker; NULL: there is no heap */
    iso_area *results;   /* held; `reply` is its region */
    iso_extent scratch;  /* of the arguments, for jobs that are copied; size 0 = none yet */
    iso_extent extent[ISO_EXTENTS_MOST]; /* of the results, which the job has */
    uint32_t extents;
    uint64_t result_at; /* in the reply region */
    bool asked;         /* the job asked for memory: it has begun */
    ipc_link link;
    uint32_t image;
    uint32_t output;     /* bytes that a result may have */
    bool wipe;           /* nothing of a job may be left */
    bool dirty;          /* … but something of one is in the shared memory */
    uint32_t sent;       /* bytes of the job, which was copied */
    uint64_t epoch;      /* of this process, never used again */
    uint32_t sequence;   /* of the job it has, or had last */
    bool last;           /* the job it is given next is its last: it ends by itself */
    iso_guarded guarded; /* once it is ready */
    int32_t watcher;     /* likewise: its thread that only waits, by its word */
    atomic_uint gone;    /* it died: set by the supervisor */
} iso_worker;

/* Starts one, and greets it. With `arguments` it has a shared
 * heap, of at most `heap` bytes for results. With `zygote` it is a copy of that, once it is
 * there; else one is started as well. 0, OS_FAILED, OS_UNSUPPORTED. By
 * the supervisor's thread only, as the worker is killed when that thread ends. */
int iso_worker_start(iso_worker *w, const iso_program *program, uint64_t epoch, uint32_t spin_ns,
                     const iso_terms *terms, iso_area *arguments, uint64_t heap,
                     iso_zygote *zygote);
/* After its control socket became ready: IPC_OK (it runs jobs now), IPC_AGAIN, IPC_GONE,
 * IPC_VIOLATION. */
int iso_worker_check_ready(iso_worker *w);
/* Sends a job, copied unless it is where the worker can read it. */
int iso_worker_give(iso_worker *w, const iso_source *job);
/* What it answers to the last message is to be told over the control socket, too. True: there is an
 * answer already, and perhaps nobody is told of it. */
bool iso_worker_ask(iso_worker *w);
/* Whether there is an answer: a look without a promise. */
bool iso_worker_answered(const iso_worker *w);
/* Waits for the reply: the length of the result. After IPC_TIMED_OUT it may be called again. */
int iso_worker_wait(iso_worker *w, uint64_t timeout_ns, uint32_t *length);
/* The result, which the worker may still change: copied, then the copy is checked. IPC_OK or
 * IPC_VIOLATION. */
int iso_worker_copy(iso_worker *w, uint8_t *out, uint32_t length);
/* The result where it is, as a piece, once its header was checked in a copy. The extent is no
 * longer the worker's: no job of it is told of it again. Only with a shared heap. IPC_OK,
 * IPC_VIOLATION, ISO_NO_MEMORY. */
int iso_worker_view(iso_worker *w, uint32_t length, double *view);
/* Whether it took the job: one that died before did not die of it. Its word for it, no more. */
bool iso_worker_began(const iso_worker *w);
/* The running job is to answer soon with the best it has. */
void iso_worker_cancel(iso_worker *w);
/* Bytes of shared memory that are there for it. */
uint64_t iso_worker_shared(const iso_worker *w);
/* Hands a worker over to another place, with all that it has; *from is none afterwards. */
void iso_worker_move(iso_worker *to, iso_worker *from);
/* Closes everything; its process was reaped, or never was. */
void iso_worker_bury(iso_worker *w);

#endif
