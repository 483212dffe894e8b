/* The contract of os.h on Windows (Vista and later): slim locks, condition variables, fibre-local
 * storage.
 *
 * Exit hooks are FlsAlloc callbacks: they run on every thread that ends, and without our being told
 * by DllMain.
 */
#define WIN32_LEAN_AND_MEAN
#if !defined _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif

#include "platform/os.h"

#include <windows.h>

uint64_t os_clock_ns(void)
{
    LARGE_INTEGER count;
    LARGE_INTEGER frequency;
    (void)QueryPerformanceCounter(&count);
    (void)QueryPerformanceFrequency(&frequency);
    uint64_t ticks = (uint64_t)count.QuadPart;
    uint64_t each = (uint64_t)frequency.QuadPart;
    return ticks / each * 1000000000 + ticks % each * 1000000000 / each;
}

_Static_assert(sizeof(INIT_ONCE) <= sizeof(os_once), "room for a once flag");
_Static_assert(sizeof(SRWLOCK) <= sizeof(os_mutex), "room for a lock");
_Static_assert(sizeof(CONDITION_VARIABLE) <= sizeof(os_condition), "room for a condition variable");

typedef struct once_action {
    void (*run)(void);
} once_action;

static BOOL CALLBACK call_once(PINIT_ONCE once, PVOID action, PVOID *unused)
{
    (void)once;
    (void)unused;
    ((once_action *)action)->run();
    return TRUE;
}

void os_run_once(os_once *once, void (*action)(void))
{
    once_action a = {action};
    (void)InitOnceExecuteOnce((PINIT_ONCE)once, call_once, &a, NULL);
}

int os_mutex_init(os_mutex *m)
{
    InitializeSRWLock((PSRWLOCK)m);
    return 0;
}

void os_mutex_lock(os_mutex *m)
{
    AcquireSRWLockExclusive((PSRWLOCK)m);
}

void os_mutex_unlock(os_mutex *m)
{
    ReleaseSRWLockExclusive((PSRWLOCK)m);
}

void os_mutex_destroy(os_mutex *m)
{
    (void)m;
}

int os_condition_init(os_condition *c)
{
    InitializeConditionVariable((PCONDITION_VARIABLE)c);
    return 0;
}

int os_condition_wait(os_condition *c, os_mutex *m, uint64_t ns)
{
    uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);
    DWORD wait = ms < INFINITE ? (DWORD)ms : INFINITE - 1;
    return SleepConditionVariableSRW((PCONDITION_VARIABLE)c, (PSRWLOCK)m, wait, 0) ? 0
                                                                                   : OS_TIMED_OUT;
}

void os_condition_wake_all(os_condition *c)
{
    WakeAllConditionVariable((PCONDITION_VARIABLE)c);
}

void os_condition_wake_one(os_condition *c)
{
    WakeConditionVariable((PCONDITION_VARIABLE)c);
}

void os_condition_destroy(os_condition *c)
{
    (void)c;
}

uint32_t os_processors(void)
{
    DWORD_PTR ours;
    DWORD_PTR all;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &ours, &all) || !ours) {
        return 1;
    }
    return (uint32_t)__builtin_popcountll((uint64_t)ours);
}

uint32_t os_processor(void)
{
    return GetCurrentProcessorNumber();
}

/* SetThreadDescription, from Windows 10 on, is not there to link with before. */
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

static DWORD WINAPI thread_main(LPVOID from)
{
    os_thread *t = from;
    t->run(t->argument);
    return 0;
}

int os_thread_start(os_thread *t, void (*run)(void *argument), void *argument, size_t stack)
{
    t->run = run;
    t->argument = argument;
    HANDLE thread =
        CreateThread(NULL, stack, thread_main, t, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (!thread) {
        return OS_FAILED;
    }
    t->handle = (uint64_t)(uintptr_t)thread;
    return 0;
}

void os_thread_join(os_thread *t)
{
    HANDLE thread = (HANDLE)(uintptr_t)t->handle;
    (void)WaitForSingleObject(thread, INFINITE);
    (void)CloseHandle(thread);
}

void os_thread_detach(os_thread *t)
{
    (void)CloseHandle((HANDLE)(uintptr_t)t->handle);
}

/* The callback has a calling convention of its own on 32-bit Windows; ours are all 64-bit, where it
 * is the same. */
_Static_assert(sizeof(void *) == 8, "32-bit Windows needs a callback of its own here");

int os_exit_hook_create(os_exit_hook *hook, void (*destroy)(void *value))
{
    DWORD index = FlsAlloc(destroy);
    if (index == FLS_OUT_OF_INDEXES) {
        return OS_FAILED;
    }
    hook->key = index;
    return 0;
}

int os_exit_hook_set(os_exit_hook hook, void *value)
{
    return FlsSetValue((DWORD)hook.key, value) ? 0 : OS_FAILED;
}

void os_pin_library(const void *address)
{
    HMODULE module;
    (void)GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                             address, &module);
}
