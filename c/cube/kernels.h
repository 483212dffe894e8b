/* The few loops over long bit sets that deserve vector instructions, behind one table of functions.
 *
 * A bit set is an array of 64-bit words, its length a multiple of ESP_STRIDE words, 64-byte
 * aligned, tail bits 0 in `active` sets. Every variant returns the same answers; each context says
 * which one runs, and what the processor has is asked once a process. kernels_body.h is the one
 * text that all variants compile.
 */
#ifndef ESP_KERNELS_H
#define ESP_KERNELS_H

#include "base/base.h"

enum { ESP_STRIDE = 8 }; /* words: one AVX-512 vector */
#define ESP_INSIDE (UINT32_MAX - 1)
#define ESP_OUTSIDE UINT32_MAX

typedef struct esp_kernels {
    uint32_t id; /* RST_TRAILER_KERNELS: 1 portable, 2 AVX2, 3 AVX-512 */
    const char *name;
    /* out = rows of `active` that lie in exactly one of the columns; false when there is none */
    bool (*in_exactly_one)(const uint64_t *const *columns, uint32_t count, const uint64_t *active,
                           uint32_t words, uint64_t *out);
    /* out = rows of `active` that lie in none of the columns; in one of them at most */
    void (*in_none)(const uint64_t *const *columns, uint32_t count, const uint64_t *active,
                    uint32_t words, uint64_t *out);
    void (*in_one_at_most)(const uint64_t *const *columns, uint32_t count, const uint64_t *active,
                           uint32_t words, uint64_t *out);
    /* flag[c] = 1 when column c shares a row with `rows`, else 0 */
    void (*flag_meeting)(const uint64_t *const *columns, uint32_t count, const uint64_t *rows,
                         uint32_t words, uint8_t *flag);
    /* does some row of `active` lie in none of the columns? *hint: the word to look at first,
     * updated */
    bool (*escapes)(const uint64_t *const *columns, uint32_t count, const uint64_t *active,
                    uint32_t words, uint32_t *hint);
    /* do a and b share a bit? */
    bool (*meets)(const uint64_t *a, const uint64_t *b, uint32_t words);
    /* is cube c inside one of the rows (arrays of `words` words)? Stops at the first. */
    bool (*inside_some)(const uint64_t *rows, uint32_t count, uint32_t words, const uint64_t *c);
    /* the index of the first of the rows that c is equal to; else ESP_INSIDE when it is inside one
     * of them; else ESP_OUTSIDE */
    uint32_t (*find)(const uint64_t *rows, uint32_t count, uint32_t words, const uint64_t *c);
    /* bits that a and b share */
    uint32_t (*count_shared)(const uint64_t *a, const uint64_t *b, uint32_t words);
} esp_kernels;

/* The fastest variant that this processor runs, or the portable one. */
const esp_kernels *esp_kernels_pick(bool portable);

extern const esp_kernels esp_kernels_portable;
#if defined __x86_64__
extern const esp_kernels esp_kernels_avx2;
extern const esp_kernels esp_kernels_avx512;
#endif

static inline uint32_t esp_set_words(uint32_t bits)
{
    return (bits + 64 * ESP_STRIDE - 1) / (64 * ESP_STRIDE) * ESP_STRIDE;
}

#endif
