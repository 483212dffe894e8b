/* What a native library offers to workers of the dynamic image: one symbol, ISO_LIBRARY_SYMBOL, a
 * table of functions of bytes. The minimiser is no such library; this is for code of other people,
 * which then runs as the core does: in a process of its own, sandboxed, killed at its deadline.
 *
 *      static uint32_t reverse(const uint8_t *in, uint32_t length, uint8_t *out); static const
 *      iso_function functions[] = {{"reverse", "bytes -> bytes", 4096, reverse}}; const iso_library
 *      ristretto_library = {ISO_LIBRARY_MAGIC, ISO_LIBRARY_VERSION, 1, functions};
 *
 * A call is a job: the header of a block whose operation is ISO_LOADED in its upper half and the
 * function's place in the table below, then the arguments; its answer the header of a result, then
 * what the function wrote. Nobody between caller and function looks past the header. The place
 * ISO_LIST is a function that every library has: a line for each of the others, with place, name
 * and signature.
 */
#ifndef ISO_LIBRARY_H
#define ISO_LIBRARY_H

#include <stdint.h>

#define ISO_LIBRARY_SYMBOL "ristretto_library"
enum { ISO_LIBRARY_MAGIC = 0x4c4b5752, ISO_LIBRARY_VERSION = 1 };
enum { ISO_LOADED = 1, ISO_LIST = 0xffff, ISO_FUNCTIONS_MOST = 1024 };

typedef struct iso_function {
    const char *name;
    const char *signature; /* for whoever calls it; nobody here reads it */
    uint32_t most;         /* bytes of its longest answer */
    /* The length of the answer that it wrote. */
    uint32_t (*run)(const uint8_t *in, uint32_t length, uint8_t *out);
} iso_function;

typedef struct iso_library {
    uint32_t magic;
    uint32_t version;
    uint32_t count;
    const iso_function *functions;
} iso_library;

#endif
