/* Lays the variables of a cube out over words; the rule is in shape.h. */
#include "cube/shape.h"

#include <string.h> /* memset */

static uint64_t low_bits(uint32_t n)
{
    return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

const esp_shape *esp_shape_create(esp_context *ctx, uint32_t inputs, uint32_t wides,
                                  const uint32_t *wide_parts)
{
    esp_shape *s = esp_alloc_zero(ctx, 1, sizeof *s);
    uint32_t vars = inputs + wides;
    esp_var *var = esp_alloc_zero(ctx, vars, sizeof *var);
    if (!s || !var) {
        return NULL;
    }
    uint32_t bit = 0;
    uint32_t parts = 0;
    for (uint32_t v = 0; v < vars; v++) {
        uint32_t n = v < inputs ? 2 : wide_parts[v - inputs];
        uint32_t left = 64 - bit % 64;
        if (n > left && bit % 64) {
            bit += left;
        }
        var[v].first = bit;
        var[v].parts = n;
        var[v].word = bit / 64;
        var[v].last_word = (bit + n - 1) / 64;
        bool one_word = var[v].word == var[v].last_word;
        var[v].mask = one_word ? low_bits(n) << bit % 64 : ~UINT64_C(0);
        bit += n;
        parts += n;
        var[v].last_mask = one_word ? var[v].mask : low_bits((bit - 1) % 64 + 1);
        if (!one_word && v + 1 < vars && bit % 64) {
            bit += 64 - bit % 64; /* a variable wider than a word owns its words */
        }
    }
    uint32_t words = (bit + 63) / 64;
    uint64_t *binary = esp_alloc_zero(ctx, words, sizeof *binary);
    uint64_t *full = esp_alloc_zero(ctx, words, sizeof *full);
    if (!binary || !full) {
        return NULL;
    }
    for (uint32_t v = 0; v < vars; v++) {
        for (uint32_t w = var[v].word; w <= var[v].last_word; w++) {
            full[w] |= esp_var_mask(&var[v], w);
        }
        if (v < inputs) {
            binary[var[v].word] |= UINT64_C(1) << var[v].first % 64;
        }
    }
    s->inputs = inputs;
    s->vars = vars;
    s->wides = wides;
    s->outputs = var[vars - 1].parts;
    s->words = words;
    s->parts = parts;
    s->narrow = wides == 1 && var[vars - 1].word == words - 1 ? var[vars - 1].mask : 0;
    s->var = var;
    s->binary = binary;
    s->full = full;
    return s;
}
