/* The transport: messages to a peer and from it, with waiting. One interface for whoever talks to a
 * worker, whatever the system offers below (system.h).
 *
 *      ipc_link host, worker;                 two rings in shared memory, one each way
 *      ipc_send(&host, &message, FOREVER)  ──►  ipc_recv(&worker, &message, FOREVER)
 *
 * A link belongs to one thread at a time. A wait ends by a message, by the time, or because `gone`
 * was set and ipc_link_ring called (somebody learned that the peer died).
 */
#ifndef IPC_LINK_H
#define IPC_LINK_H

#include "ipc/ring.h"

#define IPC_FOREVER UINT64_MAX
/* Until something comes or one sleep of the link's slice has passed; without a look at the clock.
 */
#define IPC_SLICE (UINT64_MAX - 1)

/* How long it is worth to look again and again before sleeping; learned as it goes. */
typedef struct ipc_spin {
    uint32_t most_ns; /* 0: never */
    uint32_t success; /* of late, from 0 to 256 */
    uint32_t turn;    /* looks that were left out since the last one */
} ipc_spin;

typedef struct ipc_link {
    ipc_producer out;
    ipc_consumer in;
    ipc_spin spin;
    const atomic_uint *gone; /* the peer died, in private memory; NULL: nobody would tell */
    uint64_t slice_ns;       /* the longest single sleep: a hostile peer may never wake us */
} ipc_link;

/* The two rings, initialised; `spin_ns` is a wish: on one processor nobody spins. */
void ipc_link_init(ipc_link *l, ipc_ring *out, ipc_ring *in, uint32_t spin_ns);
/* IPC_OK, IPC_TIMED_OUT, IPC_GONE, IPC_VIOLATION. */
int ipc_send(ipc_link *l, const ipc_message *m, uint64_t timeout_ns);
int ipc_recv(ipc_link *l, ipc_message *m, uint64_t timeout_ns);
/* From any thread, after `gone` was set: whoever waits on the link looks again. */
void ipc_link_ring(ipc_link *l);

#endif
