/* Processes that are about to end, known by one of their threads (ipc/system.h).
 *
 * Idea. A process that is killed gives its memory back before its end is told: each thread lets go
 * of the memory, and the last one takes it down, some 50 us a MiB, before the handle of the process
 * becomes ready. A thread that only waited is done in a few microseconds, and is not the last one
 * if another has computed. Since 6.9 Linux has handles of threads, and since 6.15 these tell the
 * exit status, which is the one of the whole process where that ends as a whole. On older kernels
 * the end of the process is waited for, as always.
 *
 * Reference: Linux, kernel/exit.c (do_exit) and fs/pidfs.c (pidfs_exit).
 */
#define _GNU_SOURCE
#include "ipc/system.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/os.h"

#if defined SYS_pidfd_open
#define OPEN_PROCESS SYS_pidfd_open
#else
#define OPEN_PROCESS 434
#endif

enum { OF_THREAD = 0200 }; /* PIDFD_THREAD, O_EXCL */
enum { INFO_PROCESS = 1, INFO_EXIT = 8, TRIES = 50 };

/* struct pidfd_info of linux/pidfd.h, as it was first. */
typedef struct info {
    uint64_t mask;
    uint64_t group;
    uint32_t thread;
    uint32_t process;
    uint32_t others[9];
    int32_t status; /* as waitpid gives it */
} info;

_Static_assert(sizeof(info) == 64, "its size is part of the call's number");
#define GET_INFO _IOWR(0xff, 11, info)

int32_t ipc_thread_id(void)
{
    return (int32_t)syscall(SYS_gettid);
}

int ipc_sentinel_open(int32_t *sentinel, const ipc_process *p, int64_t thread)
{
    info of = {.mask = INFO_PROCESS};
    *sentinel = -1;
    if (thread <= 0 || thread > INT32_MAX) {
        return OS_UNSUPPORTED;
    }
    int32_t handle = (int32_t)syscall(OPEN_PROCESS, (pid_t)thread, OF_THREAD);
    if (handle < 0) {
        return OS_UNSUPPORTED;
    }
    /* The number is the worker's word: a thread of another process is none of ours. */
    if (ioctl(handle, GET_INFO, &of) || of.process != (uint32_t)p->id) {
        ipc_close(handle);
        return OS_UNSUPPORTED;
    }
    *sentinel = handle;
    return 0;
}

bool ipc_sentinel_verdict(int32_t sentinel, int32_t *signal, int32_t *code)
{
    for (uint32_t i = 0; i < TRIES; i++) { /* the status is there a moment after the end */
        info of = {.mask = INFO_EXIT};
        if (ioctl(sentinel, GET_INFO, &of)) {
            return false;
        }
        if (of.mask & INFO_EXIT) {
            *signal = of.status & 0x7f;
            *code = *signal ? 0 : of.status >> 8 & 0xff;
            return true;
        }
    }
    return false;
}
