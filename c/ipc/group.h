/* Limits that the system keeps for a process from outside: of processor time, memory, tasks. One
 * contract, one file a system in c/ipc/system.
 *
 *      ipc_groups_find       where this process may make groups, and of which kinds
 *      ipc_groups_sweep      those of owners that are no more are removed
 *      ipc_group_make        one, with its limits ──► ipc_group_enter, for each process in turn
 *      ipc_group_remove      once nothing runs in it
 *
 * All of it is done by the host, before or after a worker works: the worker itself could write
 * nothing of it. Nothing here needs a privilege, or is there on every system: what is not, is told.
 */
#ifndef IPC_GROUP_H
#define IPC_GROUP_H

#include <stdbool.h>
#include <stdint.h>

/* Kinds of limits, as bits. */
enum { IPC_GROUP_CPU = 1, IPC_GROUP_MEMORY = 2, IPC_GROUP_TASKS = 4 };
enum { IPC_GROUP_KINDS = 3, IPC_GROUP_PATH = 512, IPC_GROUP_NAME = 96 };

/* Where groups are made: a directory for each kind; on Linux, see system/linux_group.c. */
typedef struct ipc_group_place {
    uint32_t kinds;                    /* that there are */
    uint32_t version[IPC_GROUP_KINDS]; /* of control groups, 1 or 2; 0 = there are none */
    char path[IPC_GROUP_KINDS][IPC_GROUP_PATH];
} ipc_group_place;

/* What is 0 is not limited. */
typedef struct ipc_group_terms {
    uint32_t cores; /* thousandths of a processor, at least 10 */
    uint64_t memory;
    uint32_t tasks;
} ipc_group_terms;

typedef struct ipc_group {
    char name[IPC_GROUP_NAME]; /* "": there is none */
    uint32_t kinds;            /* whose limits hold for who enters it */
} ipc_group;

/* `root`: what stands before every path, "" but in tests. */
void ipc_groups_find(ipc_group_place *p, const char *root);
/* How many were removed. */
uint32_t ipc_groups_sweep(const ipc_group_place *p);
/* The kinds of `terms` that it keeps; 0: there is no group. */
uint32_t ipc_group_make(const ipc_group_place *p, ipc_group *g, const ipc_group_terms *terms);
/* The kinds whose limits hold for the process from now on. */
uint32_t ipc_group_enter(const ipc_group_place *p, const ipc_group *g, int32_t process);
void ipc_group_remove(const ipc_group_place *p, ipc_group *g);

#endif
