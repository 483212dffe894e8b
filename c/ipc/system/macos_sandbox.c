/* The contract of ipc/sandbox.h on macOS. Built, never run there.
 *
 * There is no filter of system calls, nor an empty namespace; there is the system's own sandbox,
 * with a profile that allows nothing: no path, no connection, no other process. It is entered by
 * sandbox_init, which is called deprecated and is what browsers use; after it a path is tried, and
 * the guards are claimed only if that was denied. It leaves what a process already has (its
 * channel, its memory, more memory of its own), and calls of the kernel that concern nobody else.
 *
 * Limits are set after it, as its own work needs files. RLIMIT_AS is not among them: the system
 * counts addresses that every process has, or does not look at it, by version.
 *
 * Nothing ends a process here with its parent. Beside the control socket, whose other end might
 * have got into a program that the host's runtime started at the same moment (a socket and its
 * close-on-exec flag are two calls here), a thread waits for the parent's end.
 */
#define _DARWIN_C_SOURCE
#include "ipc/sandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/event.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ipc/system.h"
#include "ipc/system/macos.h"
#include "platform/os.h"

#define NOBODY ((uid_t) - 2)

enum { WATCH_STACK = 64 * 1024 };

typedef int sandbox_function(const char *profile, uint64_t flags, char **error);

static int parent_watch = -1; /* a kqueue; set before there are threads */
static os_thread watcher;

static bool wants(const ipc_sandbox *s, uint32_t guard)
{
    return (s->wanted & guard) != 0;
}

static bool limit(int what, uint64_t value, uint64_t slack)
{
    struct rlimit now;
    if (getrlimit(what, &now)) {
        return false;
    }
    rlim_t wish = (rlim_t)value < now.rlim_max ? (rlim_t)value : now.rlim_max;
    rlim_t most = now.rlim_max - wish > (rlim_t)slack ? wish + (rlim_t)slack : now.rlim_max;
    const struct rlimit to = {wish, most};
    return setrlimit(what, &to) == 0;
}

/* Gives way to others, before the sandbox forbids to. */
static bool give_way(const ipc_sandbox *s)
{
    if (s->nice <= 0) {
        return true;
    }
    errno = 0;
    int now = getpriority(PRIO_PROCESS, 0);
    return errno == 0 && setpriority(PRIO_PROCESS, 0, now + s->nice) == 0;
}

static void enter_limits(ipc_sandbox *s, bool gave_way)
{
    bool done = limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_FSIZE, 0, 0) &&
                limit(RLIMIT_MEMLOCK, 0, 0) && limit(RLIMIT_NPROC, 0, 0) && gave_way;
    if (s->cpu_seconds) {
        done = limit(RLIMIT_CPU, s->cpu_seconds, 1) && done; /* SIGXCPU tells why it ended */
    }
    s->reached |= done ? IPC_GUARD_LIMITS : 0;
}

static void enter_user(ipc_sandbox *s)
{
    const gid_t group = (gid_t)-2;
    if (!wants(s, IPC_GUARD_USER) || geteuid() != 0) {
        return;
    }
    if (setgroups(1, &group) == 0 && setgid(group) == 0 && setuid(NOBODY) == 0) {
        s->reached |= IPC_GUARD_USER;
    }
}

/* From now on the parent's end is noticed, also one that was before. */
static void watch_parent(void)
{
    struct kevent event;
    pid_t parent = getppid();
    parent_watch = kqueue();
    EV_SET(&event, (uintptr_t)parent, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    bool watched =
        parent > 1 && parent_watch >= 0 && kevent(parent_watch, &event, 1, NULL, 0, NULL) == 0;
    if (!watched || getppid() != parent) {
        _exit(1);
    }
}

static void wait_for_parent(void *unused)
{
    (void)unused;
    for (;;) {
        struct kevent event;
        int n = kevent(parent_watch, NULL, 0, &event, 1, NULL);
        if (n > 0 || (n < 0 && errno != EINTR)) {
            _exit(0);
        }
    }
}

/* Whether this process is in a sandbox that lets it open nothing. */
static bool enter_system_sandbox(void)
{
    void *symbol = dlsym(RTLD_DEFAULT, "sandbox_init");
    sandbox_function *enter;
    char *complaint = NULL; /* it is not given back: the process has one of it at most */
    memcpy(&enter, &symbol, sizeof symbol);
    if (!enter || enter("(version 1)(deny default)", 0, &complaint)) {
        return false;
    }
    int file = open("/", O_RDONLY | O_CLOEXEC);
    bool denied = file < 0 && errno == EPERM;
    ipc_close(file);
    return denied;
}

void ipc_sandbox_enter(ipc_sandbox *s)
{
    static _Atomic uint32_t nobody;
    int first = s->channel == IPC_STREAMS ? 0 : s->channel;
    int last = s->channel == IPC_STREAMS ? 1 : s->channel;
    s->reached = s->landlock = s->calls = 0;
    bool gave_way = !wants(s, IPC_GUARD_LIMITS) || give_way(s);
    enter_user(s);
    bool closed = wants(s, IPC_GUARD_HANDLES) && ipc_close_others(first, last);
    if (s->channel != IPC_STREAMS) {
        watch_parent();
    }
    ipc_wake(&nobody); /* finds the functions for waiting */
    uint32_t given = IPC_GUARD_FILES | IPC_GUARD_NETWORK | IPC_GUARD_PRIVILEGES;
    if (wants(s, given) && enter_system_sandbox()) {
        s->reached |= IPC_GUARD_FILES | IPC_GUARD_NETWORK;
        s->reached |= geteuid() != 0 ? IPC_GUARD_PRIVILEGES : 0;
    }
    if (wants(s, IPC_GUARD_LIMITS)) {
        enter_limits(s, gave_way);
    }
    if (closed && limit(RLIMIT_NOFILE, (uint64_t)last + 2 + s->handles, 0)) {
        s->reached |= IPC_GUARD_HANDLES;
    }
}

void ipc_sandbox_seal(ipc_sandbox *s)
{
    (void)s;
    if (parent_watch >= 0 && os_thread_start(&watcher, wait_for_parent, NULL, WATCH_STACK)) {
        _exit(1);
    }
}
