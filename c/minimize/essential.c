/* ESSENTIAL: find the primes that every prime cover must have, and set them aside.
 *
 * The idea. A prime p is essential when it holds a care point that no other prime holds. A point of
 * p lies in another prime exactly when a consensus of p with some cube of F ∪ D covers it (F made
 * of primes): so p is not essential when H ∪ D covers p, H being those consensus terms. Only cubes
 * at distance at most 1 have one:
 *   distance 1 in variable v:   p ∩ q in all variables but v, p ∪ q in v;
 *   distance 0: the same for each v in which q leaves p, because q without p lies at distance 1
 *   there.
 * Seen from p (cofactored by it) the terms of one q are nearly all the same: p ∩ q, and full in v.
 * In a binary v that q leaves, p ∩ q is p itself there, so the term is what q looks like from p; a
 * wide v gives a larger one. One row a cube, then, two at most where the output is the only wide
 * variable, and no term is ever written out.
 * Essential primes join the don't-cares for the rest of the run, which makes every later step
 * smaller.
 *
 * Cost: one pass over F ∪ D and one tautology call a cube.
 *
 * Reference: Brayton et al. 1984, section 4.3, Theorem 4.3.1 and its multiple-valued form in Rudell
 * 1986.
 */
#include "minimize/meeting.h"

/* The wide variable in which p and q are apart, ESP_NO_VAR when they meet. */
static uint32_t wide_apart(const esp_shape *s, const uint64_t *p, const uint64_t *q)
{
    for (uint32_t k = s->inputs; k < s->vars; k++) {
        const esp_var *v = &s->var[k];
        uint64_t meet = 0;
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            meet |= q[w] & p[w] & esp_var_mask(v, w);
        }
        if (!meet) {
            return k;
        }
    }
    return ESP_NO_VAR;
}

/* Append `row`, full in wide variable k. */
static void push_full(const esp_shape *s, const uint64_t *row, uint32_t k, esp_cover *g)
{
    uint64_t *term = esp_cube(g, s, g->count++);
    const esp_var *v = &s->var[k];
    esp_cube_copy(s, term, row);
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        term[w] |= esp_var_mask(v, w);
    }
}

/* Append what the consensus terms of p with q, a cube at distance 0 or 1, look like from p. `row`
 * is scratch. */
static void push_terms(const esp_shape *s, const uint64_t *p, const uint64_t *q, bool is_dc,
                       uint64_t *row, esp_cover *g)
{
    uint64_t leaves = 0;
    uint64_t any_apart = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t both = p[w] & q[w];
        uint64_t apart = ~(both | both >> 1) & s->binary[w];
        row[w] = q[w] | (s->full[w] & ~p[w]) | apart | apart << 1;
        leaves |= q[w] & ~p[w];
        any_apart |= apart;
    }
    uint32_t before = g->count;
    if (!any_apart) {
        uint32_t only = wide_apart(s, p, q);
        for (uint32_t k = s->inputs; k < s->vars; k++) {
            const esp_var *v = &s->var[k];
            uint64_t out = 0;
            for (uint32_t w = v->word; w <= v->last_word; w++) {
                out |= q[w] & ~p[w] & esp_var_mask(v, w);
            }
            if (out && (only == ESP_NO_VAR || only == k)) {
                push_full(s, row, k, g); /* larger than the plain one */
            }
        }
    }
    if (g->count == before && (leaves || is_dc)) {
        esp_cube_copy(s, esp_cube(g, s, g->count++), row);
    }
}

/* Is row `index` of F essential? `point` (NULL: not wanted): of it, in no other prime. */
static bool is_essential(esp_meeting *m, uint32_t index, uint64_t *point, bool *essential)
{
    esp_context *ctx = m->ctx;
    const esp_shape *s = m->s;
    esp_mark mark = esp_mark_top(ctx);
    const uint64_t *p = esp_cube(&m->rows, s, index);
    bool going = esp_meeting_ask_near(m, p);
    uint32_t near = 0;
    for (uint32_t k = 0; k < m->columns->words; k++) {
        near += esp_popcount(m->set[k]);
    }
    esp_cover g;
    uint64_t *row = esp_alloc_array(ctx, s->words, sizeof *row);
    going = going && row && esp_spend(ctx, (uint64_t)near * s->words * 2) &&
            esp_cover_create(ctx, s, near * s->wides + 1, &g);
    for (uint32_t k = 0; going && k < m->columns->words; k++) {
        for (uint64_t left = m->set[k]; left; left &= left - 1) {
            uint32_t i = k * 64 + esp_lowest(left);
            if (i != index) {
                push_terms(s, p, esp_cube(&m->rows, s, i), i >= m->first, row, &g);
            }
        }
    }
    if (point) {
        const esp_cover *terms = &g;
        going = going && esp_find_uncovered(ctx, s, p, &terms, 1, -1, point, essential);
    } else {
        bool covered = false;
        going = going && esp_tautology(ctx, s, &g, &covered);
        *essential = going && !covered;
    }
    esp_release(ctx, mark);
    return going;
}

bool esp_is_essential(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t index,
                      const esp_cover *d, bool *essential)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_meeting m;
    bool going = esp_meeting_create(ctx, s, f, d, &m) && is_essential(&m, index, NULL, essential);
    esp_release(ctx, mark);
    return going;
}

bool esp_essential_points(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t first,
                          const esp_cover *d, esp_cover *points)
{
    if (!esp_cover_reserve(ctx, s, points, points->count + f->count - first)) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    esp_meeting m;
    uint64_t *point = esp_alloc_array(ctx, s->words, sizeof *point);
    bool going = point && esp_meeting_create(ctx, s, f, d, &m);
    for (uint32_t i = first; going && i < f->count; i++) {
        bool found;
        going = is_essential(&m, i, point, &found);
        if (going && found) {
            (void)esp_cover_push_cube(ctx, s, points, point);
        }
    }
    esp_release(ctx, mark);
    return going;
}

bool esp_essential(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                   const uint8_t *others_cover, esp_cover *essential)
{
    /* Room for the worst case first, so that scratch can be released cube by cube. */
    if (!esp_cover_reserve(ctx, s, essential, essential->count + f->count)) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    uint8_t *is = esp_alloc_zero(ctx, f->count + 1, 1);
    esp_meeting m;
    bool going = is != NULL && esp_meeting_create(ctx, s, f, d, &m);
    for (uint32_t i = 0; going && i < f->count; i++) {
        bool yes = false;
        going = (others_cover && others_cover[i]) || is_essential(&m, i, NULL, &yes);
        is[i] = yes;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; going && i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        esp_cube_copy(s, is[i] ? esp_cube(essential, s, essential->count++) : esp_cube(f, s, n++),
                      c);
    }
    if (going) {
        f->count = n;
    }
    esp_release(ctx, mark);
    return going;
}
