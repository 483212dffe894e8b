/* What the systems that are POSIX have in common below ipc/system.h. */
#ifndef IPC_POSIX_H
#define IPC_POSIX_H

#include <stdint.h>
#include <sys/socket.h>

/* Every signal has its default effect, and none is blocked. By system calls alone: a child that
 * still has its parent's memory may call it. */
void ipc_default_signals(void);

/* Gives handles along with a message: one record, in `room`, which is aligned for it. */
void ipc_put_handles(struct msghdr *message, void *room, const int32_t *handles, uint32_t count);
/* Handles that came with a message, even those nobody wants: they are open in this process now.
 * Behind the first *count of `handles`, up to `most`; the others are closed. */
void ipc_take_handles(struct msghdr *message, int32_t *handles, uint32_t most, uint32_t *count);

#endif
