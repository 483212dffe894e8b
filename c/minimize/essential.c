/* ESSENTIAL: find the primes that every prime cover must have, and set them aside.
 *
 * The idea. A prime p is essential when it holds a care point that no other prime holds. A point of
 * p lies in another prime exactly when a consensus of p with some cube of F ∪ D covers it (F made
 * of primes): so p is not essential when H ∪ D covers p, H being those consensus terms. Only cubes
 * at distance at most 1 have one:
 *   distance 1 in variable v:   p ∩ q in all variables but v, p ∪ q in v;
 *   distance 0: the same for each v in which q leaves p, because q without p lies at distance 1
 *   there.
 * Essential primes join the don't-cares for the rest of the run, which makes every later step
 * smaller.
 *
 * Cost: one pass over F ∪ D and one tautology call a cube.
 *
 * Reference: Brayton et al. 1984, section 4.3, Theorem 4.3.1 and its multiple-valued form in Rudell
 * 1986.
 */
#include "minimize/meeting.h"

/* Append the consensus of p and q in variable v. */
static void push_consensus(const esp_shape *s, const uint64_t *p, const uint64_t *q,
                           const esp_var *v, esp_cover *h)
{
    uint64_t *row = esp_cube(h, s, h->count++);
    for (uint32_t w = 0; w < s->words; w++) {
        row[w] = p[w] & q[w];
    }
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        row[w] |= (p[w] | q[w]) & esp_var_mask(v, w);
    }
}

/* The consensus terms of p and q: in the one variable in which they are apart, or, when they meet,
 * in each in which q leaves p. */
static bool push_terms(esp_context *ctx, const esp_shape *s, const uint64_t *p, const uint64_t *q,
                       esp_cover *h)
{
    uint32_t distance = esp_cube_apart(s, p, q);
    if (distance > 1) {
        return true;
    }
    if (!esp_cover_reserve(ctx, s, h, h->count + s->vars)) {
        return false;
    }
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t both = p[w] & q[w];
        uint64_t leaves = q[w] & ~p[w];
        uint64_t vars = (distance ? ~(both | both >> 1) : leaves | leaves >> 1) & s->binary[w];
        for (; vars; vars &= vars - 1) {
            push_consensus(s, p, q, &s->var[w * 32 + esp_lowest(vars) / 2], h);
        }
    }
    for (uint32_t i = s->inputs; i < s->vars; i++) {
        const esp_var *v = &s->var[i];
        uint64_t leaves = 0;
        uint64_t meet = 0;
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            leaves |= q[w] & ~p[w] & esp_var_mask(v, w);
            meet |= q[w] & p[w] & esp_var_mask(v, w);
        }
        if (distance ? meet == 0 : leaves != 0) {
            push_consensus(s, p, q, v, h);
        }
    }
    return true;
}

/* Is row `index` of F essential? */
static bool is_essential(esp_meeting *m, uint32_t index, const esp_cover *d, bool *essential)
{
    esp_context *ctx = m->ctx;
    const esp_shape *s = m->s;
    esp_mark mark = esp_mark_top(ctx);
    const uint64_t *p = esp_cube(&m->rows, s, index);
    esp_cover h;
    uint32_t near = 0;
    bool going = esp_meeting_ask_near(m, p) && esp_cover_create(ctx, s, 64 + s->vars, &h);
    for (uint32_t k = 0; going && k < m->columns->words; k++) {
        for (uint64_t left = m->set[k]; going && left; left &= left - 1) {
            uint32_t i = k * 64 + esp_lowest(left);
            if (i != index) {
                near++;
                going = push_terms(ctx, s, p, esp_cube(&m->rows, s, i), &h);
            }
        }
    }
    bool covered = false;
    const esp_cover *both[2] = {&h, d};
    going = going && esp_spend(ctx, (uint64_t)near * s->words * 2) &&
            esp_covered(ctx, s, p, both, 2, -1, NULL, &covered);
    *essential = going && !covered;
    esp_release(ctx, mark);
    return going;
}

bool esp_is_essential(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t index,
                      const esp_cover *d, bool *essential)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_meeting m;
    bool going = esp_meeting_create(ctx, s, f, d, &m) && is_essential(&m, index, d, essential);
    esp_release(ctx, mark);
    return going;
}

bool esp_essential(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                   esp_cover *essential)
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
        bool yes;
        going = is_essential(&m, i, d, &yes);
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
