/* MAKE SPARSE: the same number of cubes with fewer connections.
 *
 * The idea. (1) An output part of a cube is not needed when the other cubes and D cover it: take it away. (2) With
 * fewer outputs there is less off-set to avoid: expand the inputs once more. Repeat while the cost falls.
 *
 * Invariant: F covers the same care points; no cube is lost (a cube without outputs would be redundant, and F is
 * irredundant on entry).
 * Cost: a tautology call for each output part of a cube with more than one, and an expansion.
 *
 * Reference: Brayton et al. 1984, section 4.8 (MAKE_SPARSE: lowering outputs, raising inputs).
 */
#include "minimize/steps.h"

/* Remove output parts that the rest covers. Cubes with many outputs first: they have most to give. */
static bool lower_outputs(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d)
{
    const esp_var *out = esp_output_var(s);
    const esp_cover *both[2] = {f, d};
    esp_mark mark = esp_mark_top(ctx);
    uint64_t *piece = esp_alloc_array(ctx, s->words, sizeof *piece);
    bool going = piece != NULL;
    for (uint32_t i = 0; going && i < f->count; i++) {
        uint64_t *c = esp_cube(f, s, i);
        for (uint32_t p = 0; going && p < out->parts; p++) {
            uint32_t bit = out->first + p;
            if (!esp_cube_has(c, bit) || esp_var_count(out, c) == 1) {
                continue;
            }
            esp_cube_copy(s, piece, c);
            for (uint32_t w = out->word; w <= out->last_word; w++) {
                piece[w] &= ~esp_var_mask(out, w);
            }
            esp_cube_set(piece, bit);
            bool covered = false;
            going = esp_covered(ctx, s, piece, both, 2, i, NULL, &covered);
            if (going && covered) {
                esp_cube_clear(c, bit);
            }
        }
    }
    esp_release(ctx, mark);
    return going;
}

/* Output parts, and input parts that are not there: literals, where inputs are binary. */
static uint64_t total(const esp_shape *s, const esp_cover *f)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        sum += s->parts - s->outputs - esp_cube_parts(s, c) + 2 * esp_var_count(esp_output_var(s), c);
    }
    return sum;
}

bool esp_make_sparse(esp_context *ctx, const esp_shape *s, const esp_blocking *r, esp_cover *f, const esp_cover *d)
{
    esp_mark mark = esp_mark_top(ctx);
    uint8_t *prime = esp_alloc_array(ctx, f->count + 1, 1);
    esp_cover before;
    bool going = prime && esp_cover_create(ctx, s, f->count, &before);
    uint64_t cost = total(s, f);
    for (uint32_t round = 0; going && round < 8; round++) {
        before.count = 0;
        if (!esp_cover_append(ctx, s, &before, f)) {
            break;
        }
        going = s->outputs == 1 || lower_outputs(ctx, s, f, d);
        if (going && r) {
            memset(prime, 0, f->count);
            going = esp_expand(ctx, s, r, f, prime, true) && esp_irredundant(ctx, s, f, d);
        }
        if (!going) {
            break;
        }
        uint64_t now = total(s, f);
        if (now >= cost) { /* no better: the last one stays */
            if (now > cost) {
                memcpy(f->data, before.data, (size_t)before.count * s->words * sizeof *f->data);
                f->count = before.count;
            }
            break;
        }
        cost = now;
    }
    esp_release(ctx, mark);
    return going;
}
