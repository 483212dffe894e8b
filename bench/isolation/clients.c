/* A thousand clients of one server: 9 processes of 100 threads and 100 processes of one, each
 * client with a ring pair of its own, under a limit of 1,024 descriptors.
 *
 *   clients SECONDS KILLS        one line of JSON
 *
 * Every client asks, waits for its answer, asks again; the answers are checked. What is reported is
 * each client's share over the time, the server's memory at the beginning and the end of it, then
 * the server's context switches while all clients rest, and then what happens while that many of
 * the client processes, chosen at random, are killed one after the other.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/hub.h"
#include "platform/os.h"

enum { LARGE = 9, LARGE_LANES = 100, SMALL = 100, PARTIES = LARGE + SMALL };
enum { CLIENTS = LARGE * LARGE_LANES + SMALL, DESCRIPTORS = 1024, SAMPLES = 200000, IDLE_S = 10 };
#define SECOND UINT64_C(1000000000)

typedef struct board {
    _Atomic uint32_t phase; /* 0 nobody asks yet, 1 ask, 2 rest */
    _Atomic uint32_t wrong;
    _Atomic uint64_t calls[CLIENTS];
    _Atomic uint32_t samples;
    uint32_t ns[SAMPLES]; /* of client 0 of every party */
} board;

typedef struct party {
    ipc_region region;
    int32_t event;
    int32_t handle; /* of the process */
    pid_t id;
    uint32_t lanes;
    uint32_t first; /* number of its first client */
    bool dead;
} party;

typedef struct client {
    party *party;
    uint32_t lane;
} client;

static board *b;
static party parties[PARTIES];
static ipc_hub hub;
static uint64_t served;

static void fail(const char *what)
{
    (void)fprintf(stderr, "%s\n", what);
    exit(1);
}

static ipc_party_shared *shared_of(const party *p)
{
    return (ipc_party_shared *)(void *)p->region.base;
}

static void *run_client(void *argument)
{
    const client *c = argument;
    uint32_t number = c->party->first + c->lane;
    ipc_lane lane;
    ipc_lane_init(&lane, shared_of(c->party), c->lane, c->party->event);
    for (uint32_t n = 0;; n++) {
        uint32_t phase;
        while ((phase = atomic_load(&b->phase)) != 1) {
            ipc_wait(&b->phase, phase, UINT64_MAX);
        }
        ipc_message m = {{n, number}};
        uint64_t start = os_clock_ns();
        if (ipc_lane_call(&lane, &m, IPC_FOREVER) != IPC_OK || m.word[0] != n + number ||
            m.word[1] != number) {
            atomic_fetch_add(&b->wrong, 1);
        }
        atomic_fetch_add_explicit(&b->calls[number], 1, memory_order_relaxed);
        if (c->lane == 0 && n % 16 == 0) {
            uint32_t at = atomic_fetch_add(&b->samples, 1) % SAMPLES;
            b->ns[at] = (uint32_t)(os_clock_ns() - start);
        }
    }
    return NULL;
}

static void run_party(party *p)
{
    static client clients[LARGE_LANES];
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, 64 * 1024);
    for (uint32_t i = 0; i < p->lanes; i++) {
        pthread_t thread;
        clients[i] = (client){p, i};
        if (i + 1 < p->lanes && pthread_create(&thread, &attributes, run_client, &clients[i])) {
            atomic_fetch_add(&b->wrong, 1);
        }
    }
    (void)run_client(&clients[p->lanes - 1]);
}

static void start_party(uint32_t n, uint32_t first)
{
    party *p = &parties[n];
    p->lanes = n < LARGE ? LARGE_LANES : 1;
    p->first = first;
    uint64_t size = (ipc_party_size(p->lanes) + 4095) / 4096 * 4096;
    if (ipc_region_create(&p->region, size, size, false) || ipc_event_create(&p->event)) {
        fail("no memory for a party");
    }
    ipc_party_init(shared_of(p), p->lanes);
    p->id = fork();
    if (p->id == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_party(p);
        _exit(0);
    }
    p->handle = p->id < 0 ? -1 : (int32_t)syscall(SYS_pidfd_open, p->id, 0);
    if (p->handle < 0 || ipc_hub_admit(&hub, shared_of(p), p->lanes, p->event) != (int32_t)n ||
        ipc_poll_add(hub.poll, p->handle, IPC_HUB_TAGS + n)) {
        fail("a party could not be started");
    }
    ipc_close(p->region.handle);
    p->region.handle = -1;
}

static void bury(uint32_t n)
{
    party *p = &parties[n];
    ipc_poll_remove(hub.poll, p->handle);
    (void)waitpid(p->id, NULL, 0);
    ipc_hub_dismiss(&hub, n);
    ipc_region_close(&p->region);
    ipc_close(p->event);
    ipc_close(p->handle);
    p->dead = true;
}

/* Serves for so long, or until that many parties are dead. */
static void serve(uint64_t ns, uint32_t deaths)
{
    uint64_t end = os_clock_ns() + ns;
    uint64_t now;
    while ((now = os_clock_ns()) < end) {
        ipc_from from = {0};
        ipc_message m;
        int got = IPC_OK;
        for (uint32_t i = 0; i < 256 && got == IPC_OK; i++) { /* between two looks at the clock */
            got = ipc_hub_next(&hub, end - now, &from, &m);
            if (got == IPC_OK) {
                m.word[0] += m.word[1];
                got = ipc_hub_reply(&hub, &from, &m);
                served++;
            }
        }
        if (got == IPC_VIOLATION) {
            fail("a violation");
        }
        if (got == IPC_AGAIN) {
            bury((uint32_t)(from.tag - IPC_HUB_TAGS));
            if (deaths && --deaths == 0) {
                return;
            }
        }
    }
}

static uint64_t memory_kib(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    uint64_t kib = 0;
    while (file && fgets(line, sizeof line, file)) {
        (void)sscanf(line, "Rss: %lu", &kib);
    }
    if (file) {
        (void)fclose(file);
    }
    return kib;
}

static int by_size(const void *a, const void *c)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)c;
    return left < right ? -1 : left > right;
}

static int by_size_32(const void *a, const void *c)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)c;
    return left < right ? -1 : left > right;
}

static void set_phase(uint32_t phase)
{
    atomic_store(&b->phase, phase);
    ipc_wake(&b->phase);
}

static long switches(void)
{
    struct rusage use;
    (void)getrusage(RUSAGE_SELF, &use);
    return use.ru_nvcsw + use.ru_nivcsw;
}

static void kill_some(uint32_t kills)
{
    uint64_t random = 88172645463325252u;
    for (uint32_t done = 0; done < kills; done++) {
        uint32_t n;
        do {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            n = (uint32_t)(random >> 33) % PARTIES;
        } while (parties[n].dead);
        (void)kill(parties[n].id, SIGKILL);
        serve(60 * SECOND, 1);
        if (!parties[n].dead) {
            fail("a death was not noticed");
        }
    }
}

static uint32_t open_files(void)
{
    uint32_t count = 0;
    for (int file = 0; file < DESCRIPTORS; file++) {
        struct pollfd p = {.fd = file};
        count += poll(&p, 1, 0) >= 0 && !(p.revents & POLLNVAL);
    }
    return count;
}

int main(int count, char **words)
{
    uint64_t seconds = count > 1 ? strtoul(words[1], NULL, 10) : 10;
    uint32_t kills = count > 2 ? (uint32_t)strtoul(words[2], NULL, 10) : 100;
    if (seconds == 0 || kills >= PARTIES) {
        fail("clients SECONDS KILLS: at least a second, at most 108 kills");
    }
    const struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (b == MAP_FAILED || ipc_hub_init(&hub, PARTIES)) {
        fail("no memory");
    }
    uint32_t first = 0;
    for (uint32_t n = 0; n < PARTIES; n++) {
        start_party(n, first);
        first += parties[n].lanes;
    }
    uint32_t files = open_files();
    set_phase(1);
    serve(SECOND, 0); /* to warm up */
    static uint64_t calls[CLIENTS];
    for (uint32_t i = 0; i < CLIENTS; i++) {
        calls[i] = atomic_load(&b->calls[i]);
    }
    atomic_store(&b->samples, 0);
    uint64_t before_kib = memory_kib();
    uint64_t before = served;
    struct rusage use[2];
    (void)getrusage(RUSAGE_SELF, &use[0]);
    serve(seconds * SECOND, 0);
    (void)getrusage(RUSAGE_SELF, &use[1]);
    uint64_t total = served - before;
    uint64_t after_kib = memory_kib();
    for (uint32_t i = 0; i < CLIENTS; i++) {
        calls[i] = atomic_load(&b->calls[i]) - calls[i];
    }
    uint32_t samples = atomic_load(&b->samples);
    samples = samples < SAMPLES ? samples : SAMPLES;
    qsort(b->ns, samples, sizeof *b->ns, by_size_32);
    qsort(calls, CLIENTS, sizeof *calls, by_size);
    double mean = (double)total / CLIENTS;
    uint32_t within = 0;
    for (uint32_t i = 0; i < CLIENTS; i++) {
        within += (double)calls[i] >= 0.8 * mean && (double)calls[i] <= 1.2 * mean;
    }
    set_phase(2);
    serve(SECOND, 0); /* the last answers */
    long idle = switches();
    serve(IDLE_S * SECOND, 0); /* one sleep, and its end */
    idle = switches() - idle;
    set_phase(1);
    kill_some(kills);
    uint64_t left_before = served;
    serve(SECOND, 0);
    double cpu_us = (double)(use[1].ru_utime.tv_sec - use[0].ru_utime.tv_sec +
                             use[1].ru_stime.tv_sec - use[0].ru_stime.tv_sec) *
                        1e6 +
                    (double)(use[1].ru_utime.tv_usec - use[0].ru_utime.tv_usec +
                             use[1].ru_stime.tv_usec - use[0].ru_stime.tv_usec);
    (void)printf("{\"clients\":%u,\"processes\":%u,\"seconds\":%lu,\"open_files\":%u,"
                 "\"calls_per_second\":%.0f,\"cpu_us_per_call\":%.2f,"
                 "\"p50_us\":%.1f,\"p99_us\":%.1f,\"least_share\":%.3f,\"most_share\":%.3f,"
                 "\"within_20_percent\":%u,\"wrong\":%u,\"memory_kib\":[%lu,%lu],"
                 "\"idle_switches\":%ld,\"idle_seconds\":%u,\"killed\":%u,"
                 "\"calls_per_second_after\":%lu,\"memory_kib_after\":%lu}\n",
                 CLIENTS, PARTIES, (unsigned long)seconds, files,
                 (double)total / (double)seconds, cpu_us / (double)total,
                 (double)b->ns[samples / 2] / 1e3, (double)b->ns[samples * 99 / 100] / 1e3,
                 (double)calls[0] / mean, (double)calls[CLIENTS - 1] / mean, within,
                 atomic_load(&b->wrong), (unsigned long)before_kib, (unsigned long)after_kib, idle,
                 IDLE_S, kills, (unsigned long)(served - left_before),
                 (unsigned long)memory_kib());
    for (uint32_t n = 0; n < PARTIES; n++) {
        if (!parties[n].dead) {
            (void)kill(parties[n].id, SIGKILL);
            (void)waitpid(parties[n].id, NULL, 0);
        }
    }
    return 0;
}
