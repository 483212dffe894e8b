/* Systems on which a process is known to end when it has ended, so no sentinel is ever there, and
 * where threads are the library's. */
#include "ipc/system.h"

#include "platform/os.h"

int32_t ipc_thread_id(void)
{
    return 0;
}

int ipc_sentinel_open(int32_t *sentinel, const ipc_process *p, int64_t thread)
{
    (void)p;
    (void)thread;
    *sentinel = -1;
    return OS_UNSUPPORTED;
}

bool ipc_sentinel_verdict(int32_t sentinel, int32_t *signal, int32_t *code)
{
    (void)sentinel;
    *signal = *code = 0;
    return false;
}

int32_t ipc_thread_bare(void (*run)(void), uint8_t *stack, uint32_t size)
{
    (void)run;
    (void)stack;
    (void)size;
    return -OS_UNSUPPORTED;
}
