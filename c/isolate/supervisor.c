/* The supervisor: one thread for the whole process, which starts every worker, hears when one
 * rings, ends or must be ended, and sleeps otherwise.
 *
 * It is permanent, because a worker is killed when the thread that started it ends; and native,
 * because no runtime promises that of its own threads. It waits without a time-out unless a
 * deadline is near: an engine that has nothing to do costs no wake-up.
 *
 * Process-wide state, all of it here: the list of crews (one lock, held for a few instructions),
 * the event that wakes the thread, the poll set, the program's handle, where control groups can be
 * made. They live until the process ends.
 */
#include "base/arena.h"
#include "isolate/image.h"
#include "isolate/seat.h"
#include "platform/os.h"

enum { STACK = 256 * 1024, EVENTS = 32, DYING_MOST = 64 };

static os_once once;
static int ready_error = OS_FAILED; /* written under once */
static os_mutex lock;
static iso_crew *crews;   /* guarded */
static uint64_t wakes_at; /* guarded: when the thread looks again by itself */
static int32_t event;
static int32_t poll_set;
static int32_t program;
static uint64_t epochs;               /* the thread's */
static ipc_process dying[DYING_MOST]; /* the thread's; id 0: free */
static ipc_group_place groups;        /* the thread's */
static bool groups_sought;            /* … and they were */
static os_thread thread;

/* A tag is an address; the lowest two bits tell what of. */
enum { TAG_CONTROL = 0, TAG_PROCESS = 1, TAG_SENTINEL = 2, TAG_DYING = 3, TAG_MASK = 3 };

static void bury(ipc_process *p)
{
    int32_t unused;
    iso_supervisor_unwatch(p->handle);
    ipc_process_reap(p, &unused, &unused);
}

static void note(uint64_t tag)
{
    void *address = (void *)(uintptr_t)(tag & ~(uint64_t)TAG_MASK);
    iso_seat *seat = address;
    if (!seat) {
        ipc_event_clear(event);
        return;
    }
    if ((tag & TAG_MASK) == TAG_DYING) {
        bury(address);
        return;
    }
    os_mutex_lock(&seat->crew->lock);
    if ((tag & TAG_MASK) == TAG_PROCESS) {
        seat->ended = true;
    } else if ((tag & TAG_MASK) == TAG_SENTINEL) {
        seat->ending = true;
        if (seat->state == SEAT_ASYNC) {
            esp_mailbox_rouse(seat->job->mailbox); /* while it wakes up, the letter is written */
        }
    } else {
        seat->rung = true;
    }
    os_mutex_unlock(&seat->crew->lock);
}

static iso_crew *first_crew(void)
{
    os_mutex_lock(&lock);
    iso_crew *c = crews;
    os_mutex_unlock(&lock);
    return c;
}

static iso_crew *crew_after(iso_crew *c)
{
    os_mutex_lock(&lock);
    iso_crew *next = c->next;
    os_mutex_unlock(&lock);
    return next;
}

static void forget(iso_crew *c)
{
    os_mutex_lock(&lock);
    iso_crew **at = &crews;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    os_mutex_unlock(&lock);
    esp_let_go(&c->held);
}

static void set_wake(uint64_t at)
{
    os_mutex_lock(&lock);
    wakes_at = at;
    os_mutex_unlock(&lock);
}

static uint64_t tend_all(void)
{
    set_wake(UINT64_MAX); /* who notes a time from now on must poke: this look may miss it */
    uint64_t next = UINT64_MAX;
    uint64_t now = os_clock_ns();
    for (iso_crew *c = first_crew(); c;) {
        bool over = false;
        uint64_t at = iso_crew_tend(c, now, &over);
        next = at < next ? at : next;
        iso_crew *after = crew_after(c);
        if (over) {
            forget(c);
        }
        c = after;
    }
    set_wake(next);
    return next;
}

static void run(void *unused)
{
    (void)unused;
    os_thread_name("ristretto-watch");
    for (;;) {
        uint64_t next = tend_all();
        uint64_t now = os_clock_ns();
        uint64_t tags[EVENTS];
        uint64_t time = next == UINT64_MAX ? next : next > now ? next - now : 0;
        uint32_t n = ipc_poll_wait(poll_set, tags, EVENTS, time);
        for (uint32_t i = 0; i < n; i++) {
            note(tags[i]);
        }
    }
}

static void make_ready(void)
{
    if (iso_image_size == 0) {
        ready_error = OS_UNSUPPORTED;
        return;
    }
    os_pin_library(&once);
    int error = os_mutex_init(&lock);
    if (!error) {
        error = ipc_event_create(&event);
    }
    if (!error) {
        error = ipc_poll_create(&poll_set);
    }
    if (!error) {
        error = ipc_poll_add(poll_set, event, 0);
    }
    if (!error) {
        error = ipc_program_create(iso_image, iso_image_size, &program);
    }
    if (!error) {
        error = os_thread_start(&thread, run, NULL, STACK);
    }
    if (!error) {
        os_thread_detach(&thread);
    }
    ready_error = error;
}

int iso_supervisor_ready(void)
{
    os_run_once(&once, make_ready);
    return ready_error;
}

void iso_supervisor_adopt(iso_crew *c)
{
    esp_hold(&c->held);
    os_mutex_lock(&lock);
    c->next = crews;
    crews = c;
    os_mutex_unlock(&lock);
    iso_supervisor_poke();
}

void iso_supervisor_poke(void)
{
    ipc_event_set(event);
}

void iso_supervisor_expect(uint64_t at)
{
    os_mutex_lock(&lock);
    bool early = at < wakes_at;
    os_mutex_unlock(&lock);
    if (early) {
        iso_supervisor_poke();
    }
}

int32_t iso_supervisor_program(void)
{
    return program;
}

const ipc_group_place *iso_supervisor_groups(void)
{
    if (!groups_sought) {
        ipc_groups_find(&groups, "");
        groups_sought = true;
    }
    return &groups;
}

uint64_t iso_supervisor_epoch(void)
{
    return ++epochs;
}

int iso_supervisor_watch(iso_seat *seat)
{
    uint64_t tag = (uint64_t)(uintptr_t)seat;
    int error = ipc_poll_add(poll_set, seat->worker.control, tag);
    return error ? error : ipc_poll_add(poll_set, seat->worker.process.handle, tag | TAG_PROCESS);
}

void iso_supervisor_watch_sentinel(iso_seat *seat)
{
    uint64_t tag = (uint64_t)(uintptr_t)seat | TAG_SENTINEL;
    const iso_worker *w = &seat->worker;
    if (ipc_sentinel_open(&seat->sentinel, &w->process, w->watcher) == 0 &&
        ipc_poll_add(poll_set, seat->sentinel, tag)) {
        ipc_close(seat->sentinel);
        seat->sentinel = -1;
    }
}

bool iso_supervisor_reap_later(ipc_process *p)
{
    for (uint32_t i = 0; i < DYING_MOST; i++) {
        ipc_process *d = &dying[i];
        if (d->id == 0) {
            iso_supervisor_unwatch(p->handle);
            *d = *p;
            *p = (ipc_process){.handle = -1};
            if (ipc_poll_add(poll_set, d->handle, (uint64_t)(uintptr_t)d | TAG_DYING)) {
                bury(d); /* it ends now, so that is not waited for long */
            }
            return true;
        }
    }
    return false;
}

void iso_supervisor_unwatch(int32_t handle)
{
    ipc_poll_remove(poll_set, handle);
}
