/* The host's end of the protocol (protocol.h). The worker is treated as an attacker: a word of it
 * is fetched once, checked against what the host knows by itself, and only then used; whatever
 * cannot be is a violation, never something to repair.
 *
 * A worker gets regions of its own that no process before it ever saw, so a late write of a dead
 * one's children lands nowhere. The reply region grows when a result needs it, by the host alone,
 * and a result may ask for that once.
 */
#include "isolate/worker.h"

#include <string.h>

#include "abi/build.h"
#include "isolate/image.h"
#include "job/format.h"
#include "platform/os.h"

#if __SIZEOF_POINTER__ >= 8
#define RESERVED (UINT64_C(1) << 32) /* no block is longer */
#define MEMORY (UINT64_C(1) << 32)
#else
#define RESERVED (UINT64_C(1) << 27)
#define MEMORY (UINT64_C(1) << 29)
#endif

/* All that costs next to nothing. */
#define USUAL_GUARDS (uint32_t)((IPC_GUARDS - 1) & ~IPC_GUARD_NETWORK)

enum { FIRST_ROOM = 64 * 1024, PAGE = 4096, SLICE_MS = 100 };

_Static_assert(sizeof ISO_BUILD <= ISO_BUILD_ROOM, "the build's name fits");

static int make_regions(iso_worker *w)
{
    int error = ipc_region_create(&w->request, FIRST_ROOM, RESERVED, true);
    if (!error) {
        error = ipc_region_create(&w->reply, ISO_REPLY_AREA + FIRST_ROOM, RESERVED, false);
    }
    return error;
}

static int greet(const iso_worker *w, uint32_t spin_ns, const iso_terms *terms)
{
    iso_hello hello;
    memset(&hello, 0, sizeof hello);
    hello.magic = ISO_MAGIC;
    hello.version = ISO_VERSION;
    hello.epoch = w->epoch;
    hello.request_granted = w->request.granted;
    hello.reply_granted = w->reply.granted;
    hello.reserved = RESERVED;
    hello.spin_ns = spin_ns;
    hello.memory = terms->memory ? terms->memory : MEMORY;
    hello.guards = (USUAL_GUARDS & ~terms->without) | terms->guards | terms->required;
    hello.cpu_seconds = terms->cpu_seconds;
    hello.nice = terms->nice;
    hello.oom = terms->oom;
    memcpy(hello.build, ISO_BUILD, sizeof ISO_BUILD);
    return ipc_socket_send(w->control, &hello, sizeof hello, &w->request.handle, 1);
}

int iso_worker_start(iso_worker *w, int32_t program, uint64_t epoch, uint32_t spin_ns,
                     const iso_terms *terms)
{
    memset(w, 0, sizeof *w);
    w->control = w->request.handle = w->reply.handle = w->process.handle = -1;
    w->epoch = epoch;
    w->output = terms->output ? terms->output : UINT32_MAX;
    int32_t theirs = -1;
    int error = make_regions(w);
    if (!error) {
        w->shared = (iso_shared *)(void *)w->reply.base;
        ipc_ring_init(&w->shared->requests);
        ipc_ring_init(&w->shared->replies);
        ipc_link_init(&w->link, &w->shared->requests, &w->shared->replies, spin_ns);
        w->link.gone = &w->gone;
        w->link.slice_ns = SLICE_MS * UINT64_C(1000000);
        error = ipc_socket_pair(&w->control, &theirs);
    }
    if (!error) {
        const int32_t inherited[2] = {theirs, w->reply.handle};
        error = ipc_process_start(&w->process, program, inherited);
    }
    ipc_close(theirs);
    if (!error && greet(w, spin_ns, terms)) {
        ipc_process_kill(&w->process); /* its end is noticed as any other */
    }
    if (error) {
        iso_worker_bury(w);
    }
    return error;
}

int iso_worker_check_ready(iso_worker *w)
{
    iso_ready ready;
    uint32_t handles;
    int n = ipc_socket_receive(w->control, &ready, sizeof ready, NULL, 0, &handles, false);
    if (n == -OS_TIMED_OUT) {
        return IPC_AGAIN;
    }
    if (n <= 0) {
        return IPC_GONE;
    }
    bool right = n == (int)sizeof ready && ready.magic == ISO_MAGIC &&
                 ready.version == ISO_VERSION && ready.epoch == w->epoch &&
                 ready.image == ISO_IMAGE_STATIC && ready.operations <= ISO_OPERATIONS_ROOM &&
                 memcmp(ready.build, ISO_BUILD, sizeof ISO_BUILD) == 0;
    if (right) {
        w->guarded = (iso_guarded){ready.memory, ready.guards, ready.landlock, ready.calls};
    }
    return right ? IPC_OK : IPC_VIOLATION;
}

static int send(iso_worker *w, uint32_t kind, uint32_t length, bool doorbell)
{
    ipc_message m = {{0}};
    uint64_t room = w->reply.granted - ISO_REPLY_AREA;
    m.word[ISO_AT_KIND] = kind;
    m.word[ISO_AT_SEQUENCE] = w->sequence;
    m.word[ISO_AT_EPOCH] = (uint32_t)w->epoch;
    m.word[ISO_AT_EPOCH + 1] = (uint32_t)(w->epoch >> 32);
    m.word[ISO_AT_LENGTH] = length;
    m.word[ISO_AT_CAPACITY] = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
    m.word[ISO_AT_DOORBELL] = doorbell;
    /* One job at a time: there is always room, unless the worker says what is not so. */
    int sent = ipc_send(&w->link, &m, 0);
    return sent == IPC_TIMED_OUT ? IPC_VIOLATION : sent;
}

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

int iso_worker_give(iso_worker *w, const uint8_t *job, uint32_t length, bool doorbell)
{
    if (ipc_pop_ready(&w->link.in)) {
        return IPC_VIOLATION; /* it speaks without having been asked */
    }
    if (length > w->request.granted && ipc_region_grow(&w->request, whole_pages(length))) {
        return ISO_NO_MEMORY;
    }
    if (length) {
        memcpy(w->request.base, job, length);
    }
    w->sequence++;
    atomic_store_explicit(&w->shared->cancel, 0, memory_order_relaxed);
    return send(w, ISO_RUN, length, doorbell);
}

static uint64_t epoch_of(const ipc_message *m)
{
    return m->word[ISO_AT_EPOCH] | (uint64_t)m->word[ISO_AT_EPOCH + 1] << 32;
}

/* What a reply says, if it can be: its kind and length. */
static bool check_reply(const iso_worker *w, const ipc_message *m, bool may_grow)
{
    uint32_t length = m->word[ISO_AT_LENGTH];
    uint64_t room = w->reply.granted - ISO_REPLY_AREA;
    if (epoch_of(m) != w->epoch || m->word[ISO_AT_SEQUENCE] != w->sequence || length == 0) {
        return false;
    }
    for (uint32_t i = ISO_AT_CAPACITY; i < IPC_WORDS; i++) {
        if (m->word[i]) {
            return false;
        }
    }
    switch (m->word[ISO_AT_KIND]) {
    case ISO_DONE:
        return length <= room;
    case ISO_NEED:
        return may_grow && length > room && length <= RESERVED - ISO_REPLY_AREA;
    default:
        return false;
    }
}

int iso_worker_wait(iso_worker *w, uint64_t timeout_ns, bool doorbell, uint32_t *length)
{
    bool may_grow = true;
    for (;;) {
        ipc_message m;
        int got = ipc_recv(&w->link, &m, timeout_ns);
        if (got != IPC_OK) {
            return got;
        }
        if (!check_reply(w, &m, may_grow)) {
            bool before = epoch_of(&m) == w->epoch && m.word[ISO_AT_SEQUENCE] == w->sequence - 1;
            return before ? ISO_STALE : IPC_VIOLATION;
        }
        *length = m.word[ISO_AT_LENGTH];
        if (*length > w->output) {
            return ipc_pop_ready(&w->link.in) ? IPC_VIOLATION : ISO_TOO_LONG;
        }
        if (m.word[ISO_AT_KIND] == ISO_DONE) {
            return ipc_pop_ready(&w->link.in) ? IPC_VIOLATION : IPC_OK; /* one reply a job */
        }
        may_grow = false;
        if (ipc_region_grow(&w->reply, whole_pages(ISO_REPLY_AREA + (uint64_t)*length))) {
            return ISO_NO_MEMORY;
        }
        int sent = send(w, ISO_TAKE, 0, doorbell);
        if (sent != IPC_OK) {
            return sent;
        }
    }
}

bool iso_worker_began(const iso_worker *w)
{
    uint32_t head = atomic_load_explicit(&w->shared->requests.head, memory_order_relaxed);
    return head == w->link.out.tail;
}

static uint32_t word_at(const uint8_t *bytes, uint32_t at)
{
    uint32_t word;
    memcpy(&word, bytes + at, sizeof word);
    return word;
}

int iso_worker_copy(const iso_worker *w, uint8_t *out, uint32_t length)
{
    memcpy(out, w->reply.base + ISO_REPLY_AREA, length);
    bool block = length >= RST_HEADER_SIZE && word_at(out, RST_HEADER_MAGIC) == RST_MAGIC_RESULT &&
                 word_at(out, RST_HEADER_VERSION) == RST_FORMAT_VERSION &&
                 word_at(out, RST_HEADER_LENGTH) == length;
    return block ? IPC_OK : IPC_VIOLATION;
}

void iso_worker_cancel(iso_worker *w)
{
    atomic_store_explicit(&w->shared->cancel, 1, memory_order_relaxed);
}

uint64_t iso_worker_shared(const iso_worker *w)
{
    return w->request.granted + w->reply.granted;
}

void iso_worker_bury(iso_worker *w)
{
    ipc_close(w->control);
    w->control = -1;
    ipc_region_close(&w->request);
    ipc_region_close(&w->reply);
    w->shared = NULL;
}
