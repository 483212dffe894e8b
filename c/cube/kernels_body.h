/* The one text of the bit-set kernels; included once a variant with
 *
 *   KERNEL_TARGET   function attribute that allows the instructions
 *   KERNEL_LANES    64-bit lanes of one vector: 1, 4 or 8
 *   KERNEL_TABLE, KERNEL_ID, KERNEL_NAME   the table that is made
 *
 * Vectors are the compiler's own (vector_size), so there is no intrinsic and no second text to keep
 * in step.
 */
#include <string.h> /* memcmp */

#include "cube/kernels.h"

#if KERNEL_LANES == 1
typedef uint64_t lanes;
#define LANES_ANY(v) ((v) != 0)
#else
typedef uint64_t lanes __attribute__((vector_size(KERNEL_LANES * 8), aligned(8)));
KERNEL_TARGET static inline bool lanes_any(const lanes *v)
{
    uint64_t any = 0;
    for (int i = 0; i < KERNEL_LANES; i++) { /* compilers make one test instruction of it */
        any |= (*v)[i];
    }
    return any != 0;
}
#define LANES_ANY(v) lanes_any(&(v))
#endif

#define LOAD(p) (*(const lanes *)(const void *)(p))
#define STORE(p, v) (*(lanes *)(void *)(p) = (v))

KERNEL_TARGET static bool in_exactly_one(const uint64_t *const *columns, uint32_t count,
                                         const uint64_t *active, uint32_t words, uint64_t *out)
{
    lanes found = {0};
    for (uint32_t w = 0; w < words; w += KERNEL_LANES) {
        lanes a = LOAD(active + w);
        lanes once = {0};
        lanes twice = once;
        for (uint32_t c = 0; c < count; c++) {
            lanes b = LOAD(columns[c] + w);
            twice |= once & b;
            once |= b;
        }
        lanes single = a & once & ~twice;
        STORE(out + w, single);
        found |= single;
    }
    return LANES_ANY(found);
}

KERNEL_TARGET static void in_none(const uint64_t *const *columns, uint32_t count,
                                  const uint64_t *active, uint32_t words, uint64_t *out)
{
    for (uint32_t w = 0; w < words; w += KERNEL_LANES) {
        lanes any = {0};
        for (uint32_t c = 0; c < count; c++) {
            any |= LOAD(columns[c] + w);
        }
        STORE(out + w, LOAD(active + w) & ~any);
    }
}

KERNEL_TARGET static void in_one_at_most(const uint64_t *const *columns, uint32_t count,
                                         const uint64_t *active, uint32_t words, uint64_t *out)
{
    for (uint32_t w = 0; w < words; w += KERNEL_LANES) {
        lanes once = {0};
        lanes twice = {0};
        for (uint32_t c = 0; c < count; c++) {
            lanes b = LOAD(columns[c] + w);
            twice |= once & b;
            once |= b;
        }
        STORE(out + w, LOAD(active + w) & ~twice);
    }
}

KERNEL_TARGET static bool escapes_at(const uint64_t *const *columns, uint32_t count,
                                     const uint64_t *active, uint32_t w)
{
    lanes left = LOAD(active + w);
    for (uint32_t c = 0; c < count; c++) {
        left &= ~LOAD(columns[c] + w);
    }
    return LANES_ANY(left);
}

KERNEL_TARGET static bool escapes(const uint64_t *const *columns, uint32_t count,
                                  const uint64_t *active, uint32_t words, uint32_t *hint)
{
    uint32_t first = *hint / KERNEL_LANES * KERNEL_LANES;
    if (first < words && escapes_at(columns, count, active, first)) {
        return true;
    }
    for (uint32_t w = 0; w < words; w += KERNEL_LANES) {
        if (escapes_at(columns, count, active, w)) {
            *hint = w;
            return true;
        }
    }
    return false;
}

KERNEL_TARGET static bool meets(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    for (uint32_t w = 0; w < words; w += ESP_STRIDE) {
        lanes any = LOAD(a + w) & LOAD(b + w);
        for (uint32_t k = KERNEL_LANES; k < ESP_STRIDE; k += KERNEL_LANES) {
            any |= LOAD(a + w + k) & LOAD(b + w + k);
        }
        if (LANES_ANY(any)) {
            return true;
        }
    }
    return false;
}

KERNEL_TARGET static void flag_meeting(const uint64_t *const *columns, uint32_t count,
                                       const uint64_t *rows, uint32_t words, uint8_t *flag)
{
    for (uint32_t c = 0; c < count; c++) {
        flag[c] = meets(columns[c], rows, words);
    }
}

/* Is c inside row i, and equal to it? */
static inline bool row_holds(const uint64_t *rows, uint32_t i, uint32_t words, const uint64_t *c)
{
    const uint64_t *row = rows + (size_t)i * words;
    uint64_t left = 0;
    for (uint32_t w = 0; w < words && !left; w++) {
        left = c[w] & ~row[w];
    }
    return !left;
}

static inline bool row_is(const uint64_t *rows, uint32_t i, uint32_t words, const uint64_t *c)
{
    return memcmp(rows + (size_t)i * words, c, words * sizeof *c) == 0;
}

#if KERNEL_LANES > 1
/* A vector holds several rows of one or two words, or one row and the beginning of the next: how
 * far it goes from one to the next, and what c looks like in it. */
KERNEL_TARGET static inline uint32_t rows_a_vector(uint32_t words)
{
    return words <= 2 ? KERNEL_LANES / words : 1;
}

KERNEL_TARGET static inline lanes spread(const uint64_t *c, uint32_t words)
{
    lanes v = {0};
    for (uint32_t k = 0; k < KERNEL_LANES; k++) {
        v[k] = words <= 2 ? c[k & (words - 1)] : k < words ? c[k] : 0;
    }
    return v;
}

/* The bits of some row of the vector are all 0. */
KERNEL_TARGET static inline __attribute__((always_inline)) bool some_zero(lanes bits,
                                                                          uint32_t words)
{
    if (words > 2) {
        return !LANES_ANY(bits);
    }
    if (words == 2) {
#if KERNEL_LANES == 8
        bits |= __builtin_shufflevector(bits, bits, 1, 0, 3, 2, 5, 4, 7, 6);
#else
        bits |= __builtin_shufflevector(bits, bits, 1, 0, 3, 2);
#endif
    }
    lanes zero = (lanes)(bits == 0);
    return LANES_ANY(zero);
}

/* Whether c is inside some of the rows from *i on, as far as vectors reach without going past the
 * last row; *i is the first row that was not looked at. */
KERNEL_TARGET static inline __attribute__((always_inline)) bool
inside_vectors(const uint64_t *rows, uint32_t count, uint32_t words, const uint64_t *c, uint32_t *i)
{
    uint32_t step = rows_a_vector(words);
    lanes cube = spread(c, words);
    size_t end = (size_t)count * words;
    size_t stride = (size_t)step * words;
    size_t at = 0;
    for (; at + KERNEL_LANES <= end; at += stride) {
        if (some_zero(cube & ~LOAD(rows + at), words)) {
            return true;
        }
    }
    *i = (uint32_t)(at / words);
    if (words <= 2 && *i < count && count >= step) { /* once more, some rows for the second time */
        *i = count;
        return some_zero(cube & ~LOAD(rows + end - KERNEL_LANES), words);
    }
    return false;
}

/* The same for `find`: true when a row is equal to c, somewhere in the vector that begins at *i. */
KERNEL_TARGET static inline __attribute__((always_inline)) bool
find_vectors(const uint64_t *rows, uint32_t count, uint32_t words, const uint64_t *c, uint32_t *i,
             bool *inside)
{
    uint32_t step = rows_a_vector(words);
    lanes cube = spread(c, words);
    lanes own = {0};
    for (uint32_t k = 0; k < KERNEL_LANES; k++) {
        own[k] = words <= 2 || k < words ? UINT64_MAX : 0;
    }
    size_t end = (size_t)count * words;
    size_t at = 0;
    for (; at + KERNEL_LANES <= end; at += (size_t)step * words) {
        lanes row = LOAD(rows + at);
        if (some_zero(cube & ~row, words)) {
            *inside = true;
            if (some_zero((cube ^ row) & own, words)) {
                *i = (uint32_t)(at / words);
                return true;
            }
        }
    }
    *i = (uint32_t)(at / words);
    return false;
}
#endif

KERNEL_TARGET static bool inside_some(const uint64_t *rows, uint32_t count, uint32_t words,
                                      const uint64_t *c)
{
    uint32_t i = 0;
#if KERNEL_LANES > 1
    if (words == 1) {
        if (inside_vectors(rows, count, 1, c, &i)) {
            return true;
        }
    } else if (words == 2) {
        if (inside_vectors(rows, count, 2, c, &i)) {
            return true;
        }
    } else if (words <= KERNEL_LANES && inside_vectors(rows, count, words, c, &i)) {
        return true;
    }
#endif
    for (; i < count; i++) {
        if (row_holds(rows, i, words, c)) {
            return true;
        }
    }
    return false;
}

KERNEL_TARGET static uint32_t find(const uint64_t *rows, uint32_t count, uint32_t words,
                                   const uint64_t *c)
{
    uint32_t i = 0;
    bool inside = false;
#if KERNEL_LANES > 1
    bool equal = words == 1 ? find_vectors(rows, count, 1, c, &i, &inside)
                 : words == 2
                     ? find_vectors(rows, count, 2, c, &i, &inside)
                     : words <= KERNEL_LANES && find_vectors(rows, count, words, c, &i, &inside);
    for (; equal; i++) {
        if (row_is(rows, i, words, c)) {
            return i;
        }
    }
#endif
    for (; i < count; i++) {
        if (row_holds(rows, i, words, c)) {
            inside = true;
            if (row_is(rows, i, words, c)) {
                return i;
            }
        }
    }
    return inside ? ESP_INSIDE : ESP_OUTSIDE;
}

KERNEL_TARGET static uint32_t count_shared(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < words; w++) {
        n += esp_popcount(a[w] & b[w]);
    }
    return n;
}

const esp_kernels KERNEL_TABLE = {
    .id = KERNEL_ID,
    .name = KERNEL_NAME,
    .in_exactly_one = in_exactly_one,
    .in_none = in_none,
    .in_one_at_most = in_one_at_most,
    .flag_meeting = flag_meeting,
    .escapes = escapes,
    .meets = meets,
    .inside_some = inside_some,
    .find = find,
    .count_shared = count_shared,
};
