/* EXPAND: replace every cube of a cover by a prime that holds it, so that as many other cubes as
 * possible fall away.
 *
 * The idea. Cubes are taken lightest first (those that share little with others are hardest to
 * swallow). One cube is raised in this order of preference:
 *   1. what cannot be raised is fixed and what costs nothing is raised (esp_expander_settle);
 *   2. towards another cube d of F: d is feasible when the supercube of both avoids R. Of the
 *      feasible ones the one whose supercube swallows most other feasible ones is taken, ties by
 *      fewest new parts; repeat;
 *   3. no cube is feasible, but some still lie inside what could be reached: raise the one part
 *      that occurs in most of them;
 *   4. nobody is left to swallow: the largest prime, by a covering of the rows with fixed columns.
 *
 * Invariant. The cube avoids R at every moment, so the cover stays correct whenever a limit ends
 * the run.
 *
 * Cost: a cube costs a few passes over (columns × rows / 64) words, plus one for each candidate in
 * reach.
 *
 * Reference: Brayton et al. 1984, section 4.2; R. Rudell, MSc thesis, 1986 (the order of preference
 * of 2.x).
 */
#include "base/sort.h"
#include "cube/counters.h"
#include "minimize/expander.h"

typedef struct expansion {
    esp_expander e;
    esp_cover *f;
    uint8_t *gone;       /* one byte a cube of F: swallowed or prime, nobody's target */
    uint32_t *candidate; /* indices of cubes that may be reached */
    uint32_t candidates;
    uint32_t *fits;              /* those of them that are feasible now */
    const esp_blocking *columns; /* F by columns; NULL: candidates are given */
    uint64_t *open;              /* [columns->words]: cubes neither prime nor swallowed */
    uint64_t *supercube;
} expansion;

static bool inside_reach(const expansion *x, const uint64_t *d)
{
    const esp_expander *e = &x->e;
    for (uint32_t w = 0; w < e->s->words; w++) {
        if (d[w] & ~(e->raise[w] | e->free[w])) {
            return false;
        }
    }
    return true;
}

static void swallow(expansion *x, uint32_t i, uint32_t self)
{
    x->gone[i] = i != self;
    if (x->columns) {
        x->open[i / 64] &= ~(UINT64_C(1) << i % 64);
    }
}

/* Forget candidates that are swallowed (marking them) or out of reach. */
static void sift(expansion *x, uint32_t self)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->candidates; i++) {
        uint32_t k = x->candidate[i];
        const uint64_t *d = esp_cube(x->f, x->e.s, k);
        if (esp_cube_in(x->e.s, d, x->e.raise)) {
            swallow(x, k, self);
        } else if (inside_reach(x, d)) {
            x->candidate[n++] = k;
        }
    }
    x->candidates = n;
}

/* The candidates for cube `self`: open cubes within reach, that is without any part outside it.
 * Those that the cube holds already are marked. */
static bool find_candidates(expansion *x, uint32_t self)
{
    const esp_expander *e = &x->e;
    const esp_shape *s = e->s;
    uint32_t words = x->columns->words;
    uint64_t looked = 0;
    x->candidates = 0;
    for (uint32_t k = 0; k < words; k++) {
        uint64_t inside = x->open[k];
        for (uint32_t w = 0; w < s->words && inside; w++) {
            uint64_t outside = s->full[w] & ~(e->raise[w] | e->free[w]);
            for (; outside && inside; outside &= outside - 1) {
                inside &= esp_absent(x->columns, w * 64 + esp_lowest(outside))[k];
                looked++;
            }
        }
        for (; inside; inside &= inside - 1) {
            uint32_t i = k * 64 + esp_lowest(inside);
            if (i == self) {
                continue;
            }
            if (esp_cube_in(s, esp_cube(x->f, s, i), e->raise)) {
                swallow(x, i, self);
            } else {
                x->candidate[x->candidates++] = i;
            }
        }
    }
    return esp_spend(e->ctx, looked + words);
}

/* The feasible candidate that swallows most others, or UINT32_MAX; its supercube in x->supercube.
 */
static bool best_candidate(expansion *x, uint32_t *best)
{
    const esp_shape *s = x->e.s;
    uint32_t fits = 0;
    for (uint32_t i = 0; i < x->candidates; i++) {
        if (esp_expander_feasible(&x->e, esp_cube(x->f, s, x->candidate[i]))) {
            x->fits[fits++] = x->candidate[i];
        }
    }
    if (!esp_spend(x->e.ctx, (uint64_t)x->candidates * (x->e.r->words / 2 + s->words) +
                                 (uint64_t)fits * fits * s->words)) {
        return false;
    }
    *best = UINT32_MAX;
    uint32_t most = 0;
    uint32_t least_parts = 0;
    for (uint32_t i = 0; i < fits; i++) {
        const uint64_t *d = esp_cube(x->f, s, x->fits[i]);
        uint32_t parts = 0;
        for (uint32_t w = 0; w < s->words; w++) {
            x->supercube[w] = d[w] | x->e.raise[w];
            parts += esp_popcount(x->supercube[w]);
        }
        uint32_t swallows = 0;
        for (uint32_t j = 0; j < fits; j++) {
            swallows += esp_cube_in(s, esp_cube(x->f, s, x->fits[j]), x->supercube);
        }
        if (swallows > most || (swallows == most && parts < least_parts)) {
            most = swallows;
            least_parts = parts;
            *best = x->fits[i];
        }
    }
    return true;
}

/* The free part that occurs in most candidates, as a cube. */
static void most_frequent_part(expansion *x, uint64_t *part)
{
    const esp_shape *s = x->e.s;
    uint32_t best_bit = 0;
    uint32_t most = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        for (uint64_t left = x->e.free[w]; left; left &= left - 1) {
            uint32_t bit = w * 64 + esp_lowest(left);
            uint32_t n = 0;
            for (uint32_t i = 0; i < x->candidates; i++) {
                n += esp_cube_has(esp_cube(x->f, s, x->candidate[i]), bit);
            }
            if (n > most) {
                most = n;
                best_bit = bit;
            }
        }
        part[w] = 0;
    }
    if (most) {
        esp_cube_set(part, best_bit);
    }
}

/* Raise the cube in x->e to a prime. */
static bool raise_to_prime(expansion *x, uint32_t self)
{
    const esp_shape *s = x->e.s;
    if (!esp_expander_settle(&x->e) || (x->columns && !find_candidates(x, self))) {
        return false;
    }
    if (!x->columns) {
        sift(x, self);
    }
    while (x->candidates && x->e.columns) {
        uint32_t best;
        if (!best_candidate(x, &best)) {
            return false;
        }
        const uint64_t *towards = x->supercube;
        if (best != UINT32_MAX) {
            towards = esp_cube(x->f, s, best);
        } else {
            most_frequent_part(x, x->supercube);
            if (!esp_spend(x->e.ctx, (uint64_t)x->candidates * esp_cube_parts(s, x->e.free))) {
                return false;
            }
        }
        if (!esp_expander_raise(&x->e, towards)) {
            return false;
        }
        sift(x, self);
    }
    bool going = esp_expander_finish(&x->e);
    sift(x, self);
    return going;
}

static bool expansion_create(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                             esp_cover *f, expansion *x)
{
    *x = (expansion){.f = f};
    x->gone = esp_alloc_zero(ctx, f->count + 1, 1);
    x->candidate = esp_alloc_array(ctx, f->count, sizeof *x->candidate);
    x->fits = esp_alloc_array(ctx, f->count, sizeof *x->fits);
    x->supercube = esp_alloc_array(ctx, s->words, sizeof *x->supercube);
    return x->gone && x->candidate && x->fits && x->supercube &&
           esp_expander_create(ctx, s, r, &x->e);
}

/* How many cubes have each part of word w. */
static void count_parts(const esp_shape *s, const esp_cover *f, uint32_t w, uint32_t *sums)
{
    uint64_t plane[32] = {0};
    size_t words = s->words;
    const uint64_t *c = f->data + w;
    uint32_t i = 0;
    for (; i + 4 <= f->count; i += 4, c += 4 * words) {
        const uint64_t four[4] = {c[0], c[words], c[2 * words], c[3 * words]};
        esp_counters_add(plane, four);
    }
    for (; i < f->count; i++, c += words) {
        esp_counters_carry(plane, 0, *c);
    }
    for (uint32_t k = 0; f->count >> k; k++) {
        for (uint64_t left = plane[k]; left; left &= left - 1) {
            sums[esp_lowest(left)] += 1u << k;
        }
    }
}

/* Lightest first: the weight of a cube is the sum of the column sums of its parts. A seed changes
 * each weight by at most an eighth, so that runs from one cover end in different minima. */
static uint32_t *expansion_order(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                                 const uint8_t *prime)
{
    uint32_t bits = s->words * 64;
    uint32_t *sums = esp_alloc_zero(ctx, bits, sizeof *sums);
    uint64_t *weight = esp_alloc_array(ctx, f->count, sizeof *weight);
    if (!sums || !weight || !esp_spend(ctx, (uint64_t)f->count * s->words * 8)) {
        return NULL;
    }
    for (uint32_t w = 0; w < s->words; w++) {
        count_parts(s, f, w, sums + w * 64);
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        weight[i] = 0;
        if (prime[i]) {
            continue; /* nobody asks when it comes */
        }
        for (uint32_t w = 0; w < s->words; w++) {
            for (uint64_t left = c[w]; left; left &= left - 1) {
                weight[i] += sums[w * 64 + esp_lowest(left)];
            }
        }
        if (ctx->seed) {
            weight[i] =
                weight[i] * (896 + esp_mix(ctx->seed * UINT64_C(0x9e3779b97f4a7c15) + i) % 256);
        }
    }
    return esp_sorted_order(ctx, weight, f->count);
}

/* Leave out the cubes that were swallowed. */
static void drop_gone(const esp_shape *s, esp_cover *f, const uint8_t *swallowed, uint8_t *prime)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        if (!swallowed[i]) {
            prime[n] = prime[i];
            if (n != i) {
                esp_cube_copy(s, esp_cube(f, s, n), esp_cube(f, s, i));
            }
            n++;
        }
    }
    f->count = n;
}

bool esp_expand(esp_context *ctx, const esp_shape *s, const esp_blocking *r, esp_cover *f,
                uint8_t *prime, bool inputs_only)
{
    esp_mark mark = esp_mark_top(ctx);
    expansion x;
    uint32_t *order = expansion_order(ctx, s, f, prime);
    uint64_t *freeze = NULL;
    bool going = order && expansion_create(ctx, s, r, f, &x);
    if (going) {
        x.columns = esp_blocking_create(ctx, s, f);
        x.open = x.columns ? esp_alloc_zero(ctx, x.columns->words, sizeof *x.open) : NULL;
        going = x.open != NULL;
    }
    for (uint32_t i = 0; going && i < f->count; i++) {
        x.open[i / 64] |= (uint64_t)!prime[i] << i % 64;
    }
    if (going && inputs_only) {
        freeze = esp_alloc_zero(ctx, s->words, sizeof *freeze);
        going = freeze != NULL;
        const esp_var *out = esp_output_var(s);
        for (uint32_t w = out->word; going && w <= out->last_word; w++) {
            freeze[w] = esp_var_mask(out, w);
        }
    }
    for (uint32_t n = 0; going && n < f->count; n++) {
        uint32_t i = order[n];
        if (prime[i] || x.gone[i]) {
            continue;
        }
        uint64_t *c = esp_cube(f, s, i);
        x.open[i / 64] &= ~(UINT64_C(1) << i % 64);
        going = esp_expander_start(&x.e, c, freeze) && raise_to_prime(&x, i);
        if (going) {
            esp_cube_copy(s, c, x.e.raise);
            prime[i] = 1;
        } else {
            /* A partly raised cube is correct too, and what it holds is swallowed already. */
            esp_cube_copy(s, c, esp_cube_in(s, c, x.e.raise) ? x.e.raise : c);
        }
    }
    if (order && x.gone) {
        drop_gone(s, f, x.gone, prime);
    }
    esp_release(ctx, mark);
    return going;
}

bool esp_expand_towards(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                        const esp_cover *targets, uint32_t self, esp_cover *found)
{
    expansion x;
    esp_snapshot saved;
    esp_cover all = *targets;
    uint32_t before = found->count;
    /* The worst case is known, so that `found` does not grow while scratch lies above it. */
    if (!esp_cover_reserve(ctx, s, found, found->count + targets->count)) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    const uint64_t *c = esp_cube(targets, s, self);
    bool going = expansion_create(ctx, s, r, &all, &x) && esp_expander_start(&x.e, c, NULL) &&
                 esp_expander_settle(&x.e) && esp_snapshot_create(&x.e, &saved);
    if (going) {
        esp_expander_save(&x.e, &saved);
    }
    bool moved = false; /* away from the snapshot */
    for (uint32_t i = 0; going && i < targets->count; i++) {
        const uint64_t *d = esp_cube(targets, s, i);
        bool seen = i == self || esp_cube_in(s, d, c);
        for (uint32_t k = before; k < found->count && !seen; k++) {
            seen = esp_cube_in(s, d, esp_cube(found, s, k));
        }
        if (seen) {
            continue;
        }
        if (moved) {
            esp_expander_restore(&x.e, &saved);
            moved = false;
        }
        if (!esp_expander_feasible(&x.e, d)) {
            going = esp_spend(ctx, r->words / 2 + s->words);
            continue;
        }
        memset(x.gone, 0, targets->count);
        x.candidates = 0;
        for (uint32_t k = 0; k < targets->count; k++) {
            if (k != self) {
                x.candidate[x.candidates++] = k;
            }
        }
        moved = true;
        going = esp_expander_raise(&x.e, d) && raise_to_prime(&x, self);
        if (going) {
            esp_cube_copy(s, esp_cube(found, s, found->count++), x.e.raise);
        }
    }
    esp_release(ctx, mark);
    return going;
}
