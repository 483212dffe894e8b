/* The contract of os.h on Linux (glibc and musl), macOS and other POSIX systems, by pthreads.
 *
 * Differences that show: macOS has no condition variable on the monotonic clock but a relative
 * wait; a static program has no libraries to pin, and dlopen then fails without harm.
 */
#define _GNU_SOURCE /* dladdr, RTLD_NODELETE */
#if defined __APPLE__
#define _DARWIN_C_SOURCE /* pthread_cond_timedwait_relative_np */
#endif

#include "platform/os.h"

#include <dlfcn.h> /* dladdr, dlopen, dlsym */
#include <fcntl.h> /* fcntl */
#include <pthread.h>
#include <sched.h>      /* sched_getaffinity, sched_getcpu */
#include <signal.h>     /* pthread_sigmask */
#include <string.h>     /* memcpy, strlen */
#include <sys/socket.h> /* socketpair, send */
#include <time.h>       /* clock_gettime */
#include <unistd.h>     /* close, sysconf */

#define SECOND UINT64_C(1000000000)

uint64_t os_clock_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* pthread_once_t has no portable all-zero state, so one lock guards all of them; its initialiser is
 * static. The first word is 1 when the action has run. */
static pthread_mutex_t once_lock = PTHREAD_MUTEX_INITIALIZER;

void os_run_once(os_once *once, void (*action)(void))
{
    if (__atomic_load_n(&once->room[0], __ATOMIC_ACQUIRE)) {
        return;
    }
    (void)pthread_mutex_lock(&once_lock);
    if (!once->room[0]) {
        action();
        __atomic_store_n(&once->room[0], 1, __ATOMIC_RELEASE);
    }
    (void)pthread_mutex_unlock(&once_lock);
}

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(os_mutex), "room for a mutex");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(os_condition), "room for a condition variable");
_Static_assert(sizeof(pthread_t) <= sizeof(uint64_t), "room for a thread");
_Static_assert(sizeof(pthread_key_t) <= sizeof(uint64_t), "room for a key");

/* Locks are held for a few instructions: glibc's adaptive kind spins for a moment before it sleeps.
 */
int os_mutex_init(os_mutex *m)
{
    pthread_mutexattr_t attributes;
    if (pthread_mutexattr_init(&attributes)) {
        return OS_FAILED;
    }
#if defined __GLIBC__
    (void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
    int error = pthread_mutex_init((pthread_mutex_t *)m, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
    return error ? OS_FAILED : 0;
}

void os_mutex_lock(os_mutex *m)
{
    (void)pthread_mutex_lock((pthread_mutex_t *)m);
}

void os_mutex_unlock(os_mutex *m)
{
    (void)pthread_mutex_unlock((pthread_mutex_t *)m);
}

void os_mutex_destroy(os_mutex *m)
{
    (void)pthread_mutex_destroy((pthread_mutex_t *)m);
}

#if defined __APPLE__
int os_condition_init(os_condition *c)
{
    return pthread_cond_init((pthread_cond_t *)c, NULL) ? OS_FAILED : 0;
}

int os_condition_wait(os_condition *c, os_mutex *m, uint64_t ns)
{
    struct timespec t = {.tv_sec = (time_t)(ns / SECOND)};
    t.tv_nsec += (int32_t)(ns % SECOND);
    int error = pthread_cond_timedwait_relative_np((pthread_cond_t *)c, (pthread_mutex_t *)m, &t);
    return error ? OS_TIMED_OUT : 0;
}
#else
int os_condition_init(os_condition *c)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes)) {
        return OS_FAILED;
    }
    int error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (!error) {
        error = pthread_cond_init((pthread_cond_t *)c, &attributes);
    }
    (void)pthread_condattr_destroy(&attributes);
    return error ? OS_FAILED : 0;
}

int os_condition_wait(os_condition *c, os_mutex *m, uint64_t ns)
{
    uint64_t until = os_clock_ns() + ns;
    struct timespec t = {.tv_sec = (time_t)(until / SECOND)};
    t.tv_nsec += (int32_t)(until % SECOND);
    int error = pthread_cond_timedwait((pthread_cond_t *)c, (pthread_mutex_t *)m, &t);
    return error ? OS_TIMED_OUT : 0;
}
#endif

void os_condition_wake_all(os_condition *c)
{
    (void)pthread_cond_broadcast((pthread_cond_t *)c);
}

void os_condition_wake_one(os_condition *c)
{
    (void)pthread_cond_signal((pthread_cond_t *)c);
}

void os_condition_destroy(os_condition *c)
{
    (void)pthread_cond_destroy((pthread_cond_t *)c);
}

#if defined __APPLE__
static int prepare_socket(int socket)
{
    int one = 1;
    return fcntl(socket, F_SETFD, FD_CLOEXEC) || fcntl(socket, F_SETFL, O_NONBLOCK) ||
           setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
}

enum { SOCKET_TYPE = SOCK_STREAM, SEND_FLAGS = 0 };
#else
static int prepare_socket(int socket)
{
    (void)socket;
    return 0;
}

enum { SOCKET_TYPE = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, SEND_FLAGS = MSG_NOSIGNAL };
#endif

#if defined __linux__
uint32_t os_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set)) {
        int64_t count = sysconf(_SC_NPROCESSORS_ONLN); /* more than the set has room for */
        return count < 1 ? 1 : (uint32_t)count;
    }
    return (uint32_t)CPU_COUNT(&set);
}

uint32_t os_processor(void)
{
    int number = sched_getcpu();
    return number < 0 ? UINT32_MAX : (uint32_t)number;
}

void os_thread_name(const char *name)
{
    char short_name[16];
    size_t length = strlen(name) < 15 ? strlen(name) : 15;
    memcpy(short_name, name, length);
    short_name[length] = 0;
    (void)pthread_setname_np(pthread_self(), short_name);
}
#else
uint32_t os_processors(void)
{
    int64_t count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (uint32_t)count;
}

uint32_t os_processor(void)
{
    return UINT32_MAX;
}

void os_thread_name(const char *name)
{
#if defined __APPLE__
    (void)pthread_setname_np(name);
#else
    (void)name;
#endif
}
#endif

int os_socket_pair(int32_t *first, int32_t *second)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCKET_TYPE, 0, pair)) {
        return OS_FAILED;
    }
    if (prepare_socket(pair[0]) || prepare_socket(pair[1])) {
        (void)close(pair[0]);
        (void)close(pair[1]);
        return OS_FAILED;
    }
    *first = pair[0];
    *second = pair[1];
    return 0;
}

void os_socket_signal(int32_t socket)
{
    (void)send(socket, "", 1, SEND_FLAGS); /* full: there is a signal that nobody has read yet */
}

void os_socket_close(int32_t socket)
{
    (void)close(socket);
}

static void *thread_main(void *from)
{
    os_thread *t = from;
    t->run(t->argument);
    return NULL;
}

/* Bytes of a stack that are not for its thread: glibc puts the thread-local variables of the
 * program and all its libraries there, and refuses a stack that is not larger than those. */
static size_t overhead(const pthread_attr_t *attributes)
{
    void *symbol = dlsym(RTLD_DEFAULT, "__pthread_get_minstack");
    size_t (*least)(const pthread_attr_t *);
    _Static_assert(sizeof least == sizeof symbol, "a function's address fits");
    memcpy(&least, &symbol, sizeof least);
    size_t bytes = least ? least(attributes) : 0;
    return (bytes + 65535) / 65536 * 65536;
}

int os_thread_start(os_thread *t, void (*run)(void *argument), void *argument, size_t stack)
{
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes)) {
        return OS_FAILED;
    }
    t->run = run;
    t->argument = argument;
    int error = pthread_attr_setstacksize(&attributes, stack + overhead(&attributes));
    if (!error) {
        /* Signals are for the program's own threads, whose stacks are made for their handlers. */
        sigset_t all;
        sigset_t before;
        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        error = pthread_create(&thread, &attributes, thread_main, t);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    (void)pthread_attr_destroy(&attributes);
    if (error) {
        return OS_FAILED;
    }
    memcpy(&t->handle, &thread, sizeof thread);
    return 0;
}

static pthread_t thread_of(const os_thread *t)
{
    pthread_t thread;
    memcpy(&thread, &t->handle, sizeof thread);
    return thread;
}

void os_thread_join(os_thread *t)
{
    (void)pthread_join(thread_of(t), NULL);
}

void os_thread_detach(os_thread *t)
{
    (void)pthread_detach(thread_of(t));
}

int os_exit_hook_create(os_exit_hook *hook, void (*destroy)(void *value))
{
    pthread_key_t key;
    if (pthread_key_create(&key, destroy)) {
        return OS_FAILED;
    }
    hook->key = (uint64_t)key;
    return 0;
}

int os_exit_hook_set(os_exit_hook hook, void *value)
{
    return pthread_setspecific((pthread_key_t)hook.key, value) ? OS_FAILED : 0;
}

void os_pin_library(const void *address)
{
    Dl_info info;
    if (dladdr(address, &info) && info.dli_fname) {
        /* One reference more, and a flag that outlives it: dlclose never reaches zero again. */
        (void)dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
    }
}
