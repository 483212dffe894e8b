/* First fit over one range of addresses.
 *
 *      [header|block      ][header|free                ][header|block][header|free        ]
 *
 * The arena asks for few and large pieces (chunks that double from 16 KiB to 64 MiB), so a walk
 * over all of them is short. Headers are in address order and name their neighbours; a free block
 * is joined to free neighbours at once, so two of them are never side by side. The pages inside a
 * free block go back to the system: a worker that ran a large job is small again.
 *
 * The thread that runs the jobs is the only one that asks. Cost: a step for each block there is.
 */
#include "isolate/worker/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "ipc/sandbox.h"
#include "isolate/worker/faults.h"

enum { ALIGN = 64, PAGE = 4096, KEEP = 64 * 1024 };

typedef struct block {
    struct block *previous;
    struct block *next;
    size_t size; /* bytes after the header */
    bool used;
} block;

_Static_assert(sizeof(block) <= ALIGN, "a header fits");

static block *first;

static uint8_t *data_of(block *b)
{
    return (uint8_t *)b + ALIGN;
}

static void split(block *b, size_t size)
{
    if (b->size - size <= ALIGN) {
        return;
    }
    block *rest = (block *)(void *)(data_of(b) + size);
    *rest = (block){.previous = b, .next = b->next, .size = b->size - size - ALIGN};
    if (rest->next) {
        rest->next->previous = rest;
    }
    b->next = rest;
    b->size = size;
}

static void *take(void *unused, size_t size)
{
    (void)unused;
    if (size > SIZE_MAX - ALIGN) {
        return NULL;
    }
    iso_fault_count(ISO_STEP_MEMORY, ISO_STEPS);
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    for (block *b = first; b; b = b->next) {
        if (!b->used && b->size >= size) {
            split(b, size);
            b->used = true;
            return data_of(b);
        }
    }
    return NULL;
}

/* The second block becomes part of the first. */
static void join(block *b, const block *after)
{
    b->size += ALIGN + after->size;
    b->next = after->next;
    if (b->next) {
        b->next->previous = b;
    }
}

static void give_back(void *unused, void *p)
{
    (void)unused;
    if (!p) {
        return;
    }
    block *b = (block *)(void *)((uint8_t *)p - ALIGN);
    uintptr_t from = ((uintptr_t)p + PAGE - 1) / PAGE * PAGE;
    uintptr_t to = ((uintptr_t)p + b->size) / PAGE * PAGE;
    if (to > from && to - from > KEEP) {
        ipc_memory_forget((void *)from, to - from);
    }
    b->used = false;
    if (b->next && !b->next->used) {
        join(b, b->next);
    }
    if (b->previous && !b->previous->used) {
        join(b->previous, b);
    }
}

uint64_t iso_memory_init(uint64_t wanted)
{
    uint64_t got = 0;
    first = ipc_memory_reserve(wanted, &got);
    if (first) {
        *first = (block){.size = (size_t)got - ALIGN};
        const esp_system_memory hooks = {take, give_back, NULL};
        esp_set_system_memory(&hooks);
    }
    return got;
}

void iso_memory_wipe(void)
{
    for (block *b = first; b; b = b->next) {
        if (b->used) {
            continue;
        }
        /* The beginning is what small jobs have: zeros are quicker than pages that are new. */
        uintptr_t from = (uintptr_t)data_of(b);
        uintptr_t end = from + b->size;
        uintptr_t to = (from + KEEP + PAGE - 1) / PAGE * PAGE;
        uintptr_t last = end / PAGE * PAGE;
        if (to >= last) {
            memset((void *)from, 0, b->size);
            continue;
        }
        memset((void *)from, 0, to - from);
        ipc_memory_forget((void *)to, last - to);
        memset((void *)last, 0, end - last);
    }
}
