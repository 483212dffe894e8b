/* The one text of the bit-set kernels; included once a variant with
 *
 *   KERNEL_TARGET   function attribute that allows the instructions
 *   KERNEL_LANES    64-bit lanes of one vector: 1, 4 or 8
 *   KERNEL_TABLE, KERNEL_ID, KERNEL_NAME   the table that is made
 *
 * Vectors are the compiler's own (vector_size), so there is no intrinsic and no second text to keep
 * in step.
 */
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

KERNEL_TARGET static bool inside_some(const uint64_t *rows, uint32_t count, uint32_t words,
                                      const uint64_t *c)
{
    uint32_t i = 0;
    if (words == 1) {
        for (; i + 32 <= count;
             i += 32) { /* a block without branches: the compiler makes vectors of it */
            uint32_t inside = 0;
            for (uint32_t k = 0; k < 32; k++) {
                inside += (c[0] & ~rows[i + k]) == 0;
            }
            if (inside) {
                return true;
            }
        }
    } else if (words == 2) {
        for (; i + 16 <= count; i += 16) {
            uint32_t inside = 0;
            for (uint32_t k = 0; k < 16; k++) {
                const uint64_t *row = rows + 2 * (size_t)(i + k);
                inside += ((c[0] & ~row[0]) | (c[1] & ~row[1])) == 0;
            }
            if (inside) {
                return true;
            }
        }
    }
    for (; i < count; i++) {
        const uint64_t *row = rows + (size_t)i * words;
        uint64_t left = 0;
        for (uint32_t w = 0; w < words && !left; w++) {
            left = c[w] & ~row[w];
        }
        if (!left) {
            return true;
        }
    }
    return false;
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
    .count_shared = count_shared,
};
