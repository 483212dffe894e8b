/* Cofactor of rows by a cube, specialised by the number of words and without a branch a row where
 * it can be had.
 *
 * A row meets c when every variable keeps a part in row ∩ c. Binary variables: of v = row & c both
 * bits of a pair are 0 exactly where ~(v | v >> 1) has its low bit; the last variable, the output,
 * is one more mask. The row is written in any case and the cursor advances when it meets: no
 * misprediction.
 *
 * Cost: about 1 ns a row of one word.
 */
#include "cube/cofactor.h"

#define INLINE static inline __attribute__((always_inline))

/* Shapes whose only wide variable is an output of one word. */
INLINE uint32_t narrow(const esp_shape *s, const uint64_t *rows, uint32_t count, const uint64_t *c,
                       uint64_t *to, uint32_t words)
{
    const esp_var *out = esp_output_var(s);
    uint32_t last = out->word;
    uint64_t output = out->mask & c[last];
    uint64_t fill[4];
    uint64_t keep[4];
    uint64_t binary[4];
    for (uint32_t w = 0; w < words; w++) {
        fill[w] = s->full[w] & ~c[w];
        keep[w] = c[w];
        binary[w] = s->binary[w];
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *row = rows + (size_t)i * words;
        uint64_t *at = to + (size_t)n * words;
        uint64_t apart = 0;
        uint64_t meet = row[last] & output;
        for (uint32_t w = 0; w < words; w++) {
            uint64_t both = row[w] & keep[w];
            apart |= ~(both | both >> 1) & binary[w];
            at[w] = row[w] | fill[w];
        }
        n += (apart == 0) & (meet != 0);
    }
    return n;
}

/* One function a width, so that each has all registers to itself. */
#define NARROW(words)                                                                              \
    static __attribute__((noinline)) uint32_t narrow_##words(                                      \
        const esp_shape *s, const uint64_t *rows, uint32_t count, const uint64_t *c, uint64_t *to) \
    {                                                                                              \
        return narrow(s, rows, count, c, to, words);                                               \
    }
NARROW(1)
NARROW(2)
NARROW(3)
NARROW(4)

static uint32_t general(const esp_shape *s, const uint64_t *rows, uint32_t count, const uint64_t *c,
                        uint64_t *to)
{
    uint32_t n = 0;
    uint32_t words = s->words;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *row = rows + (size_t)i * words;
        uint64_t apart = 0;
        for (uint32_t w = 0; w < words && !apart; w++) {
            uint64_t both = row[w] & c[w];
            apart = ~(both | both >> 1) & s->binary[w];
        }
        for (uint32_t v = s->inputs; v < s->vars && !apart; v++) {
            const esp_var *var = &s->var[v];
            uint64_t meet = 0;
            for (uint32_t w = var->word; w <= var->last_word; w++) {
                meet |= row[w] & c[w] & esp_var_mask(var, w);
            }
            apart = meet == 0;
        }
        if (apart) {
            continue;
        }
        uint64_t *at = to + (size_t)n++ * words;
        for (uint32_t w = 0; w < words; w++) {
            at[w] = row[w] | (s->full[w] & ~c[w]);
        }
    }
    return n;
}

uint32_t esp_cofactor_rows(const esp_shape *s, const uint64_t *rows, uint32_t count,
                           const uint64_t *c, uint64_t *to)
{
    const esp_var *out = esp_output_var(s);
    if (s->wides == 1 && out->word == out->last_word) {
        switch (s->words) {
        case 1:
            return narrow_1(s, rows, count, c, to);
        case 2:
            return narrow_2(s, rows, count, c, to);
        case 3:
            return narrow_3(s, rows, count, c, to);
        case 4:
            return narrow_4(s, rows, count, c, to);
        default:
            break;
        }
    }
    return general(s, rows, count, c, to);
}
