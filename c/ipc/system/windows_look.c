/* What Windows says of a process of ours: its processor time, the memory that it has to itself, and
 * whether its main thread runs, sleeps or was stopped.
 *
 * The last is told of all threads of the machine or of none, and there may be thousands. So the
 * thread is stopped for a moment: that tells how often it had been stopped before, and where it is.
 * All waits are calls of the system, which are made in ntdll and nowhere else; a worker's own code
 * is in its program. ntdll is at the same place in every process.
 */
#include "ipc/system/windows.h"

#define PSAPI_VERSION 2
#include <psapi.h>
#include <string.h>

static uint64_t hundreds(const FILETIME *t)
{
    return (uint64_t)t->dwHighDateTime << 32 | t->dwLowDateTime;
}

#if defined __x86_64__
#define PLACE Rip
#elif defined __aarch64__
#define PLACE Pc
#endif

/* Whether an address is in the library through which the system is called. */
static bool is_system(uint64_t at)
{
    MEMORY_BASIC_INFORMATION there;
    const HMODULE library = GetModuleHandleW(L"ntdll.dll");
    return library && VirtualQuery((LPCVOID)(uintptr_t)at, &there, sizeof there) == sizeof there &&
           there.AllocationBase == (PVOID)library;
}

static ipc_state state_of(HANDLE thread)
{
    CONTEXT context;
    DWORD stops = SuspendThread(thread);
    if (stops == (DWORD)-1) {
        return IPC_STATE_UNKNOWN;
    }
    memset(&context, 0, sizeof context);
    context.ContextFlags = CONTEXT_CONTROL;
    bool known = GetThreadContext(thread, &context);
    (void)ResumeThread(thread);
    if (stops > 0) {
        return IPC_STOPPED;
    }
    return !known ? IPC_STATE_UNKNOWN : is_system(context.PLACE) ? IPC_SLEEPS : IPC_RUNS;
}

void ipc_process_look(const ipc_process *p, ipc_look *l)
{
    FILETIME begun;
    FILETIME ended;
    FILETIME system;
    FILETIME user;
    const win_object *o = win_find(p->handle, WIN_PROCESS);
    *l = (ipc_look){IPC_STATE_UNKNOWN, 0};
    if (o) {
        l->state = state_of(o->thread);
        if (GetProcessTimes(o->handle, &begun, &ended, &system, &user)) {
            l->cpu_ns = (hundreds(&system) + hundreds(&user)) * 100;
        }
    }
}

uint64_t ipc_process_memory(const ipc_process *p)
{
    PROCESS_MEMORY_COUNTERS counters;
    const win_object *o = win_find(p->handle, WIN_PROCESS);
    memset(&counters, 0, sizeof counters);
    bool known = o && K32GetProcessMemoryInfo(o->handle, &counters, sizeof counters);
    return known ? counters.PagefileUsage : 0;
}

uint64_t ipc_machine_memory(void)
{
    MEMORYSTATUSEX status;
    memset(&status, 0, sizeof status);
    status.dwLength = sizeof status;
    return GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : 0;
}
