/* LAST GASP: a last attempt to leave the local minimum of the loop.
 *
 * The idea. Reduce every cube as far as it could go were the others left as they are. Each reduced
 * cube holds the points that only its own cube covers, so two reduced cubes that one prime can hold
 * are two cubes that one can replace, as far as their private points go. Primes that hold two or
 * more reduced cubes are added to the cover and IRREDUNDANT chooses afresh.
 *
 * Invariant: the new primes are implicants, so F plus them is a cover; the result is taken only
 * when it is smaller. Cost: one supercube call and one or more expansions a cube that shrank.
 *
 * Reference: Brayton et al. 1984, section 4.7 (LAST_GASP).
 */
#include "minimize/steps.h"

/* The cubes that shrank to something, from the independently reduced ones. */
static bool shrunken(esp_context *ctx, const esp_shape *s, const esp_cover *f, const esp_cover *d,
                     esp_cover *targets)
{
    if (!esp_reduce_each(ctx, s, f, d, targets)) {
        return false;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < targets->count; i++) {
        const uint64_t *c = esp_cube(targets, s, i);
        if (!esp_cube_empty(s, c) && !esp_cube_equal(s, c, esp_cube(f, s, i))) {
            esp_cube_copy(s, esp_cube(targets, s, n++), c);
        }
    }
    targets->count = n;
    return true;
}

/* Choose among F and the new primes; F becomes the choice when it has fewer cubes. */
static bool choose(esp_context *ctx, const esp_shape *s, const esp_cover *more, esp_cover *f,
                   const esp_cover *d)
{
    esp_cover all;
    if (!more->count) {
        return true;
    }
    if (!esp_cover_create(ctx, s, f->count + more->count, &all) ||
        !esp_cover_append(ctx, s, &all, f) || !esp_cover_append(ctx, s, &all, more)) {
        return false;
    }
    esp_cover_contain(ctx, s, &all);
    uint32_t own = esp_cover_same(s, f, &all); /* F's cubes are prime: all stay, cover the others */
    uint8_t *others_cover = esp_alloc_zero(ctx, all.count + 1, 1);
    if (others_cover && own == f->count) {
        memset(others_cover + own, 1, all.count - own);
    }
    if (!others_cover || !esp_irredundant(ctx, s, &all, d, others_cover)) {
        return false;
    }
    if (all.count < f->count) {
        memcpy(f->data, all.data, (size_t)all.count * s->words * sizeof *f->data);
        f->count = all.count;
    }
    return true;
}

bool esp_last_gasp(esp_context *ctx, const esp_shape *s, const esp_blocking *r, esp_cover *f,
                   const esp_cover *d)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_cover targets;
    esp_cover found = {0};
    bool going = shrunken(ctx, s, f, d, &targets);
    for (uint32_t i = 0; going && i < targets.count; i++) {
        going = esp_expand_towards(ctx, s, r, &targets, i, &found);
    }
    going = going && choose(ctx, s, &found, f, d);
    esp_release(ctx, mark);
    return going;
}

/* SUPER GASP: the same with all primes that hold a reduced cube (`primes` at most), whether or not
 * they hold a second one. Reference: Rudell 1986. */
bool esp_super_gasp(esp_context *ctx, const esp_shape *s, const esp_blocking *r, uint32_t primes,
                    esp_cover *f, const esp_cover *d)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_cover targets;
    esp_cover found = {0};
    bool going = shrunken(ctx, s, f, d, &targets);
    for (uint32_t i = 0; going && i < targets.count; i++) {
        going = esp_expand_all(ctx, s, r, esp_cube(&targets, s, i), primes, &found);
    }
    going = going && choose(ctx, s, &found, f, d);
    esp_release(ctx, mark);
    return going;
}
