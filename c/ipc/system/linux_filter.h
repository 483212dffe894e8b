/* The filter of system calls, as a program for the kernel (classic BPF): for any processor that
 * workers exist for, so that a test can evaluate all of them on one machine.
 */
#ifndef IPC_LINUX_FILTER_H
#define IPC_LINUX_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum ipc_machine { IPC_X86_64, IPC_AARCH64, IPC_ARM, IPC_MACHINES } ipc_machine;

enum { IPC_FILTER_MOST = 96 };

/* Instructions written, 0: `machine` is none of those, or there is no room. *calls: how many system
 * calls it lets through. `channel` is the only handle that can be read and written; IPC_STREAMS: 0
 * can be read and 1 written. `allocates`: memory can be asked for and given back. */
uint32_t ipc_filter_build(ipc_machine machine, uint32_t channel, bool allocates,
                          struct sock_filter program[IPC_FILTER_MOST], uint32_t *calls);

/* The machine that this is compiled for; IPC_MACHINES: none of those. */
ipc_machine ipc_filter_machine(void);

#endif
