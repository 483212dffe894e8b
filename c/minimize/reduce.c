/* REDUCE: make every cube as small as the rest of the cover allows, so that EXPAND can go another
 * way.
 *
 * The idea. Points of c that neither another cube nor D holds must stay; the smallest cube around
 * them is c ∩ (supercube of the complement of the others, seen from c). One cube after the other:
 * later ones see the earlier ones already reduced, so the order matters. It is: the largest cube
 * first, the others by growing distance from it, so that neighbours follow each other and the slack
 * goes to one of them.
 *
 * Invariant: F covers the same care points after every cube.
 * Cost: one supercube call a cube.
 *
 * Reference: Brayton et al. 1984, section 4.4.
 */
#include "base/sort.h"
#include "minimize/meeting.h"

/* The smallest cube that may replace row `index`; all zero when nothing needs it. */
static bool smallest(esp_meeting *m, uint32_t index, uint64_t *small)
{
    esp_context *ctx = m->ctx;
    const esp_shape *s = m->s;
    esp_mark mark = esp_mark_top(ctx);
    const uint64_t *c = esp_cube(&m->rows, s, index);
    esp_cover g;
    bool going = esp_cover_create(ctx, s, m->rows.count + 1, &g) && esp_meeting_ask(m, c);
    if (going) {
        esp_meeting_gather(m, c, index, NULL, &g);
        going = esp_spend(ctx, (uint64_t)g.count * s->words) &&
                esp_complement_supercube(ctx, s, &g, small);
    }
    for (uint32_t w = 0; w < s->words; w++) {
        small[w] &= c[w];
    }
    esp_release(ctx, mark);
    return going;
}

static uint32_t *reduction_order(esp_context *ctx, const esp_shape *s, const esp_cover *f)
{
    uint64_t *key = esp_alloc_array(ctx, f->count, sizeof *key);
    if (!key || !f->count) {
        return NULL;
    }
    uint32_t largest = 0;
    uint32_t most = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t parts = esp_cube_parts(s, esp_cube(f, s, i));
        if (parts > most) {
            most = parts;
            largest = i;
        }
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        uint64_t apart = esp_cube_distance(s, c, esp_cube(f, s, largest), UINT32_MAX);
        key[i] = apart << 32 | (UINT32_MAX - esp_cube_parts(s, c));
    }
    return esp_sorted_order(ctx, key, f->count);
}

bool esp_reduce(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                uint8_t *prime)
{
    if (!f->count) {
        return true;
    }
    esp_mark mark = esp_mark_top(ctx);
    uint32_t *order = reduction_order(ctx, s, f);
    uint64_t *small = esp_alloc_array(ctx, s->words, sizeof *small);
    esp_meeting m;
    bool going = order && small && esp_spend(ctx, (uint64_t)f->count * s->words * 2) &&
                 esp_meeting_create(ctx, s, f, d, &m);
    for (uint32_t k = 0; going && k < f->count; k++) {
        uint64_t *c = esp_cube(f, s, order[k]);
        going = smallest(&m, order[k], small);
        if (going && !esp_cube_equal(s, c, small)) {
            prime[order[k]] = 0;
            esp_cube_copy(s, c, small);
            esp_meeting_shrink(&m, order[k], small);
        }
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->count; i++) { /* cubes that nothing needs are all zero now */
        const uint64_t *c = esp_cube(f, s, i);
        if (!esp_cube_empty(s, c)) {
            prime[n] = prime[i];
            esp_cube_copy(s, esp_cube(f, s, n++), c);
        }
    }
    f->count = n;
    esp_release(ctx, mark);
    return going;
}

bool esp_reduce_each(esp_context *ctx, const esp_shape *s, const esp_cover *f, const esp_cover *d,
                     esp_cover *small)
{
    if (!esp_cover_create(ctx, s, f->count, small)) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    esp_meeting m;
    bool going = esp_meeting_create(ctx, s, f, d, &m);
    for (uint32_t i = 0; going && i < f->count; i++) {
        going = smallest(&m, i, esp_cube(small, s, i));
    }
    small->count = f->count;
    esp_release(ctx, mark);
    return going;
}
