/* The arena: all memory of a job, in chunks, released by mark.
 *
 *      chunk 0          chunk 1                    chunk 2
 *   [####|####|##  ] [########|######|      ] [####            ]
 *                                   ^ mark           ^ top
 *
 * esp_alloc      bump; 64-byte aligned when `size` is 64 or more, else 8-byte aligned; contents
 *                undefined
 * esp_mark       remember the top
 * esp_release    free everything allocated since a mark (chunks stay for reuse)
 * esp_arena_reset  empty the arena and give big chunks back to the system
 *
 * Chunks come from one seam, `esp_system_alloc`, so that tests can fail the n-th request. When
 * memory or the job's limit runs out, esp_alloc returns NULL and `failed` stays set: callers
 * return, the job ends with LimitExceeded(memory). Nothing in the arena is ever freed one by one,
 * so no path can leak.
 */
#ifndef ESP_ARENA_H
#define ESP_ARENA_H

#include "base/base.h"

typedef struct esp_chunk esp_chunk;

typedef struct esp_arena {
    esp_chunk *current; /* chunk being filled; NULL until the first allocation */
    esp_chunk *spare;   /* released chunks kept for reuse */
    uint64_t held;      /* bytes obtained from the system now */
    uint64_t peak;      /* highest `held` since the last reset */
    uint64_t limit;     /* bytes that may be held; 0 = no limit */
    const struct esp_arena
        *partner; /* what it holds counts against the limit as well; may be NULL */
    bool failed;  /* an allocation was refused since the last reset */
} esp_arena;

typedef struct esp_mark {
    esp_chunk *chunk;
    size_t used;
} esp_mark;

void *esp_arena_alloc(esp_arena *arena, size_t size);
esp_mark esp_arena_mark(const esp_arena *arena);
void esp_arena_release(esp_arena *arena, esp_mark mark);
/* Grow the most recent allocation in place when the chunk has room; false when it has not. */
bool esp_arena_extend(esp_arena *arena, void *last, size_t old_size, size_t new_size);
void esp_arena_reset(esp_arena *arena);
void esp_arena_free(esp_arena *arena);

/* The seam to the system's allocator. Tests replace the hook; NULL means malloc and free. */
typedef struct esp_system_memory {
    void *(*alloc)(void *user, size_t size);
    void (*free)(void *user, void *p);
    void *user;
} esp_system_memory;
/* For tests only, before any other thread runs. */
void esp_set_system_memory(const esp_system_memory *hooks);
void *esp_system_alloc(size_t size);
void esp_system_free(void *p);

#endif
