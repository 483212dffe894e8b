/* The contract of ipc/system.h on macOS, but for memory, sockets and processes: waiting on shared
 * words, kqueue. Built, never run: nobody here had such a machine.
 *
 * Words are waited on by os_sync_wait_on_address, which macOS 14.4 has; before, by the call of the
 * kernel below it, __ulock_wait, which is undocumented and yet what the C++ library of every
 * version since 10.15 stands on. The two are the same wait queue of the kernel. POSIX semaphores
 * would need one more handle for each word, and a worker that may open nothing.
 *
 * The kernel finds the waiters of a shared word by the memory object behind its address. Of memory
 * that was never written that object is still the program's file or none, and another one after the
 * first write: a wake would look elsewhere than the wait. So both write the word first, with the
 * value that it has; which also brings the page in, as the kernel gives up on one that is not there
 * (a wait may end for no reason: its callers look again).
 *
 * An event is a kqueue that is told by hand: it cannot be given to another process, as an eventfd
 * of Linux can.
 */
#define _DARWIN_C_SOURCE
#include "ipc/system.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/event.h>
#include <sys/sysctl.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "platform/os.h"

#define SECOND UINT64_C(1000000000)
#define SLICE_MOST (3600 * SECOND)

/* os/os_sync_wait_on_address.h, and of the kernel's sys/ulock.h what has never changed. */
enum { SYNC_SHARED = 1, SYNC_CLOCK_MACH = 32 };
enum { ULOCK_COMPARE_SHARED = 3, ULOCK_WAKE_ALL = 0x100, ULOCK_NO_ERRNO = 0x1000000 };

typedef int wait_function(void *at, uint64_t value, size_t size, uint32_t flags);
typedef int wait_time_function(void *at, uint64_t value, size_t size, uint32_t flags,
                               uint32_t clock, uint64_t ns);
typedef int wake_function(void *at, size_t size, uint32_t flags);
typedef int ulock_wait_function(uint32_t operation, void *at, uint64_t value, uint32_t us);
typedef int ulock_wake_function(uint32_t operation, void *at, uint64_t unused);

/* Looked up once; every thread finds the same. */
typedef struct functions {
    wait_function *wait;
    wait_time_function *wait_time;
    wake_function *wake;
    ulock_wait_function *ulock_wait;
    ulock_wake_function *ulock_wake;
} functions;

static functions known;
static os_once once;

static void find(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &symbol, sizeof symbol);
}

static void find_all(void)
{
    find("os_sync_wait_on_address", &known.wait);
    find("os_sync_wait_on_address_with_timeout", &known.wait_time);
    find("os_sync_wake_by_address_all", &known.wake);
    if (!known.wait || !known.wait_time || !known.wake) {
        known = (functions){0};
        find("__ulock_wait", &known.ulock_wait);
        find("__ulock_wake", &known.ulock_wake);
    }
}

void ipc_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t ns)
{
    os_run_once(&once, find_all);
    if (ns == 0 || atomic_fetch_add(word, 0) != expected) {
        return;
    }
    if (known.wait_time && ns == UINT64_MAX) {
        (void)known.wait(word, expected, sizeof *word, SYNC_SHARED);
    } else if (known.wait_time) {
        (void)known.wait_time(word, expected, sizeof *word, SYNC_SHARED, SYNC_CLOCK_MACH, ns);
    } else if (known.ulock_wait && known.ulock_wake) {
        uint64_t us = ns == UINT64_MAX ? 0 : ns / 1000 + 1; /* 0: for ever */
        (void)known.ulock_wait(ULOCK_COMPARE_SHARED | ULOCK_NO_ERRNO, word, expected,
                               us < UINT32_MAX ? (uint32_t)us : UINT32_MAX);
    } else { /* none of these systems is known */
        const struct timespec moment = {.tv_nsec = 1000000};
        (void)nanosleep(&moment, NULL);
    }
}

void ipc_wake(_Atomic uint32_t *word)
{
    os_run_once(&once, find_all);
    (void)atomic_fetch_add(word, 0);
    if (known.wake) {
        (void)known.wake(word, sizeof *word, SYNC_SHARED);
    } else if (known.ulock_wait && known.ulock_wake) {
        (void)known.ulock_wake(ULOCK_COMPARE_SHARED | ULOCK_WAKE_ALL | ULOCK_NO_ERRNO, word, 0);
    }
}

uint32_t ipc_processor(void)
{
    size_t number;
    return pthread_cpu_number_np(&number) || number >= UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

uint32_t ipc_processors(void)
{
    return os_processors();
}

uint64_t ipc_machine_memory(void)
{
    uint64_t bytes = 0;
    size_t size = sizeof bytes;
    return sysctlbyname("hw.memsize", &bytes, &size, NULL, 0) ? 0 : bytes;
}

int ipc_handle_move(int32_t handle, int32_t to)
{
    if (handle == to) {
        return 0;
    }
    bool moved = dup2(handle, to) >= 0 && fcntl(to, F_SETFD, FD_CLOEXEC) == 0;
    ipc_close(handle);
    return moved ? 0 : OS_FAILED;
}

/* Asks a kqueue for one thing; false: it was refused. */
static bool change(int queue, uintptr_t what, int16_t filter, uint16_t flags, uint32_t more,
                   uint64_t tag)
{
    struct kevent event;
    EV_SET(&event, what, filter, flags, more, 0, (void *)(uintptr_t)tag);
    return kevent(queue, &event, 1, NULL, 0, NULL) == 0;
}

static int new_queue(void)
{
    int queue = kqueue();
    if (queue >= 0) {
        (void)fcntl(queue, F_SETFD, FD_CLOEXEC);
    }
    return queue;
}

int ipc_event_create(int32_t *event)
{
    *event = new_queue();
    if (*event >= 0 && !change(*event, 0, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0)) {
        ipc_close(*event);
        *event = -1;
    }
    return *event < 0 ? OS_FAILED : 0;
}

void ipc_event_set(int32_t event)
{
    (void)change(event, 0, EVFILT_USER, 0, NOTE_TRIGGER, 0);
}

void ipc_event_clear(int32_t event)
{
    struct kevent taken;
    const struct timespec now = {0};
    (void)kevent(event, NULL, 0, &taken, 1, &now);
}

int ipc_poll_create(int32_t *poll)
{
    *poll = new_queue();
    return *poll < 0 ? OS_FAILED : 0;
}

/* A socket can be read, or a kqueue (an event, a process) has something to tell. */
int ipc_poll_add(int32_t poll, int32_t handle, uint64_t tag)
{
    return change(poll, (uintptr_t)handle, EVFILT_READ, EV_ADD, 0, tag) ? 0 : OS_FAILED;
}

void ipc_poll_remove(int32_t poll, int32_t handle)
{
    (void)change(poll, (uintptr_t)handle, EVFILT_READ, EV_DELETE, 0, 0);
}

uint32_t ipc_poll_wait(int32_t poll, uint64_t *tags, uint32_t most, uint64_t ns)
{
    struct kevent events[32];
    uint64_t slice = ns < SLICE_MOST ? ns : SLICE_MOST;
    struct timespec time = {.tv_sec = (time_t)(slice / SECOND)};
    time.tv_nsec += (int32_t)(slice % SECOND);
    int n =
        kevent(poll, NULL, 0, events, most < 32 ? (int)most : 32, ns == UINT64_MAX ? NULL : &time);
    for (int i = 0; i < n; i++) {
        tags[i] = (uint64_t)(uintptr_t)events[i].udata;
    }
    return n < 0 ? 0 : (uint32_t)n;
}
