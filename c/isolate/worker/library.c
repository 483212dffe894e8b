/* Loading a library, and calling its functions. Compiled into the dynamic image alone: the file is
 * empty where RST_DYNAMIC is not defined.
 *
 * A library is loaded once, by the handle that the host has opened (so it is the file that the host
 * looked at, whatever its path names by now), before the sandbox: finding what it depends on needs
 * files. What its constructors do is not contained, therefore. It is unloaded with the process: a
 * dlclose that a library survives is not to be had from code that nobody knows.
 */
#include "isolate/worker/library.h"

#if defined RST_DYNAMIC

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "job/format.h"

enum { LINE_MOST = 256 };

static const iso_library *library;

bool iso_library_load(int32_t handle)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", (int)handle);
    void *loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    library = loaded ? dlsym(loaded, ISO_LIBRARY_SYMBOL) : NULL;
    if (!library || library->magic != ISO_LIBRARY_MAGIC ||
        library->version != ISO_LIBRARY_VERSION || library->count > ISO_FUNCTIONS_MOST) {
        library = NULL;
    }
    return library != NULL;
}

void iso_library_tell(iso_ready *ready)
{
    for (uint32_t i = 0; i < library->count && ready->operations < ISO_OPERATIONS_ROOM; i++) {
        ready->operation[ready->operations++] = (uint32_t)ISO_LOADED << 16 | i;
    }
}

static uint32_t operation_of(const uint8_t *job)
{
    uint32_t operation;
    memcpy(&operation, job + RST_HEADER_OPERATION, sizeof operation);
    return operation;
}

bool iso_library_owns(const uint8_t *job, uint32_t length)
{
    return length >= RST_HEADER_SIZE && operation_of(job) >> 16 == ISO_LOADED;
}

/* A line for each function, as far as there is room. */
static uint32_t list(uint8_t *out, uint32_t room)
{
    uint32_t length = 0;
    for (uint32_t i = 0; i < library->count; i++) {
        const iso_function *f = &library->functions[i];
        char line[LINE_MOST];
        int n = snprintf(line, sizeof line, "%u %s %s\n", (unsigned)i, f->name, f->signature);
        if (n > 0 && (uint32_t)n < sizeof line && (uint32_t)n <= room - length) {
            memcpy(out + length, line, (uint32_t)n);
            length += (uint32_t)n;
        }
    }
    return length;
}

/* Where an answer of at most `size` bytes is written: `out`, or memory that the runner keeps; NULL:
 * there is none. */
static uint8_t *place_for(esp_runner *r, uint64_t size, uint8_t *out, uint32_t capacity)
{
    r->result_length = 0;
    r->in_reserve = false;
    if (size <= capacity || size > UINT32_MAX) {
        return size <= capacity ? out : NULL;
    }
    if (r->kept_size < size) {
        if (r->kept) {
            esp_system_free(r->kept);
        }
        r->kept = esp_system_alloc((size_t)size);
        r->kept_size = r->kept ? (uint32_t)size : 0;
    }
    return r->kept;
}

uint32_t iso_library_run(esp_runner *r, const uint8_t *job, uint32_t length, uint8_t *out,
                         uint32_t capacity)
{
    uint32_t header[RST_HEADER_SIZE / 4] = {
        [RST_HEADER_MAGIC / 4] = RST_MAGIC_RESULT,
        [RST_HEADER_VERSION / 4] = RST_FORMAT_VERSION,
        [RST_HEADER_OPERATION / 4] = operation_of(job),
    };
    uint32_t place = operation_of(job) & 0xffff;
    const iso_function *f = place < library->count ? &library->functions[place] : NULL;
    uint64_t most = f ? f->most : place == ISO_LIST ? (uint64_t)library->count * LINE_MOST : 0;
    uint8_t *to = place_for(r, RST_HEADER_SIZE + most, out, capacity);
    uint32_t answer = 0;
    uint32_t status = ESP_OK;
    if (!to) {
        to = out;
        status = ESP_LIMIT_EXCEEDED;
    } else if (f) {
        answer = f->run(job + RST_HEADER_SIZE, length - RST_HEADER_SIZE, to + RST_HEADER_SIZE);
    } else if (place == ISO_LIST) {
        answer = list(to + RST_HEADER_SIZE, (uint32_t)most);
    } else {
        status = ESP_INVALID_INPUT;
    }
    if (answer > most) { /* it has written where it must not, or does not count */
        answer = 0;
        status = ESP_INTERNAL;
    }
    header[RST_HEADER_STATUS / 4] = status;
    header[RST_HEADER_LENGTH / 4] = RST_HEADER_SIZE + answer;
    memcpy(to, header, sizeof header);
    if (to != out) {
        r->result_length = RST_HEADER_SIZE + answer;
        if (r->result_length <= capacity) { /* it would have fitted */
            return esp_take_result(r, out, capacity);
        }
    }
    return RST_HEADER_SIZE + answer;
}

#else
typedef int nothing_here;
#endif
