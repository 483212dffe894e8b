/* Jobs of callers: run while they wait, or left to the supervisor.
 *
 * A source is what a job's bytes are: the caller's, copied on their way, or a piece of the shared
 * heap, which is held as long as the job needs it. The pieces of a job that failed, and the memory
 * for a result that nobody will take, are given back here.
 */
#include <string.h>

#include "base/arena.h"
#include "isolate/jobs.h"

#define SLICE_NS UINT64_C(50000000)

enum { NOT_YET = -20 };

/* For a caller who waits. NULL: *failure says why; without a kind: not yet. */
static iso_seat *await_seat(iso_call *call, iso_failure *failure)
{
    iso_crew *c = call->crew;
    uint64_t until = call->until;
    iso_seat *seat = NULL;
    bool waited = false;
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
        if (failure->kind || waited) {
            break;
        }
        uint64_t left = until - now;
        call->job.since = call->job.since ? call->job.since : now;
        c->waiting++;
        iso_crew_hurry(c);
        waited = os_condition_wait(&c->changed, &c->lock, left < SLICE_NS ? left : SLICE_NS) ==
                 OS_TIMED_OUT;
        c->waiting--;
    }
    os_mutex_unlock(&c->lock);
    return seat;
}

/* IPC_AGAIN: the job did not begin, because the worker was gone before. */
static int give(iso_seat *seat, const iso_source *job)
{
    iso_worker *w = &seat->worker;
    w->last = iso_seat_is_last(seat);
    seat->look.at = 0;
    seat->health = ISO_HEALTH_UNKNOWN;
    int given = iso_worker_give(w, job);
    return given == IPC_OK || given == ISO_NO_MEMORY ? given : IPC_AGAIN;
}

/* A look at the seat's worker, unless it has ended. */
static void look_at_worker(iso_seat *seat, iso_look *look)
{
    memset(look, 0, sizeof *look);
    os_mutex_lock(&seat->crew->lock);
    if (!seat->reaped) {
        iso_look_at(&seat->worker, look);
    }
    os_mutex_unlock(&seat->crew->lock);
}

/* The slice of a call is over: its time is as well, or it is time to look at its worker. */
static int end_slice(const iso_call *call, bool last)
{
    iso_seat *seat = call->seat;
    iso_look now;
    if (last) {
        look_at_worker(seat, &now);
        seat->health = iso_health_of(&seat->look, &now);
        return IPC_TIMED_OUT;
    }
    if (!seat->look.at && os_clock_ns() >= call->look_at) {
        look_at_worker(seat, &seat->look);
    }
    return NOT_YET;
}

/* What iso_worker_wait got, for a slice; NOT_YET; IPC_AGAIN as above. */
static int collect(const iso_call *call, iso_outcome *o, uint32_t *needed)
{
    iso_worker *w = &call->seat->worker;
    uint64_t slice = IPC_SLICE;
    bool last = false;
    if (call->until != UINT64_MAX) {
        uint64_t now = os_clock_ns();
        bool unseen = !call->seat->look.at && now < call->look_at;
        uint64_t end = unseen ? call->look_at : call->until;
        uint64_t left = end > now ? end - now : 1;
        last = left <= SLICE_NS && !unseen;
        slice = left <= SLICE_NS ? left : SLICE_NS;
    }
    int got = iso_worker_wait(w, slice, needed);
    if (got == IPC_TIMED_OUT) {
        return end_slice(call, last);
    }
    if (got != IPC_OK) {
        bool innocent = got == ISO_STALE || (got == IPC_GONE && !iso_worker_began(w));
        return innocent ? IPC_AGAIN : got;
    }
    if (call->view) {
        return iso_worker_view(w, *needed, &o->view);
    }
    uint8_t *at = o->out;
    if (*needed > o->capacity) {
        at = o->kept = esp_system_alloc(*needed);
    }
    return at ? iso_worker_copy(w, at, *needed) : ISO_NO_MEMORY;
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
        *failure = (iso_failure){
            .kind = ESP_LIMIT_EXCEEDED, .limit = ESP_LIMIT_TIME, .health = seat->health};
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

/* The call holds nothing any more. */
static void end_call(iso_call *call)
{
    if (call->job.piece) {
        iso_piece_let_go(call->job.piece);
    }
    esp_let_go(&call->crew->held);
    memset(call, 0, sizeof *call);
}

int32_t iso_call_begin(iso_call *call, double handle, const iso_work *work, iso_failure *failure)
{
    int32_t error = 0;
    memset(failure, 0, sizeof *failure);
    *call = (iso_call){.crew = iso_crew_find(handle, &error), .until = UINT64_MAX};
    if (!call->crew) {
        failure->kind = (uint32_t)-error;
        return error;
    }
    call->view = work->view;
    if (work->timeout_us > 0) {
        uint64_t now = os_clock_ns();
        call->until = now + (uint64_t)(work->timeout_us * 1000);
        call->look_at = iso_look_time(now, call->until);
    }
    if (find_source(call->crew, work, &call->job, failure) &&
        iso_is_guilty(call->crew, call->job.bytes, call->job.length)) {
        *failure = (iso_failure){.kind = ESP_WORKER_CRASHED, .refused = 1};
    }
    if (failure->kind) {
        end_call(call);
    }
    return -(int32_t)failure->kind;
}

/* One look: the seat's job has ended, or not yet. The length, or 0. */
static uint32_t look(iso_call *call, iso_outcome *o, iso_failure *failure, bool *again)
{
    iso_crew *c = call->crew;
    iso_seat *seat = call->seat;
    uint32_t needed = 0;
    int got = IPC_OK;
    if (!seat) {
        seat = await_seat(call, failure);
        if (!seat) {
            return 0;
        }
        call->seat = seat;
        call->tries++;
        got = give(seat, &call->job);
    }
    got = got == IPC_OK ? collect(call, o, &needed) : got;
    if (got == NOT_YET) {
        return 0;
    }
    call->seat = NULL;
    if (got == IPC_OK) {
        os_mutex_lock(&c->lock);
        iso_recovered(c);
        seat->jobs++;
        seat->served++;
        os_mutex_unlock(&c->lock);
        iso_seat_release(seat, true);
        return needed;
    }
    if (got == IPC_AGAIN && call->tries < ISO_TRIES_MOST) {
        iso_seat_give_up(seat, false); /* the job did not begin: another worker gets it */
        *again = true;
    } else {
        fail_held(seat, got, &call->job, failure);
    }
    return 0;
}

double iso_call_wait(iso_call *call, const uint8_t *bytes, iso_outcome *o, iso_failure *failure)
{
    uint32_t needed;
    bool again;
    memset(failure, 0, sizeof *failure);
    o->kept = NULL;
    o->view = 0;
    if (!call->job.piece) {
        call->job.bytes = bytes;
    }
    do {
        again = false;
        needed = look(call, o, failure, &again);
    } while (again);
    if (failure->kind && o->kept) {
        esp_system_free(o->kept);
        o->kept = NULL;
    }
    if (failure->kind || needed) {
        end_call(call);
    }
    return failure->kind ? -(double)failure->kind : (double)needed;
}

void iso_call_abandon(iso_call *call)
{
    if (call->seat) {
        iso_seat_give_up(call->seat, true);
    }
    if (call->crew) {
        end_call(call);
    }
}

double iso_perform(double handle, const iso_work *work, iso_outcome *o, iso_failure *failure)
{
    iso_call call;
    double n = iso_call_begin(&call, handle, work, failure);
    o->kept = NULL;
    o->view = 0;
    while (n == 0) {
        n = iso_call_wait(&call, work->bytes, o, failure);
    }
    return n;
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
    uint64_t wake_at = 0;
    double answer = job ? job->handle : 0;
    if (job) {
        job->view = work->view;
        if (work->timeout_us > 0) {
            job->kill_kind = ESP_LIMIT_EXCEEDED;
            uint64_t now = os_clock_ns();
            job->kill_at = now + (uint64_t)(work->timeout_us * 1000);
            wake_at = job->look_at = iso_look_time(now, job->kill_at);
        }
        if (!place_job(c, job, failure)) {
            iso_job_forget(job);
        } else if (wake_at) {
            iso_supervisor_expect(wake_at);
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
