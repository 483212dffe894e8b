/* Replies of jobs that nobody waits for: taken by the supervisor, or by the thread that submitted
 * them, whoever is first.
 *
 *      supervisor      asleep ──► the control socket rings ──► collects ──► letter
 *      the thread      looks at its mailbox, and at the seats on its way ──► collects
 *
 * Idea. A JavaScript thread that has submitted a job looks at its mailbox for a while before it
 * sleeps (src/engine/completion.ts). While it does, to wake the supervisor for a reply costs a
 * wake-up, of which there need not be any: it can look at the ring itself. So a thread that looks
 * says so (`attended`), and then workers are not asked to ring the control socket. When it stops it
 * says that as well, asks the workers that still have jobs to ring, and looks once more.
 *
 * Invariants. Of the two, one takes a reply: a seat is HELD meanwhile, which only its state under
 * the lock decides. A reply that is there is seen by somebody: a thread that looks comes again, and
 * else the worker was asked to ring before the last look (Dekker's pattern, as in ring.c;
 * test/model/attend.ts). While jobs or callers wait for a seat, workers are asked in any case: the
 * thread may do something else for long. At a job's deadline the supervisor looks before it kills.
 * The supervisor passes by a seat that is HELD; who gives it back without a reply (there was a
 * request for memory) tells of a worker that has ended meanwhile, and of the job's deadline.
 *
 * Cost: a look is a lock and a word a seat.
 */
#include "base/arena.h"
#include "isolate/jobs.h"

static bool must_ask(const iso_crew *c)
{
    return !c->attended || c->queued || c->waiting;
}

bool iso_seat_leave(iso_seat *seat)
{
    iso_crew *c = seat->crew;
    seat->state = SEAT_ASYNC;
    if (must_ask(c) && iso_worker_ask(&seat->worker)) {
        seat->answered = true;
    }
    return seat->answered || seat->reaped || c->closed;
}

void iso_crew_hurry(iso_crew *c)
{
    bool there = false;
    for (uint32_t i = 0; c->attended && i < c->options.workers; i++) {
        iso_seat *seat = &c->seats[i];
        if (seat->state == SEAT_ASYNC && iso_worker_ask(&seat->worker)) {
            seat->answered = there = true;
        }
    }
    if (there) {
        iso_supervisor_poke();
    }
}

bool iso_seat_collect(iso_seat *seat)
{
    iso_crew *c = seat->crew;
    iso_worker *w = &seat->worker;
    iso_job *job = seat->job;
    uint32_t length = 0;
    seat->state = SEAT_HELD;
    os_mutex_unlock(&c->lock);
    int got = iso_worker_wait(w, 0, &length);
    uint8_t *result = NULL;
    double view = 0;
    if (got == IPC_OK && job->view) {
        got = iso_worker_view(w, length, &view);
    } else if (got == IPC_OK) {
        result = esp_system_alloc(length);
        got = result ? iso_worker_copy(w, result, length) : ISO_NO_MEMORY;
    }
    os_mutex_lock(&c->lock);
    if (got == IPC_TIMED_OUT || got == IPC_GONE) {
        if (iso_seat_leave(seat)) { /* the supervisor may have passed by it */
            iso_supervisor_poke();
        }
        return false; /* not yet; or its end is dealt with as such */
    }
    seat->job = NULL;
    if (got != IPC_OK && result) {
        esp_system_free(result);
    }
    if (got == IPC_OK) {
        job->result = result;
        job->viewed = view;
        job->result_length = length;
        iso_recovered(c);
        seat->jobs++;
        seat->served++;
        iso_job_settle(job);
    } else if (got == ISO_NO_MEMORY) {
        iso_job_fail(job, ESP_LIMIT_EXCEEDED, ESP_LIMIT_MEMORY);
    } else if (got == ISO_TOO_LONG) {
        iso_job_fail(job, ESP_LIMIT_EXCEEDED, ESP_LIMIT_SIZE);
    } else if (got == ISO_STALE && ++job->tries < ISO_TRIES_MOST) {
        iso_queue_put_back(c, job);
    } else {
        iso_job_fail(job, ESP_PROTOCOL_VIOLATION, 0);
        iso_seat_blame(seat, ISO_CAUSE_VIOLATION);
    }
    os_mutex_unlock(&c->lock);
    iso_seat_release(seat, got == IPC_OK || got == ISO_NO_MEMORY || got == ISO_TOO_LONG);
    os_mutex_lock(&c->lock);
    return true;
}

int32_t iso_attend(double handle, bool looks)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    int32_t taken = 0;
    os_mutex_lock(&c->lock);
    c->attended = looks;
    for (uint32_t i = 0; i < c->options.workers; i++) {
        iso_seat *seat = &c->seats[i];
        const iso_worker *w = &seat->worker;
        bool mine = seat->state == SEAT_ASYNC && !seat->reaped;
        if (mine && (looks ? iso_worker_answered(w) : iso_worker_ask(&seat->worker))) {
            bool found = iso_seat_collect(seat);
            taken += found;
            if (!found) {
                iso_supervisor_expect(iso_job_due(seat->job, !seat->look.at));
            }
        }
    }
    os_mutex_unlock(&c->lock);
    esp_let_go(&c->held);
    return taken;
}
