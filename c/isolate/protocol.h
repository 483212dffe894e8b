/* What the host and a worker say to each other: two messages over the control socket when the
 * worker starts, then messages over two rings. Both sides are built from this header; the build's
 * name in the handshake refuses any other pair.
 *
 *      request region    host writes, worker can only read      the job's bytes, from 0 on
 *      reply region      both write iso_shared, then the result's bytes
 *
 *      host                                  worker
 *      RUN(length, capacity)        ───►     runs the job
 *                                   ◄───     DONE(length): the result is in the reply area
 *                                   ◄───     NEED(length): it does not fit
 *      TAKE(capacity)               ───►     after the host let the region grow
 *                                   ◄───     DONE(length)
 *
 * With a shared heap both regions are areas (area.h), and what travels is where things are:
 *
 *      CALL(length, place, extent)  ───►     runs the job where it lies; all memory that it needs
 *                                            comes out of the extent, one allocation after another
 *                                   ◄───     GROW(pages): the extent is used up
 *      GRANT(extent)                ───►     another one, or none: 0 pages
 *                                   ◄───     DONE(length, place): the result is in an extent
 *
 * Each message carries the epoch of the worker (one for every process ever started) and the
 * sequence number of the job. A host believes nothing: a reply whose epoch, sequence, kind or
 * length is not what can be ends the worker.
 */
#ifndef ISO_PROTOCOL_H
#define ISO_PROTOCOL_H

#include "ipc/ring.h"
#include "ipc/sandbox.h"

enum {
    ISO_MAGIC = 0x31574b52,
    ISO_VERSION = 1,
    ISO_BUILD_ROOM = 64,
    ISO_OPERATIONS_ROOM = 32,
    ISO_IMAGE_STATIC = 1,  /* the core alone */
    ISO_IMAGE_DYNAMIC = 2, /* the core, and a library that it loads (library.h) */
};

/* Addresses of a region, and memory of a worker's jobs unless somebody says otherwise. */
#if __SIZEOF_POINTER__ >= 8
#define ISO_RESERVED (UINT64_C(1) << 32) /* no block is longer */
#define ISO_USUAL_MEMORY (UINT64_C(1) << 32)
#else
#define ISO_RESERVED (UINT64_C(1) << 27)
#define ISO_USUAL_MEMORY (UINT64_C(1) << 29)
#endif
/* Bytes of a result unless somebody says otherwise, and no more than a quarter of the machine's
 * memory: as much as a job's own memory is by default. */
#define ISO_USUAL_OUTPUT (UINT32_C(1) << 30)
/* All guards that cost next to nothing. */
#define ISO_USUAL_GUARDS (uint32_t)((IPC_GUARDS - 1) & ~(IPC_GUARD_NETWORK | IPC_GUARD_GROUP))

/* Handles that a worker inherits. */
enum { ISO_CONTROL = 3, ISO_REPLY_REGION = 4 };

/* Host to worker, with the handle of the request region, and for the dynamic image that of a
 * library. */
typedef struct iso_hello {
    uint32_t magic;
    uint32_t version;
    uint64_t epoch;
    uint64_t request_granted;
    uint64_t reply_granted;
    uint64_t request_reserved; /* addresses */
    uint64_t reply_reserved;
    uint64_t memory; /* bytes that its jobs may have */
    uint32_t spin_ns;
    uint32_t guards; /* to try, see ipc/sandbox.h */
    uint32_t cpu_seconds;
    int32_t nice;
    int32_t oom;
    uint32_t heap;   /* 1: a shared heap */
    uint32_t image;  /* that the host has started */
    uint32_t zygote; /* 1: it is to copy itself, for hellos that follow (zygote.h) */
    char build[ISO_BUILD_ROOM];
} iso_hello;

/* Zygote to host: the copy that a hello asked for. */
typedef struct iso_copied {
    uint64_t epoch; /* of that hello */
    int64_t id;     /* of the process */
} iso_copied;

/* Worker to host: it can run jobs now; or a zygote can copy itself. */
typedef struct iso_ready {
    uint32_t magic;
    uint32_t version;
    uint64_t epoch;
    uint64_t memory; /* bytes that its jobs may have: less where the system gave less */
    uint32_t image;
    uint32_t guards;     /* reached */
    uint32_t landlock;   /* the version that the system has */
    uint32_t calls;      /* system calls that are left */
    int32_t watcher;     /* the thread that waits for the host's end; 0: not known */
    uint32_t operations; /* how many it knows, and which */
    uint32_t operation[ISO_OPERATIONS_ROOM];
    char build[ISO_BUILD_ROOM];
} iso_ready;

/* At the start of the reply region. */
typedef struct iso_shared {
    ipc_ring requests;
    ipc_ring replies;
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t cancel; /* the host's: not 0 = answer soon */
    /* The host's: the reply to this message, counted from 1, is told over the control socket, too.
     * A count, so that the reply before is not told for it: that would cost a needless wake. */
    _Atomic uint32_t doorbell;
    /* The worker's: an esp_progress of its job, at which the host looks when that is overdue. */
    _Alignas(IPC_CACHE_LINE) _Atomic uint32_t progress[16];
} iso_shared;

enum { ISO_UNIT = 64 };
enum { ISO_REPLY_AREA = 4096 }; /* the result's bytes begin here */
_Static_assert(sizeof(iso_shared) <= ISO_REPLY_AREA, "room for what is shared");

/* Kinds of messages, and where things stand in them. */
enum {
    ISO_RUN = 1,
    ISO_TAKE = 2,
    ISO_DONE = 3,
    ISO_NEED = 4,
    ISO_CALL = 5,
    ISO_GROW = 6,
    ISO_GRANT = 7,
};
/* Over standard streams only: there cancelling is a message, the handshake is one each way, and a
 * job's arrival is told, so that a worker that died before is not said to have died of it. */
enum { ISO_CANCEL = 16, ISO_READY = 17, ISO_BEGUN = 18, ISO_HELLO = 19 };

/* The body of ISO_HELLO: the words of rst_process_open after the first four; what is 0 is usual. */
typedef struct iso_stream_hello {
    uint32_t required; /* guards */
    uint32_t without;  /* guards */
    uint32_t memory_kib;
    uint32_t cpu_seconds;
    uint32_t nice;
    uint32_t oom;
    uint32_t output; /* the host's */
} iso_stream_hello;

/* The body of ISO_READY. */
typedef struct iso_stream_ready {
    uint32_t guards; /* reached */
    uint32_t landlock;
    uint32_t calls;
    uint32_t memory_kib;
    char build[ISO_BUILD_ROOM];
} iso_stream_ready;
enum {
    ISO_AT_KIND = 0,
    ISO_AT_SEQUENCE = 1,
    ISO_AT_EPOCH = 2, /* two words */
    ISO_AT_LENGTH = 4,
    ISO_AT_CAPACITY = 5,
    ISO_AT_PLACE = 7,   /* of the job or the result: bytes from the region's start / ISO_UNIT */
    ISO_AT_EXTENT = 8,  /* where an extent of the reply region starts, in pages */
    ISO_AT_PAGES = 9,   /* how long it is */
    ISO_AT_LAST = 10,   /* not 0: the worker ends by itself after this job */
    ISO_AT_WIPE = 11,   /* not 0: nothing of the job is left in the worker when it answers */
    ISO_AT_WAITED = 12, /* two words: nanoseconds of its time that a job has waited already */
};

#endif
