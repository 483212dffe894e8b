/* What the kernel says of a process of ours on macOS, by proc_pidinfo and proc_pid_rusage. Built,
 * never run there.
 *
 * Times come in ticks of the machine's clock, which are nanoseconds on Intel and 41.67 of them on
 * Apple's processors. Memory is the "physical footprint", which counts shared memory that the
 * process has touched as well: a mark against leaks is reached the earlier.
 */
#define _DARWIN_C_SOURCE
#include <libproc.h>
#include <mach/mach_time.h>
#include <string.h>
#include <sys/proc.h>
#include <sys/proc_info.h>
#include <sys/resource.h>

#include "ipc/system.h"

static uint64_t nanoseconds(uint64_t ticks)
{
    mach_timebase_info_data_t base;
    if (mach_timebase_info(&base) || base.denom == 0) {
        return 0;
    }
    return ticks / base.denom * base.numer + ticks % base.denom * base.numer / base.denom;
}

static bool usage_of(const ipc_process *p, struct rusage_info_v2 *u)
{
    return p->handle >= 0 && p->id > 0 &&
           proc_pid_rusage(p->id, RUSAGE_INFO_V2, (rusage_info_t *)(void *)u) == 0;
}

void ipc_process_look(const ipc_process *p, ipc_look *l)
{
    struct rusage_info_v2 usage;
    struct proc_bsdinfo process;
    struct proc_taskinfo task;
    memset(l, 0, sizeof *l);
    if (!usage_of(p, &usage)) {
        return;
    }
    l->cpu_ns = nanoseconds(usage.ri_user_time + usage.ri_system_time);
    if (proc_pidinfo(p->id, PROC_PIDTBSDINFO, 0, &process, sizeof process) != (int)sizeof process ||
        proc_pidinfo(p->id, PROC_PIDTASKINFO, 0, &task, sizeof task) != (int)sizeof task) {
        return;
    }
    /* The watchers of a worker sleep while it works: what runs is its main thread. */
    l->state = process.pbi_status == SSTOP ? IPC_STOPPED
               : task.pti_numrunning > 0   ? IPC_RUNS
                                           : IPC_SLEEPS;
}

uint64_t ipc_process_memory(const ipc_process *p)
{
    struct rusage_info_v2 usage;
    return usage_of(p, &usage) ? usage.ri_phys_footprint : 0;
}
