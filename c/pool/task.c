/* Tasks and their registry.
 *
 *      slots   | generation, task ─┼──► task: the job's bytes, a runner, progress
 *              | generation, –     |      ▲
 *              | …                 |      └── its thread
 *
 * A task is held by its slot until it is closed or taken, by its thread until it is done, and by
 * callers that are inside a function; who lets go last frees it. So closing a running task only
 * tells it to stop: its thread frees it. Threads are detached: nobody ever waits for one, and a
 * process that exits takes them with it.
 *
 * The registry is process-wide state. One lock guards the slots, `holders` and `ready` of every
 * task; it is never held while a job runs, a result is copied or memory is asked for. One condition
 * is signalled when any task becomes ready or is closed. The progress words need no lock: each is
 * an atomic word of its own.
 */
#include "pool/task.h"

#include "platform/os.h"

enum { STACK = 256 * 1024 };

typedef struct task {
    esp_runner runner;     /* its thread's while it runs, then the taker's */
    esp_progress progress; /* written by the core; `cancel` by callers */
    os_thread thread;
    uint32_t holders; /* guarded */
    bool ready;       /* guarded */
    uint32_t length;  /* of the job, which follows this struct */
} task;

typedef struct slot {
    task *task;          /* NULL: free */
    uint32_t generation; /* of the task in it, or of the last one; 0 = it never had one */
} slot;

static os_once ready_once;
static bool usable; /* written under ready_once */
static os_mutex lock;
static os_condition changed;
static slot slots[ESP_TASKS_MOST];

static void make_ready(void)
{
    os_pin_library(&ready_once); /* threads of ours must never lose their code */
    usable = os_mutex_init(&lock) == 0 && os_condition_init(&changed) == 0;
}

/* Under the lock: the caller lets go of a task; true when it must free it after unlocking. */
static bool let_go(task *t)
{
    return --t->holders == 0;
}

static void destroy(task *t)
{
    esp_runner_free(&t->runner);
    esp_system_free(t);
}

static void thread_main(void *argument)
{
    task *t = argument;
    (void)esp_run_job(&t->runner, (const uint8_t *)(t + 1), t->length, NULL, 0);
    os_mutex_lock(&lock);
    t->ready = true;
    bool last = let_go(t);
    os_condition_wake_all(&changed);
    os_mutex_unlock(&lock);
    if (last) {
        destroy(t);
    }
}

/* Under the lock: the slot of a handle; NULL and *error where it has none. */
static slot *find(double handle, int32_t *error)
{
    *error = -ESP_INVALID_INPUT;
    if (!(handle >= 1 && handle < 9007199254740992.0)) {
        return NULL; /* also when it is not a number */
    }
    uint64_t number = (uint64_t)handle;
    slot *s = &slots[number % ESP_TASKS_MOST];
    uint64_t generation = number / ESP_TASKS_MOST;
    if ((double)number != handle || generation == 0 || generation > s->generation) {
        return NULL;
    }
    *error = -ESP_CLOSED;
    return s->task && generation == s->generation ? s : NULL;
}

/* Under the lock: gives the task a slot, and the handle of it; 0 when all are taken. */
static double enter(task *t)
{
    for (uint32_t i = 0; i < ESP_TASKS_MOST; i++) {
        slot *s = &slots[i];
        if (!s->task && s->generation < UINT32_MAX) {
            s->task = t;
            s->generation++;
            return (double)((uint64_t)s->generation * ESP_TASKS_MOST + i);
        }
    }
    return 0;
}

static task *create(const uint8_t *job, uint32_t length)
{
    uint64_t size = (uint64_t)sizeof(task) + length;
    task *t = size <= SIZE_MAX ? esp_system_alloc((size_t)size) : NULL;
    if (!t) {
        return NULL;
    }
    esp_runner_init(&t->runner, os_clock_ns);
    memset(&t->progress, 0, sizeof t->progress);
    t->runner.progress = &t->progress;
    t->holders = 2; /* its slot, and the one who starts it */
    t->ready = false;
    t->length = length;
    if (length) {
        memcpy(t + 1, job, length);
    }
    return t;
}

double esp_task_start(const uint8_t *job, uint32_t length)
{
    os_run_once(&ready_once, make_ready);
    if (!usable) {
        return -ESP_UNAVAILABLE;
    }
    task *t = create(job, length);
    if (!t) {
        return -ESP_LIMIT_EXCEEDED;
    }
    os_mutex_lock(&lock);
    double handle = enter(t);
    t->holders += handle != 0; /* its thread */
    os_mutex_unlock(&lock);
    if (handle == 0) {
        destroy(t);
        return -ESP_QUEUE_FULL;
    }
    int error = os_thread_start(&t->thread, thread_main, t, STACK);
    if (!error) {
        os_thread_detach(&t->thread);
    }
    int32_t unused;
    os_mutex_lock(&lock);
    if (error) {
        slot *s = find(handle, &unused);
        if (s) {
            s->task =
                NULL; /* nobody knows the handle yet, but somebody may have guessed and closed it */
            (void)let_go(t);
        }
        (void)let_go(t);
    }
    bool last = let_go(t);
    os_mutex_unlock(&lock);
    if (last) {
        destroy(t);
    }
    return error ? (error == OS_UNSUPPORTED ? -ESP_UNSUPPORTED : -ESP_UNAVAILABLE) : handle;
}

/* The task of a handle, held for the caller; NULL and *error where there is none. */
static task *hold(double handle, bool *ready, int32_t *error)
{
    os_run_once(&ready_once, make_ready);
    *error = -ESP_UNAVAILABLE;
    if (!usable) {
        return NULL;
    }
    os_mutex_lock(&lock);
    slot *s = find(handle, error);
    task *t = s ? s->task : NULL;
    if (t) {
        t->holders++;
        *ready = t->ready;
    }
    os_mutex_unlock(&lock);
    return t;
}

static void drop(task *t)
{
    os_mutex_lock(&lock);
    bool last = let_go(t);
    os_mutex_unlock(&lock);
    if (last) {
        destroy(t);
    }
}

int32_t esp_task_poll(double handle, uint32_t *progress)
{
    int32_t error;
    bool ready;
    task *t = hold(handle, &ready, &error);
    if (!t) {
        return error;
    }
    const esp_progress *p = &t->progress;
    const uint32_t now[16] = {esp_word_get(&p->step),     esp_word_get(&p->cubes),
                              esp_word_get(&p->bound),    esp_word_get(&p->round),
                              esp_word_get(&p->work_low), esp_word_get(&p->work_high)};
    memcpy(progress, now, sizeof now);
    drop(t);
    return ready;
}

int32_t esp_task_cancel(double handle)
{
    int32_t error;
    bool ready;
    task *t = hold(handle, &ready, &error);
    if (!t) {
        return error;
    }
    esp_word_set(&t->progress.cancel, 1);
    drop(t);
    return 0;
}

int32_t esp_task_wait(double handle, uint32_t milliseconds)
{
    int32_t error;
    bool ready;
    task *t = hold(handle, &ready, &error);
    if (!t) {
        return error;
    }
    uint64_t until = os_clock_ns() + (uint64_t)milliseconds * 1000000;
    int32_t answer = 0;
    os_mutex_lock(&lock);
    for (;;) {
        slot *s = find(handle, &error);
        uint64_t now = os_clock_ns();
        if (!s || t->ready || now >= until) {
            answer = s ? t->ready : error; /* it may have been closed while we waited */
            break;
        }
        (void)os_condition_wait(&changed, &lock, until - now);
    }
    os_mutex_unlock(&lock);
    drop(t);
    return answer;
}

/* Empties the slot of a handle; the slot's hold passes to the caller. Only when `if_fits` allows: a
 * task that is ready and whose result has at most that many bytes. NULL and *error, or *error = 0
 * and *length, otherwise. */
static task *detach(double handle, const uint32_t *if_fits, uint32_t *length, int32_t *error)
{
    os_run_once(&ready_once, make_ready);
    *error = -ESP_UNAVAILABLE;
    if (!usable) {
        return NULL;
    }
    os_mutex_lock(&lock);
    slot *s = find(handle, error);
    task *t = s ? s->task : NULL;
    if (t && if_fits) {
        *error = 0;
        *length = t->ready ? t->runner.result_length : 0;
        t = *length && *length <= *if_fits ? t : NULL;
    }
    if (t) {
        s->task = NULL;
        os_condition_wake_all(&changed);
    }
    os_mutex_unlock(&lock);
    return t;
}

double esp_task_take(double handle, uint8_t *out, uint32_t capacity)
{
    int32_t error;
    uint32_t length = 0;
    task *t = detach(handle, &capacity, &length, &error);
    if (!t) {
        return error ? error : (double)length;
    }
    (void)esp_take_result(&t->runner, out, capacity);
    drop(t);
    return length;
}

int32_t esp_task_close(double handle)
{
    int32_t error;
    task *t = detach(handle, NULL, NULL, &error);
    if (!t) {
        return error;
    }
    esp_word_set(&t->progress.cancel, 1);
    drop(t);
    return 0;
}
