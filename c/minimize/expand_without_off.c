/* EXPAND WITHOUT AN OFF-SET, for functions whose complement explodes.
 *
 * The idea. A part may be raised exactly when F ∪ D still covers the larger cube, which one
 * tautology call answers. Parts are tried most frequent first: those that most other cubes have
 * lead towards swallowing them.
 *
 * Invariant: every cube is an implicant of F ∪ D at every moment; F ∪ D itself never changes (the
 * rows asked are a copy), so the cover stays correct whenever a limit ends the run.
 *
 * Cost: a tautology call for each part that a cube lacks; no memory but the cover. Cubes that an
 * earlier prime swallowed are skipped.
 *
 * Reference: the tautology-based expansion of Brayton et al. 1984, section 4.2 (before the blocking
 * matrix).
 */
#include "base/sort.h"
#include "minimize/steps.h"

/* Bits of the cube, most frequent in F first. */
static uint32_t *parts_by_frequency(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                                    uint32_t *count)
{
    uint32_t bits = s->words * 64;
    uint64_t *key = esp_alloc_array(ctx, bits, sizeof *key);
    if (!key) {
        return NULL;
    }
    for (uint32_t b = 0; b < bits; b++) {
        key[b] = esp_cube_has(s->full, b) ? UINT32_MAX : UINT64_MAX;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        for (uint32_t w = 0; w < s->words; w++) {
            for (uint64_t left = c[w]; left; left &= left - 1) {
                key[w * 64 + esp_lowest(left)]--;
            }
        }
    }
    *count = s->parts;
    return esp_sorted_order(ctx, key, bits);
}

bool esp_expand_without_off(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d)
{
    esp_mark mark = esp_mark_top(ctx);
    uint32_t parts = 0;
    esp_cover before;
    uint64_t *wider = esp_alloc_array(ctx, s->words, sizeof *wider);
    uint8_t *gone = esp_alloc_zero(ctx, f->count + 1, 1);
    uint32_t *order = parts_by_frequency(ctx, s, f, &parts);
    bool going = wider && gone && order && esp_cover_copy(ctx, s, f, &before);
    const esp_cover *both[2] = {&before, d};
    for (uint32_t i = 0; going && i < f->count; i++) {
        if (gone[i]) {
            continue;
        }
        uint64_t *c = esp_cube(f, s, i);
        for (uint32_t k = 0; going && k < parts; k++) {
            if (esp_cube_has(c, order[k])) {
                continue;
            }
            esp_cube_copy(s, wider, c);
            esp_cube_set(wider, order[k]);
            bool covered = false;
            going = esp_covered(ctx, s, wider, both, 2, -1, NULL, &covered);
            if (going && covered) {
                esp_cube_copy(s, c, wider);
            }
        }
        for (uint32_t j = 0; j < f->count; j++) {
            gone[j] |= j != i && !gone[j] && esp_cube_in(s, esp_cube(f, s, j), c) &&
                       !(j < i && esp_cube_equal(s, esp_cube(f, s, j), c));
        }
        going = going && esp_spend(ctx, (uint64_t)f->count * s->words);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; gone && i < f->count; i++) {
        if (!gone[i]) {
            esp_cube_copy(s, esp_cube(f, s, n++), esp_cube(f, s, i));
        }
    }
    f->count = gone ? n : f->count;
    esp_release(ctx, mark);
    return going;
}
