/* A native library whose functions do what may go wrong: test_isolate_library.c has workers of the
 * dynamic image load it. It knows nothing of us but the table that it must have. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "isolate/library.h"

static uint32_t calls; /* of this process */

__attribute__((constructor)) static void begin(void)
{
    calls = 1000;
}

static uint32_t reverse(const uint8_t *in, uint32_t length, uint8_t *out)
{
    for (uint32_t i = 0; i < length; i++) {
        out[i] = in[length - 1 - i];
    }
    return length;
}

/* How many calls this process has served, from 1,001 on. */
static uint32_t count(const uint8_t *in, uint32_t length, uint8_t *out)
{
    (void)in;
    (void)length;
    calls++;
    memcpy(out, &calls, sizeof calls);
    return sizeof calls;
}

/* So many pieces of 1 MiB of libc's memory, all at once, as far as there are: how many. */
static uint32_t allocate(const uint8_t *in, uint32_t length, uint8_t *out)
{
    enum { PIECE = 1 << 20, PIECES = 256 };
    static void *pieces[PIECES];
    uint32_t got = 0;
    uint32_t wanted = length ? in[0] : PIECES;
    while (got < wanted && (pieces[got] = malloc(PIECE)) != NULL) {
        memset(pieces[got++], 1, PIECE);
    }
    for (uint32_t i = 0; i < got; i++) {
        free(pieces[i]);
    }
    memcpy(out, &got, sizeof got);
    return sizeof got;
}

static uint32_t crash(const uint8_t *in, uint32_t length, uint8_t *out)
{
    (void)in;
    *(volatile uint8_t *)(uintptr_t)8 = (uint8_t)length;
    return out[0];
}

static uint32_t hang(const uint8_t *in, uint32_t length, uint8_t *out)
{
    (void)in;
    (void)out;
    for (volatile uint32_t i = length;; i++) {
    }
}

/* The filter must end it: a file. */
static uint32_t open_file(const uint8_t *in, uint32_t length, uint8_t *out)
{
    (void)in;
    (void)length;
    int file = open("/dev/null", O_RDONLY);
    memcpy(out, &file, sizeof file);
    return sizeof file;
}

/* Says that its answer is longer than it may be. */
static uint32_t boast(const uint8_t *in, uint32_t length, uint8_t *out)
{
    (void)in;
    (void)length;
    (void)out;
    return 1 << 30;
}

/* As many bytes as the arguments say, all the same. */
static uint32_t repeat(const uint8_t *in, uint32_t length, uint8_t *out)
{
    uint32_t wanted = 0;
    memcpy(&wanted, in, length < sizeof wanted ? length : sizeof wanted);
    memset(out, 7, wanted);
    return wanted;
}

static const iso_function functions[] = {
    {"reverse", "bytes -> bytes", 1 << 16, reverse},
    {"count", "-> u32", 4, count},
    {"allocate", "u8 -> u32", 4, allocate},
    {"crash", "->", 4, crash},
    {"hang", "->", 4, hang},
    {"open_file", "-> i32", 4, open_file},
    {"boast", "->", 4, boast},
    {"repeat", "u32 -> bytes", 1 << 20, repeat},
};

__attribute__((visibility("default"))) extern const iso_library ristretto_library;
const iso_library ristretto_library = {ISO_LIBRARY_MAGIC, ISO_LIBRARY_VERSION,
                                       sizeof functions / sizeof *functions, functions};
