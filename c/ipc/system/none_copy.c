/* Processes that cannot copy themselves: where there is no fork, or nobody has tried one. There is
 * no zygote then, and every worker is started. */
#include "ipc/system.h"
#include "platform/os.h"

bool ipc_process_can_copy(void)
{
    return false;
}

int32_t ipc_process_copy(void)
{
    return -OS_UNSUPPORTED;
}

void ipc_process_end_copied(ipc_process *p)
{
    int32_t unused;
    ipc_process_kill(p);
    ipc_process_reap(p, &unused, &unused);
}

int ipc_process_adopt(ipc_process *p, int64_t id)
{
    (void)id;
    *p = (ipc_process){.handle = -1};
    return OS_UNSUPPORTED;
}
