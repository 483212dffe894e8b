/* Jobs that are told of by a letter: made, queued, settled once, taken.
 *
 * A job is held by its handle until it is taken, by its letter until that is drained or dropped,
 * and by the crew until it is settled. Only iso_job_settle ends it, under the crew's lock, and it
 * looks whether somebody else has. A thread that is terminated between a letter and the take leaves
 * a handle that nobody knows: such jobs are found by the list of their crew.
 */
#include <string.h>

#include "base/arena.h"
#include "isolate/jobs.h"

static os_once names_once;
static bool names_usable; /* written under names_once */
static esp_registry names;
static os_mutex known_lock; /* of the lists of crews' jobs that have a handle */

static void make_names(void)
{
    names_usable = esp_registry_init(&names) == 0 && os_mutex_init(&known_lock) == 0;
}

static void know(iso_job *job)
{
    os_mutex_lock(&known_lock);
    job->next_known = job->crew->known;
    if (job->next_known) {
        job->next_known->prev_known = job;
    }
    job->crew->known = job;
    os_mutex_unlock(&known_lock);
}

/* The job, which the caller holds, has no handle any longer. */
static void lose_handle(iso_job *job)
{
    int32_t error;
    esp_held *mine = esp_registry_remove(&names, job->handle, &error);
    if (!mine) {
        return; /* it had none */
    }
    os_mutex_lock(&known_lock);
    if (job->prev_known) {
        job->prev_known->next_known = job->next_known;
    } else {
        job->crew->known = job->next_known;
    }
    if (job->next_known) {
        job->next_known->prev_known = job->prev_known;
    }
    os_mutex_unlock(&known_lock);
    esp_let_go(mine);
}

void iso_jobs_forget(iso_crew *c)
{
    os_run_once(&names_once, make_names);
    for (iso_job *job = NULL; names_usable; esp_let_go(&job->held)) {
        os_mutex_lock(&known_lock);
        job = c->known;
        if (job) {
            esp_hold(&job->held);
        }
        os_mutex_unlock(&known_lock);
        if (!job) {
            return;
        }
        lose_handle(job);
    }
}

static void destroy(esp_held *held)
{
    iso_job *job = (iso_job *)held;
    if (job->result) {
        esp_system_free(job->result);
    }
    if (job->viewed > 0) {
        (void)iso_piece_close(job->viewed); /* nobody took it */
    }
    if (job->source.piece) {
        iso_piece_let_go(job->source.piece);
    }
    esp_mailbox_let_go(job->mailbox);
    esp_let_go(&job->crew->held);
    esp_system_free(job);
}

static iso_job *job_of_letter(esp_letter *letter)
{
    return (iso_job *)(void *)((uint8_t *)letter - offsetof(iso_job, letter));
}

/* The letter was read; or nobody will ever read it and take the job, as its thread has ended. */
static void letter_done(esp_letter *letter, bool delivered)
{
    iso_job *job = job_of_letter(letter);
    if (!delivered) {
        lose_handle(job);
    }
    esp_let_go(&job->held);
}

iso_job *iso_job_create(iso_crew *c, const iso_source *source, esp_mailbox *mailbox,
                        uint32_t ticket)
{
    os_run_once(&names_once, make_names);
    uint32_t length = source->piece ? 0 : source->length;
    uint64_t size = (uint64_t)sizeof(iso_job) + length;
    iso_job *job = names_usable && size <= SIZE_MAX ? esp_system_alloc((size_t)size) : NULL;
    if (!job) {
        return NULL;
    }
    memset(job, 0, sizeof *job);
    esp_held_init(&job->held, destroy);
    job->letter = (esp_letter){.done = letter_done, .ticket = ticket};
    job->source = *source;
    if (!source->piece) {
        job->source.bytes = job->bytes;
    }
    if (length) {
        memcpy(job->bytes, source->bytes, length);
    }
    job->crew = c;
    esp_hold(&c->held);
    job->mailbox = mailbox;
    esp_mailbox_hold(mailbox);
    job->handle = esp_registry_enter(&names, &job->held);
    if (job->handle == 0) {
        job->source.piece = NULL; /* the caller's still */
        esp_let_go(&job->held);
        return NULL;
    }
    know(job);
    return job;
}

void iso_job_forget(iso_job *job)
{
    lose_handle(job);
    esp_let_go(&job->held);
}

iso_job *iso_job_find(double handle, int32_t *error)
{
    os_run_once(&names_once, make_names);
    *error = -ESP_UNAVAILABLE;
    return names_usable ? (iso_job *)esp_registry_find(&names, handle, error) : NULL;
}

uint64_t iso_job_due(const iso_job *job, bool unseen)
{
    return !job->kill_at ? UINT64_MAX : unseen ? job->look_at : job->kill_at;
}

void iso_job_settle(iso_job *job)
{
    if (job->settled) {
        return;
    }
    job->settled = true;
    job->seat = NULL;
    job->letter.value = job->result_length;
    /* The crew's hold is the letter's from now on: the job may be gone when the post returns. */
    esp_mailbox *mailbox = job->mailbox;
    esp_mailbox_hold(mailbox);
    esp_mailbox_post(mailbox, &job->letter);
    esp_mailbox_let_go(mailbox);
}

void iso_job_fail(iso_job *job, uint32_t kind, uint32_t limit)
{
    if (!job->settled) {
        job->failure.kind = kind;
        job->failure.limit = limit;
        iso_job_settle(job);
    }
}

iso_job *iso_queue_take(iso_crew *c)
{
    iso_job *job = c->first;
    if (job) {
        c->first = job->next;
        c->last = c->first ? c->last : &c->first;
        c->queued--;
        job->next = NULL;
    }
    return job;
}

void iso_queue_put(iso_crew *c, iso_job *job)
{
    job->source.since = job->source.since ? job->source.since : os_clock_ns();
    job->next = NULL;
    *c->last = job;
    c->last = &job->next;
    c->queued++;
    iso_crew_hurry(c);
}

void iso_queue_put_back(iso_crew *c, iso_job *job)
{
    job->seat = NULL;
    job->next = c->first;
    c->last = c->first ? c->last : &job->next;
    c->first = job;
    c->queued++;
    iso_crew_hurry(c);
}

/* Out of the middle; false: it is not there. */
static bool unlink_job(iso_crew *c, iso_job *job)
{
    iso_job **at = &c->first;
    while (*at && *at != job) {
        at = &(*at)->next;
    }
    if (!*at) {
        return false;
    }
    *at = job->next;
    c->last = *at ? c->last : at;
    c->queued--;
    return true;
}

int32_t iso_cancel(double handle, uint32_t grace_ms)
{
    int32_t error;
    iso_job *job = iso_job_find(handle, &error);
    if (!job) {
        return error;
    }
    iso_crew *c = job->crew;
    uint64_t now = os_clock_ns();
    uint64_t end = now + grace_ms * UINT64_C(1000000);
    os_mutex_lock(&c->lock);
    if (!job->settled) {
        job->kill_kind = ESP_CANCELLED;
        job->kill_at = end;
        job->look_at = iso_look_time(now, end);
        if (unlink_job(c, job)) {
            iso_job_fail(job, ESP_CANCELLED, 0);
        } else if (job->seat) {
            iso_worker_cancel(&job->seat->worker);
        }
    }
    os_mutex_unlock(&c->lock);
    iso_supervisor_expect(iso_look_time(now, end));
    esp_let_go(&job->held);
    return 0;
}

double iso_take_view(double handle, double *view, iso_failure *failure)
{
    int32_t error;
    iso_job *job = iso_job_find(handle, &error);
    if (!job) {
        return error;
    }
    os_mutex_lock(&job->crew->lock);
    bool settled = job->settled;
    double length = settled ? (double)job->result_length : 0;
    if (settled && job->failure.kind) {
        *failure = job->failure;
        length = -(double)job->failure.kind;
    } else if (settled) {
        *view = job->viewed;
        job->viewed = 0;
    }
    os_mutex_unlock(&job->crew->lock);
    if (settled) {
        lose_handle(job);
    }
    esp_let_go(&job->held);
    return length;
}

double iso_take(double handle, uint8_t *out, uint32_t capacity, iso_failure *failure)
{
    int32_t error;
    iso_job *job = iso_job_find(handle, &error);
    if (!job) {
        return error;
    }
    os_mutex_lock(&job->crew->lock);
    bool settled = job->settled;
    os_mutex_unlock(&job->crew->lock);
    double answer = settled ? (double)job->result_length : 0;
    if (settled && job->failure.kind) {
        *failure = job->failure;
        answer = -(double)job->failure.kind;
    }
    if (settled && (answer < 0 || answer <= capacity)) {
        if (answer > 0 && job->result) {
            memcpy(out, job->result, job->result_length);
        }
        lose_handle(job);
    }
    esp_let_go(&job->held);
    return answer;
}
