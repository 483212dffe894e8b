/* SEARCH: the loop from more than one start, and one choice among all primes that the runs found.
 *
 * The idea. The loop ends in a local minimum that depends on where it starts. Two starts differ most: the cover as
 * given, whose cubes serve several outputs at once, and the same with one cube for each output ("unwrapped"), which
 * lets EXPAND decide afresh what to share. The primes of all runs together are a pool that usually holds a
 * better cover than any run found: IRREDUNDANT on the pool picks it.
 *
 * Invariant: `f` is a correct cover at every moment and never gets worse (cubes, then literals).
 * Cost: one run of the loop a start, and one covering problem.
 */
#include "minimize/steps.h"

/* One cube for each output part of each cube, without those inside another. */
static bool unwrap(esp_context *ctx, const esp_shape *s, const esp_cover *f, esp_cover *out)
{
    const esp_var *v = esp_output_var(s);
    uint64_t total = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        total += esp_var_count(v, esp_cube(f, s, i));
    }
    if (total > UINT32_MAX / 2 || !esp_cover_create(ctx, s, (uint32_t)total, out)) {
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        for (uint32_t bit = v->first; bit < v->first + v->parts; bit++) {
            if (!esp_cube_has(c, bit)) {
                continue;
            }
            uint64_t *row = esp_cube(out, s, out->count++);
            esp_cube_copy(s, row, c);
            for (uint32_t w = v->word; w <= v->last_word; w++) {
                row[w] &= ~esp_var_mask(v, w);
            }
            esp_cube_set(row, bit);
        }
    }
    esp_cover_contain(ctx, s, out);
    return !esp_stopped(ctx);
}

static bool cheaper(esp_cost a, esp_cost b)
{
    return a.cubes != b.cubes ? a.cubes < b.cubes : a.in + a.out < b.in + b.out;
}

/* f becomes g when g is cheaper; f has room for it, being the larger. */
static void take_if_cheaper(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *g)
{
    if (cheaper(esp_cover_cost(s, g), esp_cover_cost(s, f))) {
        f->count = 0;
        (void)esp_cover_append(ctx, s, f, g);
    }
}

bool esp_search(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d, const esp_cover *r,
                esp_effort effort, esp_outcome *outcome)
{
    esp_cover given;
    bool again = effort != ESP_EFFORT_FAST && s->outputs > 1 && r;
    if (again && !esp_cover_copy(ctx, s, f, &given)) {
        return false;
    }
    if (!esp_espresso(ctx, s, f, d, r, effort, outcome)) {
        return false;
    }
    if (!again || f->count < 2 || outcome->essential == f->count) {
        return true;
    }
    esp_mark mark = esp_mark_top(ctx);
    esp_cover other;
    esp_cover pool;
    bool going = unwrap(ctx, s, &given, &other) && esp_espresso(ctx, s, &other, d, r, effort, outcome) &&
                 esp_cover_create(ctx, s, f->count + other.count, &pool) && esp_cover_append(ctx, s, &pool, f) &&
                 esp_cover_append(ctx, s, &pool, &other);
    if (going) {
        /* MAKE_SPARSE has lowered outputs: make the pool prime again, then choose. */
        take_if_cheaper(ctx, s, f, &other);
        going = esp_espresso(ctx, s, &pool, d, r, effort, outcome);
        take_if_cheaper(ctx, s, f, &pool);
    }
    esp_release(ctx, mark);
    return going;
}
