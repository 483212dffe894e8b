/* The life of workers, as the supervisor's thread sees to it: start, greet, collect replies, end at
 * a deadline, reap, replace.
 *
 * Invariants. A process is reaped once and its handle never used again. A job in ASYNC is settled
 * here and nowhere else. What a holder holds is not touched: the holder is told (`gone`, and a
 * ring) and gives the seat up by itself.
 *
 * A worker that ends while nobody finished a job in between counts as a misfire; from the fourth in
 * a row on, the next start waits 1, 2, 4, … ms, at most a second, so that a crew whose workers
 * cannot live does not burn a processor.
 *
 * Cost: a look at each seat of each crew for every event; a start (about 0.3 ms) and the copy of a
 * result happen without the lock.
 */
#include "base/arena.h"
#include "isolate/limited.h"
#include "isolate/seat.h"
#include "platform/os.h"

#define MILLISECOND UINT64_C(1000000)

enum { START_MS = 5000, FREE_MISFIRES = 3, DELAY_MOST_MS = 1000 };

static void doom(iso_seat *seat)
{
    ipc_process_kill(&seat->worker.process);
    seat->state = SEAT_DOOMED;
    seat->start_at = UINT64_MAX;
}

static uint64_t delay(const iso_crew *c)
{
    if (c->misfires <= FREE_MISFIRES) {
        return 0;
    }
    uint32_t doublings = c->misfires - FREE_MISFIRES - 1;
    uint64_t ms = doublings < 10 ? UINT64_C(1) << doublings : DELAY_MOST_MS;
    return (ms < DELAY_MOST_MS ? ms : DELAY_MOST_MS) * MILLISECOND;
}

/* What a worker's results and its jobs' memory may take: with a heap they are the same. */
static uint64_t heap_of(const iso_options *o)
{
    uint64_t memory = (o->terms.memory + ISO_PAGE - 1) / ISO_PAGE * ISO_PAGE;
    return memory && memory < o->heap ? memory : o->heap;
}

/* Where workers serve one job each, most of the time is spent in starting them. */
static bool has_zygote(const iso_crew *c)
{
    return ipc_process_can_copy() && c->options.recycle == 1 && !c->arguments &&
           !c->options.program.image;
}

static void start(iso_seat *seat, uint64_t now)
{
    iso_crew *c = seat->crew;
    seat->state = SEAT_STARTING;
    seat->jobs = 0;
    seat->age = c->age;
    seat->job = NULL;
    seat->cause = ISO_CAUSE_CRASH;
    seat->health = ISO_HEALTH_UNKNOWN;
    seat->leaving = false;
    seat->guilty = 0;
    seat->signal = seat->code = 0;
    seat->rung = seat->ending = seat->ended = seat->reaped = seat->expected = false;
    seat->start_at = now + START_MS * MILLISECOND;
    os_mutex_unlock(&c->lock);
    iso_worker *w = &seat->worker;
    const iso_program usual = {ISO_IMAGE_STATIC, iso_supervisor_program(), -1};
    const iso_program *program = c->options.program.image ? &c->options.program : &usual;
    int error =
        iso_worker_start(w, program, iso_supervisor_epoch(), c->options.spin_ns, &c->options.terms,
                         c->arguments, heap_of(&c->options), has_zygote(c) ? &c->zygote : NULL);
    if (!error && w->results) {
        iso_area_own(w->results, c->handle);
    }
    if (!error) {
        iso_seat_limit(seat);
    }
    bool watched = !error && iso_supervisor_watch(seat) == 0;
    os_mutex_lock(&c->lock);
    seat->pid = error ? 0 : (uint32_t)w->process.id;
    c->started++;
    seat->starts++;
    c->start_error = error ? error : !watched ? OS_FAILED : 0;
    if (error) {
        iso_misfire(c);
        iso_note(c, ISO_EVENT_FAILED, seat, 0);
        seat->state = SEAT_EMPTY;
        seat->start_at = now + delay(c) + MILLISECOND;
        os_condition_wake_all(&c->changed);
    } else if (!watched) {
        doom(seat);
    }
}

/* The process has ended, the lock is held, and nobody holds the seat, which is empty afterwards.
 * Who waits for its job is told first, then the books are kept; what it leaves is in *dead, and is
 * cleared away once a successor is on its way. */
static void bury(iso_seat *seat, uint64_t now, iso_worker *dead)
{
    iso_crew *c = seat->crew;
    iso_job *job = seat->job;
    seat->job = NULL;
    if (job && !iso_worker_began(&seat->worker) && ++job->tries < ISO_TRIES_MOST) {
        iso_queue_put_back(c, job);
    } else if (job) {
        job->failure.signal = seat->signal;
        job->failure.code = seat->code;
        esp_hold(&job->held);
        iso_job_fail(job, ESP_WORKER_CRASHED, 0);
        /* Under the lock still: whoever comes with the same job again is to find it here. */
        seat->guilty = iso_hash(job->source.bytes, job->source.length);
        iso_blame(c, seat->guilty);
        esp_let_go(&job->held);
    }
    seat->ends[seat->cause]++;
    iso_note(c, ISO_EVENT_ENDED, seat, seat->guilty);
    if (!seat->expected) {
        iso_misfire(c);
    }
    iso_supervisor_unwatch(seat->worker.control);
    iso_worker_move(dead, &seat->worker);
    seat->state = SEAT_EMPTY;
    seat->start_at = now + (seat->expected ? 0 : delay(c));
    os_condition_wake_all(&c->changed);
}

/* The status of its worker is known; nobody talks to it any more. */
static void reaped(iso_seat *seat)
{
    iso_worker *w = &seat->worker;
    iso_supervisor_unwatch(seat->sentinel);
    ipc_close(seat->sentinel);
    seat->sentinel = -1;
    seat->reaped = true;
    atomic_store(&w->gone, 1);
    ipc_link_ring(&w->link);
}

static void reap(iso_seat *seat)
{
    iso_worker *w = &seat->worker;
    iso_supervisor_unwatch(w->process.handle);
    ipc_process_reap(&w->process, &seat->signal, &seat->code);
    reaped(seat);
}

/* A worker that has begun to end is as good as ended: its memory is taken down meanwhile. */
static void forsake(iso_seat *seat)
{
    iso_worker *w = &seat->worker;
    int32_t signal;
    int32_t code;
    seat->ending = false;
    if (ipc_sentinel_verdict(seat->sentinel, &signal, &code)) {
        ipc_process_kill(&w->process); /* should it be one thread's end alone */
        if (iso_supervisor_reap_later(&w->process)) {
            seat->signal = signal;
            seat->code = code;
            reaped(seat);
            return;
        }
    }
    iso_supervisor_unwatch(seat->sentinel); /* its process tells, later */
}

/* Empties the control socket. A worker that closes it while it lives breaks the rules. */
static void drain(iso_seat *seat)
{
    iso_worker *w = &seat->worker;
    uint8_t bytes[64];
    uint32_t handles;
    int n;
    do {
        n = ipc_socket_receive(w->control, bytes, sizeof bytes, NULL, 0, &handles, false);
    } while (n > 0);
    if (n != -OS_TIMED_OUT) {
        iso_supervisor_unwatch(w->control);
        ipc_process_kill(&w->process);
    }
}

static void become_ready(iso_seat *seat)
{
    int answer = iso_worker_check_ready(&seat->worker);
    iso_crew *c = seat->crew;
    if (answer == IPC_OK) {
        c->guarded = seat->worker.guarded;
        iso_seat_tell_limits(seat, &c->guarded);
        c->lacking = c->options.terms.required & ~c->guarded.guards;
    }
    if (answer == IPC_OK && c->lacking == 0) {
        seat->state = SEAT_HELD;
        seat->answered = false;
        /* That it ends after each job is no news; and no two are to be in one group. */
        if (!has_zygote(c) && !seat->group.name[0]) {
            iso_supervisor_watch_sentinel(seat);
        }
        iso_note(c, ISO_EVENT_STARTED, seat, 0);
        if (c->rolling) {
            iso_supervisor_poke(); /* the next one may be replaced now */
        }
        os_mutex_unlock(&c->lock);
        iso_seat_release(seat, true);
        os_mutex_lock(&c->lock);
    } else if (answer != IPC_AGAIN) {
        iso_seat_blame(seat, answer == IPC_VIOLATION ? ISO_CAUSE_VIOLATION : ISO_CAUSE_START);
        doom(seat);
    }
}

static void end_late_job(iso_seat *seat)
{
    iso_job *job = seat->job;
    iso_look now;
    iso_look_at(&seat->worker, &now);
    seat->health = job->failure.health = iso_health_of(&seat->look, &now);
    seat->job = NULL;
    seat->expected = true;
    iso_seat_blame(seat,
                   job->kill_kind == ESP_CANCELLED ? ISO_CAUSE_CANCELLED : ISO_CAUSE_DEADLINE);
    doom(seat);
    iso_job_fail(job, job->kill_kind, job->kill_kind == ESP_LIMIT_EXCEEDED ? ESP_LIMIT_TIME : 0);
}

static void tend_seat(iso_seat *seat, uint64_t now)
{
    iso_crew *c = seat->crew;
    if (seat->ended && !seat->reaped) {
        reap(seat);
    }
    if (seat->ending && !seat->reaped) {
        forsake(seat);
    }
    if (seat->rung && !seat->reaped) {
        seat->rung = false;
        if (seat->state == SEAT_STARTING) {
            become_ready(seat);
        } else {
            drain(seat);
            seat->answered = true;
        }
    }
    if (seat->answered && seat->state == SEAT_ASYNC) {
        seat->answered = false;
        (void)iso_seat_collect(seat);
    }
    bool late = seat->state == SEAT_ASYNC && seat->job->kill_at && now >= seat->job->kill_at;
    if (seat->state == SEAT_ASYNC && (seat->reaped || late)) {
        (void)iso_seat_collect(seat); /* it may have answered before it ended, or its time did */
    }
    iso_worker dead;
    bool buried = seat->reaped && seat->state != SEAT_HELD && seat->state != SEAT_EMPTY;
    if (buried) {
        bury(seat, now, &dead);
    }
    if (seat->state == SEAT_ASYNC && seat->job->kill_at && now >= seat->job->kill_at) {
        end_late_job(seat);
    } else if (seat->state == SEAT_ASYNC && !seat->look.at && now >= iso_job_due(seat->job, true)) {
        iso_look_at(&seat->worker, &seat->look);
    }
    bool ends = seat->state == SEAT_STARTING || (seat->state == SEAT_DOOMED && !seat->reaped);
    if (ends && now >= seat->start_at) {
        iso_seat_blame(seat, ISO_CAUSE_START);
        doom(seat);
    }
    bool needless = c->closed || c->resting || iso_seat_is_old(seat);
    if (needless && (seat->state == SEAT_STARTING || seat->state == SEAT_IDLE)) {
        seat->expected = true;
        iso_seat_blame(seat, c->closed    ? ISO_CAUSE_CLOSED
                             : c->resting ? ISO_CAUSE_IDLE
                                          : ISO_CAUSE_RESTART);
        doom(seat);
    }
    if (!c->closed && !c->resting && seat->state == SEAT_EMPTY && now >= seat->start_at) {
        start(seat, now);
    }
    if (buried) {
        os_mutex_unlock(&c->lock); /* to unmap memory takes longer than others shall wait */
        iso_worker_bury(&dead);
        os_mutex_lock(&c->lock);
    }
}

static void fail_all(iso_crew *c)
{
    for (iso_job *job; (job = iso_queue_take(c));) {
        iso_job_fail(job, ESP_CLOSED, 0);
    }
    for (uint32_t i = 0; i < c->options.workers; i++) {
        iso_seat *seat = &c->seats[i];
        if (seat->state == SEAT_ASYNC) {
            iso_job *job = seat->job;
            seat->job = NULL;
            seat->expected = true;
            iso_seat_blame(seat, ISO_CAUSE_CLOSED);
            doom(seat);
            iso_job_fail(job, ESP_CLOSED, 0);
        }
    }
}

/* Jobs that wait and whose time is over. */
static uint64_t tend_queue(iso_crew *c, uint64_t now)
{
    uint64_t next = UINT64_MAX;
    iso_job *job = c->first;
    c->first = NULL;
    c->last = &c->first;
    c->queued = 0;
    while (job) {
        iso_job *after = job->next;
        if (job->kill_at && now >= job->kill_at) {
            bool time = job->kill_kind == ESP_LIMIT_EXCEEDED;
            iso_job_fail(job, job->kill_kind, time ? ESP_LIMIT_TIME : 0);
        } else {
            uint64_t at = iso_job_due(job, now < job->look_at);
            next = at < next ? at : next;
            job->next = NULL;
            *c->last = job;
            c->last = &job->next;
            c->queued++;
        }
        job = after;
    }
    return next;
}

static uint64_t due(const iso_seat *seat, bool none)
{
    switch (seat->state) {
    case SEAT_EMPTY:
        return none ? UINT64_MAX : seat->start_at;
    case SEAT_STARTING:
    case SEAT_DOOMED:
        return seat->start_at;
    case SEAT_ASYNC:
        return iso_job_due(seat->job, !seat->look.at);
    default:
        return UINT64_MAX;
    }
}

/* Sends a crew to rest that had nothing to do for its time; when to look again. */
static uint64_t tend_rest(iso_crew *c, uint64_t now)
{
    if (!c->options.idle_ms || c->closed || c->resting) {
        return UINT64_MAX;
    }
    uint64_t time = c->options.idle_ms * MILLISECOND;
    bool busy = c->queued || c->waiting;
    for (uint32_t i = 0; i < c->options.workers; i++) {
        seat_state state = c->seats[i].state;
        busy = busy || state == SEAT_HELD || state == SEAT_ASYNC || state == SEAT_STARTING;
    }
    if (busy) {
        return now + time;
    }
    c->resting = now >= c->used_at + time;
    return c->resting ? UINT64_MAX : c->used_at + time;
}

uint64_t iso_crew_tend(iso_crew *c, uint64_t now, bool *over)
{
    os_mutex_lock(&c->lock);
    if (c->closed) {
        fail_all(c);
    }
    uint64_t next = c->queued ? tend_queue(c, now) : UINT64_MAX;
    uint64_t rest = tend_rest(c, now);
    next = rest < next ? rest : next;
    bool empty = true;
    for (uint32_t i = 0; i < c->options.workers; i++) {
        iso_seat *seat = &c->seats[i];
        tend_seat(seat, now);
        uint64_t at = due(seat, c->closed || c->resting);
        next = at < next ? at : next;
        empty = empty && seat->state == SEAT_EMPTY;
    }
    if (c->closed || c->resting) {
        iso_zygote_end(&c->zygote);
    }
    *over = c->closed && empty;
    os_mutex_unlock(&c->lock);
    if (*over) {
        iso_crew_unlimit(c);
    }
    return next;
}
