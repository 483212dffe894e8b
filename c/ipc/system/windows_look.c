/* What Windows says of a process of ours: its processor time, and the memory that it has to itself.
 *
 * Whether a thread runs or waits is not to be had of one process alone, only of all of the machine;
 * a look that dear is not taken, and the state is not known.
 */
#include "ipc/system/windows.h"

#define PSAPI_VERSION 2
#include <psapi.h>
#include <string.h>

static uint64_t hundreds(const FILETIME *t)
{
    return (uint64_t)t->dwHighDateTime << 32 | t->dwLowDateTime;
}

void ipc_process_look(const ipc_process *p, ipc_look *l)
{
    FILETIME begun;
    FILETIME ended;
    FILETIME system;
    FILETIME user;
    const win_object *o = win_find(p->handle, WIN_PROCESS);
    memset(l, 0, sizeof *l);
    if (o && GetProcessTimes(o->handle, &begun, &ended, &system, &user)) {
        l->cpu_ns = (hundreds(&system) + hundreds(&user)) * 100;
    }
}

uint64_t ipc_process_memory(const ipc_process *p)
{
    PROCESS_MEMORY_COUNTERS_EX counters;
    const win_object *o = win_find(p->handle, WIN_PROCESS);
    memset(&counters, 0, sizeof counters);
    bool known = o && K32GetProcessMemoryInfo(
                          o->handle, (PROCESS_MEMORY_COUNTERS *)(void *)&counters, sizeof counters);
    return known ? counters.PrivateUsage : 0;
}

uint64_t ipc_machine_memory(void)
{
    MEMORYSTATUSEX status;
    memset(&status, 0, sizeof status);
    status.dwLength = sizeof status;
    return GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : 0;
}
