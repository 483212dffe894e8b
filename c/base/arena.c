/* Arena of chunks with mark and release; see arena.h for the picture.
 *
 * Cost: an allocation is an addition and a comparison. Chunks double in size (16 KiB to 64 MiB), so
 * a job asks the system O(log n) times; a released chunk is kept and reused, so a recursion that
 * marks and releases at each level does not touch the system at all.
 */
#include "base/arena.h"

#include <stdlib.h> /* malloc, free: here and nowhere else in the core */

enum {
    FIRST_CHUNK = 16 * 1024,
    LARGEST_CHUNK = 64 * 1024 * 1024,
    KEEP_AFTER_RESET = 1024 * 1024,
    ALIGN = 64
};

struct esp_chunk {
    esp_chunk *previous;
    size_t size; /* bytes of data */
    size_t used;
    size_t pad;
    uint8_t *data; /* 64-byte aligned, inside this block */
};

static esp_system_memory hooks; /* set by tests before threads exist, constant afterwards */

void esp_set_system_memory(const esp_system_memory *h)
{
    hooks = h ? *h : (esp_system_memory){0};
}

void *esp_system_alloc(size_t size)
{
    return hooks.alloc ? hooks.alloc(hooks.user, size) : malloc(size);
}

void esp_system_free(void *p)
{
    if (hooks.free) {
        hooks.free(hooks.user, p);
    } else {
        free(p);
    }
}

static size_t chunk_bytes(const esp_chunk *c)
{
    return sizeof *c + ALIGN + c->size;
}

static bool over_limit(const esp_arena *a, size_t bytes)
{
    uint64_t others = a->partner ? a->partner->held : 0;
    return a->limit && a->held + others + bytes > a->limit;
}

static void chunk_destroy(esp_arena *a, esp_chunk *c)
{
    a->held -= chunk_bytes(c);
    esp_system_free(c);
}

/* A chunk with room for `need` bytes, from the spares or from the system; NULL when refused. */
static esp_chunk *chunk_create(esp_arena *a, size_t need)
{
    for (esp_chunk **link = &a->spare; *link; link = &(*link)->previous) {
        if ((*link)->size >= need) {
            esp_chunk *c = *link;
            *link = c->previous;
            c->used = 0;
            return c;
        }
    }
    size_t size = a->current ? a->current->size * 2 : FIRST_CHUNK;
    if (size > LARGEST_CHUNK) {
        size = LARGEST_CHUNK;
    }
    if (size < need) {
        size = need;
    }
    if (size > SIZE_MAX - sizeof(esp_chunk) - ALIGN) {
        return NULL;
    }
    size_t bytes = sizeof(esp_chunk) + ALIGN + size;
    if (over_limit(a, bytes)) {
        /* Close to the limit take no more than what is asked for, after giving the spares back. */
        while (a->spare) {
            esp_chunk *c = a->spare;
            a->spare = c->previous;
            chunk_destroy(a, c);
        }
        size = need;
        bytes = sizeof(esp_chunk) + ALIGN + size;
        if (over_limit(a, bytes)) {
            return NULL;
        }
    }
    esp_chunk *c = esp_system_alloc(bytes);
    if (!c) {
        return NULL;
    }
    c->size = size;
    c->used = 0;
    uintptr_t start = (uintptr_t)(c + 1);
    c->data = (uint8_t *)(c + 1) + ((ALIGN - start % ALIGN) % ALIGN);
    a->held += bytes;
    if (a->held > a->peak) {
        a->peak = a->held;
    }
    return c;
}

void *esp_arena_alloc(esp_arena *a, size_t size)
{
    if (size > SIZE_MAX / 2) {
        a->failed = true;
        return NULL;
    }
    size_t align = size >= ALIGN ? ALIGN : 8;
    size_t need = (size + 7) & ~(size_t)7;
    esp_chunk *c = a->current;
    if (c) {
        size_t at = (c->used + align - 1) & ~(align - 1);
        if (at <= c->size && need <= c->size - at) {
            c->used = at + need;
            return c->data + at;
        }
    }
    esp_chunk *fresh = chunk_create(a, need);
    if (!fresh) {
        a->failed = true;
        return NULL;
    }
    fresh->previous = c;
    fresh->used = need;
    a->current = fresh;
    return fresh->data;
}

bool esp_arena_extend(esp_arena *a, void *last, size_t old_size, size_t new_size)
{
    esp_chunk *c = a->current;
    size_t old_need = (old_size + 7) & ~(size_t)7;
    size_t new_need = (new_size + 7) & ~(size_t)7;
    if (!c || (uint8_t *)last + old_need != c->data + c->used) {
        return false;
    }
    size_t at = c->used - old_need;
    if (new_need > c->size - at) {
        return false;
    }
    c->used = at + new_need;
    return true;
}

esp_mark esp_arena_mark(const esp_arena *a)
{
    return (esp_mark){a->current, a->current ? a->current->used : 0};
}

void esp_arena_release(esp_arena *a, esp_mark mark)
{
    while (a->current != mark.chunk) {
        esp_chunk *c = a->current;
        a->current = c->previous;
        c->previous = a->spare;
        a->spare = c;
    }
    if (mark.chunk) {
        mark.chunk->used = mark.used;
    }
}

void esp_arena_reset(esp_arena *a)
{
    esp_arena_release(a, (esp_mark){NULL, 0});
    /* Keep one modest chunk for the next job, the largest that is small enough; the rest goes back.
     */
    esp_chunk *keep = NULL;
    while (a->spare) {
        esp_chunk *c = a->spare;
        a->spare = c->previous;
        if (c->size <= KEEP_AFTER_RESET && (!keep || c->size > keep->size)) {
            if (keep) {
                chunk_destroy(a, keep);
            }
            keep = c;
        } else {
            chunk_destroy(a, c);
        }
    }
    if (keep) {
        keep->previous = NULL;
        keep->used = 0;
        a->spare = keep;
    }
    a->peak = a->held;
    a->limit = 0;
    a->failed = false;
}

void esp_arena_free(esp_arena *a)
{
    esp_arena_release(a, (esp_mark){NULL, 0});
    while (a->spare) {
        esp_chunk *c = a->spare;
        a->spare = c->previous;
        chunk_destroy(a, c);
    }
}
