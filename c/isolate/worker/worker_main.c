/* The worker: a program that runs jobs for one host, and nothing else. It inherits a control socket
 * and the reply region, gets the request region by the first message, and then answers messages
 * until its host is gone.
 *
 *      main thread      waits on the request ring ──► runs the job ──► reply ring
 *      watcher          waits on the control socket; its end is the host's end ──► exit
 *
 * Started with the argument `streams`, it serves its standard streams instead (streams.c).
 *
 * Before its first job it maps all memory that it will ever have, and gives up whatever it does not
 * need for that (ipc/sandbox.h). It never speaks first, holds no state between jobs but its arena,
 * and trusts its host; the host does not trust it. Signals have their default effects: a crash ends
 * the process, at once.
 */
#include <stdlib.h> /* _Exit */
#include <string.h>

#include "abi/build.h"
#include "ipc/link.h"
#include "ipc/sandbox.h"
#include "ipc/system.h"
#include "isolate/protocol.h"
#include "isolate/worker/faults.h"
#include "isolate/worker/heap.h"
#include "isolate/worker/library.h"
#include "isolate/worker/memory.h"
#include "isolate/worker/streams.h"
#include "job/format.h"
#include "job/job.h"
#include "platform/os.h"

enum { LINGER_NS = 50000, STACK_WIPED = 96 * 1024 };
enum { LIBRARY_ADDRESSES = 256 * 1024 * 1024 }; /* itself, and what it depends on */
enum {
    WATCHER_STACK = 64 * 1024,
    BARE_STACK = 16 * 1024,
    PAGE = 4096,
    OTHER_ADDRESSES = 64 * 1024 * 1024
};

typedef struct worker {
    iso_hello hello;
    ipc_sandbox sandbox;
    uint64_t memory; /* bytes that its jobs may have */
    ipc_region request;
    ipc_region reply;
    iso_shared *shared;
    ipc_link link;
    esp_runner runner;
} worker;

static worker w;
static _Atomic uint32_t watching; /* 1: its thread has made all calls that a new thread makes */
static int32_t watcher_id;        /* then */

/* Exit codes, which say what failed to whoever looks at a worker that never was ready. */
enum { EXIT_HOST_GONE = 0, EXIT_HELLO = 3, EXIT_REGION = 4, EXIT_WATCHER = 5, EXIT_PROTOCOL = 6 };
enum { EXIT_LIBRARY = 7 };

static void watch(void)
{
    for (;;) {
        uint8_t word[8];
        uint32_t handles;
        if (ipc_socket_receive(ISO_CONTROL, word, sizeof word, NULL, 0, &handles, true) <= 0) {
            _Exit(EXIT_HOST_GONE);
        }
    }
}

static void begin_to_watch(void *unused)
{
    (void)unused;
    watcher_id = ipc_thread_id();
    atomic_store(&watching, 1);
    ipc_wake(&watching);
    watch();
}

/* When this returns the filter may be loaded. A library may have memory of its own for each thread,
 * so the dynamic image takes threads as libc makes them, and waits. */
static void start_watcher(void)
{
    static _Alignas(16) uint8_t stack[BARE_STACK];
    os_thread watcher;
    int32_t id = ISO_IMAGE == ISO_IMAGE_DYNAMIC ? 0 : ipc_thread_bare(watch, stack, sizeof stack);
    if (id > 0) {
        watcher_id = id;
        return;
    }
    if (os_thread_start(&watcher, begin_to_watch, NULL, WATCHER_STACK)) {
        _Exit(EXIT_WATCHER);
    }
    while (!atomic_load(&watching)) {
        ipc_wait(&watching, 0, IPC_FOREVER);
    }
}

/* Handles that come with a hello: the request region; then a library, or of a copy of the zygote
 * its control socket and its reply region. */
enum { HANDLES_MOST = 3 };
static int32_t given[HANDLES_MOST];

static void receive_hello(void)
{
    uint32_t handles = 0;
    int n = ipc_socket_receive(ISO_CONTROL, &w.hello, sizeof w.hello, given, HANDLES_MOST, &handles,
                               true);
    bool copied = w.sandbox.handles > 0;
    uint32_t wanted = w.hello.zygote ? 0 : copied ? 3 : ISO_IMAGE == ISO_IMAGE_DYNAMIC ? 2 : 1;
    if (n != (int)sizeof w.hello || handles != wanted || w.hello.magic != ISO_MAGIC ||
        w.hello.version != ISO_VERSION || w.hello.image != ISO_IMAGE ||
        strncmp(w.hello.build, RST_VERSION " " RST_BUILD_ID, ISO_BUILD_ROOM) != 0) {
        _Exit(n == 0 ? EXIT_HOST_GONE : EXIT_HELLO);
    }
}

static void map_regions(int32_t reply)
{
    if (ipc_region_map(&w.request, given[0], w.hello.request_granted, w.hello.request_reserved,
                       false) ||
        ipc_region_map(&w.reply, reply, w.hello.reply_granted, w.hello.reply_reserved, true)) {
        _Exit(EXIT_REGION);
    }
    w.shared = (iso_shared *)(void *)w.reply.base;
}

/* Whatever is to be mapped was mapped. Only the watcher's thread comes after this. */
static void enter_sandbox(void)
{
    w.memory = iso_memory_init(w.hello.memory);
    if (w.memory == 0) {
        _Exit(EXIT_REGION);
    }
    w.sandbox = (ipc_sandbox){
        .wanted = w.hello.guards,
        .channel = ISO_CONTROL,
        .addresses = w.hello.request_reserved + w.hello.reply_reserved + w.memory + OTHER_ADDRESSES,
        .cpu_seconds = w.hello.cpu_seconds,
        .nice = w.hello.nice,
        .oom = w.hello.oom,
        .handles = w.hello.zygote ? HANDLES_MOST : 0,
    };
    if (ISO_IMAGE == ISO_IMAGE_DYNAMIC) { /* a library asks the system for memory of its own */
        w.sandbox.allocates = true;
        w.sandbox.addresses += w.memory + LIBRARY_ADDRESSES;
    }
    ipc_sandbox_enter(&w.sandbox);
}

static void send_ready(void)
{
    iso_ready ready = {
        .magic = ISO_MAGIC,
        .version = ISO_VERSION,
        .epoch = w.hello.epoch,
        .memory = w.memory,
        .image = ISO_IMAGE,
        .guards = w.sandbox.reached | (w.sandbox.allocates ? 0 : IPC_GUARD_MEMORY),
        .landlock = w.sandbox.landlock,
        .calls = w.sandbox.calls,
        .watcher = watcher_id,
        .build = RST_VERSION " " RST_BUILD_ID,
    };
    for (uint32_t op = RST_OP_MINIMIZE; op <= RST_OP_EXPLAIN; op++) {
        ready.operation[ready.operations++] = op;
    }
    iso_library_tell(&ready);
    iso_fault_ready(&ready);
    if (ipc_socket_send(ISO_CONTROL, &ready, sizeof ready, NULL, 0)) {
        _Exit(EXIT_HOST_GONE);
    }
}

static void send_reply(const ipc_message *request, ipc_message *reply, uint32_t kind,
                       uint32_t length)
{
    reply->word[ISO_AT_KIND] = kind;
    reply->word[ISO_AT_SEQUENCE] = request->word[ISO_AT_SEQUENCE];
    reply->word[ISO_AT_EPOCH] = (uint32_t)w.hello.epoch;
    reply->word[ISO_AT_EPOCH + 1] = (uint32_t)(w.hello.epoch >> 32);
    reply->word[ISO_AT_LENGTH] = length;
    iso_fault_reply(&w.link, reply);
    if (ipc_send(&w.link, reply, IPC_FOREVER) != IPC_OK) {
        _Exit(EXIT_PROTOCOL);
    }
    iso_fault_step(ISO_STEP_REPLIED);
    /* After the reply: whoever asks from now on looks whether it is there. */
    atomic_thread_fence(memory_order_seq_cst);
    uint32_t told = atomic_load_explicit(&w.shared->doorbell, memory_order_relaxed);
    if (told == w.link.in.head) {
        uint32_t ring = 1;
        (void)ipc_socket_send(ISO_CONTROL, &ring, sizeof ring, NULL, 0);
        iso_fault_step(ISO_STEP_RANG);
    }
}

static void answer(const ipc_message *request, uint32_t kind, uint32_t length)
{
    ipc_message reply = {{0}};
    send_reply(request, &reply, kind, length);
}

static const ipc_message *called; /* the call that is served */

/* Asks the host for memory; 0 bytes: there is none. Called from within the core, by way of
 * iso_bump_alloc. */
static size_t ask(uint32_t pages, uint8_t **at)
{
    ipc_message reply = {{0}};
    ipc_message grant;
    if (!called) {
        return 0; /* a rehearsal: nobody listens yet */
    }
    send_reply(called, &reply, ISO_GROW, pages);
    iso_fault_step(ISO_STEP_ASKED);
    if (ipc_recv(&w.link, &grant, IPC_FOREVER) != IPC_OK || grant.word[ISO_AT_KIND] != ISO_GRANT) {
        _Exit(EXIT_PROTOCOL);
    }
    iso_fault_step(ISO_STEP_GRANTED);
    *at = w.reply.base + (uint64_t)grant.word[ISO_AT_EXTENT] * PAGE;
    return (size_t)grant.word[ISO_AT_PAGES] * PAGE;
}

static void begin_job(const uint8_t *job, uint32_t length)
{
    iso_fault_job(job, length);
    iso_fault_step(ISO_STEP_RECEIVED);
}

/* The job's progress stands where a host that wonders looks at it; its time began to count when
 * somebody asked for it. */
static uint32_t run_job(const ipc_message *request, const uint8_t *job, uint8_t *out,
                        uint32_t capacity)
{
    uint32_t length = request->word[ISO_AT_LENGTH];
    const uint32_t *words = request->word + ISO_AT_WAITED;
    uint64_t waited = words[0] | (uint64_t)words[1] << 32;
    w.runner.since = waited ? iso_fault_clock() - waited : 0;
    w.runner.progress = (esp_progress *)(void *)w.shared->progress;
    return iso_library_owns(job, length) ? iso_library_run(&w.runner, job, length, out, capacity)
                                         : esp_run_job(&w.runner, job, length, out, capacity);
}

/* A call: the job is where the host says, and so is the memory to work in; of that nothing is kept
 * for the next one. */
static void serve_call(const ipc_message *request)
{
    const uint8_t *job = w.request.base + (uint64_t)request->word[ISO_AT_PLACE] * ISO_UNIT;
    uint32_t length = request->word[ISO_AT_LENGTH];
    begin_job(job, length);
    called = request;
    iso_bump_begin(w.reply.base + (uint64_t)request->word[ISO_AT_EXTENT] * PAGE,
                   (size_t)request->word[ISO_AT_PAGES] * PAGE);
    iso_fault_step(ISO_STEP_CALLED);
    uint8_t *out = iso_bump_alloc(NULL, PAGE);
    esp_runner_init(&w.runner, iso_fault_clock);
    w.runner.cancel = &w.shared->cancel;
    uint32_t needed = run_job(request, job, out, PAGE);
    const uint8_t *result = needed <= PAGE ? out : w.runner.kept;
    iso_fault_step(ISO_STEP_COMPUTED);
    ipc_message reply = {{0}};
    reply.word[ISO_AT_PLACE] = (uint32_t)((uint64_t)(result - w.reply.base) / ISO_UNIT);
    send_reply(request, &reply, ISO_DONE, needed);
}

/* More than the core's deepest calls have: what they left there becomes zeros. */
__attribute__((noinline)) static void wipe_stack(void)
{
    volatile uint64_t words[STACK_WIPED / 8];
    for (uint32_t i = 0; i < STACK_WIPED / 8; i++) {
        words[i] = 0;
    }
}

/* Nothing of the job that was run is left in memory that is this process's alone. The rest, shared
 * memory, is the host's to clear: the result is still to be read. */
static void wipe(void)
{
    esp_runner_free(&w.runner);
    memset(&w.runner, 0, sizeof w.runner);
    esp_runner_init(&w.runner, os_clock_ns);
    iso_memory_wipe();
    wipe_stack();
}

/* True: that was its last job. */
static bool serve(const ipc_message *request)
{
    uint8_t *out = w.reply.base + ISO_REPLY_AREA;
    uint32_t capacity = request->word[ISO_AT_CAPACITY];
    uint32_t length = 0;
    switch (request->word[ISO_AT_KIND]) {
    case ISO_CALL:
        serve_call(request);
        return request->word[ISO_AT_LAST] != 0;
    case ISO_RUN:
        begin_job(w.request.base, request->word[ISO_AT_LENGTH]);
        w.runner.cancel = &w.shared->cancel;
        length = run_job(request, w.request.base, out, capacity);
        iso_fault_step(ISO_STEP_COMPUTED);
        break;
    case ISO_TAKE:
        iso_fault_step(ISO_STEP_TAKING);
        length = esp_take_result(&w.runner, out, capacity);
        break;
    default:
        _Exit(EXIT_PROTOCOL);
    }
    if (request->word[ISO_AT_WIPE] && length <= capacity) {
        wipe();
    }
    answer(request, length <= capacity ? ISO_DONE : ISO_NEED, length);
    return length <= capacity && request->word[ISO_AT_LAST] != 0;
}

/* The end of a process takes longer than a job: whoever waits for the answer goes first, also on
 * this processor. */
static void linger(void)
{
    static _Atomic uint32_t never;
    iso_fault_step(ISO_STEP_LAST);
    ipc_wait(&never, 0, LINGER_NS);
    _Exit(EXIT_HOST_GONE);
}

/* Jobs whose answers nobody sees: the pages of code, stack and memory that every job needs are
 * there before the first one comes. One of nothing; one on a truth table; one for the whole loop.
 */
static void rehearse(uint32_t inputs, uint8_t *out)
{
    enum { VARS = 128, ON = 192, LENGTH = 256, AND = 2 };
    static _Alignas(64) uint32_t job[LENGTH / 4];
    memset(job, 0, sizeof job);
    job[RST_HEADER_MAGIC / 4] = RST_MAGIC_JOB;
    job[RST_HEADER_VERSION / 4] = RST_FORMAT_VERSION;
    job[RST_HEADER_OPERATION / 4] = RST_OP_MINIMIZE;
    job[RST_HEADER_SECTIONS / 4] = 2;
    job[RST_HEADER_LENGTH / 4] = LENGTH;
    const uint32_t entries[2][5] = {{RST_SECTION_VARS, RST_CRITICAL, VARS, 12, 0},
                                    {RST_SECTION_ON, RST_CRITICAL, ON, 8 * AND, AND}};
    memcpy(job + RST_HEADER_SIZE / 4, entries[0], sizeof entries[0]);
    memcpy(job + (RST_HEADER_SIZE + RST_ENTRY_SIZE) / 4, entries[1], sizeof entries[1]);
    job[VARS / 4] = inputs;
    job[VARS / 4 + 1] = job[VARS / 4 + 2] = 1;
    uint64_t all = ((UINT64_C(1) << 2 * inputs) - 1) | UINT64_C(1) << 2 * inputs;
    const uint64_t cubes[AND] = {all - 1, all - 2 - 4}; /* a, a' b */
    memcpy(job + ON / 4, cubes, sizeof cubes);
    (void)esp_run_job(&w.runner, (const uint8_t *)job, LENGTH, out, PAGE);
}

static void warm_up(uint8_t *out)
{
    (void)esp_run_job(&w.runner, out, 0, out, PAGE);
    rehearse(4, out);
    rehearse(14, out);
    memset(out, 0, PAGE);
}

static void use_heap(void)
{
    iso_bump_use(ask);
    iso_bump_begin(w.reply.base + ISO_REPLY_AREA, (size_t)(w.hello.reply_granted - ISO_REPLY_AREA));
    (void)iso_bump_alloc(NULL, PAGE);
}

/* Copies itself for each hello that comes; only the copies return. They find in their memory what
 * the rehearsal left, and make pages of it their own in another one. */
static void be_zygote(char *name)
{
    static const char names[2][17] = {"ristretto-zygote", "ristretto-worker"};
    static uint8_t out[PAGE];
    size_t length = strlen(name) == strlen(names[0]) ? strlen(name) : 0;
    memcpy(name, names[0], length);
    warm_up(out);
    (void)ipc_processors(); /* which copies need not find out, then */
    send_ready();
    for (;;) {
        receive_hello();
        int32_t id = ipc_process_copy();
        if (id == 0) {
            break;
        }
        iso_fault_copied(&w.hello);
        for (uint32_t i = 0; i < HANDLES_MOST; i++) {
            ipc_close(given[i]);
        }
        const iso_copied answer = {.epoch = w.hello.epoch, .id = id};
        if (ipc_socket_send(ISO_CONTROL, &answer, sizeof answer, NULL, 0)) {
            _Exit(EXIT_HOST_GONE);
        }
    }
    memcpy(name, names[1], length);
    if (ipc_handle_move(given[1], ISO_CONTROL)) {
        _Exit(EXIT_HELLO);
    }
    map_regions(given[2]);
}

int main(int count, char **words)
{
    ipc_process_begin(count, words);
    if (count > 1 && strcmp(words[1], "streams") == 0) {
        iso_serve_streams();
    }
    receive_hello();
    iso_fault_hello(&w.hello);
    iso_fault_step(ISO_STEP_GREETED);
    if (ISO_IMAGE == ISO_IMAGE_DYNAMIC && !iso_library_load(given[1])) {
        _Exit(EXIT_LIBRARY);
    }
    if (!w.hello.zygote) {
        map_regions(ISO_REPLY_REGION);
    }
    enter_sandbox();
    esp_runner_init(&w.runner, iso_fault_clock);
    if (w.hello.zygote) {
        be_zygote(words[0]);
    }
    iso_fault_step(ISO_STEP_SANDBOXED);
    start_watcher();
    ipc_link_init(&w.link, &w.shared->replies, &w.shared->requests, w.hello.spin_ns);
    iso_fault_step(ISO_STEP_WATCHED);
    ipc_sandbox_seal(&w.sandbox);
    iso_fault_step(ISO_STEP_SEALED);
    if (w.hello.heap) {
        use_heap();
    }
    warm_up(w.reply.base + ISO_REPLY_AREA);
    iso_fault_step(ISO_STEP_WARMED);
    send_ready();
    iso_fault_step(ISO_STEP_READY);
    for (;;) {
        ipc_message request;
        if (ipc_recv(&w.link, &request, IPC_FOREVER) != IPC_OK) {
            _Exit(EXIT_PROTOCOL);
        }
        if (serve(&request)) {
            linger();
        }
    }
}
