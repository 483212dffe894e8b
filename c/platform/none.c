/* The contract of os.h where there is no operating system (WebAssembly): one thread, no clock,
 * nothing to unload. */
#include "platform/os.h"

uint64_t os_clock_ns(void)
{
    return 0;
}

void os_run_once(os_once *once, void (*action)(void))
{
    if (!once->room[0]) {
        once->room[0] = 1;
        action();
    }
}

int os_mutex_init(os_mutex *m)
{
    (void)m;
    return 0;
}

void os_mutex_lock(os_mutex *m)
{
    (void)m;
}

void os_mutex_unlock(os_mutex *m)
{
    (void)m;
}

void os_mutex_destroy(os_mutex *m)
{
    (void)m;
}

int os_condition_init(os_condition *c)
{
    (void)c;
    return 0;
}

int os_condition_wait(os_condition *c, os_mutex *m, uint64_t ns)
{
    (void)c;
    (void)m;
    (void)ns;
    return OS_TIMED_OUT;
}

void os_condition_wake_all(os_condition *c)
{
    (void)c;
}

void os_condition_wake_one(os_condition *c)
{
    (void)c;
}

void os_condition_destroy(os_condition *c)
{
    (void)c;
}

uint32_t os_processors(void)
{
    return 1;
}

uint32_t os_processor(void)
{
    return UINT32_MAX;
}

void os_thread_name(const char *name)
{
    (void)name;
}

int os_socket_pair(int32_t *first, int32_t *second)
{
    (void)first;
    (void)second;
    return OS_UNSUPPORTED;
}

void os_socket_signal(int32_t socket)
{
    (void)socket;
}

void os_socket_close(int32_t socket)
{
    (void)socket;
}

int os_thread_start(os_thread *t, void (*run)(void *argument), void *argument, size_t stack)
{
    (void)t;
    (void)run;
    (void)argument;
    (void)stack;
    return OS_UNSUPPORTED;
}

void os_thread_join(os_thread *t)
{
    (void)t;
}

void os_thread_detach(os_thread *t)
{
    (void)t;
}

/* The one thread ends with the instance, and its memory with both. */
int os_exit_hook_create(os_exit_hook *hook, void (*destroy)(void *value))
{
    (void)hook;
    (void)destroy;
    return 0;
}

int os_exit_hook_set(os_exit_hook hook, void *value)
{
    (void)hook;
    (void)value;
    return 0;
}

void os_pin_library(const void *address)
{
    (void)address;
}
