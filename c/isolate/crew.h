/* A crew: worker processes that run the jobs of one engine, and the jobs that wait for them.
 *
 *   iso_options options = {.workers = 2, .queue = 1024};
 *   double crew = iso_open(&options, 5000, &failure);
 *   double n = iso_run(crew, job, length, 0, out, sizeof out, &kept, &failure);
 *   iso_release(crew);
 *
 * Crews and jobs are handles (pool/registry.h). A job that cannot be answered fails with a kind,
 * and with what is known of the worker's end; every job settles exactly once.
 */
#ifndef ISO_CREW_H
#define ISO_CREW_H

#include "isolate/worker.h"
#include "pool/mailbox.h"

enum { ISO_WORKERS_MOST = 1024, ISO_QUEUE_MOST = 1 << 20 };
#define ISO_HEAP_LEAST (UINT64_C(1) << 20)
#define ISO_HEAP_MOST (UINT64_C(1) << 36)

typedef struct iso_options {
    uint32_t workers; /* processes, at least 1 */
    uint32_t queue;   /* jobs that may wait */
    uint32_t spin_ns; /* how long either side may look before it sleeps; 0 = never */
    uint32_t recycle; /* jobs after which a worker is replaced; 0 = never */
    uint32_t idle_ms; /* without a job, after which all workers end until there is one; 0 = never */
    uint64_t leak;    /* bytes of its own with which a worker is replaced after a job; 0 = never */
    iso_terms terms;
    uint64_t heap; /* bytes that the shared heap may have, for arguments, and for each worker's
                    * results; 0 = there is none */
    bool events;   /* keep what happens to workers, see events.h */
    iso_program program; /* another one than usual: its handles are the crew's from now on, also
                          * where it cannot be opened */
} iso_options;

typedef struct iso_failure {
    uint32_t kind;    /* esp_status */
    uint32_t limit;   /* esp_limit, for LimitExceeded */
    int32_t signal;   /* that killed the worker; 0 = none, -1 = not known */
    int32_t code;     /* with which it ended */
    uint32_t refused; /* 1: the job was not run, because it killed workers before */
    uint32_t health;  /* iso_health: how its worker was, when it was ended for the job's time */
} iso_failure;

/* A job, and what is wanted of it. */
typedef struct iso_work {
    const uint8_t *bytes;
    uint32_t length;
    double
        piece; /* of the crew's arguments: the job is its first `length` bytes; 0 = `bytes` are */
    double timeout_us; /* after which its worker is killed; 0 = never */
    bool view;         /* the result as a piece; only with a shared heap */
} iso_work;

/* Where a result goes. */
typedef struct iso_outcome {
    uint8_t *out;
    uint32_t capacity;
    uint8_t *kept; /* the result when it does not fit, to be freed by esp_system_free; or NULL */
    double view;   /* a piece; 0 = none */
} iso_outcome;

/* Starts the workers, and waits until the first of them is ready. A handle, or minus
 * ESP_UNSUPPORTED, ESP_UNAVAILABLE (with *lacking: guards that were required and cannot be had, 0:
 * it is something else), ESP_LIMIT_EXCEEDED (memory), ESP_INVALID_INPUT. */
double iso_open(const iso_options *options, uint32_t milliseconds, uint32_t *lacking);
/* A job that runs while its caller waits, in slices: a thread that is to end learns of it between
 * two of them. It begins with the first wait; each takes at most about 0.1 s. */
typedef struct iso_call {
    struct iso_crew *crew; /* held; NULL: there is no call */
    struct iso_seat *seat; /* has the job; NULL: it waits for one */
    iso_source job;
    uint64_t until;   /* by the clock, UINT64_MAX: without end */
    uint64_t look_at; /* by the clock: its worker is looked at, if it still runs then */
    uint32_t tries;
    bool view;
} iso_call;

/* 0, or minus a kind, and *failure: there is no call. */
int32_t iso_call_begin(iso_call *call, double crew, const iso_work *work, iso_failure *failure);
/* 0: not yet. The length of the result, or minus a kind and *failure: the call is over. `bytes` are
 * the job's, wherever they are now, unless it is a piece. */
double iso_call_wait(iso_call *call, const uint8_t *bytes, iso_outcome *outcome,
                     iso_failure *failure);
/* Nobody will wait any more: its worker is killed. Nothing happens where there is no call. */
void iso_call_abandon(iso_call *call);

/* Runs a job while the calling thread waits, at most so long, then its worker is killed; 0: without
 * end. The length of the result: in
 * `out` when it fits, else in *kept, to be freed by esp_system_free. Minus a kind, and *failure. */
double iso_run(double crew, const uint8_t *job, uint32_t length, double timeout_us, uint8_t *out,
               uint32_t capacity, uint8_t **kept, iso_failure *failure);
/* The same for any job, with a result where the outcome says. */
double iso_perform(double crew, const iso_work *work, iso_outcome *outcome, iso_failure *failure);
/* Copies a job; its end is told by a letter with the ticket. A handle, or minus a kind. */
double iso_submit(double crew, const uint8_t *job, uint32_t length, double timeout_us,
                  esp_mailbox *mailbox, uint32_t ticket, iso_failure *failure);
/* The same for any job. */
double iso_submit_work(double crew, const iso_work *work, esp_mailbox *mailbox, uint32_t ticket,
                       iso_failure *failure);
/* Out of the queue, or told to stop, and killed if it has not after that time; 0. It settles as
 * usual. */
int32_t iso_cancel(double job, uint32_t grace_ms);
/* 0 while it runs. The length of the result, written when it fits, and the handle is no more; minus
 * a kind and *failure, likewise. */
double iso_take(double job, uint8_t *out, uint32_t capacity, iso_failure *failure);
/* The same for a job whose result is a piece: the length, and *view. */
double iso_take_view(double job, double *view, iso_failure *failure);
/* Takes replies of submitted jobs that are there, on the calling thread. `looks`: it will do so
 * again soon, so no other thread needs to be woken for them; with false, the supervisor collects
 * what comes later. How many were taken, or minus a kind. */
int32_t iso_attend(double crew, bool looks);
/* A piece of the crew's arguments, of so many bytes. A handle, or minus ESP_LIMIT_EXCEEDED,
 * ESP_UNSUPPORTED (it has no shared heap), ESP_CLOSED, ESP_INVALID_INPUT. */
double iso_allocate(double crew, uint32_t length);
/* Ends the workers at once; jobs that have not settled fail with Closed. Never waits. */
int32_t iso_release(double crew);
/* The same, and nobody will take its jobs any more: the thread that would have has ended. */
int32_t iso_abandon(double crew);
/* All workers are replaced, each when it has no job; `rolling`: and when all others serve. */
int32_t iso_restart(double crew, bool rolling);
/* What the worker that became ready last told about its guards. 0, or minus a kind. */
int32_t iso_guards(double crew, iso_guarded *out);
/* Numbers about a crew: workers that are ready, workers started since it was opened, jobs that
 * wait, process ids of workers. How many numbers there are; at most `most` are written. */
int32_t iso_facts(double crew, uint32_t *out, uint32_t most);

/* Crews whose memory is still there (for leak tests). */
uint32_t iso_crews_alive(void);

#endif
