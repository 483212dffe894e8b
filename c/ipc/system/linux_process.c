/* Processes on Linux: a program in a sealed memfd, started by clone with CLONE_VM and CLONE_VFORK,
 * watched by a pidfd.
 *
 *      this thread                          the new process
 *      clone ──────────────────────────►    on its own stack, in our memory, our thread suspended:
 *      (suspended)                          signals, group, parent's death, descriptors
 *      goes on  ◄──────────────────────     execveat: memory of its own
 *
 * Why not fork: it copies the page tables of the host (37 ms at 1 GiB), and runtimes have threads
 * whose locks would be copied as they happen to be. Between clone and exec the child runs in our
 * memory, so it makes system calls and nothing else; signals are blocked from before the clone
 * until it has default dispositions, so that no handler of the host ever runs in it. The program
 * comes from linux_program.c.
 */
#define _GNU_SOURCE
#include "ipc/system.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/system/posix.h"
#include "platform/os.h"

enum { CLONE_PROCESS_HANDLE = 0x1000, ID_OF_HANDLE = 3, CHILD_STACK = 64 * 1024 };
enum { FIRST_INHERITED = 3, PROGRAM_AT = 5, FIRST_FOREIGN = 6, STAGE = 16 };

#if defined SYS_close_range
#define CLOSE_RANGE SYS_close_range
#else
#define CLOSE_RANGE 436
#endif
#if defined SYS_pidfd_send_signal
#define SEND_SIGNAL SYS_pidfd_send_signal
#else
#define SEND_SIGNAL 424
#endif
#if defined SYS_pidfd_open
#define OPEN_PROCESS SYS_pidfd_open
#else
#define OPEN_PROCESS 434
#endif

typedef struct start {
    int32_t program;
    int32_t inherited[2];
    pid_t parent;
    int error; /* written by the child, in our memory; 0 = it has become the program */
} start;

static void close_from(int first)
{
    if (syscall(CLOSE_RANGE, first, UINT32_MAX, 0) == 0) {
        return;
    }
    long most = sysconf(_SC_OPEN_MAX);
    for (int file = first; file < (most > 0 && most < 65536 ? most : 65536); file++) {
        (void)close(file);
    }
}

/* Moves the handles to 3, 4 and 5, by way of numbers that none of them has. */
static bool place_handles(const start *s)
{
    int staged[3];
    const int from[3] = {s->inherited[0], s->inherited[1], s->program};
    for (int i = 0; i < 3; i++) {
        staged[i] = fcntl(from[i], F_DUPFD, STAGE);
        if (staged[i] < 0) {
            return false;
        }
    }
    int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0) {
        return false;
    }
    for (int stream = 0; stream <= 2; stream++) {
        if (nothing != stream && dup2(nothing, stream) < 0) {
            return false;
        }
    }
    return dup2(staged[0], FIRST_INHERITED) >= 0 && dup2(staged[1], FIRST_INHERITED + 1) >= 0 &&
           dup3(staged[2], PROGRAM_AT, O_CLOEXEC) >= 0;
}

static int child(void *argument)
{
    start *s = argument;
    static char name[] = "ristretto-worker";
    char *const words[] = {name, NULL};
    char *const environment[] = {NULL};
    (void)setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != s->parent) {
        _exit(1); /* the host died before it could be noticed */
    }
    if (place_handles(s)) {
        ipc_default_signals();
        close_from(FIRST_FOREIGN);
        (void)syscall(SYS_execveat, PROGRAM_AT, "", words, environment, AT_EMPTY_PATH);
    }
    s->error = errno ? errno : EINVAL;
    _exit(1);
}

int ipc_process_start(ipc_process *p, int32_t program, const int32_t inherited[2])
{
    static _Alignas(64) char stack[CHILD_STACK]; /* one caller, who is suspended meanwhile */
    start s = {.program = program, .inherited = {inherited[0], inherited[1]}, .parent = getpid()};
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int handle = -1;
    int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    pid_t id = clone(child, stack + sizeof stack, flags | CLONE_PROCESS_HANDLE, &s, &handle);
    if (id < 0 && errno == EINVAL) { /* before Linux 5.2 */
        id = clone(child, stack + sizeof stack, flags, &s);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (id < 0) {
        return OS_FAILED;
    }
    if (handle < 0) {
        handle = (int)syscall(OPEN_PROCESS, id, 0);
    }
    *p = (ipc_process){.handle = handle, .id = id};
    if (s.error || handle < 0) {
        (void)kill(id, SIGKILL); /* not reaped yet: the number is still its own */
        (void)waitpid(id, NULL, 0);
        ipc_close(handle);
        *p = (ipc_process){.handle = -1};
        return OS_FAILED;
    }
    return 0;
}

bool ipc_process_can_copy(void)
{
    return true;
}

int32_t ipc_process_copy(void)
{
    pid_t parent = getppid();
    /* libc's fork has no such flag. What libc knows of the thread in the copy is the number of the
     * original, which it uses to signal itself alone: a filtered worker cannot do that anyway. */
    int64_t id = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (id != 0) {
        return id < 0 ? -OS_FAILED : (int32_t)id;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent) {
        _exit(1);
    }
    return 0;
}

int ipc_process_adopt(ipc_process *p, int64_t id)
{
    int handle = (int)syscall(OPEN_PROCESS, (pid_t)id, 0);
    if (handle < 0 || setpgid((pid_t)id, (pid_t)id)) {
        ipc_close(handle);
        (void)kill((pid_t)id, SIGKILL); /* not reaped yet: the number is still its own */
        (void)waitpid((pid_t)id, NULL, 0);
        return OS_FAILED;
    }
    *p = (ipc_process){.handle = handle, .id = (int32_t)id};
    return 0;
}

void ipc_process_kill(const ipc_process *p)
{
    if (p->handle >= 0) {
        (void)syscall(SEND_SIGNAL, p->handle, SIGKILL, NULL, 0);
    }
}

void ipc_process_end_copied(ipc_process *p)
{
    /* Not reaped yet, so the number of its group is still its own, and nobody else is in there. */
    (void)kill(-p->id, SIGKILL);
    ipc_process_kill(p); /* should it not have come to lead one */
    siginfo_t news;
    while (waitid(P_PGID, (id_t)p->id, &news, WEXITED) == 0 || errno == EINTR) {
    }
    int32_t unused;
    ipc_process_reap(p, &unused, &unused);
}

void ipc_process_reap(ipc_process *p, int32_t *signal, int32_t *code)
{
    siginfo_t news;
    memset(&news, 0, sizeof news);
    int failed;
    do {
        failed = waitid((idtype_t)ID_OF_HANDLE, (id_t)p->handle, &news, WEXITED);
    } while (failed && errno == EINTR);
    bool exited = !failed && news.si_code == CLD_EXITED;
    *signal = failed ? -1 : exited ? 0 : news.si_status;
    *code = failed ? -1 : exited ? news.si_status : 0;
    ipc_close(p->handle);
    *p = (ipc_process){.handle = -1};
}

void ipc_process_settle(void)
{
    ipc_default_signals();
    (void)setpgid(0, 0);
    int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0) {
        (void)dup2(nothing, STDERR_FILENO);
    }
    close_from(FIRST_INHERITED);
}
