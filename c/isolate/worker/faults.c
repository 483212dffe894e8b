/* The faults of faults.h. Compiled into the worker of the native tests alone: the file is empty
 * where RST_FAULTS is not defined. */
#define _GNU_SOURCE /* syscall */
#include "isolate/worker/faults.h"

#if defined RST_FAULTS

#include <stdlib.h>
#include <string.h>
#if defined __linux__
#include <unistd.h>
#endif

#include "base/arena.h"
#include "ipc/system.h"
#include "job/format.h"
#include "platform/os.h"

static uint32_t demand;  /* 0: none */
static uint32_t counted; /* steps of the kind that is counted, in this job */

void iso_fault_ready(iso_ready *ready)
{
    (void)ready;
}

/* As malloc's users find it: the core's memory ends, the program goes on. */
static void eat_memory(void)
{
    const size_t piece = 1 << 20;
    uint64_t eaten = 0;
    for (void *page; (page = esp_system_alloc(piece)); eaten += piece) {
        memset(page, 1, piece);
    }
    _Exit(eaten ? 41 : 45);
}

static void leak(void)
{
    const size_t piece = 4 << 20;
    void *kept = esp_system_alloc(piece);
    if (kept) {
        memset(kept, 1, piece);
    }
}

static void call_system(const uint8_t *job)
{
#if defined __linux__
    static uint8_t buffer[64];
    uint64_t word[7];
    memcpy(word, job + ISO_CALL_AT, sizeof word);
    for (uint32_t i = 1; i < 7; i++) {
        word[i] = word[i] == ISO_CALL_BUFFER ? (uint64_t)(uintptr_t)buffer : word[i];
    }
    (void)syscall((int)word[0], (uintptr_t)word[1], (uintptr_t)word[2], (uintptr_t)word[3],
                  (uintptr_t)word[4], (uintptr_t)word[5], (uintptr_t)word[6]);
#else
    (void)job;
#endif
}

/* getpid as 32-bit programs call it. */
static void call_as_foreigner(void)
{
#if defined __x86_64__
    uint32_t number = 20;
    __asm__ volatile("int $0x80" : "+a"(number) : : "memory");
#endif
}

static void run_data(void)
{
    static uint8_t code[64];
    memset(code, 0xc3, sizeof code); /* x86: return */
    uintptr_t at = (uintptr_t)code;
    void (*function)(void);
    memcpy(&function, &at, sizeof function);
    function();
}

/* What a job of an ordinary operation demands, by its seed. */
static uint32_t demand_of_seed(const uint8_t *job, uint32_t length)
{
    for (uint32_t at = RST_HEADER_SIZE; at + 16 <= length; at += 8) {
        uint32_t head[2];
        uint64_t value;
        memcpy(head, job + at, sizeof head);
        memcpy(&value, job + at + 8, sizeof value);
        if (head[0] == RST_OPTION_SEED && head[1] == 8 && value >> 48 == ISO_FAULT_SEED) {
            return value >> 32 & 0xffff;
        }
    }
    return 0;
}

void iso_fault_hello(const iso_hello *hello)
{
    bool wanted = hello->cpu_seconds >> 16 == ISO_FAULT_HELLO && hello->epoch % 2 == 0;
    demand = wanted ? ISO_FAULT_STEP + (hello->cpu_seconds & 0xffff) : 0;
}

void iso_fault_copied(const iso_hello *hello)
{
    for (static _Atomic uint32_t never = 1;
         hello->cpu_seconds == (ISO_FAULT_HELLO << 16 | ISO_STEP_COPIED);) {
        ipc_wait(&never, 1, UINT64_MAX);
    }
}

void iso_fault_job(const uint8_t *job, uint32_t length)
{
    uint32_t operation = 0;
    counted = 0;
    if (length >= RST_HEADER_SIZE) {
        memcpy(&operation, job + 8, sizeof operation);
    }
    demand =
        operation >> 16 == ISO_FAULT_LIBRARY ? operation & 0xffff : demand_of_seed(job, length);
    switch (demand) {
    case ISO_FAULT_SEGFAULT:
        *(volatile uint32_t *)(uintptr_t)demand = 1;
        break;
    case ISO_FAULT_ABORT:
        abort();
    case ISO_FAULT_CALL:
        if (length >= ISO_CALL_END) {
            call_system(job);
        }
        break;
    case ISO_FAULT_FOREIGN:
        call_as_foreigner();
        break;
    case ISO_FAULT_EXECUTE:
        run_data();
        break;
    case ISO_FAULT_HANG:
        for (volatile uint32_t i = 0;; i++) {
        }
    case ISO_FAULT_EXIT:
        _Exit(42);
    case ISO_FAULT_MEMORY:
        eat_memory();
        break;
    case ISO_FAULT_LOCK:
        for (static _Atomic uint32_t lock = 1;;) {
            ipc_wait(&lock, 1, UINT64_MAX);
        }
    case ISO_FAULT_LEAK:
        leak();
        break;
    default:
        break;
    }
}

void iso_fault_step(uint32_t step)
{
    if (demand == ISO_FAULT_STAY && step == ISO_STEP_REPLIED) {
        for (volatile uint32_t i = 0;; i++) {
        }
    }
    if (demand == ISO_FAULT_STEP + step) {
        __builtin_trap();
    }
    while (demand == ISO_FAULT_HOLD + step) {
    }
}

void iso_fault_count(uint32_t first, uint32_t end)
{
    uint32_t at = demand - (demand < ISO_FAULT_HOLD ? ISO_FAULT_STEP : ISO_FAULT_HOLD);
    if (demand && at >= first && at < end && at == first + counted++) {
        iso_fault_step(at);
    }
}

uint64_t iso_fault_clock(void)
{
    iso_fault_count(ISO_STEP_CLOCK, ISO_STEP_MEMORY);
    return os_clock_ns();
}

/* A reply that gets as far as the step says. */
static void reply_in_part(ipc_link *link, const ipc_message *reply, uint32_t step)
{
    ipc_ring *r = link->out.ring;
    _Atomic uint32_t *slot = r->slots[link->out.tail % IPC_SLOTS];
    uint32_t words = step == ISO_STEP_TORN ? IPC_WORDS / 2 : IPC_WORDS;
    for (uint32_t w = 0; w < words; w++) {
        atomic_store(&slot[w], reply->word[w]);
    }
    if (step == ISO_STEP_PUBLISHED) {
        atomic_store(&r->tail, link->out.tail + 1);
    }
    iso_fault_step(step);
}

static void scribble(ipc_link *link)
{
    uint64_t random = 88172645463325252u;
    _Atomic uint32_t *word = (_Atomic uint32_t *)(void *)link->in.ring;
    for (uint32_t i = 0; i < 2000000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint32_t at = (uint32_t)(random >> 40) % (uint32_t)(sizeof(iso_shared) / 4);
        atomic_store_explicit(&word[at], (uint32_t)random, memory_order_relaxed);
        if (i % 64 == 0) {
            ipc_wake(&link->out.ring->bell);
        }
    }
    _Exit(43);
}

void iso_fault_reply(ipc_link *link, ipc_message *reply)
{
    bool wake;
    uint32_t step = demand - (demand < ISO_FAULT_HOLD ? ISO_FAULT_STEP : ISO_FAULT_HOLD);
    iso_fault_step(ISO_STEP_ANSWERING);
    if (demand >= ISO_FAULT_STEP && step >= ISO_STEP_TORN && step <= ISO_STEP_PUBLISHED) {
        reply_in_part(link, reply, step);
    } else if (demand >= ISO_FAULT_WORD && demand < ISO_FAULT_WORD + IPC_WORDS) {
        reply->word[demand - ISO_FAULT_WORD] ^= 0x80000001;
    } else if (demand == ISO_FAULT_REPLAY) {
        (void)ipc_send(link, reply, IPC_FOREVER);
    } else if (demand == ISO_FAULT_FLOOD) {
        for (uint32_t i = 0; i < 3 * IPC_SLOTS; i++) {
            atomic_fetch_add(&link->out.ring->tail, 1);
        }
        ipc_wake(&link->out.ring->bell);
    } else if (demand >= ISO_FAULT_TAIL && demand < ISO_FAULT_TAIL + 32) {
        atomic_fetch_add(&link->out.ring->tail, UINT32_C(1) << (demand - ISO_FAULT_TAIL));
        ipc_wake(&link->out.ring->bell);
    } else if (demand == ISO_FAULT_SILENT) {
        atomic_store(&link->out.ring->sleeper, 0);
        (void)ipc_push(&link->out, reply, &wake);
        for (uint64_t end = os_clock_ns() + 200000000; os_clock_ns() < end;) {
        }
        _Exit(44);
    } else if (demand == ISO_FAULT_GROW) {
        reply->word[ISO_AT_KIND] = ISO_GROW;
        reply->word[ISO_AT_LENGTH] = UINT32_MAX;
        reply->word[ISO_AT_PLACE] = 0;
    } else if (demand == ISO_FAULT_GREED) {
        reply->word[ISO_AT_KIND] = ISO_GROW;
        reply->word[ISO_AT_LENGTH] = 1;
        reply->word[ISO_AT_PLACE] = 0;
        for (uint32_t i = 0; i < 1000; i++) {
            (void)ipc_send(link, reply, 50000000);
        }
    } else if (demand == ISO_FAULT_PLACE) {
        reply->word[ISO_AT_PLACE] = 1;
    } else if (demand == ISO_FAULT_BEYOND) {
        reply->word[ISO_AT_LENGTH] = 1 << 20;
    } else if (demand == ISO_FAULT_HUGE) {
        reply->word[ISO_AT_KIND] = ISO_NEED;
        reply->word[ISO_AT_LENGTH] = UINT32_C(3) << 30;
    } else if (demand == ISO_FAULT_SCRIBBLE) {
        scribble(link);
    }
}

#else
typedef int nothing_here;
#endif
