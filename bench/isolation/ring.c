/* What two processes pay to talk: a bare futex and a pipe as the floor, the ring asleep and awake.
 *
 *   ring [ROUNDS [PROGRAM]]   one line of JSON for each case
 *
 * PROGRAM, which should end at once, is started and waited for as well: what a process costs. This
 * program given the word "end" is such a one.
 *
 * The peer is a forked child, so the memory is shared by two processes and not by two threads. Each
 * case runs with the scheduler free, and with the two pinned to processors 0 and 1 where there are
 * two. A round trip is timed one by one; the throughput is of messages one way, the median of
 * batches, so that a moment without a processor does not count. `cpu_us` is
 * processor time of both processes for each round trip: a spin hides its cost in the latency.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/link.h"
#include "ipc/system.h"
#include "platform/os.h"

enum { SPIN_NS = 20000, BATCH = 1000, BATCHES = 1000 };

typedef struct shared {
    ipc_ring there;
    ipc_ring back;
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t ping;
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t pong;
} shared;

static shared *s;
static int to_child[2];
static int to_parent[2];
static uint32_t rounds;
static uint32_t *times;

static void futex_peer(void)
{
    for (uint32_t i = 1; i <= rounds; i++) {
        while (atomic_load(&s->ping) != i) {
            ipc_wait(&s->ping, i - 1, UINT64_MAX);
        }
        atomic_store(&s->pong, i);
        ipc_wake(&s->pong);
    }
}

static void futex_trip(uint32_t i)
{
    atomic_store(&s->ping, i);
    ipc_wake(&s->ping);
    while (atomic_load(&s->pong) != i) {
        ipc_wait(&s->pong, i - 1, UINT64_MAX);
    }
}

static void pipe_peer(void)
{
    char byte;
    for (uint32_t i = 1; i <= rounds; i++) {
        if (read(to_child[0], &byte, 1) != 1 || write(to_parent[1], &byte, 1) != 1) {
            _exit(1);
        }
    }
}

static void pipe_trip(uint32_t i)
{
    char byte = (char)i;
    if (write(to_child[1], &byte, 1) != 1 || read(to_parent[0], &byte, 1) != 1) {
        exit(1);
    }
}

static ipc_link ours;
static ipc_link theirs;
static uint32_t spin_ns;

static void ring_peer(void)
{
    ipc_message m;
    ipc_link_init(&theirs, &s->back, &s->there, spin_ns);
    for (uint32_t i = 1; i <= rounds; i++) {
        (void)ipc_recv(&theirs, &m, IPC_FOREVER);
        (void)ipc_send(&theirs, &m, IPC_FOREVER);
    }
}

static void ring_trip(uint32_t i)
{
    ipc_message m = {{i}};
    (void)ipc_send(&ours, &m, IPC_FOREVER);
    (void)ipc_recv(&ours, &m, IPC_FOREVER);
}

/* Both sides never sleep and never ask the system. */
static void awake_peer(void)
{
    ipc_producer p = {.ring = &s->back};
    ipc_consumer c = {.ring = &s->there};
    ipc_message m;
    bool wake;
    for (uint32_t i = 1; i <= rounds; i++) {
        while (ipc_pop(&c, &m, &wake) != IPC_OK) {
        }
        (void)ipc_push(&p, &m, &wake);
    }
}

static ipc_producer awake_out;
static ipc_consumer awake_in;

static void awake_trip(uint32_t i)
{
    ipc_message m = {{i}};
    bool wake;
    (void)ipc_push(&awake_out, &m, &wake);
    while (ipc_pop(&awake_in, &m, &wake) != IPC_OK) {
    }
}

static void stream_peer(void)
{
    ipc_consumer c = {.ring = &s->there};
    ipc_message m;
    bool wake;
    for (uint32_t i = 0; i < BATCH * BATCHES;) {
        i += ipc_pop(&c, &m, &wake) == IPC_OK;
    }
}

static void pin(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static double cpu_us(void)
{
    double sum = 0;
    for (int who = 0; who < 2; who++) {
        struct rusage u;
        (void)getrusage(who ? RUSAGE_CHILDREN : RUSAGE_SELF, &u);
        sum += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
               (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
    }
    return sum;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static cpu_set_t everywhere;

static pid_t start_peer(void (*peer)(void), bool pinned)
{
    ipc_ring_init(&s->there);
    ipc_ring_init(&s->back);
    atomic_store(&s->ping, 0);
    atomic_store(&s->pong, 0);
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (pinned) {
            pin(1);
        }
        peer();
        _exit(0);
    }
    if (pinned) {
        pin(0);
    }
    return child;
}

static void end_peer(pid_t child)
{
    (void)waitpid(child, NULL, 0);
    (void)sched_setaffinity(0, sizeof everywhere, &everywhere);
}

static void measure(const char *name, void (*trip)(uint32_t), void (*peer)(void), bool pinned)
{
    double before = cpu_us();
    ipc_link_init(&ours, &s->there, &s->back, spin_ns);
    awake_out = (ipc_producer){.ring = &s->there};
    awake_in = (ipc_consumer){.ring = &s->back};
    pid_t child = start_peer(peer, pinned);
    for (uint32_t i = 1; i <= rounds; i++) {
        uint64_t start = os_clock_ns();
        trip(i);
        times[i - 1] = (uint32_t)(os_clock_ns() - start);
    }
    end_peer(child);
    double cpu = (cpu_us() - before) / rounds;
    qsort(times, rounds, sizeof *times, ascending);
    printf("{\"name\":\"%s\",\"pinned\":%s,\"p50_ns\":%u,\"p99_ns\":%u,\"p999_ns\":%u,"
           "\"cpu_us\":%.2f}\n",
           name, pinned ? "true" : "false", times[rounds / 2], times[rounds - rounds / 100],
           times[rounds - rounds / 1000 - 1], cpu);
}

static void measure_stream(bool pinned)
{
    pid_t child = start_peer(stream_peer, pinned);
    ipc_producer p = {.ring = &s->there};
    ipc_message m = {{1}};
    bool wake;
    static uint32_t batches[BATCHES];
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        uint64_t start = os_clock_ns();
        for (uint32_t i = 0; i < BATCH;) {
            i += ipc_push(&p, &m, &wake) == IPC_OK;
        }
        batches[batch] = (uint32_t)(os_clock_ns() - start);
    }
    end_peer(child);
    qsort(batches, BATCHES, sizeof *batches, ascending);
    printf("{\"name\":\"stream\",\"pinned\":%s,\"per_second\":%.0f}\n", pinned ? "true" : "false",
           BATCH * 1e9 / batches[BATCHES / 2]);
}

/* A process, from before its start until it is reaped. */
static int measure_spawn(char *program)
{
    char *words[] = {program, "end", NULL};
    char *environment[] = {NULL};
    uint32_t starts = rounds / 50 + 20;
    starts = starts < rounds ? starts : rounds;
    double before = cpu_us();
    for (uint32_t i = 0; i < starts; i++) {
        pid_t child;
        uint64_t start = os_clock_ns();
        if (posix_spawn(&child, program, NULL, NULL, words, environment) ||
            waitpid(child, NULL, 0) != child) {
            return 1;
        }
        times[i] = (uint32_t)(os_clock_ns() - start);
    }
    double cpu = (cpu_us() - before) / starts;
    qsort(times, starts, sizeof *times, ascending);
    printf("{\"name\":\"spawn\",\"pinned\":false,\"p50_ns\":%u,\"p99_ns\":%u,"
           "\"p999_ns\":%u,\"cpu_us\":%.2f}\n",
           times[starts / 2], times[starts - 1 - starts / 100], times[starts - 1 - starts / 1000],
           cpu);
    return 0;
}

int main(int count, char **words)
{
    if (count > 1 && !strcmp(words[1], "end")) {
        return 0;
    }
    rounds = count > 1 ? (uint32_t)strtoul(words[1], NULL, 10) : 50000;
    rounds = rounds ? rounds : 1;
    times = malloc(rounds * sizeof *times);
    void *at = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!times || at == MAP_FAILED || pipe(to_child) || pipe(to_parent)) {
        return 1;
    }
    s = at;
    (void)sched_getaffinity(0, sizeof everywhere, &everywhere);
    bool two = CPU_ISSET(0, &everywhere) && CPU_ISSET(1, &everywhere);
    for (int pinned = 0; pinned <= two; pinned++) {
        spin_ns = 0;
        measure("futex", futex_trip, futex_peer, pinned);
        measure("pipe", pipe_trip, pipe_peer, pinned);
        measure("ring, sleeping", ring_trip, ring_peer, pinned);
        spin_ns = SPIN_NS;
        measure("ring, adaptive spin", ring_trip, ring_peer, pinned);
        if (pinned) {
            measure("ring, awake", awake_trip, awake_peer, pinned);
            measure_stream(pinned);
        }
    }
    return count > 2 ? measure_spawn(words[2]) : 0;
}
