/* Crews: opening and closing, seats taken and given back, jobs to blame.
 *
 *      a caller who waits        takes an idle seat, talks to its worker himself, gives it back
 *      a caller who does not     takes an idle seat and leaves the reply to the supervisor, or
 *                                leaves the job in the queue
 *
 * So a synchronous job passes through no thread but the caller's and the worker's: two operations
 * of a lock, one copy in, one message each way, one copy out. A seat that is given back serves a
 * waiting caller first, then the queue.
 *
 * A job that a worker died of is remembered by its hash; one that did so twice is refused.
 */
#include "isolate/crew.h"

#include <string.h>

#include "base/arena.h"
#include "isolate/jobs.h"

#define MILLISECOND UINT64_C(1000000)

enum { KILLS_MOST = 2, FIRST_GRANT = 64 * 1024, LINGER_MOST_MS = 50 };

static os_once crews_once;
static bool crews_usable; /* written under crews_once */
static esp_registry crews;
static atomic_uint alive;

static void make_registry(void)
{
    crews_usable = esp_registry_init(&crews) == 0;
}

static void close_program(const iso_options *options)
{
    if (options->program.image) {
        ipc_close(options->program.program);
    }
    if (options->program.image == ISO_IMAGE_DYNAMIC) {
        ipc_close(options->program.library);
    }
}

static void destroy(esp_held *held)
{
    iso_crew *c = (iso_crew *)held;
    close_program(&c->options);
    esp_let_go(c->arguments ? &c->arguments->held : NULL);
    iso_events_close(&c->events);
    os_condition_destroy(&c->changed);
    os_mutex_destroy(&c->lock);
    esp_system_free(c);
    atomic_fetch_sub(&alive, 1);
}

iso_crew *iso_crew_find(double handle, int32_t *error)
{
    os_run_once(&crews_once, make_registry);
    *error = -ESP_UNAVAILABLE;
    return crews_usable ? (iso_crew *)esp_registry_find(&crews, handle, error) : NULL;
}

static iso_crew *create(const iso_options *options)
{
    size_t size = sizeof(iso_crew) + options->workers * sizeof(iso_seat);
    iso_crew *c = esp_system_alloc(size);
    if (!c) {
        return NULL;
    }
    memset(c, 0, size);
    if (os_mutex_init(&c->lock)) {
        esp_system_free(c);
        return NULL;
    }
    if (os_condition_init(&c->changed)) {
        os_mutex_destroy(&c->lock);
        esp_system_free(c);
        return NULL;
    }
    if (options->heap) {
        c->arguments = iso_area_create(0, FIRST_GRANT, options->heap, true);
    }
    if ((options->heap && !c->arguments) ||
        (options->events && !iso_events_open(&c->events, options->workers))) {
        esp_let_go(c->arguments ? &c->arguments->held : NULL);
        os_condition_destroy(&c->changed);
        os_mutex_destroy(&c->lock);
        esp_system_free(c);
        return NULL;
    }
    esp_held_init(&c->held, destroy);
    c->options = *options;
    c->last = &c->first;
    c->zygote.process.handle = c->zygote.control = -1;
    for (uint32_t i = 0; i < options->workers; i++) {
        c->seats[i].crew = c;
        c->seats[i].worker.control = c->seats[i].worker.process.handle = -1;
        c->seats[i].sentinel = -1;
    }
    atomic_fetch_add(&alive, 1);
    return c;
}

uint32_t iso_crews_alive(void)
{
    return atomic_load(&alive);
}

static bool any(const iso_crew *c, seat_state from, seat_state to)
{
    for (uint32_t i = 0; i < c->options.workers; i++) {
        if (c->seats[i].state >= from && c->seats[i].state <= to) {
            return true;
        }
    }
    return false;
}

/* No worker lives, and those that were started did not live long. */
bool iso_crew_is_broken(const iso_crew *c)
{
    return c->misfires >= ISO_MISFIRES_MOST && !any(c, SEAT_STARTING, SEAT_ASYNC);
}

/* Until a worker is ready: 0, or minus a kind. */
static int32_t wait_ready(iso_crew *c, uint32_t milliseconds, uint32_t *lacking)
{
    int32_t answer = -ESP_UNAVAILABLE;
    uint64_t until = os_clock_ns() + milliseconds * MILLISECOND;
    os_mutex_lock(&c->lock);
    for (;;) {
        uint64_t now = os_clock_ns();
        if (any(c, SEAT_IDLE, SEAT_ASYNC)) {
            answer = 0;
        }
        /* Whatever keeps the first from starting keeps the second, too. */
        bool hopeless = c->start_error || c->lacking || c->misfires > 2;
        *lacking = c->lacking;
        if (answer == 0 || hopeless || now >= until) {
            break;
        }
        (void)os_condition_wait(&c->changed, &c->lock, until - now);
    }
    os_mutex_unlock(&c->lock);
    return answer;
}

double iso_open(const iso_options *options, uint32_t milliseconds, uint32_t *lacking)
{
    *lacking = 0;
    os_run_once(&crews_once, make_registry);
    if (options->workers == 0 || options->workers > ISO_WORKERS_MOST ||
        options->queue > ISO_QUEUE_MOST || options->heap % ISO_PAGE ||
        (options->heap && options->terms.wipe) ||
        (options->heap && options->heap < ISO_HEAP_LEAST) || options->heap > ISO_HEAP_MOST) {
        close_program(options);
        return -ESP_INVALID_INPUT;
    }
    int error = crews_usable ? iso_supervisor_ready() : OS_FAILED;
    if (error) {
        close_program(options);
        return error == OS_UNSUPPORTED ? -ESP_UNSUPPORTED : -ESP_UNAVAILABLE;
    }
    iso_crew *c = create(options);
    if (!c) {
        close_program(options);
    }
    double handle = c ? esp_registry_enter(&crews, &c->held) : 0;
    if (handle == 0) {
        esp_let_go(c ? &c->held : NULL);
        return -ESP_LIMIT_EXCEEDED;
    }
    c->handle = handle;
    c->used_at = os_clock_ns();
    if (c->arguments) {
        iso_area_own(c->arguments, handle);
    }
    iso_supervisor_adopt(c);
    int32_t answer = wait_ready(c, milliseconds, lacking);
    esp_let_go(&c->held);
    if (answer) {
        (void)iso_release(handle);
        return answer;
    }
    return handle;
}

int32_t iso_release(double handle)
{
    int32_t error;
    os_run_once(&crews_once, make_registry);
    iso_crew *c = crews_usable ? (iso_crew *)esp_registry_remove(&crews, handle, &error) : NULL;
    if (!c) {
        return crews_usable ? error : -ESP_UNAVAILABLE;
    }
    os_mutex_lock(&c->lock);
    c->closed = true;
    os_condition_wake_all(&c->changed);
    os_mutex_unlock(&c->lock);
    iso_supervisor_poke();
    if (c->arguments) {
        iso_areas_abandon(handle);
    }
    esp_let_go(&c->held);
    return 0;
}

int32_t iso_abandon(double handle)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    error = iso_release(handle);
    iso_jobs_forget(c);
    esp_let_go(&c->held);
    return error;
}

double iso_allocate(double handle, uint32_t length)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    iso_extent taken;
    double piece = c->arguments ? 0 : -ESP_UNSUPPORTED;
    if (piece == 0 && iso_area_take(c->arguments, length, &taken)) {
        piece = iso_piece_open(c->arguments, taken, taken.start, length);
        if (piece == 0) {
            iso_area_give(c->arguments, taken);
        }
    }
    esp_let_go(&c->held);
    return piece == 0 ? -ESP_LIMIT_EXCEEDED : piece;
}

uint64_t iso_hash(const uint8_t *bytes, uint32_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

void iso_blame(iso_crew *c, uint64_t hash)
{
    uint32_t used = c->guilty_count < ISO_GUILTY ? c->guilty_count : ISO_GUILTY;
    for (uint32_t i = 0; i < used; i++) {
        if (c->guilty[i].hash == hash) {
            if (++c->guilty[i].kills == KILLS_MOST) {
                iso_note(c, ISO_EVENT_QUARANTINED, NULL, hash);
            }
            return;
        }
    }
    uint32_t at = c->guilty_count++ % ISO_GUILTY;
    c->guilty[at].hash = hash;
    c->guilty[at].kills = 1;
}

/* Takes the lock: most crews never have anybody to blame, and then nothing is hashed. */
bool iso_is_guilty(iso_crew *c, const uint8_t *bytes, uint32_t length)
{
    bool found = false;
    os_mutex_lock(&c->lock);
    bool anybody = c->guilty_count > 0;
    os_mutex_unlock(&c->lock);
    if (!anybody) {
        return false;
    }
    uint64_t hash = iso_hash(bytes, length);
    os_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < ISO_GUILTY; i++) {
        found = found || (c->guilty[i].hash == hash && c->guilty[i].kills >= KILLS_MOST);
    }
    os_mutex_unlock(&c->lock);
    return found;
}

/* Under the lock: an idle seat, now HELD; NULL: there is none. */
iso_seat *iso_seat_idle(iso_crew *c)
{
    for (uint32_t i = 0; i < c->options.workers; i++) {
        iso_seat *seat = &c->seats[i];
        if (seat->state == SEAT_IDLE && !seat->reaped) {
            seat->state = SEAT_HELD;
            seat->answered = false;
            return seat;
        }
    }
    return NULL;
}

/* The seat's worker is done for. `expected`: it is ended by us. */
void iso_seat_give_up(iso_seat *seat, bool expected)
{
    iso_crew *c = seat->crew;
    os_mutex_lock(&c->lock);
    seat->expected = seat->expected || expected;
    bool poke = seat->reaped;
    bool alone = seat->worker.last && seat->leaving && !seat->reaped && !c->closed;
    seat->start_at = UINT64_MAX;
    if (alone) {
        /* It ends by itself, in its own time: to kill it now would have its end, of some 50 µs, run
         * before the caller goes on where both are on one processor. Should it not, it is killed by
         * a supervisor that was woken by something else; at once where no other seat is there. */
        seat->start_at = os_clock_ns() + LINGER_MOST_MS * MILLISECOND;
        poke = !any(c, SEAT_IDLE, SEAT_IDLE);
    } else if (!seat->reaped) {
        ipc_process_kill(&seat->worker.process); /* its end is what wakes the supervisor */
    }
    seat->state = SEAT_DOOMED;
    os_mutex_unlock(&c->lock);
    if (poke) {
        iso_supervisor_poke();
    }
}

/* HELD, with a job that was given to its worker: the supervisor has it from now on. */
static void leave_to_supervisor(iso_seat *seat, iso_job *job)
{
    iso_crew *c = seat->crew;
    os_mutex_lock(&c->lock);
    seat->job = job;
    job->seat = seat;
    seat->look.at = 0;
    if (job->kill_kind == ESP_CANCELLED) {
        iso_worker_cancel(&seat->worker);
    }
    uint64_t look_at = job->kill_at ? job->look_at : UINT64_MAX;
    bool poke = iso_seat_leave(seat);
    os_mutex_unlock(&c->lock);
    if (poke) {
        iso_supervisor_poke();
    } else if (look_at != UINT64_MAX) { /* which it may have missed between queue and seat */
        iso_supervisor_expect(look_at);
    }
}

/* A job to a seat that is HELD. True: the seat is busy. False: it is free, and the job settled, or
 * the worker is done for and *job back in the caller's hands. */
bool iso_seat_dispatch(iso_seat *seat, iso_job **job, bool *fit)
{
    iso_crew *c = seat->crew;
    seat->worker.last = iso_seat_is_last(seat);
    int given = iso_worker_give(&seat->worker, &(*job)->source);
    if (given == IPC_OK) {
        leave_to_supervisor(seat, *job);
        *job = NULL;
        return true;
    }
    *fit = given == ISO_NO_MEMORY;
    if (*fit) {
        os_mutex_lock(&c->lock);
        iso_job_fail(*job, ESP_LIMIT_EXCEEDED, ESP_LIMIT_MEMORY);
        os_mutex_unlock(&c->lock);
        *job = NULL;
    }
    return false;
}

void iso_crew_rouse(iso_crew *c)
{
    if (c->resting) {
        c->resting = false;
        c->used_at = os_clock_ns();
        iso_supervisor_poke();
    }
}

int32_t iso_restart(double handle, bool rolling)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    os_mutex_lock(&c->lock);
    c->age++;
    c->rolling = rolling;
    os_mutex_unlock(&c->lock);
    iso_supervisor_poke();
    esp_let_go(&c->held);
    return 0;
}

bool iso_seat_is_last(const iso_seat *seat)
{
    uint32_t recycle = seat->crew->options.recycle;
    return recycle && seat->jobs + 1 >= recycle;
}

void iso_seat_blame(iso_seat *seat, iso_cause cause)
{
    if (seat->cause == ISO_CAUSE_CRASH) {
        seat->cause = cause;
    }
}

bool iso_seat_is_old(const iso_seat *seat)
{
    const iso_crew *c = seat->crew;
    if (seat->age == c->age || !c->rolling) {
        return seat->age != c->age;
    }
    for (uint32_t i = 0; i < c->options.workers; i++) {
        const iso_seat *other = &c->seats[i];
        if (other->leaving || other->state < SEAT_IDLE || other->state == SEAT_DOOMED) {
            return false;
        }
    }
    return true;
}

void iso_misfire(iso_crew *c)
{
    if (++c->misfires == ISO_MISFIRES_MOST) {
        iso_note(c, ISO_EVENT_OPENED, NULL, 0);
    }
}

void iso_recovered(iso_crew *c)
{
    if (c->misfires >= ISO_MISFIRES_MOST) {
        iso_note(c, ISO_EVENT_CLOSED, NULL, 0);
    }
    c->misfires = 0;
}

/* Its memory is beyond the mark, whatever jobs left there. */
static bool has_grown(const iso_seat *seat)
{
    uint64_t mark = seat->crew->options.leak;
    return mark && ipc_process_memory(&seat->worker.process) > mark;
}

/* Under the lock: its time has come, without anybody's fault. */
static bool is_spent(iso_seat *seat)
{
    uint32_t recycle = seat->crew->options.recycle;
    bool large = iso_worker_shared(&seat->worker) > ISO_SHARED_MOST || has_grown(seat);
    iso_cause cause = recycle && seat->jobs >= recycle ? ISO_CAUSE_RECYCLED
                      : large                          ? ISO_CAUSE_MEMORY
                      : iso_seat_is_old(seat)          ? ISO_CAUSE_RESTART
                                                       : ISO_CAUSE_CRASH;
    if (cause != ISO_CAUSE_CRASH) {
        iso_seat_blame(seat, cause);
        seat->leaving = true;
    }
    return cause != ISO_CAUSE_CRASH;
}

void iso_seat_release(iso_seat *seat, bool fit)
{
    iso_crew *c = seat->crew;
    iso_job *job = NULL;
    bool spent = false;
    while (fit && !spent) {
        os_mutex_lock(&c->lock);
        fit = !seat->reaped && !c->closed;
        spent = is_spent(seat);
        if (fit && !spent) {
            job = c->waiting ? NULL : iso_queue_take(c);
            if (!job) {
                seat->state = SEAT_IDLE;
                c->used_at = c->options.idle_ms ? os_clock_ns() : 0;
                if (c->waiting || seat->jobs == 0) {
                    os_condition_wake_all(&c->changed);
                }
                os_mutex_unlock(&c->lock);
                return;
            }
        }
        os_mutex_unlock(&c->lock);
        if (job && iso_seat_dispatch(seat, &job, &fit)) {
            return;
        }
    }
    if (job) { /* the worker was not fit to take it */
        os_mutex_lock(&c->lock);
        iso_queue_put_back(c, job);
        os_mutex_unlock(&c->lock);
    }
    iso_seat_give_up(seat, spent);
}

int32_t iso_guards(double handle, iso_guarded *out)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    os_mutex_lock(&c->lock);
    *out = c->guarded;
    os_mutex_unlock(&c->lock);
    esp_let_go(&c->held);
    return 0;
}

int32_t iso_facts(double handle, uint32_t *out, uint32_t most)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    uint32_t n = 3;
    uint32_t ready = 0;
    os_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < c->options.workers; i++) {
        const iso_seat *seat = &c->seats[i];
        ready += seat->state >= SEAT_IDLE && seat->state <= SEAT_ASYNC;
        if (seat->state != SEAT_EMPTY && !seat->reaped) {
            if (n < most) {
                out[n] = (uint32_t)seat->worker.process.id;
            }
            n++;
        }
    }
    const uint32_t facts[3] = {ready, c->started, c->queued};
    memcpy(out, facts, (most < 3 ? most : 3) * sizeof *facts);
    os_mutex_unlock(&c->lock);
    esp_let_go(&c->held);
    return (int32_t)n;
}
