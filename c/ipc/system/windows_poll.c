/* Poll sets on Windows: any number of handles, each watched by the system's thread pool.
 *
 *      watch ──► armed ──(a thread of the pool sees that it is ready)──► fired ──► told ──► watch
 *
 * A wait for many objects takes at most 64, and there are two for each worker. The pool waits with
 * as many threads as that takes; what they do is set a word and wake the poll set's owner. A watch
 * that was told of is armed again by the next wait, so that what is still ready is told of again.
 * Once a watch is removed, no thread of the pool knows it any more: nothing is told of too late.
 *
 * One thread waits at a poll set; others may add and remove.
 */
#include "ipc/system/windows.h"

#include "platform/os.h"

typedef struct watch {
    struct watch *next;
    struct win_poll *poll;
    int32_t number;
    uint64_t tag;
    HANDLE on;
    HANDLE wait; /* NULL: not armed */
    _Atomic uint32_t fired;
} watch;

typedef struct win_poll {
    SRWLOCK lock;
    HANDLE event; /* something fired */
    watch *watches;
} win_poll;

int ipc_poll_create(int32_t *poll)
{
    win_object *o;
    *poll = win_enter(WIN_POLL, &o);
    if (*poll < 0) {
        return OS_FAILED;
    }
    o->poll = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *o->poll);
    HANDLE event = o->poll ? CreateEventW(NULL, FALSE, FALSE, NULL) : NULL;
    if (!event) {
        ipc_close(*poll);
        *poll = -1;
        return OS_FAILED;
    }
    InitializeSRWLock(&o->poll->lock);
    o->poll->event = event;
    return 0;
}

static VOID CALLBACK fire(PVOID argument, BOOLEAN timed_out)
{
    watch *w = argument;
    (void)timed_out;
    HANDLE event = w->poll->event;
    atomic_store(&w->fired, 1);
    (void)SetEvent(event);
}

static void disarm(watch *w)
{
    if (w->wait) {
        (void)UnregisterWaitEx(w->wait, INVALID_HANDLE_VALUE); /* until it does not run */
        w->wait = NULL;
    }
}

static void arm(watch *w)
{
    if (w->wait || atomic_load(&w->fired)) {
        return;
    }
    if (WaitForSingleObject(w->on, 0) == WAIT_OBJECT_0 ||
        !RegisterWaitForSingleObject(&w->wait, w->on, fire, w, INFINITE,
                                     WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE)) {
        w->wait = NULL;
        atomic_store(&w->fired, 1); /* told of at once; at worst its owner looks in vain */
    }
}

int ipc_poll_add(int32_t poll, int32_t handle, uint64_t tag)
{
    const win_object *o = win_find(poll, WIN_POLL);
    HANDLE on = win_signal(handle);
    watch *w = o && on ? HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *w) : NULL;
    if (!w) {
        return OS_FAILED;
    }
    *w = (watch){.poll = o->poll, .number = handle, .tag = tag, .on = on};
    win_object *socket = win_find(handle, WIN_SOCKET);
    if (socket) {
        socket->socket->polled = true;
        win_socket_read(socket);
    }
    AcquireSRWLockExclusive(&o->poll->lock);
    w->next = o->poll->watches;
    o->poll->watches = w;
    ReleaseSRWLockExclusive(&o->poll->lock);
    (void)SetEvent(o->poll->event); /* to be armed */
    return 0;
}

void ipc_poll_remove(int32_t poll, int32_t handle)
{
    const win_object *o = win_find(poll, WIN_POLL);
    if (!o) {
        return;
    }
    AcquireSRWLockExclusive(&o->poll->lock);
    watch **at = &o->poll->watches;
    while (*at && (*at)->number != handle) {
        at = &(*at)->next;
    }
    watch *w = *at;
    if (w) {
        *at = w->next;
        disarm(w);
        (void)HeapFree(GetProcessHeap(), 0, w);
    }
    ReleaseSRWLockExclusive(&o->poll->lock);
}

void win_poll_close(win_object *o)
{
    if (!o->poll) {
        return;
    }
    while (o->poll->watches) {
        watch *w = o->poll->watches;
        o->poll->watches = w->next;
        disarm(w);
        (void)HeapFree(GetProcessHeap(), 0, w);
    }
    if (o->poll->event) {
        (void)CloseHandle(o->poll->event);
    }
    (void)HeapFree(GetProcessHeap(), 0, o->poll);
    o->poll = NULL;
}

/* Tells of those that fired, and puts them behind the others, which are armed. */
static uint32_t collect(win_poll *p, uint64_t *tags, uint32_t most)
{
    uint32_t n = 0;
    watch *told = NULL;
    AcquireSRWLockExclusive(&p->lock);
    watch **at = &p->watches;
    while (*at) {
        watch *w = *at;
        arm(w);
        if (n < most && atomic_load(&w->fired)) {
            disarm(w);
            atomic_store(&w->fired, 0);
            tags[n++] = w->tag;
            *at = w->next;
            w->next = told;
            told = w;
        } else {
            at = &w->next;
        }
    }
    *at = told;
    ReleaseSRWLockExclusive(&p->lock);
    return n;
}

uint32_t ipc_poll_wait(int32_t poll, uint64_t *tags, uint32_t most, uint64_t ns)
{
    const win_object *o = win_find(poll, WIN_POLL);
    uint32_t n = o ? collect(o->poll, tags, most) : 0;
    if (o && !n && ns) {
        (void)WaitForSingleObject(o->poll->event, win_milliseconds(ns));
        n = collect(o->poll, tags, most);
    }
    return n;
}
