/* Processes on macOS: posix_spawn with everything closed but what is named, and a kqueue that
 * watches one process. Built, never run there.
 *
 * posix_spawn neither forks the host's memory nor runs a line of it in the child: descriptors,
 * signals and the group are set by the kernel (POSIX_SPAWN_CLOEXEC_DEFAULT closes what no action
 * names).
 *
 * A child that ends before its kqueue watches it is not found any more (ESRCH), although it was not
 * waited for: then the kqueue is told by hand that there is something. Numbers of processes are
 * safe to kill as long as nobody has waited for them, and only ipc_process_reap does.
 *
 * There is nothing that ends a child with the thread that started it: a worker watches its parent
 * (macos_sandbox.c) and its control socket. Nor is there a copy that would be the parent's child.
 */
#define _DARWIN_C_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libproc.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/event.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/system.h"
#include "ipc/system/macos.h"
#include "ipc/system/posix.h"
#include "platform/os.h"

enum { FIRST_INHERITED = 3, STAGE = 16 };

/* All signals but the two that always have their own effect. */
static void all_signals(sigset_t *all)
{
    (void)sigfillset(all);
    (void)sigdelset(all, SIGKILL);
    (void)sigdelset(all, SIGSTOP);
}

static bool describe(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigset_t none;
    all_signals(&all);
    (void)sigemptyset(&none);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_CLOEXEC_DEFAULT |
                                                    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSIGMASK) == 0 &&
           posix_spawnattr_setpgroup(attributes, 0) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &all) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0;
}

static bool list(posix_spawn_file_actions_t *actions, const int staged[2])
{
    for (int stream = 0; stream <= 2; stream++) {
        if (posix_spawn_file_actions_addopen(actions, stream, "/dev/null", O_RDWR, 0)) {
            return false;
        }
    }
    return posix_spawn_file_actions_adddup2(actions, staged[0], FIRST_INHERITED) == 0 &&
           posix_spawn_file_actions_adddup2(actions, staged[1], FIRST_INHERITED + 1) == 0;
}

/* The number of the new process, 0: it was refused. */
static pid_t spawn(const char *path, const int staged[2])
{
    static char name[] = "ristretto-worker";
    char *const words[] = {name, NULL};
    char *const environment[] = {NULL};
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    pid_t id = 0;
    if (posix_spawnattr_init(&attributes)) {
        return 0;
    }
    if (posix_spawn_file_actions_init(&actions) == 0) {
        if (!describe(&attributes) || !list(&actions, staged) ||
            posix_spawn(&id, path, &actions, &attributes, words, environment)) {
            id = 0;
        }
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)posix_spawnattr_destroy(&attributes);
    return id;
}

/* A kqueue that has something to tell when the process ends; -1: there is none. */
static int watch(pid_t id)
{
    struct kevent event;
    int queue = kqueue();
    if (queue < 0) {
        return -1;
    }
    (void)fcntl(queue, F_SETFD, FD_CLOEXEC);
    EV_SET(&event, (uintptr_t)id, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    if (kevent(queue, &event, 1, NULL, 0, NULL) == 0) {
        return queue;
    }
    bool ended = errno == ESRCH;
    EV_SET(&event, 0, EVFILT_USER, EV_ADD, 0, 0, NULL);
    ended = ended && kevent(queue, &event, 1, NULL, 0, NULL) == 0;
    EV_SET(&event, 0, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL);
    if (!ended || kevent(queue, &event, 1, NULL, 0, NULL)) {
        ipc_close(queue);
        return -1;
    }
    return queue;
}

static bool wait_for(pid_t id, int *status)
{
    pid_t got;
    do {
        got = waitpid(id, status, 0);
    } while (got < 0 && errno == EINTR);
    return got == id;
}

int ipc_process_start(ipc_process *p, int32_t program, const int32_t inherited[2])
{
    char path[IPC_PATH_ROOM];
    int staged[2] = {-1, -1}; /* away from the numbers that they are to have */
    int unused;
    pid_t id = 0;
    *p = (ipc_process){.handle = -1};
    if (!ipc_program_path(program, path)) {
        return OS_FAILED;
    }
    for (int i = 0; i < 2; i++) {
        staged[i] = fcntl(inherited[i], F_DUPFD_CLOEXEC, STAGE);
    }
    if (staged[0] >= 0 && staged[1] >= 0) {
        id = spawn(path, staged);
    }
    ipc_close(staged[0]);
    ipc_close(staged[1]);
    int handle = id ? watch(id) : -1;
    if (id && handle < 0) {
        (void)kill(id, SIGKILL);
        (void)wait_for(id, &unused);
    }
    if (handle < 0) {
        return OS_FAILED;
    }
    *p = (ipc_process){.handle = handle, .id = (int32_t)id};
    return 0;
}

void ipc_process_kill(const ipc_process *p)
{
    if (p->handle >= 0 && p->id > 0) {
        (void)kill((pid_t)p->id, SIGKILL);
    }
}

void ipc_process_reap(ipc_process *p, int32_t *signal, int32_t *code)
{
    int status = 0;
    bool told = p->id > 0 && wait_for((pid_t)p->id, &status);
    *signal = !told ? -1 : WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    *code = !told ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    ipc_close(p->handle);
    *p = (ipc_process){.handle = -1};
}

bool ipc_close_others(int first, int last)
{
    enum { AT_ONCE = 256 };
    struct proc_fdinfo open_ones[AT_ONCE];
    for (;;) {
        int size = proc_pidinfo(getpid(), PROC_PIDLISTFDS, 0, open_ones, sizeof open_ones);
        int count = size / (int)sizeof *open_ones;
        int closed = 0;
        for (int i = 0; i < count; i++) {
            int file = open_ones[i].proc_fd;
            closed += (file < first || file > last) && close(file) == 0;
        }
        if (count < AT_ONCE || closed == 0) { /* those were all, or nothing can be done */
            return count > 0 && count < AT_ONCE;
        }
    }
}

void ipc_process_settle(void)
{
    ipc_default_signals();
    (void)setpgid(0, 0);
    int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0) {
        (void)dup2(nothing, STDERR_FILENO);
    }
    (void)ipc_close_others(STDIN_FILENO, STDERR_FILENO);
}
