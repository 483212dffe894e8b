/* Jobs from standard input, results to standard output.
 *
 *      reader        reads a frame ──► job, cancel; the input's end is the host's end ──► exit
 *      main thread   waits for a job ──► runs it ──► one write: head and result
 *
 * A frame is a head of 64 bytes, the words of a message of protocol.h, and as many bytes as the
 * head says. There are no epochs: a pipe belongs to one process, and what a dead one wrote can be
 * read by nobody but whoever held its pipe. One job at a time; a host that sends another before the
 * answer breaks the rules, and the program ends.
 *
 * It was started by somebody else's code, which may have left signals ignored, files open and the
 * terminal's group: ipc_process_settle sets that right first. The room for a job and that for a
 * result are addresses that are reserved once; from then on the sandbox is that of any worker.
 */
#include "isolate/worker/streams.h"

#include <stdlib.h> /* _Exit */
#include <string.h>

#include "abi/build.h"
#include "ipc/sandbox.h"
#include "ipc/system.h"
#include "isolate/protocol.h"
#include "isolate/worker/faults.h"
#include "isolate/worker/memory.h"
#include "job/job.h"
#include "platform/os.h"

enum { STACK = 64 * 1024, HEAD = 4 * IPC_WORDS, KEPT_MOST = 4 << 20, PAGE = 4096 };
enum { OTHER_ADDRESSES = 64 * 1024 * 1024 };

/* Exit codes, beside those of worker_main.c. */
enum { EXIT_HOST_GONE = 0, EXIT_HELLO = 3, EXIT_PROTOCOL = 6, EXIT_MEMORY = 7, EXIT_THREAD = 8 };

/* Room for bytes: addresses, which become memory when they are touched. */
typedef struct room {
    uint8_t *bytes;
    uint64_t size;
    uint64_t used; /* bytes that may have been touched */
} room;

/* The job that is read or runs: the reader's while `there` is 0, the main thread's while it is 1.
 */
static _Atomic uint32_t there;
static room job;
static uint32_t job_length;
static _Atomic uint32_t sequence;
static _Atomic uint32_t cancel;
static _Atomic uint32_t reading; /* 1: the reader has made all calls that a new thread makes */
static room out;
static uint64_t memory;
static ipc_sandbox sandbox;

static void read_all(uint8_t *bytes, size_t length)
{
    while (length > 0) {
        size_t n = ipc_stream_read(bytes, length);
        if (n == 0) {
            _Exit(EXIT_HOST_GONE);
        }
        bytes += n;
        length -= n;
    }
}

/* Room for `length` bytes of contents that nobody needs any more; much of it is given back. */
static void make_room(room *r, uint64_t length)
{
    if (length > r->size) {
        _Exit(EXIT_MEMORY);
    }
    if (r->used > KEPT_MOST && length <= KEPT_MOST) {
        ipc_memory_forget(r->bytes, (r->used + PAGE - 1) / PAGE * PAGE);
        r->used = 0;
    }
    r->used = length > r->used ? length : r->used;
}

static void receive_job(const ipc_message *head)
{
    if (atomic_load(&there)) {
        _Exit(EXIT_PROTOCOL);
    }
    job_length = head->word[ISO_AT_LENGTH];
    atomic_store(&sequence, head->word[ISO_AT_SEQUENCE]);
    make_room(&job, job_length);
    read_all(job.bytes, job_length);
    atomic_store(&cancel, 0);
    atomic_store(&there, 1);
    ipc_wake(&there);
}

static void read_frames(void *unused)
{
    (void)unused;
    atomic_store(&reading, 1);
    ipc_wake(&reading);
    for (;;) {
        ipc_message head;
        read_all((uint8_t *)head.word, HEAD);
        switch (head.word[ISO_AT_KIND]) {
        case ISO_RUN:
            receive_job(&head);
            break;
        case ISO_CANCEL: /* of a job that was answered meanwhile: too late, no harm */
            if (head.word[ISO_AT_SEQUENCE] == atomic_load(&sequence)) {
                atomic_store(&cancel, 1);
            }
            break;
        default:
            _Exit(EXIT_PROTOCOL);
        }
    }
}

/* A frame whose bytes stand behind HEAD bytes of room. */
static void write_frame(uint8_t *frame, uint32_t kind, uint32_t number, uint32_t length)
{
    ipc_message head = {{0}};
    head.word[ISO_AT_KIND] = kind;
    head.word[ISO_AT_SEQUENCE] = number;
    head.word[ISO_AT_LENGTH] = length;
    memcpy(frame, head.word, HEAD);
    if (!ipc_stream_write(frame, HEAD + (size_t)length)) {
        _Exit(EXIT_HOST_GONE);
    }
}

static void serve(esp_runner *runner)
{
    make_room(&out, HEAD);
    uint64_t room_left = out.size - HEAD;
    uint32_t capacity = room_left < UINT32_MAX ? (uint32_t)room_left : UINT32_MAX;
    uint32_t number = atomic_load(&sequence);
    write_frame(out.bytes, ISO_BEGUN, number, 0);
    iso_fault_job(job.bytes, job_length);
    runner->cancel = &cancel;
    uint32_t length = esp_run_job(runner, job.bytes, job_length, out.bytes + HEAD, capacity);
    if (length > capacity) {
        _Exit(EXIT_MEMORY);
    }
    out.used = HEAD + (uint64_t)length > out.used ? HEAD + (uint64_t)length : out.used;
    atomic_store(&there, 0); /* before the answer: the next job may come at once */
    write_frame(out.bytes, ISO_DONE, number, length);
}

static void enter_sandbox(void)
{
    ipc_message head;
    iso_stream_hello hello;
    read_all((uint8_t *)head.word, HEAD);
    if (head.word[ISO_AT_KIND] != ISO_HELLO || head.word[ISO_AT_SEQUENCE] != ISO_VERSION ||
        head.word[ISO_AT_LENGTH] != sizeof hello) {
        _Exit(EXIT_HELLO);
    }
    read_all((uint8_t *)&hello, sizeof hello);
    job.bytes = ipc_memory_reserve(ISO_RESERVED, &job.size);
    out.bytes = ipc_memory_reserve(ISO_RESERVED, &out.size);
    uint64_t wanted = hello.memory_kib ? (uint64_t)hello.memory_kib * 1024 : ISO_USUAL_MEMORY;
    memory = iso_memory_init(wanted);
    if (!job.bytes || !out.bytes || !memory) {
        _Exit(EXIT_MEMORY);
    }
    sandbox = (ipc_sandbox){
        .wanted = (ISO_USUAL_GUARDS & ~hello.without) | hello.required,
        .channel = IPC_STREAMS,
        .addresses = job.size + out.size + memory + OTHER_ADDRESSES,
        .cpu_seconds = hello.cpu_seconds,
        .nice = (int32_t)hello.nice,
        .oom = (int32_t)hello.oom,
    };
    ipc_sandbox_enter(&sandbox);
}

static void say_ready(void)
{
    iso_stream_ready ready = {
        .guards = sandbox.reached | IPC_GUARD_MEMORY,
        .landlock = sandbox.landlock,
        .calls = sandbox.calls,
        .memory_kib = (uint32_t)(memory / 1024),
        .build = RST_VERSION " " RST_BUILD_ID,
    };
    memcpy(out.bytes + HEAD, &ready, sizeof ready);
    write_frame(out.bytes, ISO_READY, ISO_VERSION, sizeof ready);
}

_Noreturn void iso_serve_streams(void)
{
    static esp_runner runner;
    static os_thread reader;
    ipc_process_settle();
    enter_sandbox();
    esp_runner_init(&runner, os_clock_ns);
    if (os_thread_start(&reader, read_frames, NULL, STACK)) {
        _Exit(EXIT_THREAD);
    }
    while (!atomic_load(&reading)) {
        ipc_wait(&reading, 0, UINT64_MAX);
    }
    ipc_sandbox_seal(&sandbox);
    (void)esp_run_job(&runner, job.bytes, 0, out.bytes, PAGE); /* pages that every job needs */
    say_ready();
    for (;;) {
        while (!atomic_load(&there)) {
            ipc_wait(&there, 0, UINT64_MAX);
        }
        serve(&runner);
    }
}
