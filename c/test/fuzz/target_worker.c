/* The host's side of the protocol against a worker that writes whatever it likes: its handshake,
 * the words that both share, its replies, its results, with and without a shared heap.
 *
 * There is no process: the target plays the worker in a real pair of regions, of which nothing is
 * mapped beyond what was granted. An input is a byte of flags and then changes of eight bytes each,
 * which are made to what an honest worker would have written. Whatever comes of it, the host has
 * one of its verdicts and stays within its memory, and a job has one answer at most.
 */
#if defined __linux__
#include <string.h>

#include "fuzz.h"
#include "isolate/worker.h"
#include "job/format.h"

#define RESERVED (UINT64_C(1) << 24)

enum { GROWN_MOST = 4 << 20, ROOM = 64 * 1024, OUTPUT_MOST = FUZZ_OUT, EXTENT_FIRST = ROOM };
enum { WORDS = sizeof(iso_shared) / 4, STEP = 8 };

/* Flags of an input. */
enum { HEAP = 1, VIEW = 2, TWO_REPLIES = 4, GROWTH = 8, HANDSHAKE = 16, SECOND_JOB = 32 };
/* When a change is made, or to what. */
enum { AT_FIRST = 0, WHILE_IT_RUNS = 1, IN_REPLY = 2, IN_SECOND = 3, IN_RESULT = 4, IN_READY = 5 };

typedef struct change {
    uint16_t where;
    uint8_t how; /* 0 set, 1 xor, 2 add, 3 ready-made */
    uint8_t when;
    uint32_t value;
} change;

static iso_worker w;
static const uint8_t *script;
static uint32_t script_length;

static uint32_t changed(const change *c, uint32_t word)
{
    return c->how % 3 == 0 ? c->value : c->how % 3 == 1 ? word ^ c->value : word + c->value;
}

static bool next_change(uint32_t *at, uint32_t when, change *c)
{
    while (*at + STEP <= script_length) {
        memcpy(c, script + *at, sizeof *c);
        *at += STEP;
        if (c->when % 6 == when) {
            return true;
        }
    }
    return false;
}

static void change_words(uint32_t when, uint32_t *words, uint32_t count)
{
    change c;
    for (uint32_t at = 1; next_change(&at, when, &c);) {
        words[c.where % count] = changed(&c, words[c.where % count]);
    }
}

static void change_shared(uint32_t when)
{
    change c;
    for (uint32_t at = 1; next_change(&at, when, &c);) {
        _Atomic uint32_t *word = (_Atomic uint32_t *)(void *)w.shared + c.where % WORDS;
        uint32_t is = atomic_load_explicit(word, memory_order_relaxed);
        atomic_store_explicit(word, changed(&c, is), memory_order_relaxed);
    }
}

/* A result at a place of the reply region, as far as that is there. */
static void write_result(uint64_t start, uint32_t length)
{
    uint32_t words[RST_HEADER_SIZE / 4] = {0};
    words[RST_HEADER_MAGIC / 4] = RST_MAGIC_RESULT;
    words[RST_HEADER_VERSION / 4] = RST_FORMAT_VERSION;
    words[RST_HEADER_LENGTH / 4] = length;
    change_words(IN_RESULT, words, sizeof words / 4);
    if (start + sizeof words <= w.reply->granted) {
        memcpy(w.reply->base + start, words, sizeof words);
    }
}

static void push_reply(uint32_t nth, uint32_t kind, uint32_t length)
{
    ipc_producer out = {
        .ring = &w.shared->replies, .tail = w.link.in.head + nth, .head = w.link.in.head};
    ipc_message m = {{0}};
    bool wake;
    m.word[ISO_AT_KIND] = kind;
    m.word[ISO_AT_SEQUENCE] = w.sequence;
    m.word[ISO_AT_EPOCH] = (uint32_t)w.epoch;
    m.word[ISO_AT_EPOCH + 1] = (uint32_t)(w.epoch >> 32);
    m.word[ISO_AT_LENGTH] = length;
    if (w.arguments && kind == ISO_DONE && w.extents) {
        m.word[ISO_AT_PLACE] = (uint32_t)(w.extent[0].start / ISO_UNIT);
    }
    change_words(nth ? IN_SECOND : IN_REPLY, m.word, IPC_WORDS);
    write_result(w.arguments ? (uint64_t)m.word[ISO_AT_PLACE] * ISO_UNIT : ISO_REPLY_AREA,
                 m.word[ISO_AT_LENGTH]);
    (void)ipc_push(&out, &m, &wake);
}

static void play_worker(uint32_t flags)
{
    bool growth = flags & GROWTH;
    uint32_t growing = w.arguments ? ISO_GROW : ISO_NEED;
    uint32_t length = w.arguments ? 3 : ROOM + 4096;
    push_reply(0, growth ? growing : ISO_DONE, growth ? length : RST_HEADER_SIZE);
    if (growth || flags & TWO_REPLIES) {
        push_reply(1, ISO_DONE, growth && !w.arguments ? length : RST_HEADER_SIZE);
    }
    change_shared(WHILE_IT_RUNS);
}

static void must_be_verdict(int got)
{
    bool verdict = got == IPC_OK || got == IPC_TIMED_OUT || got == IPC_VIOLATION ||
                   got == ISO_STALE || got == ISO_NO_MEMORY || got == ISO_TOO_LONG;
    if (!verdict) {
        fuzz_finding("the host has no verdict");
    }
}

static void take_result(uint32_t length, bool view)
{
    if (length > OUTPUT_MOST || length > w.reply->granted) {
        fuzz_finding("a result is longer than it can be");
    }
    if (view && w.arguments) {
        double piece = 0;
        int got = iso_worker_view(&w, length, &piece);
        must_be_verdict(got);
        if (got == IPC_OK && iso_piece_close(piece)) {
            fuzz_finding("a view that is none");
        }
        return;
    }
    uint8_t *out = fuzz_out(length);
    uint32_t said;
    if (iso_worker_copy(&w, out, length) == IPC_OK) {
        memcpy(&said, out + RST_HEADER_LENGTH, sizeof said);
        if (length < RST_HEADER_SIZE || said != length) {
            fuzz_finding("a result was accepted whose length is another");
        }
    }
}

static void one_job(uint32_t flags)
{
    static const uint8_t job[RST_HEADER_SIZE];
    static const iso_source source = {.bytes = job, .length = sizeof job};
    uint32_t length = 0;
    int got = iso_worker_give(&w, &source);
    must_be_verdict(got);
    if (got != IPC_OK) {
        return;
    }
    play_worker(flags);
    got = iso_worker_wait(&w, 0, &length);
    must_be_verdict(got);
    if (got == IPC_OK) {
        take_result(length, flags & VIEW);
    }
    (void)iso_worker_began(&w);
    iso_worker_cancel(&w);
}

static void open_regions(bool heap)
{
    memset(&w, 0, sizeof w);
    w.control = w.process.handle = w.request.handle = w.own_reply.handle = -1;
    w.reply = &w.own_reply;
    bool made;
    if (heap) {
        w.arguments = iso_area_create(0, EXTENT_FIRST, RESERVED, true);
        w.results = iso_area_create(ISO_REPLY_AREA, ISO_REPLY_AREA + ROOM, RESERVED, false);
        made = w.arguments && w.results;
        w.reply = made ? &w.results->region : NULL;
    } else {
        made = !ipc_region_create(&w.request, ROOM, RESERVED, true) &&
               !ipc_region_create(w.reply, ISO_REPLY_AREA + ROOM, RESERVED, false);
    }
    if (!made) {
        fuzz_finding("there are no shared regions");
    }
}

static void begin(bool heap)
{
    static iso_worker kept[2];
    static bool there[2];
    static int current = -1;
    if (current >= 0) {
        kept[current] = w;
    }
    if (current >= 0 && w.reply->granted > GROWN_MOST) {
        iso_area *arguments = w.arguments;
        iso_worker_bury(&w);
        esp_let_go(arguments ? &arguments->held : NULL);
        there[current] = false;
    }
    current = heap;
    if (!there[current]) {
        open_regions(heap);
        kept[current] = w;
        there[current] = true;
    }
    w = kept[current];
    w.reply = heap ? &w.results->region : &w.own_reply;
    /* What an input before let grow is said to be as at first, or this one would find more room. */
    w.own_reply.granted = heap ? 0 : ISO_REPLY_AREA + ROOM;
    w.shared = (iso_shared *)(void *)w.reply->base;
    w.epoch = UINT64_C(0x500000007);
    w.sequence = 41;
    w.output = OUTPUT_MOST;
    ipc_ring_init(&w.shared->requests);
    ipc_ring_init(&w.shared->replies);
    ipc_link_init(&w.link, &w.shared->requests, &w.shared->replies, 0);
    w.link.gone = &w.gone;
    w.link.slice_ns = 1000000;
}

static void handshake(void)
{
    static int32_t theirs = -1;
    static int32_t ours = -1;
    union {
        iso_ready ready;
        uint32_t words[sizeof(iso_ready) / 4];
    } said;
    if (ours < 0 && ipc_socket_pair(&ours, &theirs)) {
        fuzz_finding("there are no sockets");
    }
    memset(&said, 0, sizeof said);
    said.ready = (iso_ready){.magic = ISO_MAGIC,
                             .version = ISO_VERSION,
                             .epoch = w.epoch,
                             .memory = 1 << 20,
                             .image = ISO_IMAGE_STATIC,
                             .operations = 3,
                             .build = RST_VERSION};
    change_words(IN_READY, said.words, sizeof said.words / 4);
    w.control = ours;
    (void)ipc_socket_send(theirs, &said, sizeof said, NULL, 0);
    int got = iso_worker_check_ready(&w);
    w.control = -1;
    if (got != IPC_OK && got != IPC_VIOLATION) {
        fuzz_finding("the host has no verdict about a handshake");
    }
}

static void run(const uint8_t *bytes, uint32_t length)
{
    uint32_t flags = length ? bytes[0] : 0;
    script = bytes;
    script_length = length;
    begin(flags & HEAP);
    change_shared(AT_FIRST);
    if (flags & HANDSHAKE) {
        handshake();
    }
    one_job(flags);
    if (flags & SECOND_JOB) {
        one_job(flags >> 6);
    }
}

static bool seed(uint32_t n, fuzz_bytes *out)
{
    if (n >= 64) {
        return false;
    }
    out->length = 1;
    out->data[0] = (uint8_t)n;
    return true;
}

/* Words of a message that are worth changing, and of what is shared. */
static void alter(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random)
{
    change c;
    uint32_t count = b->length / STEP;
    uint32_t at = 1 + fuzz_below(random, count + 1) * STEP;
    switch (fuzz_below(random, 6)) {
    case 0:
        if (b->length) {
            b->data[0] ^= (uint8_t)(1u << fuzz_below(random, 8));
        }
        break;
    case 1:
        fuzz_remove(b, at, STEP);
        break;
    case 2:
        if (other->length >= 1 + STEP) {
            uint32_t from = 1 + fuzz_below(random, other->length / STEP) * STEP;
            if (from + STEP <= other->length) {
                memcpy(&c, other->data + from, sizeof c);
                fuzz_insert(b, at, &c, sizeof c);
            }
        }
        break;
    default:
        c.where = (uint16_t)fuzz_below(random, fuzz_below(random, 2) ? 12 : WORDS);
        c.how = (uint8_t)fuzz_below(random, 3);
        c.when = (uint8_t)fuzz_below(random, 6);
        c.value = fuzz_number(random, fuzz_below(random, 2) ? ROOM : RST_HEADER_SIZE);
        if (fuzz_below(random, 2) || at + STEP > b->length) {
            fuzz_insert(b, at, &c, sizeof c);
        } else {
            memcpy(b->data + at, &c, sizeof c);
        }
        break;
    }
}

const fuzz_target fuzz_worker = {"worker", seed, run, alter};
#else
typedef int nothing_here; /* there is no other process to talk to */
#endif
