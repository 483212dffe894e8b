/* The threads of a team, and fair choice between its pools.
 *
 * Choice. Stride scheduling (Waldspurger and Weihl, Stride scheduling, 1995): a pool has a `pass`,
 * the time that threads spent on it over its weight; the one with the least goes next. The time of
 * a run is known only afterwards, so a run is charged at once with what runs of its pool usually
 * take, and corrected at its end. A pool that was idle starts where the others are: it cannot save
 * up. Cost: linear in the pools that have waiting jobs.
 *
 * Waking. A thread without work spins for a short time, then parks, on a condition of its own; the
 * last one to park is the first to be woken, as its cache is warm. At most one thread spins, and
 * none where the submitter was seen on the same processor, whose time it would take; how long
 * follows how often that helped. While one spins, a submit wakes nobody: the spinner takes the job,
 * and whoever takes a job while more are waiting wakes the next thread. So no job waits while a
 * thread is parked, and a parked thread waits without a time-out: an idle team does nothing.
 *
 * Invariants, under the lock: a pool is in the list of busy ones exactly when it has a waiting job;
 * `queued` is the sum of waiting jobs; a thread is parked, or looks at the queues again before it
 * parks. The lock is never held while a job runs or a letter is posted.
 *
 * Life. Teams are in a list, whose lock comes before a team's. A team ends with its last pool: it
 * leaves the list, its threads end when they are done, and the last one frees it. Nobody waits for
 * a thread.
 */
#include "pool/team.h"

#include <string.h> /* memcpy, memset, strcmp, strlen */

#include "base/arena.h" /* esp_system_alloc */

#define FOREVER (UINT64_C(1) << 60) /* nanoseconds: 36 years */
#define PASS_SCALE UINT64_C(1024)
enum { SPIN_MOST_NS = 20000, SPIN_LEAST_NS = 500, SPIN_TRY_EVERY = 64 };

typedef struct worker {
    esp_runner runner;
    esp_team *team;
    os_thread thread;
    os_condition wake;
    struct worker *next_parked; /* guarded, like all below */
    bool parked;
    uint32_t number;
    uint64_t jobs;
    uint64_t busy_ns;
} worker;

struct esp_team {
    os_mutex lock;
    esp_team *next;  /* guarded by the lock of the list, as are `pools` and the key */
    uint32_t pools;  /* that use it */
    uint32_t stack;  /* bytes */
    uint32_t wanted; /* threads: the most that a pool asks for; 0 = it ends */
    char name[ESP_POOL_NAME_MOST + 1];

    worker *workers[ESP_POOL_THREADS_MOST];
    uint32_t started; /* threads that there are */
    bool refused;     /* the system refused one: do not ask again */
    worker *parked;
    uint32_t spinning;
    uint32_t spin_ns;
    uint32_t parks;     /* since spinning was given up */
    uint32_t submitter; /* processor of the last one who submitted */
    esp_pool *busy;
    uint64_t pass; /* of the pool that went last */
    atomic_uint queued;
};

static os_once teams_once;
static os_mutex teams_lock;
static bool teams_usable; /* written under teams_once */
static esp_team *teams;

static void make_teams(void)
{
    os_pin_library(&teams_once); /* threads of ours must never lose their code */
    teams_usable = os_mutex_init(&teams_lock) == 0;
}

os_mutex *esp_team_lock(esp_team *team)
{
    return &team->lock;
}

/* The queues. */

static void make_busy(esp_team *team, esp_pool *pool)
{
    pool->prev_busy = NULL;
    pool->next_busy = team->busy;
    if (team->busy) {
        team->busy->prev_busy = pool;
    }
    team->busy = pool;
    if (!pool->counts.running && pool->pass < team->pass) {
        pool->pass = team->pass;
    }
}

static void make_idle(esp_team *team, esp_pool *pool)
{
    if (pool->prev_busy) {
        pool->prev_busy->next_busy = pool->next_busy;
    } else {
        team->busy = pool->next_busy;
    }
    if (pool->next_busy) {
        pool->next_busy->prev_busy = pool->prev_busy;
    }
}

void esp_team_enqueue(esp_team *team, esp_pool_job *job)
{
    esp_pool *pool = job->pool;
    job->next = NULL;
    job->prev = pool->last;
    if (pool->last) {
        pool->last->next = job;
    } else {
        pool->first = job;
        make_busy(team, pool);
    }
    pool->last = job;
    pool->counts.waiting++;
    atomic_fetch_add_explicit(&team->queued, 1, memory_order_relaxed);
}

void esp_team_dequeue(esp_team *team, esp_pool_job *job)
{
    esp_pool *pool = job->pool;
    if (job->prev) {
        job->prev->next = job->next;
    } else {
        pool->first = job->next;
    }
    if (job->next) {
        job->next->prev = job->prev;
    } else {
        pool->last = job->prev;
    }
    if (!pool->first) {
        make_idle(team, pool);
    }
    pool->counts.waiting--;
    atomic_fetch_sub_explicit(&team->queued, 1, memory_order_relaxed);
    if (pool->waiters) {
        os_condition_wake_all(&pool->changed); /* there is room */
    }
}

/* The pool whose turn it is; NULL: no job may run now. */
static esp_pool *choose(const esp_team *team)
{
    esp_pool *best = NULL;
    for (esp_pool *pool = team->busy; pool; pool = pool->next_busy) {
        bool may = pool->counts.running < pool->options.threads;
        if (may && (!best || pool->pass < best->pass)) {
            best = pool;
        }
    }
    return best;
}

static uint64_t charge_of(const esp_pool *pool, uint64_t ns)
{
    return ns * PASS_SCALE / pool->options.weight;
}

void esp_team_start(esp_pool_job *job)
{
    esp_pool *pool = job->pool;
    esp_team_dequeue(pool->team, job);
    job->state = ESP_POOL_RUNNING;
    job->prev = NULL;
    job->next = pool->running;
    if (pool->running) {
        pool->running->prev = job;
    }
    pool->running = job;
    pool->counts.running++;
    job->charged = charge_of(pool, pool->usual_ns);
    pool->pass += job->charged;
}

/* Under the lock: the next job, running from now on; NULL when there is none. */
static esp_pool_job *take_job(esp_team *team)
{
    esp_pool *pool = choose(team);
    if (!pool) {
        return NULL;
    }
    esp_pool_job *job = pool->first;
    team->pass = pool->pass;
    esp_team_start(job);
    return job;
}

/* Threads. */

static worker *pop_parked(esp_team *team)
{
    worker *w = team->parked;
    if (w) {
        team->parked = w->next_parked;
        w->parked = false;
    }
    return w;
}

static void thread_main(void *argument);

/* Under the lock, so that the thread cannot end before it is detached: makes a thread. 0 or the
 * error of the system. */
static int start_thread(esp_team *team)
{
    worker *w = esp_system_alloc(sizeof *w);
    if (!w) {
        return OS_FAILED;
    }
    int error = os_condition_init(&w->wake);
    if (!error) {
        esp_runner_init(&w->runner, os_clock_ns);
        w->team = team;
        w->next_parked = NULL;
        w->parked = false;
        w->jobs = w->busy_ns = 0;
        w->number = team->started;
        error = os_thread_start(&w->thread, thread_main, w, team->stack);
        if (error) {
            os_condition_destroy(&w->wake);
        }
    }
    if (error) {
        esp_system_free(w);
        return error;
    }
    os_thread_detach(&w->thread);
    team->workers[team->started++] = w;
    return 0;
}

/* Under the lock: has one more thread look at the queues, unless one does already. */
static void wake(esp_team *team)
{
    if (team->spinning) {
        return;
    }
    worker *w = pop_parked(team);
    if (w) {
        os_condition_wake_one(&w->wake);
    } else if (team->started < team->wanted && !team->refused) {
        team->refused = start_thread(team) != 0; /* then the threads there are do all */
    }
}

void esp_team_submitted(esp_team *team)
{
    team->submitter = os_processor();
    wake(team);
}

/* Not under the lock: spins until a job is queued or it is not worth it any longer. */
static bool spin(esp_team *team, uint32_t ns)
{
    uint64_t until = os_clock_ns() + ns;
    do {
        for (uint32_t i = 0; i < 16; i++) {
            if (atomic_load_explicit(&team->queued, memory_order_relaxed)) {
                return true;
            }
            os_pause();
        }
    } while (os_clock_ns() < until);
    return false;
}

/* Under the lock, with nothing to do: a short spin where it may help; true: look again. */
static bool spin_for_job(esp_team *team)
{
    if (atomic_load_explicit(&team->queued, memory_order_relaxed)) {
        return false; /* of pools that run as many jobs as they may: whose ends, takes the next */
    }
    bool try_again = team->spin_ns < SPIN_LEAST_NS && ++team->parks % SPIN_TRY_EVERY == 0;
    uint32_t ns = try_again ? SPIN_MOST_NS : team->spin_ns;
    if (ns < SPIN_LEAST_NS || team->spinning || team->submitter == UINT32_MAX ||
        team->submitter == os_processor()) {
        return false;
    }
    team->spinning = 1;
    os_mutex_unlock(&team->lock);
    bool came = spin(team, ns);
    os_mutex_lock(&team->lock);
    team->spinning = 0;
    team->spin_ns = came ? SPIN_MOST_NS : ns / 2;
    /* Who submitted meanwhile woke nobody, because of us: look again, also when we gave up. */
    return atomic_load_explicit(&team->queued, memory_order_relaxed) != 0;
}

static void record(esp_histogram *h, uint64_t ns)
{
    uint32_t bits = ns ? 63 - (uint32_t)__builtin_clzll(ns) : 0;
    uint32_t bucket = bits < 8 ? 0 : bits - 8;
    h->counts[bucket < ESP_POOL_BUCKETS ? bucket : ESP_POOL_BUCKETS - 1]++;
    h->total_ns += ns;
}

/* What the header of a result says. */
static uint32_t status_of(esp_pool_job *job)
{
    const uint8_t *result = job->large ? job->large : esp_pool_bytes(job);
    uint32_t status;
    memcpy(&status, result + RST_HEADER_STATUS, sizeof status);
    return status;
}

void esp_team_account(esp_pool_job *job)
{
    esp_pool *pool = job->pool;
    uint64_t ns = job->end - job->start;
    uint32_t status = status_of(job);
    job->state = ESP_POOL_DONE;
    if (job->prev) {
        job->prev->next = job->next;
    } else {
        pool->running = job->next;
    }
    if (job->next) {
        job->next->prev = job->prev;
    }
    pool->counts.running--;
    if (status == ESP_OK) {
        pool->counts.completed++;
    } else if (status == ESP_CANCELLED) {
        pool->counts.cancelled++;
    } else {
        pool->counts.failed++;
    }
    pool->pass += charge_of(pool, ns) - job->charged;
    pool->usual_ns = (7 * pool->usual_ns + ns) / 8;
    if (pool->options.statistics) {
        record(&pool->waited, job->start > job->since ? job->start - job->since : 0);
        record(&pool->ran, ns);
    }
    if (pool->waiters) {
        os_condition_wake_all(&pool->changed);
    }
}

void esp_team_run(esp_runner *r, esp_pool_job *job)
{
    uint8_t *bytes = esp_pool_bytes(job);
    job->start = os_clock_ns();
    r->cancel = &job->cancel;
    r->progress = &job->progress;
    r->since = job->since;
    job->result_length = esp_run_job(r, bytes, job->length, bytes, job->capacity);
    if (job->result_length > job->capacity) {
        job->large = esp_detach_result(r);
    }
    r->progress = NULL;
    r->cancel = NULL; /* the runner may be that of a thread, which has jobs of its own */
    r->since = 0;
    job->end = os_clock_ns();
}

void esp_pool_tell(esp_pool_job *job)
{
    esp_mailbox *mailbox = job->mailbox;
    if (!mailbox) {
        esp_let_go(&job->held);
        return;
    }
    /* The hold passes to the letter; the job may be gone, and let go of it, before this returns. */
    esp_mailbox_hold(mailbox);
    job->letter.value = job->result_length;
    esp_mailbox_post(mailbox, &job->letter);
    esp_mailbox_let_go(mailbox);
}

/* Under the lock: parks until somebody wakes it. */
static void park(worker *w)
{
    esp_team *team = w->team;
    w->parked = true;
    w->next_parked = team->parked;
    team->parked = w;
    while (w->parked) {
        (void)os_condition_wait(&w->wake, &team->lock, FOREVER);
    }
}

static void free_team(esp_team *team)
{
    os_mutex_destroy(&team->lock);
    esp_system_free(team);
}

/* Under the lock, which it releases: the thread is one too many. */
static void end_thread(worker *w)
{
    esp_team *team = w->team;
    team->workers[w->number] = team->workers[--team->started];
    team->workers[w->number]->number = w->number;
    bool last = !team->wanted && !team->started;
    os_mutex_unlock(&team->lock);
    esp_runner_free(&w->runner);
    os_condition_destroy(&w->wake);
    esp_system_free(w);
    if (last) {
        free_team(team);
    }
}

/* Under the lock, as numbers change when threads end. */
static void name_thread(const worker *w)
{
    char name[ESP_POOL_NAME_MOST + 5];
    size_t length = strlen(w->team->name);
    memcpy(name, w->team->name, length);
    uint32_t number = w->number + 1;
    name[length++] = '-';
    for (uint32_t unit = number >= 100 ? 100 : number >= 10 ? 10 : 1; unit; unit /= 10) {
        name[length++] = (char)('0' + number / unit % 10);
    }
    name[length] = 0;
    os_thread_name(name);
}

/* Under the lock: the next job; when there are more, another thread is woken, which does likewise.
 */
static esp_pool_job *next_job(worker *w)
{
    esp_team *team = w->team;
    esp_pool_job *job = w->number < team->wanted ? take_job(team) : NULL;
    if (job && choose(team)) {
        wake(team);
    }
    return job;
}

/* Under the lock, also at the end: runs jobs until there are none. */
static void run_jobs(worker *w, esp_pool_job *job)
{
    esp_team *team = w->team;
    os_mutex_unlock(&team->lock);
    while (job) {
        esp_team_run(&w->runner, job);
        os_mutex_lock(&team->lock);
        esp_team_account(job);
        w->jobs++;
        w->busy_ns += job->end - job->start;
        esp_pool_job *next = next_job(w);
        os_mutex_unlock(&team->lock);
        esp_pool_tell(job);
        job = next;
    }
    os_mutex_lock(&team->lock);
}

static void thread_main(void *argument)
{
    worker *w = argument;
    esp_team *team = w->team;
    os_mutex_lock(&team->lock);
    name_thread(w);
    while (w->number < team->wanted) {
        esp_pool_job *job = next_job(w);
        if (job) {
            run_jobs(w, job);
        } else if (!spin_for_job(team)) {
            park(w);
        }
    }
    end_thread(w);
}

/* Coming and going of pools. */

static esp_team *create(const esp_pool_options *options)
{
    esp_team *team = esp_system_alloc(sizeof *team);
    if (!team) {
        return NULL;
    }
    memset(team, 0, sizeof *team);
    if (os_mutex_init(&team->lock)) {
        esp_system_free(team);
        return NULL;
    }
    atomic_init(&team->queued, 0);
    team->stack = options->stack_kib * 1024;
    memcpy(team->name, options->name, sizeof team->name);
    team->submitter = UINT32_MAX;
    team->spin_ns = os_processors() > 1 ? SPIN_MOST_NS : 0;
    return team;
}

/* Under the lock of the list. */
static esp_team *find_or_create(const esp_pool_options *options)
{
    for (esp_team *team = teams; team; team = team->next) {
        if (team->stack == options->stack_kib * 1024 && !strcmp(team->name, options->name)) {
            return team;
        }
    }
    esp_team *team = create(options);
    if (team) {
        team->next = teams;
        teams = team;
    }
    return team;
}

esp_team *esp_team_join(const esp_pool_options *options, int32_t *error)
{
    os_run_once(&teams_once, make_teams);
    *error = -ESP_UNAVAILABLE;
    if (!teams_usable) {
        return NULL;
    }
    *error = -ESP_LIMIT_EXCEEDED;
    os_mutex_lock(&teams_lock);
    esp_team *team = find_or_create(options);
    int failed = 0;
    if (team) {
        team->pools++;
        os_mutex_lock(&team->lock);
        team->wanted = esp_max_u32(team->wanted, options->threads);
        team->refused = false;
        failed = team->started ? 0 : start_thread(team);
        os_mutex_unlock(&team->lock);
    }
    os_mutex_unlock(&teams_lock);
    if (failed) {
        esp_team_leave(team);
        *error = failed == OS_UNSUPPORTED ? -ESP_UNSUPPORTED : -ESP_UNAVAILABLE;
        return NULL;
    }
    return team;
}

/* Under the lock of the list. */
static void unlink_team(const esp_team *team)
{
    esp_team **at = &teams;
    while (*at != team) {
        at = &(*at)->next;
    }
    *at = team->next;
}

void esp_team_leave(esp_team *team)
{
    os_mutex_lock(&teams_lock);
    bool last = --team->pools == 0;
    if (last) {
        unlink_team(team);
    }
    os_mutex_lock(&team->lock);
    if (last) {
        team->wanted = 0;
        for (worker *w = pop_parked(team); w; w = pop_parked(team)) {
            os_condition_wake_one(&w->wake);
        }
    }
    bool empty = last && !team->started;
    os_mutex_unlock(&team->lock);
    os_mutex_unlock(&teams_lock);
    if (empty) {
        free_team(team);
    }
}

uint32_t esp_team_threads(const esp_team *team, double *out, uint32_t most)
{
    for (uint32_t i = 0; i < team->started && 2 * i + 1 < most; i++) {
        out[2 * i] = (double)team->workers[i]->jobs;
        out[2 * i + 1] = (double)team->workers[i]->busy_ns;
    }
    return team->started;
}
