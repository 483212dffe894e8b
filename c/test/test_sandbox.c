/* The sandbox of workers: what its filter lets through, by evaluating the program for every machine
 * and by trying every system call in real workers; what an intruder would do; limits.
 *
 * Method. Workers of these tests make system calls on demand (isolate/worker/faults.h). A call that
 * the filter refuses ends the worker by SIGSYS, and its job says so; one that it lets through lets
 * the job go on, to the ordinary error of an operation that nobody knows.
 */
#if defined RST_CORE_ONLY || !defined __linux__
typedef int nothing_here; /* the filter is Linux's */
#else
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "ipc/system/linux_filter.h"
#include "isolate/crew.h"
#include "isolate/worker/faults.h"
#include "job/format.h"
#include "platform/os.h"
#include "test.h"

enum { SIGNAL_SEGFAULT = 11, SIGNAL_CALL = 31, CHANNEL = ISO_CONTROL, DEMAND = 192 };

/* The fields of struct seccomp_data. */
typedef struct call {
    uint32_t number;
    uint32_t family;
    uint64_t at;
    uint64_t argument[6];
} call;

/* Runs a filter as the kernel does; UINT32_MAX: it is no sound program. */
static uint32_t evaluate(const struct sock_filter *program, uint32_t count, const call *c)
{
    uint32_t a = 0;
    for (uint32_t pc = 0; pc < count; pc++) {
        const struct sock_filter *i = &program[pc];
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (i->k > sizeof *c - 4 || i->k % 4) {
                return UINT32_MAX;
            }
            memcpy(&a, (const uint8_t *)c + i->k, 4);
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            pc += a == i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            pc += a > i->k ? i->jt : i->jf;
            break;
        case BPF_RET | BPF_K:
            return i->k;
        default:
            return UINT32_MAX;
        }
    }
    return UINT32_MAX;
}

#define ALLOWED UINT32_C(0x7fff0000)
#define KILLED UINT32_C(0x80000000)
#define REFUSED (UINT32_C(0x00050000) | 38)

/* What each machine's filter is to let through, written down a second time: with these arguments,
 * and with no other first one where `strict`. */
typedef struct expectation {
    uint32_t number[IPC_MACHINES];
    uint64_t argument[6];
    uint32_t strict; /* bits: arguments that no other value may stand in for */
} expectation;

#define NONE UINT32_MAX

static const expectation expected[] = {
    {{202, 98, 240}, {0x1000, 0, 7, 0, 0, 0}, 1 << 1},       /* futex */
    {{202, 98, 240}, {0x1000, 1, 7, 0, 0, 0}, 1 << 1},       /* the same, waking */
    {{NONE, NONE, 422}, {0x1000, 0, 7, 0, 0, 0}, 1 << 1},    /* futex_time64 */
    {{44, 206, 290}, {CHANNEL, 0x1000, 8, 0, 0, 0}, 1 | 16}, /* sendto */
    {{45, 207, 292}, {CHANNEL, 0x1000, 8, 0, 0, 0}, 1 | 16}, /* recvfrom */
    {{28, 233, 220}, {0x1000, 4096, 4, 0, 0, 0}, 1 << 2},    /* madvise */
    {{228, 113, 263}, {1, 0x1000, 0, 0, 0, 0}, 0},           /* clock_gettime */
    {{NONE, NONE, 403}, {1, 0x1000, 0, 0, 0, 0}, 0},         /* clock_gettime64 */
    {{NONE, 168, 345}, {0x1000, 0, 0, 0, 0, 0}, 0},          /* getcpu */
    {{231, 94, 248}, {1, 0, 0, 0, 0, 0}, 0},                 /* exit_group */
};

enum { EXPECTED = sizeof expected / sizeof *expected, NUMBERS = 1 << 16 };

static const uint32_t families[IPC_MACHINES] = {0xc000003e, 0xc00000b7, 0x40000028};

/* The verdict on a number with the arguments of an expectation, if there is one for it. */
static bool is_expected(uint32_t machine, uint32_t number)
{
    for (uint32_t i = 0; i < EXPECTED; i++) {
        if (expected[i].number[machine] == number) {
            return true;
        }
    }
    return false;
}

static void check_arguments(const struct sock_filter *program, uint32_t count, uint32_t machine,
                            const expectation *e)
{
    static const uint64_t others[] = {0,  1,  2,  3,   4,          5,          6,
                                      9,  12, 13, 128, 129,        0x7fffffff, 0xffffffff,
                                      14, 21, 25, 256, 0x80000000, UINT64_MAX};
    call c = {.number = e->number[machine], .family = families[machine]};
    memcpy(c.argument, e->argument, sizeof c.argument);
    CHECK_EQ_U(evaluate(program, count, &c), ALLOWED);
    for (uint32_t at = 0; at < 6; at++) {
        for (uint32_t i = 0; i < sizeof others / sizeof *others; i++) {
            c.argument[at] = others[i];
            bool right = true;
            if (e->strict >> at & 1) {
                bool futex = at == 1; /* waiting and waking are two */
                right = futex ? (uint32_t)others[i] <= 1 : others[i] == e->argument[at];
                /* A handle and an advice have 32 bits for the kernel, too. */
                right = right || (at != 4 && (uint32_t)others[i] == e->argument[at]);
            }
            CHECK_EQ_U(evaluate(program, count, &c), right ? ALLOWED : KILLED);
        }
        c.argument[at] = e->argument[at];
    }
    c.argument[4] = UINT64_C(1) << 32; /* an address whose lower half is 0 */
    CHECK_EQ_U(evaluate(program, count, &c), e->strict & 16 ? KILLED : ALLOWED);
}

TEST(a_filter_for_streams_has_them_in_place_of_a_channel)
{
    static const uint32_t reads[IPC_MACHINES] = {0, 63, 3};
    static const uint32_t writes[IPC_MACHINES] = {1, 64, 4};
    for (uint32_t machine = 0; machine < IPC_MACHINES; machine++) {
        struct sock_filter program[IPC_FILTER_MOST];
        struct sock_filter other[IPC_FILTER_MOST];
        uint32_t calls;
        uint32_t others;
        uint32_t count =
            ipc_filter_build((ipc_machine)machine, IPC_STREAMS, false, program, &calls);
        uint32_t usual = ipc_filter_build((ipc_machine)machine, CHANNEL, false, other, &others);
        CHECK(count > 0 && usual > 0);
        CHECK_EQ_U(calls, others); /* two for two */
        call c = {.family = families[machine], .argument = {0, 0x1000, 8}};
        for (uint32_t number = 0; number < NUMBERS; number++) {
            c.number = number;
            for (uint32_t handle = 0; handle < 12; handle++) {
                c.argument[0] = handle;
                bool stream = (number == reads[machine] && handle == 0) ||
                              (number == writes[machine] && handle == 1);
                bool channel =
                    number == expected[3].number[machine] || number == expected[4].number[machine];
                uint32_t verdict = evaluate(other, usual, &c);
                CHECK_EQ_U(evaluate(program, count, &c), stream    ? ALLOWED
                                                         : channel ? KILLED
                                                                   : verdict);
            }
        }
    }
}

TEST(the_filters_of_all_machines_let_through_what_is_expected_and_nothing_else)
{
    static const uint32_t most[IPC_MACHINES] = {6, 7, 9};
    for (uint32_t machine = 0; machine < IPC_MACHINES; machine++) {
        struct sock_filter program[IPC_FILTER_MOST];
        uint32_t calls;
        uint32_t count = ipc_filter_build((ipc_machine)machine, CHANNEL, false, program, &calls);
        CHECK(count > 0 && count <= IPC_FILTER_MOST);
        CHECK_EQ_U(calls, most[machine]);
        call c = {.family = families[machine]};
        for (uint32_t number = 0; number < NUMBERS; number++) {
            const uint32_t tried[] = {number, number | 0x40000000, number | 0x80000000, ~number};
            for (uint32_t i = 0; i < 4; i++) {
                c.number = tried[i];
                if (!is_expected(machine, tried[i])) {
                    bool refused = machine == IPC_X86_64 && tried[i] == 309; /* getcpu */
                    CHECK_EQ_U(evaluate(program, count, &c), refused ? REFUSED : KILLED);
                }
            }
        }
        for (uint32_t i = 0; i < EXPECTED; i++) {
            if (expected[i].number[machine] != NONE) {
                check_arguments(program, count, machine, &expected[i]);
            }
        }
        for (uint32_t other = 0; other < IPC_MACHINES; other++) { /* numbers of another family */
            c.family = other == machine ? 0x40000003 : families[other];
            for (c.number = 0; c.number < 1024; c.number++) {
                CHECK_EQ_U(evaluate(program, count, &c), KILLED);
            }
        }
    }
    struct sock_filter program[IPC_FILTER_MOST];
    uint32_t calls;
    CHECK_EQ_U(ipc_filter_build(IPC_MACHINES, CHANNEL, false, program, &calls), 0);
}

/* mmap, mprotect, mremap, munmap, brk: their numbers, and arguments that will do. */
static const expectation allocations[] = {
    {{9, 222, 192}, {0, 4096, 3, 0x22, UINT64_MAX, 0}, 4 | 8},
    {{10, 226, 125}, {0x1000, 4096, 3, 0, 0, 0}, 4},
    {{25, 216, 163}, {0x1000, 4096, 8192, 1, 0, 0}, 8},
    {{11, 215, 91}, {0x1000, 4096, 0, 0, 0, 0}, 0},
    {{12, 214, 45}, {0x1000, 0, 0, 0, 0, 0}, 0},
};

TEST(a_filter_for_a_library_adds_private_memory_that_cannot_be_executed)
{
    enum { CALLS = sizeof allocations / sizeof *allocations, EXECUTE = 4 };
    for (uint32_t machine = 0; machine < IPC_MACHINES; machine++) {
        struct sock_filter program[IPC_FILTER_MOST];
        struct sock_filter other[IPC_FILTER_MOST];
        uint32_t calls;
        uint32_t others;
        uint32_t count = ipc_filter_build((ipc_machine)machine, CHANNEL, true, program, &calls);
        uint32_t usual = ipc_filter_build((ipc_machine)machine, CHANNEL, false, other, &others);
        CHECK(count > 0 && usual > 0);
        CHECK_EQ_U(calls, others + CALLS);
        call c = {.family = families[machine], .argument = {CHANNEL, 0, 0, 0, 0, 0}};
        for (c.number = 0; c.number < NUMBERS; c.number++) {
            bool new = false;
            for (uint32_t i = 0; i < CALLS; i++) {
                new = new || c.number == allocations[i].number[machine];
            }
            if (!new) {
                CHECK_EQ_U(evaluate(program, count, &c), evaluate(other, usual, &c));
            }
        }
        for (uint32_t i = 0; i < CALLS; i++) {
            const expectation *e = &allocations[i];
            c.number = e->number[machine];
            memcpy(c.argument, e->argument, sizeof c.argument);
            CHECK_EQ_U(evaluate(program, count, &c), ALLOWED);
            CHECK_EQ_U(evaluate(other, usual, &c), KILLED);
            for (uint32_t at = 2; at < 4; at++) {
                static const uint64_t wrong[] = {EXECUTE, EXECUTE | 1, 7, 0x21, 0x32, 0x100022};
                for (uint32_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
                    c.argument[at] = wrong[k]; /* code, shared, at a place, … */
                    bool strict = (e->strict >> at & 1) != 0;
                    CHECK_EQ_U(evaluate(program, count, &c), strict ? KILLED : ALLOWED);
                }
                c.argument[at] = e->argument[at];
            }
        }
    }
}

static uint8_t out[64 * 1024];
static iso_failure failure;

/* A crew, 0 where there can be none, or without the guard, which is then told. */
static double open_crew_of(const iso_terms *terms, uint32_t guard, uint32_t recycle)
{
    const iso_options options = {.workers = 1, .queue = 10, .recycle = recycle, .terms = *terms};
    if (!esp_test_can_start_programs()) {
        return 0;
    }
    uint32_t lacking;
    double crew = iso_open(&options, ESP_TEST_PATIENCE_MS, &lacking);
    CHECK(crew > 0);
    iso_guarded found = {0};
    CHECK(crew <= 0 || iso_guards(crew, &found) == 0);
    if (crew > 0 && (found.guards & guard) != guard) {
        esp_test_skip("this system has no such guard");
        (void)iso_release(crew);
        return 0;
    }
    return crew > 0 ? crew : 0;
}

static double open_crew(const iso_terms *terms, uint32_t guard)
{
    return open_crew_of(terms, guard, 0);
}

static double run_demand(double crew, uint32_t fault, const uint64_t words[7])
{
    static uint32_t count;
    uint8_t job[DEMAND] = {0};
    uint32_t operation = (uint32_t)ISO_FAULT_LIBRARY << 16 | fault;
    count++; /* so that none is refused for what another did */
    memcpy(job + RST_HEADER_OPERATION, &operation, sizeof operation);
    memcpy(job + ISO_CALL_END, &count, sizeof count);
    if (words) {
        memcpy(job + ISO_CALL_AT, words, 7 * sizeof *words);
    }
    uint8_t *kept;
    double n = iso_run(crew, job, sizeof job, 60e6, out, sizeof out, &kept, &failure);
    if (kept) {
        esp_system_free(kept);
    }
    return n;
}

static bool ends_by(double crew, uint32_t fault, const uint64_t words[7], int32_t signal)
{
    bool ended = run_demand(crew, fault, words) == -ESP_WORKER_CRASHED;
    bool so = ended && failure.signal == signal;
    CHECK(run_demand(crew, ISO_FAULT_NONE, NULL) > 0); /* the next job is answered */
    return so;
}

/* Linux 6.14 and 6.18 let these two of x86 pass any filter: uretprobe and uprobe, by which a probe
 * that the administrator set returns to the program. From anywhere else they do nothing. */
static bool is_never_filtered(ipc_machine machine, uint64_t number)
{
    return machine == IPC_X86_64 && (number == 335 || number == 336);
}

/* Every number that this machine's kernel may know, and those of 32-bit pointers (x32). */
TEST(every_system_call_but_the_listed_ones_ends_a_worker)
{
    const iso_terms terms = {0};
    double crew = open_crew(&terms, IPC_GUARD_CALLS);
    ipc_machine machine = ipc_filter_machine();
    for (uint32_t i = 0; crew > 0 && i < 1100; i++) {
        const uint64_t words[7] = {i < 550 ? i : 0x40000000 + (i - 550)};
        if (is_expected(machine, (uint32_t)words[0])) {
            continue; /* the next test */
        }
        bool refused = machine == IPC_X86_64 && words[0] == 309;
        bool killed = ends_by(crew, ISO_FAULT_CALL, words, SIGNAL_CALL);
        CHECK(killed != refused || is_never_filtered(machine, words[0]));
    }
    (void)iso_release(crew);
}

TEST(the_listed_system_calls_work_as_they_are_needed_and_only_so)
{
    const iso_terms terms = {0};
    double crew = open_crew(&terms, IPC_GUARD_CALLS);
    const uint64_t at = ISO_CALL_BUFFER;
    const struct {
        uint64_t word[7];
        bool works;
    } tries[] = {
        {{SYS_futex, at, 1, 1}, true},
        {{SYS_futex, at, 5, 1}, false}, /* a chain of operations */
        {{SYS_futex, at, 128, 1}, false},
        {{SYS_sendto, CHANNEL, at, 4, 0, 0, 0}, true},
        {{SYS_sendto, 0, at, 4, 0, 0, 0}, false},
        {{SYS_sendto, 4, at, 4, 0, 0, 0}, false},
        {{SYS_sendto, CHANNEL, at, 4, 0, at, 16}, false}, /* to somebody else */
        {{SYS_madvise, 0, 0, 4}, true},
        {{SYS_madvise, 0, 0, 9}, false}, /* MADV_REMOVE */
    };
    for (uint32_t i = 0; crew > 0 && i < sizeof tries / sizeof *tries; i++) {
        if (tries[i].works) {
            CHECK(run_demand(crew, ISO_FAULT_CALL, tries[i].word) > 0);
        } else {
            CHECK(ends_by(crew, ISO_FAULT_CALL, tries[i].word, SIGNAL_CALL));
        }
    }
    (void)iso_release(crew);
}

#if defined SYS_open
#define OPEN_CALL {SYS_open, ISO_CALL_BUFFER, 0, 0}
#define FORK_CALL {SYS_fork}
#else
#define OPEN_CALL {SYS_openat, (uint64_t)-100, ISO_CALL_BUFFER, 0}
#define FORK_CALL {SYS_clone, 17}
#endif
#if defined SYS_mmap
#define MAP_CALL SYS_mmap
#else
#define MAP_CALL SYS_mmap2
#endif

/* In a worker of many jobs, or in copies of a zygote that serve one each. */
static void intrude(uint32_t recycle)
{
    const iso_terms terms = {0};
    double crew = open_crew_of(&terms, IPC_GUARD_CALLS, recycle);
    for (uint32_t i = 0; crew > 0 && recycle && i < 10; i++) { /* the first ones are no copies */
        CHECK(run_demand(crew, ISO_FAULT_NONE, NULL) > 0);
    }
    const uint64_t host = (uint64_t)getpid();
    const uint64_t tries[][7] = {
        OPEN_CALL, /* any file, /proc among them */
        {SYS_openat, (uint64_t)-100, ISO_CALL_BUFFER, 0},
        {SYS_socket, 2, 1, 0},
        FORK_CALL,
        {SYS_clone, 0x11},
        {SYS_execve, ISO_CALL_BUFFER, 0, 0},
        {SYS_ptrace, 16, host}, /* PTRACE_ATTACH */
        {SYS_process_vm_readv, host, ISO_CALL_BUFFER, 1, ISO_CALL_BUFFER, 1, 0},
        {SYS_kill, host, 9},
        {SYS_tgkill, host, host, 9},
        {MAP_CALL, 0, 4096, 7, 0x22, (uint64_t)-1, 0}, /* memory to execute */
        {SYS_mprotect, ISO_CALL_BUFFER, 4096, 7},
        {SYS_ftruncate, ISO_REPLY_REGION, 0},
        {SYS_read, CHANNEL, ISO_CALL_BUFFER, 8},
        {SYS_write, 1, ISO_CALL_BUFFER, 8},
        {SYS_prctl, 4, 1}, /* dumpable again */
        {SYS_getpid},
    };
    for (uint32_t i = 0; crew > 0 && i < sizeof tries / sizeof *tries; i++) {
        CHECK(ends_by(crew, ISO_FAULT_CALL, tries[i], SIGNAL_CALL));
    }
    if (crew > 0) {
        CHECK(ends_by(crew, ISO_FAULT_EXECUTE, NULL, SIGNAL_SEGFAULT));
    }
#if defined __x86_64__
    CHECK(crew <= 0 || ends_by(crew, ISO_FAULT_FOREIGN, NULL, SIGNAL_CALL));
#endif
    (void)iso_release(crew);
}

TEST(what_an_intruder_would_do_ends_the_worker)
{
    intrude(0);
    intrude(1);
}

TEST(a_worker_that_computes_for_too_long_is_ended_by_the_system)
{
    const iso_terms terms = {.cpu_seconds = 1, .required = IPC_GUARD_LIMITS};
    double crew = open_crew(&terms, IPC_GUARD_LIMITS);
    CHECK(crew <= 0 || run_demand(crew, ISO_FAULT_HANG, NULL) < 0);
    /* A minute of the clock on a machine that is loaded may be less than 1 s of a processor. */
    CHECK(crew <= 0 || failure.kind == ESP_LIMIT_EXCEEDED || failure.signal == 9 ||
          failure.signal == 24);
    (void)iso_release(crew);
}

TEST(a_required_guard_that_cannot_be_had_is_an_error_and_says_which)
{
    const iso_options options = {
        .workers = 1,
        .queue = 10,
        .terms = {.required = IPC_GUARD_CALLS | IPC_GUARDS << 3}, /* which no system has */
    };
    uint32_t lacking = 0;
    if (!esp_test_can_start_programs()) {
        return;
    }
    CHECK(iso_open(&options, ESP_TEST_PATIENCE_MS, &lacking) == -ESP_UNAVAILABLE);
    CHECK((lacking & ~IPC_GUARD_CALLS) == IPC_GUARDS << 3);
}

const esp_test test_sandbox[] = {
    {"a filter for streams has them in place of a channel",
     a_filter_for_streams_has_them_in_place_of_a_channel},
    {"the filters of all machines let through what is expected and nothing else",
     the_filters_of_all_machines_let_through_what_is_expected_and_nothing_else},
    {"every system call but the listed ones ends a worker",
     every_system_call_but_the_listed_ones_ends_a_worker},
    {"the listed system calls work as they are needed, and only so",
     the_listed_system_calls_work_as_they_are_needed_and_only_so},
    {"what an intruder would do ends the worker", what_an_intruder_would_do_ends_the_worker},
    {"a worker that computes for too long is ended by the system",
     a_worker_that_computes_for_too_long_is_ended_by_the_system},
    {"a required guard that cannot be had is an error and says which",
     a_required_guard_that_cannot_be_had_is_an_error_and_says_which},
    {"a filter for a library adds private memory that cannot be executed",
     a_filter_for_a_library_adds_private_memory_that_cannot_be_executed},
    {0},
};
#endif
