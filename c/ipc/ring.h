/* A ring: 64-byte messages from one producer to one consumer, through memory that two processes
 * share, without a lock and without the kernel as long as nobody sleeps.
 *
 *      private to the producer      shared memory                      private to the consumer
 *      tail (the truth)  ────────► tail │ head │ sleeper, bell │ slots ◄──────── head (the truth)
 *
 * Each side keeps its own index in its own memory and only publishes it; what the other side has
 * published is fetched once, checked, and used as checked. An index that cannot be is a violation:
 * the peer is not to be talked to again. ring.c tells why this works across processes.
 */
#ifndef IPC_RING_H
#define IPC_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    IPC_SLOTS = 8,       /* a power of two */
    IPC_WORDS = 16,      /* of a message */
    IPC_CACHE_LINE = 128 /* two lines of 64: processors fetch them in pairs */
};

enum { IPC_OK = 0, IPC_AGAIN = -1, IPC_VIOLATION = -2, IPC_GONE = -3, IPC_TIMED_OUT = -4 };

typedef struct ipc_message {
    uint32_t word[IPC_WORDS];
} ipc_message;

typedef struct ipc_ring {
    /* The producer's line. */
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t tail; /* messages published, modulo 2^32 */
    _Atomic uint32_t producer_cpu;                  /* plus 1; 0 = not known. A hint, no more */
    _Atomic uint32_t full_sleeper;                  /* 1: the producer sleeps until there is room */
    /* The consumer's line. */
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t head; /* messages taken */
    _Atomic uint32_t consumer_cpu;                  /* plus 1; 0 = not known */
    _Atomic uint32_t sleeper;                       /* 1: the consumer sleeps */
    /* Words that sleepers wait on; they change with every wake. */
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t bell; /* the consumer's */
    _Atomic uint32_t full_bell;                     /* the producer's */
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t slots[IPC_SLOTS][IPC_WORDS];
} ipc_ring;

typedef struct ipc_producer {
    ipc_ring *ring;
    uint32_t tail;
    uint32_t head; /* the last one seen */
} ipc_producer;

typedef struct ipc_consumer {
    ipc_ring *ring;
    uint32_t head;
} ipc_consumer;

/* Once, by one side, before the other can see it. */
void ipc_ring_init(ipc_ring *r);

/* IPC_OK, and *wake when the consumer sleeps; IPC_AGAIN: full; IPC_VIOLATION. */
int ipc_push(ipc_producer *p, const ipc_message *m, bool *wake);
/* IPC_OK, and *wake when the producer sleeps; IPC_AGAIN: empty; IPC_VIOLATION. */
int ipc_pop(ipc_consumer *c, ipc_message *m, bool *wake);

/* The steps before a side sleeps: it says so, then looks once more. False: there is something, it
 * must not sleep. True: it sleeps until *bell is no longer *seen, then ends it. */
bool ipc_pop_sleep_begin(ipc_consumer *c, uint32_t *seen);
void ipc_pop_sleep_end(ipc_consumer *c);
bool ipc_push_sleep_begin(ipc_producer *p, uint32_t *seen);
void ipc_push_sleep_end(ipc_producer *p);

/* Whether there is something to take, or not even that: a look without a promise. */
bool ipc_pop_ready(const ipc_consumer *c);

#endif
