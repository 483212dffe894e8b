/* PRIMES BY MERGING: the primes of a cover of many inputs, as long as they are not too many.
 *
 * The idea. With x a variable and P0, P1 the primes of the two cofactors, a prime of f is free in x
 * and then the intersection of a prime of each, or lies in one half and then is a prime of that
 * half that no prime of the other half holds. So
 *     primes(f) = maximal { p0 ∩ p1 }  ∪  x' · { p0 in no p1 }  ∪  x · { p1 in no p0 }.
 * The output is one more multiple-valued variable all along, which makes the primes multi-output
 * ones: p0 ∩ p1 needs an output in common. A p0 inside some p1 is p0 ∩ p1, and whatever else it
 * meets gives less; the same for a p1: most cubes of two similar halves need no partner. Leaves: no
 * row; a universal row; one row; no live input, where the outputs of all rows unite.
 *
 * Invariant: results of finished nodes lie one after the other in one cover in the side arena, as
 * in complement.c. Cost: the product of the sizes at a merge; both are bounded, and the caller
 * learns when the bounds do not do.
 *
 * Reference: Brayton et al. 1984, section 3.5 (prime generation by merging).
 */
#include "cube/kernels.h"
#include "exact/primes.h"
#include "minimize/urp.h"

enum { HOPELESS = 2 };

typedef struct frame {
    struct frame *below;
    esp_mark mark;
    esp_cover f;
    uint64_t *left, *right;
    uint32_t var;
    uint32_t first, middle;
    double share; /* of the whole space, that a half of this node is */
    bool right_next;
} frame;

typedef struct merger {
    esp_context *ctx;
    const esp_shape *s;
    esp_urp urp;
    frame *top;
    esp_cover out; /* side arena */
    uint32_t most;
    uint64_t work_begin, work_end;
    double share; /* of the whole space, that the node at hand is */
    double done;  /* that finished leaves are */
    bool too_big;
} merger;

/* Will the work not do? Merges near the root cost most, so that the work to come is more than what
 * the finished share foretells; halves differ, so that only a gross excess counts, and not before
 * an eighth is spent. */
static bool hopeless(const merger *m)
{
    double spent = (double)(m->ctx->work - m->work_begin);
    double all = (double)(m->work_end - m->work_begin);
    return m->ctx->work > m->work_end || (spent > all / 8 && spent > HOPELESS * all * m->done);
}

static uint64_t *push(merger *m)
{
    esp_cover *out = &m->out;
    if (out->count >= 4 * m->most) {
        m->too_big = true;
        return NULL;
    }
    if (out->count == out->capacity) {
        size_t row = m->s->words * sizeof(uint64_t);
        uint32_t larger = esp_max_u32(out->capacity * 2, 256);
        uint64_t *data = esp_arena_alloc(&m->ctx->side, larger * row);
        if (!data) {
            (void)esp_alloc(m->ctx, SIZE_MAX);
            return NULL;
        }
        if (out->count) {
            memcpy(data, out->data, out->count * row);
        }
        out->data = data;
        out->capacity = larger;
    }
    return esp_cube(out, m->s, out->count++);
}

/* All rows are full in every input: one prime with all their outputs. */
static bool push_union(merger *m)
{
    uint64_t *row = push(m);
    if (row) {
        esp_cube_copy(m->s, row, m->urp.any);
    }
    return row != NULL;
}

static bool descend(merger *m, esp_cover *f, bool *leaf)
{
    const esp_shape *s = m->s;
    *leaf = true;
    if (!esp_spend(m->ctx, (uint64_t)(f->count + 1) * s->words * 2)) {
        return false;
    }
    if (hopeless(m)) {
        m->too_big = true;
        return false;
    }
    if (!f->count) {
        m->done += m->share;
        return true;
    }
    esp_urp_survey(&m->urp, f);
    if (m->urp.universal || m->urp.live == 0 || f->count == 1) {
        m->done += m->share;
        return push_union(m);
    }
    *leaf = false;
    m->urp.wide_active = false; /* never split the output */
    esp_mark mark = esp_mark_top(m->ctx);
    frame *fr = esp_alloc(m->ctx, sizeof *fr);
    uint64_t *halves = esp_alloc_array(m->ctx, 2 * (size_t)s->words, sizeof *halves);
    esp_cover g;
    if (!fr || !halves || !esp_cover_create(m->ctx, s, f->count, &g)) {
        return false;
    }
    *fr =
        (frame){.below = m->top, .mark = mark, .f = *f, .left = halves, .right = halves + s->words};
    fr->first = m->out.count;
    fr->share = m->share /= 2;
    fr->var = esp_urp_choose(&m->urp, f);
    (void)esp_urp_halves(&m->urp, fr->var, NULL, fr->left, fr->right);
    m->top = fr;
    esp_cofactor_var(s, f, fr->var, fr->left, &g);
    esp_cover_contain(m->ctx, s, &g);
    *f = g;
    return true;
}

static uint32_t hash_row(const uint64_t *row, uint32_t words)
{
    uint64_t h = 0;
    for (uint32_t w = 0; w < words; w++) {
        h = (h ^ row[w]) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return (uint32_t)(h >> 32 ^ h);
}

/* Distinct cubes, found again by their hash. */
typedef struct distinct {
    esp_cover cubes;
    uint8_t *sure; /* [cubes.capacity]: no other product holds it */
    uint32_t *table;
    uint32_t size;
} distinct;

static bool rehash(merger *m, distinct *d, uint32_t size)
{
    uint32_t *table = esp_alloc_zero(m->ctx, size, sizeof *table);
    if (!table) {
        return false;
    }
    d->table = table;
    d->size = size;
    for (uint32_t k = 0; k < d->cubes.count; k++) {
        uint32_t at = hash_row(esp_cube(&d->cubes, m->s, k), m->s->words) & (size - 1);
        while (table[at]) {
            at = (at + 1) & (size - 1);
        }
        table[at] = k + 1;
    }
    return true;
}

/* Appends a ∩ b unless it is there. */
static bool push_distinct(merger *m, distinct *d, const uint64_t *a, const uint64_t *b, bool sure)
{
    const esp_shape *s = m->s;
    uint32_t room = d->cubes.capacity;
    uint64_t *row = esp_cover_push(m->ctx, s, &d->cubes);
    if (row && d->cubes.capacity > room) {
        uint8_t *larger = esp_alloc_array(m->ctx, d->cubes.capacity, 1);
        if (larger) {
            memcpy(larger, d->sure, room);
        }
        d->sure = larger;
    }
    if (!row || !d->sure) {
        return false;
    }
    for (uint32_t w = 0; w < s->words; w++) {
        row[w] = a[w] & b[w];
    }
    uint32_t at = hash_row(row, s->words) & (d->size - 1);
    while (d->table[at] && !esp_cube_equal(s, row, esp_cube(&d->cubes, s, d->table[at] - 1))) {
        at = (at + 1) & (d->size - 1);
    }
    if (d->table[at]) {
        d->cubes.count--;
        d->sure[d->table[at] - 1] |= sure;
        return true;
    }
    d->sure[d->cubes.count - 1] = sure;
    d->table[at] = d->cubes.count;
    if (d->cubes.count > 16 * m->most) {
        m->too_big = true;
        return false;
    }
    return d->cubes.count * 2 <= d->size || rehash(m, d, 4 * d->size);
}

/* Marks the cubes of one half, from `begin` on, that lie in some cube of the other. */
static uint8_t *mark_inside(merger *m, uint32_t begin, uint32_t count, uint32_t other,
                            uint32_t other_count)
{
    const esp_shape *s = m->s;
    uint8_t *inside = esp_alloc_array(m->ctx, (size_t)count + 1, 1);
    for (uint32_t i = 0; inside && i < count; i++) {
        inside[i] = m->ctx->kernels->inside_some(esp_cube(&m->out, s, other), other_count, s->words,
                                                 esp_cube(&m->out, s, begin + i));
    }
    return inside;
}

/* All distinct intersections of a cube of the left results with one of the right that may be
 * maximal. A cube that lies in one of the other half is one of them; what else it gives lies in it.
 */
static bool products(merger *m, const frame *fr, distinct *d)
{
    const esp_shape *s = m->s;
    esp_context *ctx = m->ctx;
    uint32_t left = fr->middle - fr->first;
    uint32_t right = m->out.count - fr->middle;
    *d = (distinct){0};
    if (ctx->work + (uint64_t)left * right * s->words / 4 > m->work_end) {
        m->too_big = true;
        return false;
    }
    uint32_t size = 16;
    while (size < 2 * (left + right)) {
        size *= 2;
    }
    uint8_t *left_in = mark_inside(m, fr->first, left, fr->middle, right);
    uint8_t *right_in = mark_inside(m, fr->middle, right, fr->first, left);
    if (!left_in || !right_in || !esp_cover_create(ctx, s, 256, &d->cubes) || !rehash(m, d, size)) {
        return false;
    }
    d->sure = esp_alloc_array(ctx, d->cubes.capacity, 1);
    uint64_t pairs = 0;
    for (uint32_t i = 0; i < left; i++) {
        pairs += left_in[i] ? 0 : right;
    }
    uint64_t work = (pairs + (uint64_t)left * right / 4) * s->words;
    if (ctx->work + work > m->work_end) {
        m->too_big = true;
        return false;
    }
    if (!d->sure || !esp_spend(ctx, work)) {
        return false;
    }
    for (uint32_t i = 0; i < left; i++) {
        const uint64_t *a = esp_cube(&m->out, s, fr->first + i);
        if (left_in[i] && !push_distinct(m, d, a, a, true)) {
            return false;
        }
        for (uint32_t j = 0; !left_in[i] && j < right; j++) {
            const uint64_t *b = esp_cube(&m->out, s, fr->middle + j);
            if (right_in[j] ? !esp_cube_in(s, b, a) : !esp_cubes_meet(s, a, b)) {
                continue;
            }
            if (!push_distinct(m, d, a, b, right_in[j])) {
                return false;
            }
        }
    }
    return true;
}

/* Keeps the maximal products, in their order. */
static bool keep_maximal(merger *m, distinct *d)
{
    const esp_shape *s = m->s;
    esp_context *ctx = m->ctx;
    esp_cover *all = &d->cubes;
    esp_cover sure;
    esp_cover rest;
    if (!esp_cover_create(ctx, s, all->count, &sure) ||
        !esp_cover_create(ctx, s, all->count, &rest)) {
        return false;
    }
    for (uint32_t k = 0; k < all->count; k++) {
        if (d->sure[k]) {
            esp_cube_copy(s, esp_cube(&sure, s, sure.count++), esp_cube(all, s, k));
        }
    }
    for (uint32_t k = 0; k < all->count; k++) {
        const uint64_t *c = esp_cube(all, s, k);
        if (!d->sure[k] && !ctx->kernels->inside_some(sure.data, sure.count, s->words, c)) {
            esp_cube_copy(s, esp_cube(&rest, s, rest.count++), c);
        }
    }
    if (!esp_spend(ctx, (uint64_t)sure.count * (all->count - sure.count) * s->words / 4)) {
        return false;
    }
    if (!esp_cover_contain_within(ctx, s, &rest, m->work_end)) {
        m->too_big = !esp_stopped(ctx);
        return false;
    }
    uint32_t n = 0;
    uint32_t next = 0;
    for (uint32_t k = 0; k < all->count; k++) {
        const uint64_t *c = esp_cube(all, s, k);
        bool stays = d->sure[k];
        if (!stays && next < rest.count && esp_cube_equal(s, c, esp_cube(&rest, s, next))) {
            stays = true;
            next++;
        }
        if (stays) {
            esp_cube_copy(s, esp_cube(all, s, n++), c);
        }
    }
    all->count = n;
    return true;
}

/* Mark the cubes of one half that some cube of `free` equals: those are free in the variable. */
static bool equals_some(const merger *m, const uint64_t *c, const distinct *free)
{
    uint32_t at = hash_row(c, m->s->words) & (free->size - 1);
    while (free->table[at]) {
        if (esp_cube_equal(m->s, c, esp_cube(&free->cubes, m->s, free->table[at] - 1))) {
            return true;
        }
        at = (at + 1) & (free->size - 1);
    }
    return false;
}

static bool merge(merger *m, const frame *fr)
{
    const esp_shape *s = m->s;
    distinct free;
    /* p0 inside some p1 means that p0 ∩ p1 = p0 is among the products, and maximal there. */
    if (!products(m, fr, &free) || !keep_maximal(m, &free) || !rehash(m, &free, free.size)) {
        return false;
    }
    const esp_var *v = &s->var[fr->var];
    uint32_t n = fr->first;
    for (uint32_t i = fr->first; i < m->out.count; i++) {
        const uint64_t *c = esp_cube(&m->out, s, i);
        if (equals_some(m, c, &free)) {
            continue;
        }
        const uint64_t *half = i < fr->middle ? fr->left : fr->right;
        uint64_t *to = esp_cube(&m->out, s, n++);
        esp_cube_copy(s, to, c);
        to[v->word] &= half[v->word];
    }
    m->out.count = n;
    for (uint32_t k = 0; k < free.cubes.count; k++) {
        uint64_t *to = push(m);
        if (!to) {
            return false;
        }
        esp_cube_copy(s, to, esp_cube(&free.cubes, s, k));
    }
    return true;
}

static bool ascend(merger *m, esp_cover *f, bool *more)
{
    const esp_shape *s = m->s;
    *more = false;
    while (m->top) {
        frame *fr = m->top;
        if (!fr->right_next) {
            fr->right_next = true;
            fr->middle = m->out.count;
            m->share = fr->share;
            esp_cofactor_var(s, &fr->f, fr->var, fr->right, &fr->f);
            esp_cover_contain(m->ctx, s, &fr->f);
            *f = fr->f;
            *more = true;
            return !esp_stopped(m->ctx);
        }
        if (!merge(m, fr)) {
            return false;
        }
        m->top = fr->below;
        esp_release(m->ctx, fr->mark);
    }
    return true;
}

bool esp_primes_by_merging(esp_context *ctx, const esp_shape *s, const esp_cover *on_dc,
                           esp_prime_bounds bounds, esp_cover *primes, bool *listed)
{
    *primes = (esp_cover){0};
    esp_mark mark = esp_mark_top(ctx);
    esp_mark side = esp_arena_mark(&ctx->side);
    merger m = {.ctx = ctx, .s = s, .most = bounds.primes};
    m.work_begin = ctx->work;
    m.work_end = bounds.work < UINT64_MAX - ctx->work ? ctx->work + bounds.work : UINT64_MAX;
    m.share = 1;
    esp_cover cur;
    bool more = true;
    bool going = esp_urp_create(ctx, s, &m.urp) && esp_cover_copy(ctx, s, on_dc, &cur);
    while (going && more) {
        bool leaf;
        going = descend(&m, &cur, &leaf);
        if (going && leaf) {
            going = ascend(&m, &cur, &more);
        }
    }
    esp_release(ctx, mark);
    *listed = going && m.out.count <= bounds.primes;
    if (*listed) {
        going = esp_cover_copy(ctx, s, &m.out, primes);
    }
    esp_arena_release(&ctx->side, side);
    return going || (m.too_big && !esp_stopped(ctx));
}
