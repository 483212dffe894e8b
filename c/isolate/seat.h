/* What crew.c (jobs), tend.c (the life of workers) and supervisor.c (the thread) share.
 *
 *      EMPTY ──start──► STARTING ──ready──► IDLE ◄────────► HELD     a caller's thread has it
 *        ▲                  │                │ ▲              │
 *        │                  │                ▼ │              ▼
 *        └──── reaped ◄── DOOMED ◄───────── ASYNC ◄───────────┘      the supervisor has it
 *
 * One lock a crew guards everything here that is not said to be otherwise. A seat is where a worker
 * sits; workers come and go. In HELD the worker itself belongs to the holder, in every other state
 * to the supervisor's thread, or under the lock to whoever has that; the holder's is never buried
 * under it: the supervisor waits for the state to change. Who collects a reply holds the seat.
 */
#ifndef ISO_SEAT_H
#define ISO_SEAT_H

#include "ipc/group.h"
#include "isolate/crew.h"
#include "isolate/events.h"
#include "isolate/health.h"
#include "isolate/worker.h"
#include "pool/mailbox.h"

enum {
    ISO_GUILTY = 64,    /* jobs remembered because they killed a worker */
    ISO_TRIES_MOST = 4, /* of a job whose worker was unfit before it began */
};

typedef enum seat_state {
    SEAT_EMPTY,
    SEAT_STARTING,
    SEAT_IDLE,
    SEAT_HELD,
    SEAT_ASYNC,
    SEAT_DOOMED, /* killed, or to be; waits for its end */
} seat_state;

struct iso_crew;

typedef struct iso_job {
    esp_held held; /* by its handle, and by the crew until it is settled */
    esp_letter letter;
    struct iso_crew *crew;      /* held */
    struct iso_job *next;       /* in the queue */
    struct iso_job *next_known; /* of the crew's jobs with a handle; under a lock of job.c */
    struct iso_job *prev_known;
    struct iso_seat *seat; /* where it runs; NULL = it waits, or is settled */
    esp_mailbox *mailbox;  /* held */
    double handle;
    uint64_t look_at;   /* by the clock: its worker is looked at, if it still runs then */
    uint64_t kill_at;   /* by the clock; 0 = never */
    uint32_t kill_kind; /* what it then fails with */
    iso_source source;
    bool view;      /* the result is to be a piece */
    uint32_t tries; /* that ended before it began */
    bool settled;
    iso_failure failure; /* kind 0: it has a result */
    uint8_t *result;     /* esp_system_alloc */
    double viewed;       /* or a piece, not taken yet */
    uint32_t result_length;
    uint8_t bytes[]; /* the job, unless it is a piece, which is then held */
} iso_job;

typedef struct iso_seat {
    struct iso_crew *crew;
    seat_state state;
    iso_worker worker;
    ipc_group group;   /* of all workers that sit here, one after the other */
    uint32_t kinds;    /* of limits that it keeps for this one */
    iso_job *job;      /* in ASYNC; held */
    uint64_t guilty;   /* hash of the job that it died of; 0 = it had none, or did not die of it */
    uint64_t start_at; /* EMPTY: not before; STARTING, DOOMED: not after */
    uint32_t jobs;     /* it has finished */
    uint32_t age;      /* the crew's age when it was started */
    iso_health health; /* how its worker was when its job had run for long enough */
    iso_look look;     /* at its worker, since it got its job; `at` 0 = none */
    iso_asked asked;   /* when somebody wanted to know how it is */
    bool rung;         /* its control socket has something to say */
    bool answered;     /* it had: a reply is there, or will never come */
    int32_t sentinel;  /* becomes ready when the process begins to end; -1 = none */
    bool ending;       /* it did */
    bool ended;        /* its process handle became ready */
    bool reaped;       /* ended, and its status is known */
    bool expected;     /* it was to end: no crash */
    uint32_t pid;      /* also once it was reaped */
    bool leaving;      /* a restart has it end; it may be HELD still */
    iso_cause cause;   /* why it is to end */
    int32_t signal;
    int32_t code;
    /* Of all workers that sat here: */
    uint32_t served; /* jobs */
    uint32_t starts;
    uint32_t ends[ISO_CAUSES];
} iso_seat;

typedef struct iso_crew {
    esp_held held;
    struct iso_crew *next; /* the supervisor's list */
    os_mutex lock;
    os_condition changed; /* a seat became idle or failed, or the crew closed */
    iso_options options;
    iso_zygote zygote;   /* the supervisor's thread's; only of workers for one job each */
    iso_area *arguments; /* held; NULL: there is no shared heap */
    double handle;
    bool closed;
    bool attended;     /* a thread of its jobs looks for their replies by itself */
    uint32_t waiting;  /* synchronous callers who wait for a seat */
    uint32_t misfires; /* workers that ended without a finished job between */
    uint32_t started;  /* workers, ever */
    uint32_t age;      /* restarts so far: workers that are older are replaced */
    bool rolling;      /* … one after the other */
    iso_events events;
    uint64_t used_at;    /* when a job ended last, or the crew was opened */
    bool resting;        /* nothing happened for so long that the workers end */
    int start_error;     /* why the last one could not be started */
    uint32_t lacking;    /* guards that are required, and that a worker could not have */
    iso_guarded guarded; /* of the last one that was ready */
    iso_job *first;      /* the queue */
    iso_job *known;      /* those with a handle; under a lock of job.c */
    iso_job **last;      /* where the next one is put */
    uint32_t queued;
    uint32_t guilty_count; /* entries of the table */
    struct {
        uint64_t hash;
        uint32_t kills;
    } guilty[ISO_GUILTY];
    iso_seat seats[];
} iso_crew;

enum { ISO_MISFIRES_MOST = 10, ISO_SHARED_MOST = 64 * 1024 * 1024 };

/* supervisor.c: the thread, started when it is first needed. */

/* 0, OS_UNSUPPORTED or OS_FAILED. */
int iso_supervisor_ready(void);
/* The crew is looked after from now on; the supervisor holds it until it is closed and empty. */
void iso_supervisor_adopt(iso_crew *c);
/* There is something to look after. From any thread. */
void iso_supervisor_poke(void);
/* There will be, at a time by the clock; it was noted in the crew already. */
void iso_supervisor_expect(uint64_t at);
int32_t iso_supervisor_program(void);
/* The supervisor's thread only. */
const ipc_group_place *iso_supervisor_groups(void);
uint64_t iso_supervisor_epoch(void);
int iso_supervisor_watch(iso_seat *seat);
void iso_supervisor_watch_sentinel(iso_seat *seat);
/* A process that is ending, and that nobody looks at any more, is reaped when it has ended. False:
 * there is no room. */
bool iso_supervisor_reap_later(ipc_process *p);
void iso_supervisor_unwatch(int32_t handle);

/* tend.c, on the supervisor's thread: does what is due. When to look again, UINT64_MAX = when
 * poked; *over: the crew is closed and nothing of it is left. */
uint64_t iso_crew_tend(iso_crew *c, uint64_t now, bool *over);

/* job.c and crew.c. Under the lock unless said otherwise. */

/* When something is to be done about a job, UINT64_MAX = never; `unseen`: its worker was not looked
 * at. */
uint64_t iso_job_due(const iso_job *job, bool unseen);
/* The job has ended: its letter goes out, once. `c` lets go of it. */
void iso_job_settle(iso_job *job);
void iso_job_fail(iso_job *job, uint32_t kind, uint32_t limit);
iso_job *iso_queue_take(iso_crew *c);
/* For the next worker, before all others: it has waited already. */
void iso_queue_put_back(iso_crew *c, iso_job *job);
uint64_t iso_hash(const uint8_t *bytes, uint32_t length);
/* A worker ends for this reason, if for no other before. */
void iso_seat_blame(iso_seat *seat, iso_cause cause);
/* Whether a worker is to be replaced that is older than the last restart; a rolling one waits until
 * all others serve. */
bool iso_seat_is_old(const iso_seat *seat);
/* Workers end without a finished job between; one has finished a job. */
void iso_misfire(iso_crew *c);
void iso_recovered(iso_crew *c);
/* A worker died of a job. */
void iso_blame(iso_crew *c, uint64_t hash);
/* collect.c. Under the lock. */

/* Takes the reply of a seat in ASYNC, settles its job, and gives the seat its next one; the lock is
 * released meanwhile. False: there was none, or its worker is gone; the seat is as before. */
bool iso_seat_collect(iso_seat *seat);
/* The seat is in ASYNC from now on, or again. True: there is something to see for the supervisor,
 * which is to be told. */
bool iso_seat_leave(iso_seat *seat);
/* A job or a caller waits for a seat: no reply may wait for a thread that looks by itself, as that
 * may do something else first. */
void iso_crew_hurry(iso_crew *c);

/* crew.c again. */

/* A seat that is HELD becomes IDLE, gets the next job, or is given up: `fit` false = its worker
 * must not be used again. Without the lock. */
void iso_seat_release(iso_seat *seat, bool fit);

#endif
