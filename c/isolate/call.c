/* Jobs of callers: run while they wait, or left to the supervisor.
 *
 * A source is what a job's bytes are: the caller's, copied on their way, or a piece of the shared
 * heap, which is held as long as the job needs it. The pieces of a job that failed, and the memory
 * for a result that nobody will take, are given back here.
 */
#include <string.h>

#include "base/arena.h"
#include "isolate/jobs.h"

#define MILLISECOND UINT64_C(1000000)

enum { SLICE_MS = 50 };

/* For a caller who waits. NULL: *failure says why. */
static iso_seat *await_seat(iso_crew *c, uint64_t until, iso_failure *failure)
{
    iso_seat *seat = NULL;
    os_mutex_lock(&c->lock);
    for (;;) {
        uint64_t now = os_clock_ns();
        iso_crew_rouse(c);
        if (c->closed) {
            failure->kind = ESP_CLOSED;
        } else if ((seat = iso_seat_idle(c))) {
            break;
        } else if (iso_crew_is_broken(c)) {
            failure->kind = ESP_UNAVAILABLE;
        } else if (now >= until) {
            failure->kind = ESP_LIMIT_EXCEEDED;
            failure->limit = ESP_LIMIT_TIME;
        }
        if (failure->kind) {
            break;
        }
        uint64_t left = until - now;
        c->waiting++;
        (void)os_condition_wait(&c->changed, &c->lock,
                                left < SLICE_MS * MILLISECOND ? left : SLICE_MS * MILLISECOND);
        c->waiting--;
    }
    os_mutex_unlock(&c->lock);
    return seat;
}

/* A synchronous caller has the seat: runs the job. The length, or 0 and what iso_worker_wait got;
 * IPC_AGAIN: the job did not begin, because the worker was gone before. */
static uint32_t run_held(iso_seat *seat, const iso_source *job, uint64_t until, bool view,
                         iso_outcome *o, int *got)
{
    iso_worker *w = &seat->worker;
    uint32_t needed = 0;
    w->last = iso_seat_is_last(seat);
    *got = iso_worker_give(w, job, false);
    if (*got != IPC_OK) {
        *got = *got == ISO_NO_MEMORY ? ISO_NO_MEMORY : IPC_AGAIN;
        return 0;
    }
    uint64_t now = os_clock_ns();
    uint64_t time = until == UINT64_MAX ? IPC_FOREVER : until > now ? until - now : 1;
    *got = iso_worker_wait(w, time, false, &needed);
    if (*got != IPC_OK) {
        bool innocent = *got == ISO_STALE || (*got == IPC_GONE && !iso_worker_began(w));
        *got = innocent ? IPC_AGAIN : *got;
        return 0;
    }
    if (view) {
        *got = iso_worker_view(w, needed, &o->view);
        return *got == IPC_OK ? needed : 0;
    }
    uint8_t *at = o->out;
    if (needed > o->capacity) {
        at = o->kept = esp_system_alloc(needed);
    }
    *got = at ? iso_worker_copy(w, at, needed) : ISO_NO_MEMORY;
    return *got == IPC_OK ? needed : 0;
}

/* What a synchronous job failed with, and what becomes of the seat. */
static void fail_held(iso_seat *seat, int got, const iso_source *job, iso_failure *failure)
{
    iso_crew *c = seat->crew;
    switch (got) {
    case ISO_NO_MEMORY:
        *failure = (iso_failure){.kind = ESP_LIMIT_EXCEEDED, .limit = ESP_LIMIT_MEMORY};
        iso_seat_release(seat, true);
        return;
    case ISO_TOO_LONG:
        *failure = (iso_failure){.kind = ESP_LIMIT_EXCEEDED, .limit = ESP_LIMIT_SIZE};
        iso_seat_release(seat, true);
        return;
    case IPC_TIMED_OUT:
        *failure = (iso_failure){.kind = ESP_LIMIT_EXCEEDED, .limit = ESP_LIMIT_TIME};
        os_mutex_lock(&c->lock);
        iso_seat_blame(seat, ISO_CAUSE_DEADLINE);
        os_mutex_unlock(&c->lock);
        iso_seat_give_up(seat, true);
        return;
    case IPC_AGAIN: /* once too often */
    case IPC_GONE:
        os_mutex_lock(&c->lock);
        *failure =
            (iso_failure){.kind = ESP_WORKER_CRASHED, .signal = seat->signal, .code = seat->code};
        seat->guilty = iso_hash(job->bytes, job->length);
        iso_blame(c, seat->guilty);
        os_mutex_unlock(&c->lock);
        iso_seat_give_up(seat, false);
        return;
    default:
        *failure = (iso_failure){.kind = ESP_PROTOCOL_VIOLATION};
        os_mutex_lock(&c->lock);
        iso_seat_blame(seat, ISO_CAUSE_VIOLATION);
        os_mutex_unlock(&c->lock);
        iso_seat_give_up(seat, false);
    }
}

/* The bytes of a job; a piece is held. False: *failure. */
static bool find_source(const iso_crew *c, const iso_work *work, iso_source *job,
                        iso_failure *failure)
{
    *job = (iso_source){.bytes = work->bytes, .length = work->length};
    int32_t error = 0;
    if (work->view && !c->arguments) {
        error = -ESP_UNSUPPORTED;
    } else if (work->piece != 0) {
        const iso_piece *p = iso_piece_find(work->piece, &error);
        if (p && (p->area != c->arguments || work->length > p->length)) {
            iso_piece_let_go(p);
            p = NULL;
            error = -ESP_INVALID_INPUT;
        }
        if (p) {
            error = 0;
            job->piece = p;
            job->bytes = iso_piece_bytes(p);
        }
    }
    failure->kind = (uint32_t)-error;
    return error == 0;
}

double iso_perform(double handle, const iso_work *work, iso_outcome *o, iso_failure *failure)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    memset(failure, 0, sizeof *failure);
    o->kept = NULL;
    o->view = 0;
    if (!c) {
        failure->kind = (uint32_t)-error;
        return error;
    }
    uint32_t needed = 0;
    uint64_t until = UINT64_MAX;
    if (work->timeout_us > 0) {
        until = os_clock_ns() + (uint64_t)(work->timeout_us * 1000);
    }
    iso_source job;
    bool found = find_source(c, work, &job, failure);
    if (found && iso_is_guilty(c, job.bytes, job.length)) {
        *failure = (iso_failure){.kind = ESP_WORKER_CRASHED, .refused = 1};
    }
    for (uint32_t tries = 1; !failure->kind && !needed; tries++) {
        int got;
        iso_seat *seat = await_seat(c, until, failure);
        if (!seat) {
            break;
        }
        needed = run_held(seat, &job, until, work->view, o, &got);
        if (needed) {
            os_mutex_lock(&c->lock);
            iso_recovered(c);
            seat->jobs++;
            seat->served++;
            os_mutex_unlock(&c->lock);
            iso_seat_release(seat, true);
        } else if (got == IPC_AGAIN && tries < ISO_TRIES_MOST) {
            iso_seat_give_up(seat, false); /* the job did not begin: another worker gets it */
        } else {
            fail_held(seat, got, &job, failure);
        }
    }
    if (failure->kind && o->kept) {
        esp_system_free(o->kept);
        o->kept = NULL;
    }
    if (found && job.piece) {
        iso_piece_let_go(job.piece);
    }
    esp_let_go(&c->held);
    return failure->kind ? -(double)failure->kind : (double)needed;
}

double iso_run(double handle, const uint8_t *job, uint32_t length, double timeout_us, uint8_t *out,
               uint32_t capacity, uint8_t **kept, iso_failure *failure)
{
    const iso_work work = {.bytes = job, .length = length, .timeout_us = timeout_us};
    iso_outcome o = {.out = out, .capacity = capacity};
    double n = iso_perform(handle, &work, &o, failure);
    *kept = o.kept;
    return n;
}

/* Puts a new job where it belongs; false: it is not the crew's, *failure says why. */
static bool place_job(iso_crew *c, iso_job *job, iso_failure *failure)
{
    os_mutex_lock(&c->lock);
    iso_seat *seat = c->closed || c->queued ? NULL : iso_seat_idle(c);
    if (c->closed || iso_crew_is_broken(c) || (!seat && c->queued >= c->options.queue)) {
        failure->kind = c->closed               ? ESP_CLOSED
                        : iso_crew_is_broken(c) ? ESP_UNAVAILABLE
                                                : ESP_QUEUE_FULL;
    } else if (!seat) {
        iso_queue_put(c, job);
        iso_crew_rouse(c);
    }
    os_mutex_unlock(&c->lock);
    bool fit = true;
    if (!failure->kind && seat && !iso_seat_dispatch(seat, &job, &fit)) {
        if (job) {
            os_mutex_lock(&c->lock);
            iso_queue_put(c, job);
            os_mutex_unlock(&c->lock);
        }
        iso_seat_release(seat, fit);
    }
    return failure->kind == 0;
}

double iso_submit_work(double handle, const iso_work *work, esp_mailbox *mailbox, uint32_t ticket,
                       iso_failure *failure)
{
    int32_t error;
    memset(failure, 0, sizeof *failure);
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        failure->kind = (uint32_t)-error;
        return error;
    }
    iso_source source;
    iso_job *job = NULL;
    bool found = find_source(c, work, &source, failure);
    if (found && iso_is_guilty(c, source.bytes, source.length)) {
        *failure = (iso_failure){.kind = ESP_WORKER_CRASHED, .refused = 1};
    } else if (found && !(job = iso_job_create(c, &source, mailbox, ticket))) {
        *failure = (iso_failure){.kind = ESP_LIMIT_EXCEEDED, .limit = ESP_LIMIT_MEMORY};
    }
    if (found && !job && source.piece) {
        iso_piece_let_go(source.piece);
    }
    uint64_t kill_at = 0;
    double answer = job ? job->handle : 0;
    if (job) {
        job->view = work->view;
        if (work->timeout_us > 0) {
            job->kill_kind = ESP_LIMIT_EXCEEDED;
            kill_at = job->kill_at = os_clock_ns() + (uint64_t)(work->timeout_us * 1000);
        }
        if (!place_job(c, job, failure)) {
            iso_job_forget(job);
        } else if (kill_at) {
            iso_supervisor_expect(kill_at);
        }
    }
    esp_let_go(&c->held);
    return failure->kind ? -(double)failure->kind : answer;
}

double iso_submit(double handle, const uint8_t *bytes, uint32_t length, double timeout_us,
                  esp_mailbox *mailbox, uint32_t ticket, iso_failure *failure)
{
    const iso_work work = {.bytes = bytes, .length = length, .timeout_us = timeout_us};
    return iso_submit_work(handle, &work, mailbox, ticket, failure);
}
