/* One server, many clients: up to a thousand and more, each with a pair of rings of its own, in any
 * number of processes.
 *
 *      party: a client process      one shared region: a word that says the server sleeps,
 *                                   a bit for each lane, the lanes
 *      lane:  a client (a thread)   two rings
 *
 *      client                                      server
 *      ipc_lane_call(&lane, &m, time)      ──►     ipc_hub_next(&hub, time, &from, &m)
 *                                          ◄──     ipc_hub_reply(&hub, from, &m)
 *
 * The server is one thread. It takes turns: of every lane that has something, one message, then of
 * the next one. hub.c tells how it sleeps.
 */
#ifndef IPC_HUB_H
#define IPC_HUB_H

#include "ipc/link.h"
#include "ipc/system.h"

enum { IPC_LANES_MOST = 1024, IPC_PARTIES_MOST = 4096 };

typedef struct ipc_lane_shared {
    ipc_ring requests;
    ipc_ring replies;
} ipc_lane_shared;

typedef struct ipc_party_shared {
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t asleep; /* 1: the server sleeps; who takes it wakes */
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t ready[IPC_LANES_MOST / 32]; /* bits of lanes */
    ipc_lane_shared lanes[];
} ipc_party_shared;

/* Bytes of the region of a party with so many lanes. */
uint64_t ipc_party_size(uint32_t lanes);
/* By the server, before a client can see it. */
void ipc_party_init(ipc_party_shared *shared, uint32_t lanes);

/* A client's end. `event` wakes the server; both are the party's. */
typedef struct ipc_lane {
    ipc_party_shared *shared;
    uint32_t index;
    int32_t event;
    ipc_link link;
} ipc_lane;

void ipc_lane_init(ipc_lane *l, ipc_party_shared *shared, uint32_t index, int32_t event);
/* Sends a message and waits for its answer, which replaces it. As ipc_recv. */
int ipc_lane_call(ipc_lane *l, ipc_message *m, uint64_t timeout_ns);

/* A server's party. */
typedef struct ipc_party {
    ipc_party_shared *shared; /* NULL: the place is free */
    uint32_t lanes;
    int32_t event;
    ipc_link *links;                       /* of the lanes */
    uint32_t pending[IPC_LANES_MOST / 32]; /* bits taken, lanes not looked at yet */
} ipc_party;

typedef struct ipc_hub {
    ipc_party *parties;
    uint32_t most;
    int32_t poll;
    uint32_t party; /* whose turn it is */
    uint32_t lane;
    uint32_t busy; /* messages since the caller's handles were looked at */
} ipc_hub;

typedef struct ipc_from {
    uint32_t party;
    uint32_t lane;
    uint64_t tag; /* of a handle that became ready, with IPC_AGAIN */
} ipc_from;

/* Handles that the caller adds to hub->poll must have tags from here on. */
#define IPC_HUB_TAGS (UINT64_C(1) << 32)

/* 0, OS_UNSUPPORTED, OS_FAILED. */
int ipc_hub_init(ipc_hub *h, uint32_t most_parties);
void ipc_hub_close(ipc_hub *h);
/* The place of the party, or -1: no room or no memory. The region and the event stay the caller's.
 */
int32_t ipc_hub_admit(ipc_hub *h, ipc_party_shared *shared, uint32_t lanes, int32_t event);
/* Its lanes are not looked at any more. */
void ipc_hub_dismiss(ipc_hub *h, uint32_t party);
/* IPC_OK: a message; IPC_AGAIN: a handle of the caller is ready (from->tag); IPC_VIOLATION: the
 * party is to be dismissed; IPC_TIMED_OUT. */
int ipc_hub_next(ipc_hub *h, uint64_t timeout_ns, ipc_from *from, ipc_message *m);
/* IPC_OK; IPC_VIOLATION: there is no room, which a client that waits for each answer never does. */
int ipc_hub_reply(ipc_hub *h, const ipc_from *from, const ipc_message *m);

#endif
