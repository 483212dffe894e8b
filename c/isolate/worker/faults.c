/* The faults of faults.h. Compiled into the worker of the native tests alone: the file is empty
 * where RST_FAULTS is not defined. */
#include "isolate/worker/faults.h"

#if defined RST_FAULTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/system.h"
#include "job/format.h"
#include "platform/os.h"

static uint32_t demand; /* 0: none */

void iso_fault_ready(iso_ready *ready)
{
    (void)ready;
}

static void eat_memory(void)
{
    for (uint32_t i = 0; i < 4096; i++) {
        void *page = malloc(1 << 20);
        if (!page) {
            break;
        }
        memset(page, 1, 1 << 20);
        if (i == 64) {
            (void)raise(SIGKILL); /* as the kernel does, but the machine lives on */
        }
    }
    abort();
}

void iso_fault_job(const uint8_t *job, uint32_t length)
{
    uint32_t operation = 0;
    if (length >= RST_HEADER_SIZE) {
        memcpy(&operation, job + 8, sizeof operation);
    }
    demand = operation >> 16 == ISO_FAULT_LIBRARY ? operation & 0xffff : 0;
    switch (demand) {
    case ISO_FAULT_SEGFAULT:
        (void)raise(SIGSEGV);
        break;
    case ISO_FAULT_ABORT:
        abort();
    case ISO_FAULT_HANG:
        for (volatile uint32_t i = 0;; i++) {
        }
    case ISO_FAULT_EXIT:
        _Exit(42);
    case ISO_FAULT_MEMORY:
        eat_memory();
        break;
    default:
        break;
    }
}

void iso_fault_step(uint32_t step)
{
    if (demand == ISO_FAULT_STEP + step) {
        (void)raise(SIGKILL);
    }
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
    if (demand >= ISO_FAULT_WORD && demand < ISO_FAULT_WORD + IPC_WORDS) {
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
    } else if (demand == ISO_FAULT_SCRIBBLE) {
        scribble(link);
    }
}

#else
typedef int nothing_here;
#endif
