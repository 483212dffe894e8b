/* What a process does to itself before it works for somebody it must not harm: one contract, one
 * file a system in c/ipc/system.
 *
 *      ipc_sandbox_enter     limits, then privileges, handles, files, namespaces: while there is
 *                            one thread
 *      (threads start, memory is mapped: nothing of that is possible later)
 *      ipc_sandbox_seal      system calls but a handful end the process, for all its threads
 *
 * A guard that this system cannot give is left out, and `reached` says so; whether that will do is
 * for the other side to decide. Nothing here needs a privilege.
 */
#ifndef IPC_SANDBOX_H
#define IPC_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* Guards, as bits. The order is that of the words in src/engine/sandbox.ts. */
enum {
    IPC_GUARD_MEMORY = 1,       /* all memory that it may ever have was mapped before */
    IPC_GUARD_LIMITS = 2,       /* no core dump, no file written, no more handles, addresses */
    IPC_GUARD_PRIVILEGES = 4,   /* none now, and none by starting a program */
    IPC_GUARD_UNDUMPABLE = 8,   /* other processes of the user cannot look into it */
    IPC_GUARD_HANDLES = 16,     /* none but its channel */
    IPC_GUARD_FILES = 32,       /* Landlock: no path can be opened */
    IPC_GUARD_CALLS = 64,       /* a filter of system calls */
    IPC_GUARD_NAMESPACES = 128, /* its own for IPC and names; for users, unless it is root */
    IPC_GUARD_NETWORK = 256,    /* its own network, without any connection */
    IPC_GUARD_USER = 512,       /* another user than the host */
    IPC_GUARD_GROUP = 1024,     /* a group of its own (ipc/group.h): the host sees to it */
    IPC_GUARDS = 2048,          /* all of them are below */
};

/* A channel that is standard input and output. */
#define IPC_STREAMS INT32_MAX

typedef struct ipc_sandbox {
    /* Given. */
    uint32_t wanted;      /* guards to try */
    int32_t channel;      /* the handle that stays open; IPC_STREAMS */
    uint64_t addresses;   /* bytes that it may map; 0 = no limit */
    uint32_t cpu_seconds; /* after which it is ended; 0 = none */
    int32_t nice;         /* how much it gives way to others, 0 to 19 */
    uint32_t handles;     /* that it may still be given before the seal */
    bool allocates;       /* after the seal it may still ask for memory, not to be executed */
    int32_t oom;          /* how much sooner than others the system ends it, 0 to 1000 */
    /* Found. */
    uint32_t reached;
    uint32_t landlock; /* the version that the system has; 0 = none */
    uint32_t calls;    /* system calls that are left; 0 = all */
} ipc_sandbox;

void ipc_sandbox_enter(ipc_sandbox *s);
void ipc_sandbox_seal(ipc_sandbox *s);

/* Addresses for the memory of a process, without memory behind them until it is touched: `wanted`
 * bytes, or the largest half, quarter, … of it that the system gives. NULL: none. */
void *ipc_memory_reserve(uint64_t wanted, uint64_t *got);
/* What was in whole pages of it is forgotten, and the memory given back. */
void ipc_memory_forget(void *at, uint64_t bytes);

#endif
