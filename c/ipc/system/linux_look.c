/* What the kernel says of a process of ours: whether it runs, sleeps or was stopped, what processor
 * time it has had, what memory it has to itself.
 *
 * Processor time comes from the process's own clock, in nanoseconds and without a file; the rest
 * from /proc, and is not known where that is not mounted or hides other users' processes. A look
 * takes 2 to 3 µs, the memory 1.4 to 1.8 (20,000 of each on a quiet machine, medians of two runs).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ipc/system.h"

enum { PAGE_LEAST = 4096 };

/* The text of a small file of a process; its length, 0: there is none. */
static size_t read_file(int32_t id, const char *name, char *text, size_t room)
{
    char path[48];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)id, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    ssize_t n = read(file, text, room - 1);
    (void)close(file);
    text[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

static uint64_t number_at(const char **at)
{
    uint64_t n = 0;
    while (**at == ' ') {
        ++*at;
    }
    for (; **at >= '0' && **at <= '9'; ++*at) {
        n = n * 10 + (uint64_t)(**at - '0');
    }
    return n;
}

static ipc_state state_of(char letter)
{
    switch (letter) {
    case 'R':
        return IPC_RUNS;
    case 'S':
    case 'D':
    case 'I':
        return IPC_SLEEPS;
    case 'T':
    case 't':
        return IPC_STOPPED;
    default:
        return IPC_STATE_UNKNOWN;
    }
}

void ipc_process_look(const ipc_process *p, ipc_look *l)
{
    char text[512];
    struct timespec time;
    memset(l, 0, sizeof *l);
    if (p->handle < 0 || p->id <= 0) {
        return;
    }
    /* The clock of a process, as clock_getcpuclockid makes its name. */
    clockid_t clock = (clockid_t)((~(unsigned)p->id << 3) | 2);
    if (clock_gettime(clock, &time) == 0) {
        l->cpu_ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    }
    /* The name is in brackets, and may hold any; what follows the last one is the state. */
    const char *after = read_file(p->id, "stat", text, sizeof text) ? strrchr(text, ')') : NULL;
    if (after && after[1] == ' ') {
        l->state = state_of(after[2]);
    }
}

uint64_t ipc_process_memory(const ipc_process *p)
{
    char text[128];
    if (p->handle < 0 || p->id <= 0 || !read_file(p->id, "statm", text, sizeof text)) {
        return 0;
    }
    const char *at = text;
    (void)number_at(&at);
    uint64_t resident = number_at(&at);
    uint64_t shared = number_at(&at);
    long page = sysconf(_SC_PAGESIZE);
    uint64_t size = page > PAGE_LEAST ? (uint64_t)page : PAGE_LEAST;
    return resident > shared ? (resident - shared) * size : 0;
}

uint64_t ipc_machine_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}
