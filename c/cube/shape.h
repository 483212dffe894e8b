/* The shape of a cube: which bits of which words belong to which variable.
 *
 * Positional-cube notation: a variable with k parts (values) has k bits; bit p says "the cube
 * allows value p".
 * A binary input has two parts (bit 0: value 0, bit 1: value 1), so  0 = 01b, 1 = 10b, - = 11b,
 *                                                                    empty = 00b.
 * The output is one more variable, the last, with one part an output (Rudell and
 * Sangiovanni-Vincentelli, 1987).
 *
 *   3 binary inputs, 4 outputs: one word
 *
 *        bit  9 8 7 6 | 5 4 | 3 2 | 1 0
 *             outputs | in2 | in1 | in0
 *
 * Kernel layout: variables in order, none straddles a word boundary unless it is wider than a word;
 * one that is wider starts at a boundary. Bits of no variable are 0 in every cube, so whole-word
 * operations need no masks. (The wire layout of a job is packed without that rule; c/job converts.)
 *
 * "Wide" variables are all that are not binary: multiple-valued inputs and the output. Binary
 * variables are told apart by one mask a word, wide ones by a list.
 */
#ifndef ESP_SHAPE_H
#define ESP_SHAPE_H

#include "base/context.h"

typedef struct esp_var {
    uint32_t first;     /* kernel bit index of part 0: word * 64 + bit */
    uint32_t parts;     /* number of parts, at least 1 */
    uint32_t word;      /* first word */
    uint32_t last_word; /* last word; same as `word` unless wider than 64 parts */
    uint64_t
        mask; /* its bits in `word` when it lies in one word; all ones otherwise (whole words) */
    uint64_t last_mask; /* its bits in `last_word` */
} esp_var;

typedef struct esp_shape {
    uint32_t inputs;        /* binary input variables, first */
    uint32_t vars;          /* all variables; the last one is the output */
    uint32_t wides;         /* variables that are not binary inputs = vars - inputs, at least 1 */
    uint32_t outputs;       /* parts of the output variable, at least 1 */
    uint32_t words;         /* words a cube */
    uint32_t parts;         /* parts of all variables */
    uint64_t narrow;        /* the output's mask when it is the one wide variable and lies in one
                               word (the last), as it nearly always does; else 0 */
    const esp_var *var;     /* [vars] */
    const uint64_t *binary; /* [words]: the low bit (part 0) of every binary variable */
    const uint64_t *full;   /* [words]: the universal cube */
} esp_shape;

/* Variables: `inputs` binary ones, then multiple-valued inputs with the given parts, then the
 * output. `wide_parts` has `wides` entries, the last is the number of outputs (at least 1). NULL
 * when memory ran out. */
const esp_shape *esp_shape_create(esp_context *ctx, uint32_t inputs, uint32_t wides,
                                  const uint32_t *wide_parts);

static inline const esp_var *esp_output_var(const esp_shape *s)
{
    return &s->var[s->vars - 1];
}

/* Kernel bit index of a part. */
static inline uint32_t esp_bit(const esp_shape *s, uint32_t var, uint32_t part)
{
    return s->var[var].first + part;
}

/* Bits of variable v in word w (w between its first and last word). */
static inline uint64_t esp_var_mask(const esp_var *v, uint32_t w)
{
    return w == v->last_word ? v->last_mask : v->mask;
}

#endif
