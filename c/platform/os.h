/* What the library needs from an operating system beside memory: one contract, one file a system
 * (posix.c, windows.c, none.c). No other file of the library mentions a system.
 *
 * The error rule: a function that can fail returns int, 0 = done, OS_UNSUPPORTED = this system does
 * not offer it, OS_FAILED = it does, but refused (no memory, no thread, no key). Functions that
 * return void cannot fail when they are called as described. Pointers are never NULL unless said
 * so. Nothing here allocates by itself.
 *
 * The types are rooms that are large enough for every system's own; each implementation proves that
 * they are.
 */
#ifndef OS_H
#define OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OS_UNSUPPORTED = 1, OS_FAILED = 2, OS_TIMED_OUT = 3 };

/* Nanoseconds of a clock that never jumps, counted from some time in the past; always 0: there is
 * no clock. */
uint64_t os_clock_ns(void);

/* Runs `action` exactly once, whoever calls and from how many threads; all return after it ran. */
typedef union os_once {
    uint64_t room[2]; /* all zero before the first call: `static os_once o;` is ready */
    void *align;
} os_once;
void os_run_once(os_once *once, void (*action)(void));

/* A lock, not recursive. Made ready at run time (os_run_once), never destroyed when it is static.
 */
typedef union os_mutex {
    uint64_t room[8];
    void *align;
} os_mutex;
int os_mutex_init(os_mutex *m);
void os_mutex_lock(os_mutex *m);
void os_mutex_unlock(os_mutex *m);
void os_mutex_destroy(os_mutex *m);

/* Waiting for a change under a lock. A wait may end early; callers look again. */
typedef union os_condition {
    uint64_t room[8];
    void *align;
} os_condition;
int os_condition_init(os_condition *c);
/* The lock is held on entry and on return. 0, or OS_TIMED_OUT after about `ns` nanoseconds. */
int os_condition_wait(os_condition *c, os_mutex *m, uint64_t ns);
void os_condition_wake_all(os_condition *c);
void os_condition_destroy(os_condition *c);

void os_condition_wake_one(os_condition *c);

/* Processors that this process may run on, at least 1; a container's quota is not looked at. */
uint32_t os_processors(void);
/* The processor that the caller runs on, at this moment; UINT32_MAX where nobody knows. */
uint32_t os_processor(void);
/* Names the calling thread for debuggers and lists of threads; at most 15 bytes are seen. */
void os_thread_name(const char *name);
/* Tells the processor that the caller is spinning. */
static inline void os_pause(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("isb"); /* longer than `yield`, which most do not even notice */
#endif
}

/* Two connected sockets that do not block and that child processes do not get: what is signalled
 * at the first can be read at the second, a byte a signal, as long as it is read at all. A signal
 * to a peer that is closed does nothing. */
int os_socket_pair(int32_t *first, int32_t *second);
void os_socket_signal(int32_t socket);
void os_socket_close(int32_t socket);

/* A thread with a stack of at least `stack` bytes (a multiple of 64 KiB). The record stays where it
 * is until `run` is called, and as long as the thread may still be joined. Each started thread is
 * joined or detached, once. */
typedef struct os_thread {
    void (*run)(void *argument);
    void *argument;
    uint64_t handle;
} os_thread;
int os_thread_start(os_thread *t, void (*run)(void *argument), void *argument, size_t stack);
void os_thread_join(os_thread *t);
void os_thread_detach(os_thread *t);

/* A hook that runs on a thread when it ends, with the last value set there, unless that is NULL.
 * Also on threads that others started. Not when the process exits as a whole (memory then goes with
 * it). */
typedef struct os_exit_hook {
    uint64_t key;
} os_exit_hook;
int os_exit_hook_create(os_exit_hook *hook, void (*destroy)(void *value));
int os_exit_hook_set(os_exit_hook hook, void *value);

/* Makes sure that the library that holds `address` is never unloaded, so that exit hooks and
 * threads of ours always have their code. Does nothing in a program that is not a library. */
void os_pin_library(const void *address);

#endif
