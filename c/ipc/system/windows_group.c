/* The contract of ipc/group.h on Windows: a job for each group, without a name, which the host
 * keeps.
 *
 * A process is in several jobs at once, each inside the one before, so this one comes on top of
 * that in which it was started. Processor time is a share of the whole machine's. A kind is told
 * only if the job, when asked, says that it has the limit. There is nothing that a killed host
 * could leave: a job ends with the last handle.
 */
#include "ipc/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/system/windows.h"
#include "platform/os.h"

enum { WHOLE = 10000, CPU_ENABLE = 1, CPU_HARD_CAP = 4, KINDS = 7 };

/* JOBOBJECT_CPU_RATE_CONTROL_INFORMATION, from Windows 8 on. */
typedef struct cpu_rate {
    DWORD flags;
    DWORD rate; /* of 10,000 */
} cpu_rate;
#define CPU_RATE ((JOBOBJECTINFOCLASS)15)

void ipc_groups_find(ipc_group_place *p, const char *root)
{
    (void)root;
    memset(p, 0, sizeof *p);
    p->kinds = KINDS;
}

uint32_t ipc_groups_sweep(const ipc_group_place *p)
{
    (void)p;
    return 0;
}

static HANDLE job_of(const ipc_group *g)
{
    return (HANDLE)(uintptr_t)strtoull(g->name, NULL, 16);
}

static bool limit_cpu(HANDLE job, uint32_t thousandths)
{
    uint64_t all = (uint64_t)os_processors() * 1000;
    uint64_t rate = ((uint64_t)thousandths * WHOLE + all - 1) / all;
    const cpu_rate asked = {CPU_ENABLE | CPU_HARD_CAP, rate < WHOLE ? (DWORD)rate : WHOLE};
    cpu_rate kept = {0};
    cpu_rate to = asked;
    return SetInformationJobObject(job, CPU_RATE, &to, sizeof to) &&
           QueryInformationJobObject(job, CPU_RATE, &kept, sizeof kept, NULL) &&
           kept.flags == asked.flags && kept.rate == asked.rate;
}

/* The kinds of memory and tasks that the job has now. */
static uint32_t limit_rest(HANDLE job, const ipc_group_terms *terms)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION asked;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION kept;
    memset(&asked, 0, sizeof asked);
    memset(&kept, 0, sizeof kept);
    asked.ProcessMemoryLimit = (SIZE_T)terms->memory;
    asked.BasicLimitInformation.ActiveProcessLimit = terms->tasks;
    asked.BasicLimitInformation.LimitFlags =
        (terms->memory ? JOB_OBJECT_LIMIT_PROCESS_MEMORY : 0u) |
        (terms->tasks ? JOB_OBJECT_LIMIT_ACTIVE_PROCESS : 0u);
    if (!SetInformationJobObject(job, JobObjectExtendedLimitInformation, &asked, sizeof asked) ||
        !QueryInformationJobObject(job, JobObjectExtendedLimitInformation, &kept, sizeof kept,
                                   NULL)) {
        return 0;
    }
    bool memory = terms->memory && kept.ProcessMemoryLimit == asked.ProcessMemoryLimit;
    bool tasks = terms->tasks && kept.BasicLimitInformation.ActiveProcessLimit == terms->tasks;
    return (memory ? IPC_GROUP_MEMORY : 0u) | (tasks ? IPC_GROUP_TASKS : 0u);
}

uint32_t ipc_group_make(const ipc_group_place *p, ipc_group *g, const ipc_group_terms *terms)
{
    (void)p;
    memset(g, 0, sizeof *g);
    HANDLE job = CreateJobObjectW(NULL, NULL);
    if (!job) {
        return 0;
    }
    g->kinds = limit_rest(job, terms) |
               (terms->cores && limit_cpu(job, terms->cores) ? (uint32_t)IPC_GROUP_CPU : 0);
    if (!g->kinds) {
        (void)CloseHandle(job);
        return 0;
    }
    (void)snprintf(g->name, sizeof g->name, "%llx", (unsigned long long)(uintptr_t)job);
    return g->kinds;
}

uint32_t ipc_group_enter(const ipc_group_place *p, const ipc_group *g, int32_t process)
{
    (void)p;
    BOOL inside = FALSE;
    if (!g->name[0]) {
        return 0;
    }
    HANDLE entered =
        OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE | PROCESS_QUERY_LIMITED_INFORMATION,
                    FALSE, (DWORD)process);
    if (!entered) {
        return 0;
    }
    bool done = AssignProcessToJobObject(job_of(g), entered) &&
                IsProcessInJob(entered, job_of(g), &inside) && inside;
    (void)CloseHandle(entered);
    return done ? g->kinds : 0;
}

void ipc_group_remove(const ipc_group_place *p, ipc_group *g)
{
    (void)p;
    if (g->name[0]) {
        (void)CloseHandle(job_of(g));
    }
    memset(g, 0, sizeof *g);
}
