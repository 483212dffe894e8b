/* The seam below the core's arenas: counted, bounded, and now and then refusing. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"

enum { MOST = 256 << 10, HEAD = 64 };

static size_t held;
static uint64_t refuse_at; /* the request, counted down; 0: none */
static int refused;

static void *take(void *user, size_t size)
{
    (void)user;
    bool now = refuse_at && --refuse_at == 0;
    if (now || size > MOST - held) {
        refused = 1;
        return NULL;
    }
    uint8_t *at = malloc(size + HEAD);
    if (at) {
        memcpy(at, &size, sizeof size);
        held += size;
    }
    return at ? at + HEAD : NULL;
}

static void give(void *user, void *p)
{
    (void)user;
    if (p) {
        uint8_t *at = (uint8_t *)p - HEAD;
        size_t size;
        memcpy(&size, at, sizeof size);
        held -= size;
        free(at);
    }
}

void fuzz_memory_begin(uint64_t hash)
{
    static const esp_system_memory hooks = {.alloc = take, .free = give};
    static bool set;
    if (!set) {
        set = true;
        esp_set_system_memory(&hooks);
    }
    refused = 0;
    refuse_at = hash % 8 == 0 ? 1 + hash / 8 % 8 : 0;
}

void fuzz_memory_end(void)
{
    refuse_at = 0;
    if (held) {
        fuzz_finding("memory was not given back");
    }
}

int fuzz_memory_refused(void)
{
    return refused;
}
