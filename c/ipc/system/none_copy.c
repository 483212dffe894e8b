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

int ipc_process_adopt(ipc_process *p, int64_t id)
{
    (void)id;
    *p = (ipc_process){.handle = -1};
    return OS_UNSUPPORTED;
}
