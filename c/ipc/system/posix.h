/* What the systems that are POSIX have in common below ipc/system.h. */
#ifndef IPC_POSIX_H
#define IPC_POSIX_H

/* Every signal has its default effect, and none is blocked. By system calls alone: a child that
 * still has its parent's memory may call it. */
void ipc_default_signals(void);

#endif
