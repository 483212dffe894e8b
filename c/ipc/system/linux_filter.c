/* The filter as a table: one line a system call, with what its arguments must be.
 *
 * Idea. Everything that a worker needs later is mapped and open before, so what is left is: waiting
 * and waking (futex), its channel, giving memory back, the clock, the end. Reading the clock and
 * the processor's number mostly happens without the kernel, but a virtual machine may have a clock
 * that needs it, and only x86 reads the processor's number without.
 *
 * Invariant. The processor family is compared first: a number means another call in another family
 * (also for 32-bit calls from a 64-bit program). Then whatever equals no line ends the process, so
 * calls that kernels will get are refused too. An argument is compared in full width where the
 * kernel looks at all of it, else in the 32 bits that it looks at.
 *
 * Cost: about 70 ns a system call; the lines are in the order in which workers need them.
 *
 * Reference: Documentation/userspace-api/seccomp_filter.rst of Linux; the numbers are the
 * kernel's tables of system calls, which never change.
 */
#include "ipc/system/linux_filter.h"

#include <stdbool.h>

#include "ipc/sandbox.h"

/* Of linux/audit.h and linux/seccomp.h, which old headers lack in part. */
enum { AUDIT_X86_64 = 0xc000003e, AUDIT_AARCH64 = 0xc00000b7, AUDIT_ARM = 0x40000028 };
#define RETURN_KILL UINT32_C(0x80000000)
#define RETURN_ALLOW UINT32_C(0x7fff0000)
#define RETURN_REFUSE (UINT32_C(0x00050000) | 38) /* ENOSYS */

enum { AT_NUMBER = 0, AT_FAMILY = 4, AT_ARGUMENTS = 16 }; /* of struct seccomp_data */

enum { NO_ARGUMENT = 7, THE_CHANNEL = -1 };

typedef struct check {
    uint8_t argument; /* 0 to 5 */
    uint8_t wide;     /* all 64 bits are looked at */
    int32_t least;    /* and `most`: what it may be; THE_CHANNEL */
    int32_t most;
} check;

#define FREE {NO_ARGUMENT, 0, 0, 0}

enum { ANY, CHANNEL, STREAMS, ALLOCATION };

typedef struct rule {
    int16_t number[IPC_MACHINES]; /* -1: that machine has or needs no such call */
    uint8_t refused;              /* it fails, as if the kernel had no such call */
    uint8_t of;                   /* whose: ANY, only with a CHANNEL, STREAMS, ALLOCATION */
    check checks[2];
} rule;

static const rule rules[] = {
    /* futex: FUTEX_WAIT and FUTEX_WAKE, of words that are shared; then with 64-bit times */
    {{202, 98, 240}, 0, ANY, {{1, 0, 0, 1}, FREE}},
    {{-1, -1, 422}, 0, ANY, {{1, 0, 0, 1}, FREE}},
    /* sendto, recvfrom: the channel, to and from nobody but its peer */
    {{44, 206, 290}, 0, CHANNEL, {{0, 0, THE_CHANNEL, 0}, {4, 1, 0, 0}}},
    {{45, 207, 292}, 0, CHANNEL, {{0, 0, THE_CHANNEL, 0}, {4, 1, 0, 0}}},
    /* read, write: of the streams that are a channel */
    {{0, 63, 3}, 0, STREAMS, {{0, 0, 0, 0}, FREE}},
    {{1, 64, 4}, 0, STREAMS, {{0, 0, 1, 1}, FREE}},
    /* madvise: MADV_DONTNEED */
    {{28, 233, 220}, 0, ANY, {{2, 0, 4, 4}, FREE}},
    /* clock_gettime; then with 64-bit times */
    {{228, 113, 263}, 0, ANY, {FREE, FREE}},
    {{-1, -1, 403}, 0, ANY, {FREE, FREE}},
    /* getcpu; on x86 the vDSO has it, and where it has not, nobody knows */
    {{-1, 168, 345}, 0, ANY, {FREE, FREE}},
    {{309, -1, -1}, 1, ANY, {FREE, FREE}},
    /* exit_group */
    {{231, 94, 248}, 0, ANY, {FREE, FREE}},
    /* mmap, mprotect, mremap (it may move), munmap, brk: memory that is nobody else's, and not to
     * be executed; what was to be stays as it is */
    {{9, 222, 192}, 0, ALLOCATION, {{2, 1, 0, 3}, {3, 1, 0x22, 0x22}}},
    {{10, 226, 125}, 0, ALLOCATION, {{2, 1, 0, 3}, FREE}},
    {{25, 216, 163}, 0, ALLOCATION, {{3, 1, 0, 1}, FREE}},
    {{11, 215, 91}, 0, ALLOCATION, {FREE, FREE}},
    {{12, 214, 45}, 0, ALLOCATION, {FREE, FREE}},
};

typedef struct writer {
    struct sock_filter *to;
    uint32_t count;
} writer;

static void put(writer *w, uint16_t code, uint32_t k, uint8_t jump_true, uint8_t jump_false)
{
    if (w->count < IPC_FILTER_MOST) {
        w->to[w->count] =
            (struct sock_filter){.code = code, .jt = jump_true, .jf = jump_false, .k = k};
    }
    w->count++;
}

static void load(writer *w, uint32_t at)
{
    put(w, BPF_LD | BPF_W | BPF_ABS, at, 0, 0);
}

static void finish(writer *w, uint32_t verdict)
{
    put(w, BPF_RET | BPF_K, verdict, 0, 0);
}

/* Falls through when the word that was loaded is within; else the process ends. */
static void demand(writer *w, uint32_t least, uint32_t most)
{
    if (least == most) {
        put(w, BPF_JMP | BPF_JEQ | BPF_K, least, 1, 0);
    } else { /* least is 0 wherever there is a choice */
        put(w, BPF_JMP | BPF_JGT | BPF_K, most, 0, 1);
    }
    finish(w, RETURN_KILL);
}

static void put_check(writer *w, const check *c, uint32_t channel)
{
    uint32_t at = AT_ARGUMENTS + 8 * (uint32_t)c->argument; /* little-endian, all three */
    bool is_channel = c->least == THE_CHANNEL;
    load(w, at);
    demand(w, is_channel ? channel : (uint32_t)c->least, is_channel ? channel : (uint32_t)c->most);
    if (c->wide) {
        load(w, at + 4);
        demand(w, 0, 0);
    }
}

static void put_rule(writer *w, const rule *r, uint32_t number, uint32_t channel)
{
    uint32_t test = w->count;
    put(w, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 0);
    for (uint32_t i = 0; i < 2; i++) {
        if (r->checks[i].argument != NO_ARGUMENT) {
            put_check(w, &r->checks[i], channel);
        }
    }
    finish(w, r->refused ? RETURN_REFUSE : RETURN_ALLOW);
    if (test < IPC_FILTER_MOST) {
        w->to[test].jf = (uint8_t)(w->count - test - 1);
    }
}

uint32_t ipc_filter_build(ipc_machine machine, uint32_t channel, bool allocates,
                          struct sock_filter program[IPC_FILTER_MOST], uint32_t *calls)
{
    static const uint32_t families[IPC_MACHINES] = {AUDIT_X86_64, AUDIT_AARCH64, AUDIT_ARM};
    writer w = {program, 0};
    *calls = 0;
    if (machine >= IPC_MACHINES) {
        return 0;
    }
    load(&w, AT_FAMILY);
    demand(&w, families[machine], families[machine]);
    load(&w, AT_NUMBER);
    for (uint32_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const rule *r = &rules[i];
        uint32_t of = channel == IPC_STREAMS ? STREAMS : CHANNEL;
        bool wanted = r->of == ANY || r->of == of || (allocates && r->of == ALLOCATION);
        if (r->number[machine] >= 0 && wanted) {
            put_rule(&w, r, (uint32_t)r->number[machine], channel);
            *calls += !r->refused;
        }
    }
    finish(&w, RETURN_KILL);
    return w.count <= IPC_FILTER_MOST ? w.count : 0;
}

ipc_machine ipc_filter_machine(void)
{
#if defined __x86_64__ && !defined __ILP32__
    return IPC_X86_64;
#elif defined __aarch64__
    return IPC_AARCH64;
#elif defined __arm__
    return IPC_ARM;
#else
    return IPC_MACHINES;
#endif
}
