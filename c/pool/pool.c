/* Pools and their jobs: what a caller sees of a team.
 *
 *      open ─► submit ─► (waiting ─► running ─► done, or waiting ─► cancelled) ─► take ─► release
 *
 * Counting. A job is in exactly one state, changed under the lock of its team together with the
 * counts of its pool, so that submitted = waiting + running + completed + failed + cancelled
 * whenever the lock is free. A submit that fails has changed nothing but `refused`.
 *
 * Holding. A job is held by its handle, and by the queue or the thread it is in; a pool by its
 * handle and by each of its jobs. So a pool that was released lives until its last job is done and
 * taken, and nobody waits for that. A job whose letter is dropped, because its reader has ended,
 * loses its handle then.
 *
 * Waiting. Everybody who waits does so on the pool's condition, with a time-out of his own.
 */
#include "pool/pool.h"

#include <string.h> /* memcpy, memset */

#include "base/arena.h" /* esp_system_alloc */
#include "job/format.h"
#include "pool/pool_job.h"

static os_once tables_once;
static esp_registry pools;
static esp_registry jobs;
static bool tables_usable; /* written under tables_once */
static atomic_uint pools_alive;

static void make_tables(void)
{
    tables_usable = esp_registry_init(&pools) == 0 && esp_registry_init(&jobs) == 0;
}

static esp_held *find(esp_registry *table, double handle, int32_t *error)
{
    os_run_once(&tables_once, make_tables);
    *error = -ESP_UNAVAILABLE;
    return tables_usable ? esp_registry_find(table, handle, error) : NULL;
}

static esp_held *take_out(esp_registry *table, double handle, int32_t *error)
{
    os_run_once(&tables_once, make_tables);
    *error = -ESP_UNAVAILABLE;
    return tables_usable ? esp_registry_remove(table, handle, error) : NULL;
}

static esp_pool *find_pool(double handle, int32_t *error)
{
    return (esp_pool *)find(&pools, handle, error);
}

static esp_pool_job *find_job(double handle, int32_t *error)
{
    return (esp_pool_job *)find(&jobs, handle, error);
}

uint32_t esp_pools_alive(void)
{
    return atomic_load(&pools_alive);
}

/* Pools. */

static bool valid(const esp_pool_options *o)
{
    size_t length = 0;
    while (length <= ESP_POOL_NAME_MOST && o->name[length]) {
        char c = o->name[length++];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || c == '.')) {
            return false;
        }
    }
    return length >= 1 && length <= ESP_POOL_NAME_MOST && o->threads <= ESP_POOL_THREADS_MOST &&
           o->queue >= 1 && o->queue <= ESP_POOL_QUEUE_MOST &&
           o->stack_kib >= ESP_POOL_STACK_LEAST && o->stack_kib <= ESP_POOL_STACK_MOST &&
           o->stack_kib % 64 == 0 && o->weight >= 1 && o->weight <= ESP_POOL_WEIGHT_MOST;
}

static void destroy_pool(esp_held *self)
{
    esp_pool *pool = (esp_pool *)self;
    if (pool->team) {
        esp_team_leave(pool->team);
    }
    esp_job_free_spares(pool);
    os_condition_destroy(&pool->changed);
    esp_system_free(pool);
    atomic_fetch_sub(&pools_alive, 1);
}

static esp_pool *create_pool(const esp_pool_options *options)
{
    esp_pool *pool = esp_system_alloc(sizeof *pool);
    if (!pool) {
        return NULL;
    }
    memset(pool, 0, sizeof *pool);
    if (os_condition_init(&pool->changed)) {
        esp_system_free(pool);
        return NULL;
    }
    esp_held_init(&pool->held, destroy_pool);
    pool->options = *options;
    if (!options->threads) {
        pool->options.threads = esp_pool_processors();
    }
    atomic_fetch_add(&pools_alive, 1);
    return pool;
}

double esp_pool_open(const esp_pool_options *options)
{
    os_run_once(&tables_once, make_tables);
    if (!tables_usable) {
        return -ESP_UNAVAILABLE;
    }
    if (!valid(options)) {
        return -ESP_INVALID_INPUT;
    }
    esp_pool *pool = create_pool(options);
    if (!pool) {
        return -ESP_LIMIT_EXCEEDED;
    }
    int32_t error;
    pool->team = esp_team_join(&pool->options, &error);
    double handle = pool->team ? esp_registry_enter(&pools, &pool->held) : error;
    esp_let_go(&pool->held);
    return handle != 0 ? handle : -ESP_LIMIT_EXCEEDED;
}

/* Jobs. */

/* Under the lock: the job has no handle any longer. */
static void unlink_known(esp_pool_job *job)
{
    if (job->prev_known) {
        job->prev_known->next_known = job->next_known;
    } else {
        job->pool->known = job->next_known;
    }
    if (job->next_known) {
        job->next_known->prev_known = job->prev_known;
    }
}

/* Takes the handle of a job away, and gives the job, held for the caller; NULL and *error when it
 * has none. */
static esp_pool_job *lose_handle(double handle, int32_t *error)
{
    esp_pool_job *job = (esp_pool_job *)take_out(&jobs, handle, error);
    if (job) {
        os_mutex *lock = esp_team_lock(job->pool->team);
        os_mutex_lock(lock);
        unlink_known(job);
        os_mutex_unlock(lock);
    }
    return job;
}

static void letter_done(esp_letter *letter, bool delivered)
{
    esp_pool_job *job = (esp_pool_job *)(void *)((char *)letter - offsetof(esp_pool_job, letter));
    if (!delivered) { /* the reader has ended, and will not take it */
        int32_t unused;
        esp_pool_job *mine = lose_handle(job->handle, &unused);
        esp_let_go(mine ? &mine->held : NULL);
    }
    esp_let_go(&job->held);
}

/* Under the lock: puts a new job into the queue, which then holds it; its handle, or why not. */
static double enqueue(esp_pool *pool, esp_pool_job *job)
{
    if (pool->closing) {
        return -ESP_CLOSED;
    }
    if (pool->counts.waiting >= pool->options.queue) {
        pool->counts.refused++;
        return -ESP_QUEUE_FULL;
    }
    job->handle = esp_registry_enter(&jobs, &job->held);
    if (job->handle == 0) {
        return -ESP_LIMIT_EXCEEDED;
    }
    job->next_known = pool->known;
    if (pool->known) {
        pool->known->prev_known = job;
    }
    pool->known = job;
    pool->counts.submitted++;
    esp_hold(&job->held);
    esp_team_enqueue(pool->team, job);
    esp_team_submitted(pool->team);
    return job->handle;
}

double esp_pool_submit(double handle, const uint8_t *bytes, uint32_t length, esp_mailbox *mailbox,
                       uint32_t ticket, uint32_t waited_us)
{
    int32_t error;
    esp_pool *pool = find_pool(handle, &error);
    if (!pool) {
        return error;
    }
    uint64_t since = os_clock_ns() - waited_us * UINT64_C(1000);
    os_mutex *lock = esp_team_lock(pool->team);
    os_mutex_lock(lock);
    esp_pool_job *job = esp_job_spare(pool, bytes, length);
    if (!job) { /* who asks the system, or copies much, does so without the lock */
        os_mutex_unlock(lock);
        job = esp_job_create(pool, bytes, length);
        os_mutex_lock(lock);
    }
    double answer = -ESP_LIMIT_EXCEEDED;
    if (job) {
        job->since = since;
        job->letter.done = letter_done;
        job->letter.ticket = ticket;
        job->mailbox = mailbox;
        if (mailbox) {
            esp_mailbox_hold(mailbox);
        }
        answer = enqueue(pool, job);
    }
    os_mutex_unlock(lock);
    esp_let_go(job ? &job->held : NULL);
    esp_let_go(&pool->held);
    return answer;
}

/* Under the lock: a waiting job will never run. The queue's hold passes to the caller, who has to
 * tell of it. */
static void withdraw(esp_pool_job *job)
{
    esp_team_dequeue(job->pool->team, job);
    job->state = ESP_POOL_CANCELLED;
    job->pool->counts.cancelled++;
    if (job->pool->waiters) {
        os_condition_wake_all(&job->pool->changed);
    }
}

static void cancel(esp_pool_job *job)
{
    os_mutex *lock = esp_team_lock(job->pool->team);
    os_mutex_lock(lock);
    bool waited = job->state == ESP_POOL_WAITING;
    if (waited) {
        withdraw(job);
    }
    os_mutex_unlock(lock);
    esp_word_set(&job->cancel, 1);
    if (waited) {
        esp_pool_tell(job);
    }
}

int32_t esp_pool_cancel(double handle)
{
    int32_t error;
    esp_pool_job *job = find_job(handle, &error);
    if (!job) {
        return error;
    }
    cancel(job);
    esp_let_go(&job->held);
    return 0;
}

int32_t esp_pool_hurry(double handle, esp_runner *runner)
{
    int32_t error;
    esp_pool_job *job = find_job(handle, &error);
    if (!job) {
        return error;
    }
    os_mutex *lock = esp_team_lock(job->pool->team);
    os_mutex_lock(lock);
    bool waited = job->state == ESP_POOL_WAITING;
    if (waited) {
        esp_team_start(job);
    }
    os_mutex_unlock(lock);
    if (waited) {
        esp_team_run(runner, job);
        os_mutex_lock(lock);
        esp_team_account(job);
        os_mutex_unlock(lock);
        esp_pool_tell(job);
    }
    esp_let_go(&job->held);
    return waited;
}

int32_t esp_pool_forget(double handle)
{
    int32_t error;
    esp_pool_job *job = lose_handle(handle, &error);
    if (!job) {
        return error;
    }
    cancel(job);
    esp_let_go(&job->held);
    return 0;
}

static bool is_done(const esp_pool_job *job)
{
    return job->state == ESP_POOL_DONE || job->state == ESP_POOL_CANCELLED;
}

/* Under the lock, of a job that is done: takes its handle away when the result, if there is one,
 * fits. The length of the result, or minus the kind of an error. */
static double claim(esp_pool_job *job, uint32_t capacity, bool *mine)
{
    int32_t error;
    bool ran = job->state == ESP_POOL_DONE;
    if (!ran || job->result_length <= capacity) {
        if (!esp_registry_remove(&jobs, job->handle, &error)) {
            return error; /* somebody else was quicker */
        }
        unlink_known(job);
        *mine = true;
    }
    return ran ? (double)job->result_length : -ESP_CANCELLED;
}

double esp_pool_take(double handle, uint8_t *out, uint32_t capacity)
{
    int32_t error;
    esp_pool_job *job = find_job(handle, &error);
    if (!job) {
        return error;
    }
    esp_pool *pool = job->pool;
    esp_mailbox *mailbox = job->mailbox;
    os_mutex *lock = esp_team_lock(pool->team);
    os_mutex_lock(lock);
    bool mine = false;
    double answer = is_done(job) ? claim(job, capacity, &mine) : 0;
    uint32_t length = mine && answer > 0 ? job->result_length : 0;
    bool small = length <= ESP_JOB_SMALL;
    if (length && small) { /* not for long: and the memory can then be kept */
        memcpy(out, job->large ? job->large : esp_pool_bytes(job), length);
    }
    bool kept = mine && small && esp_job_keep(job);
    os_mutex_unlock(lock);
    if (kept) {
        esp_mailbox_let_go(mailbox);
        esp_let_go(&pool->held);
        return answer;
    }
    if (!small) {
        memcpy(out, job->large ? job->large : esp_pool_bytes(job), length);
    }
    esp_let_go(mine ? &job->held : NULL);
    esp_let_go(&job->held);
    return answer;
}

/* Waiting. */

/* Waits under the lock of the pool's team until `ready` says so (1), or the time is over (0). */
static int32_t wait_until(esp_pool *pool, bool (*ready)(const void *), const void *what,
                          uint32_t milliseconds)
{
    uint64_t now = os_clock_ns();
    uint64_t until = now + milliseconds * UINT64_C(1000000);
    os_mutex *lock = esp_team_lock(pool->team);
    os_mutex_lock(lock);
    pool->waiters++;
    while (!ready(what) && now < until) {
        (void)os_condition_wait(&pool->changed, lock, until - now);
        now = os_clock_ns();
    }
    pool->waiters--;
    int32_t answer = ready(what);
    os_mutex_unlock(lock);
    return answer;
}

static bool job_is_done(const void *what)
{
    return is_done(what);
}

int32_t esp_pool_poll(double handle, uint32_t *progress)
{
    int32_t answer;
    esp_pool_job *job = find_job(handle, &answer);
    if (job) {
        if (progress) {
            esp_job_progress(job, progress);
        }
        answer = wait_until(job->pool, job_is_done, job, 0);
        esp_let_go(&job->held);
    }
    return answer;
}

static bool has_room(const void *what)
{
    const esp_pool *pool = what;
    return pool->closing || pool->counts.waiting < pool->options.queue;
}

static bool is_idle(const void *what)
{
    const esp_pool *pool = what;
    return !pool->counts.waiting && !pool->counts.running;
}

int32_t esp_pool_wait(double handle, uint32_t milliseconds)
{
    int32_t answer;
    esp_pool_job *job = find_job(handle, &answer);
    if (job) {
        answer = wait_until(job->pool, job_is_done, job, milliseconds);
        esp_let_go(&job->held);
    }
    return answer;
}

int32_t esp_pool_wait_room(double handle, uint32_t milliseconds)
{
    int32_t answer;
    esp_pool *pool = find_pool(handle, &answer);
    if (pool) {
        answer = wait_until(pool, has_room, pool, milliseconds);
        esp_let_go(&pool->held);
    }
    return answer;
}

int32_t esp_pool_wait_idle(double handle, uint32_t milliseconds)
{
    int32_t answer;
    esp_pool *pool = find_pool(handle, &answer);
    if (pool) {
        answer = wait_until(pool, is_idle, pool, milliseconds);
        esp_let_go(&pool->held);
    }
    return answer;
}

/* Closing. */

/* Under the lock: jobs of a pool that wait will never run; gives the list of them, to be told.
 * Those that run are told to stop. */
static esp_pool_job *cancel_all(esp_pool *pool)
{
    esp_pool_job *withdrawn = NULL;
    while (pool->first) {
        esp_pool_job *job = pool->first;
        withdraw(job);
        job->next = withdrawn;
        withdrawn = job;
    }
    for (esp_pool_job *job = pool->running; job; job = job->next) {
        esp_word_set(&job->cancel, 1);
    }
    return withdrawn;
}

static void close_pool(esp_pool *pool, bool cancel_jobs)
{
    os_mutex *lock = esp_team_lock(pool->team);
    os_mutex_lock(lock);
    pool->closing = true;
    esp_pool_job *withdrawn = cancel_jobs ? cancel_all(pool) : NULL;
    if (pool->waiters) {
        os_condition_wake_all(&pool->changed);
    }
    os_mutex_unlock(lock);
    while (withdrawn) {
        esp_pool_job *job = withdrawn;
        withdrawn = job->next;
        esp_pool_tell(job);
    }
}

int32_t esp_pool_close(double handle, bool cancel_jobs)
{
    int32_t error;
    esp_pool *pool = find_pool(handle, &error);
    if (!pool) {
        return error;
    }
    close_pool(pool, cancel_jobs);
    esp_let_go(&pool->held);
    return 0;
}

/* Takes the handles of all jobs away. */
static void forget_all(esp_pool *pool)
{
    int32_t unused;
    esp_pool_job *forgotten = NULL;
    os_mutex *lock = esp_team_lock(pool->team);
    os_mutex_lock(lock);
    for (esp_pool_job *job = pool->known; job;) {
        esp_pool_job *next = job->next_known;
        if (esp_registry_remove(&jobs, job->handle, &unused)) { /* else: somebody is about to */
            unlink_known(job);
            job->next_known = forgotten;
            forgotten = job;
        }
        job = next;
    }
    os_mutex_unlock(lock);
    while (forgotten) {
        esp_pool_job *job = forgotten;
        forgotten = job->next_known;
        esp_let_go(&job->held);
    }
}

int32_t esp_pool_release(double handle)
{
    int32_t error;
    esp_pool *pool = (esp_pool *)take_out(&pools, handle, &error);
    if (!pool) {
        return error;
    }
    close_pool(pool, true);
    forget_all(pool);
    esp_let_go(&pool->held);
    return 0;
}

/* Statistics. */

int32_t esp_pool_count(double handle, esp_pool_counts *counts)
{
    int32_t error;
    esp_pool *pool = find_pool(handle, &error);
    if (!pool) {
        return error;
    }
    os_mutex *lock = esp_team_lock(pool->team);
    os_mutex_lock(lock);
    *counts = pool->counts;
    os_mutex_unlock(lock);
    esp_let_go(&pool->held);
    return 0;
}

static uint32_t put_histogram(const esp_histogram *h, double *out)
{
    out[0] = (double)h->total_ns;
    for (uint32_t i = 0; i < ESP_POOL_BUCKETS; i++) {
        out[1 + i] = h->counts[i];
    }
    return 1 + ESP_POOL_BUCKETS;
}

int32_t esp_pool_statistics(double handle, double *out, uint32_t most)
{
    int32_t error;
    esp_pool *pool = find_pool(handle, &error);
    if (!pool) {
        return error;
    }
    double all[ESP_POOL_NUMBERS_MOST];
    os_mutex *lock = esp_team_lock(pool->team);
    os_mutex_lock(lock);
    const esp_pool_counts *c = &pool->counts;
    const double counts[] = {
        (double)c->submitted, (double)c->completed, (double)c->failed,
        (double)c->cancelled, (double)c->refused,   (double)c->waiting,
        (double)c->running,   pool->options.queue,  pool->options.threads,
    };
    memcpy(all, counts, sizeof counts);
    uint32_t n = sizeof counts / sizeof counts[0];
    n += put_histogram(&pool->waited, all + n);
    n += put_histogram(&pool->ran, all + n);
    n += 2 * esp_team_threads(pool->team, all + n, ESP_POOL_NUMBERS_MOST - n);
    os_mutex_unlock(lock);
    esp_let_go(&pool->held);
    if (most) {
        memcpy(out, all, (n < most ? n : most) * sizeof *out);
    }
    return (int32_t)n;
}
