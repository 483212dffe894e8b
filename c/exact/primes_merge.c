/* PRIMES BY MERGING: the primes of a cover of many inputs, as long as they are not too many.
 *
 * The idea. With x a variable and P0, P1 the primes of the two cofactors, a prime of f is free in x
 * and then the intersection of a prime of each, or lies in one half and then is a prime of that
 * half that no prime of the other half holds. So
 *     primes(f) = maximal { p0 ∩ p1 }  ∪  x' · { p0 in no p1 }  ∪  x · { p1 in no p0 }.
 * The output is one more multiple-valued variable all along, which makes the primes multi-output
 * ones: p0 ∩ p1 needs an output in common. Leaves: no row; a universal row; one row; no live input,
 * where the outputs of all rows unite.
 *
 * Invariant: results of finished nodes lie one after the other in one cover in the side arena, as
 * in complement.c. Cost: the product of the sizes at a merge; both are bounded, and the caller
 * learns when the bounds do not do.
 *
 * Reference: Brayton et al. 1984, section 3.5 (prime generation by merging).
 */
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

/* All distinct intersections of a cube of the left results with one of the right. */
static bool products(merger *m, const frame *fr, esp_cover *out)
{
    const esp_shape *s = m->s;
    esp_context *ctx = m->ctx;
    uint32_t left = fr->middle - fr->first;
    uint32_t right = m->out.count - fr->middle;
    uint64_t pairs = (uint64_t)left * right;
    if (ctx->work + pairs * s->words > m->work_end) {
        m->too_big = true;
        return false;
    }
    uint32_t size = 1024;
    uint32_t *table = esp_alloc_zero(ctx, size, sizeof *table);
    if (!table || !esp_cover_create(ctx, s, 256, out) || !esp_spend(ctx, pairs * s->words)) {
        return false;
    }
    for (uint32_t i = 0; i < left; i++) {
        const uint64_t *a = esp_cube(&m->out, s, fr->first + i);
        for (uint32_t j = 0; j < right; j++) {
            const uint64_t *b = esp_cube(&m->out, s, fr->middle + j);
            if (!esp_cubes_meet(s, a, b)) {
                continue;
            }
            uint64_t *row = esp_cover_push(ctx, s, out);
            if (!row) {
                return false;
            }
            for (uint32_t w = 0; w < s->words; w++) {
                row[w] = a[w] & b[w];
            }
            uint32_t at = hash_row(row, s->words) & (size - 1);
            while (table[at] && !esp_cube_equal(s, row, esp_cube(out, s, table[at] - 1))) {
                at = (at + 1) & (size - 1);
            }
            if (table[at]) {
                out->count--;
                continue;
            }
            table[at] = out->count;
            if (out->count > 16 * m->most) {
                m->too_big = true;
                return false;
            }
            if (out->count * 2 > size) {
                size *= 4;
                table = esp_alloc_zero(ctx, size, sizeof *table);
                for (uint32_t k = 0; table && k < out->count; k++) {
                    uint32_t spot = hash_row(esp_cube(out, s, k), s->words) & (size - 1);
                    while (table[spot]) {
                        spot = (spot + 1) & (size - 1);
                    }
                    table[spot] = k + 1;
                }
                if (!table) {
                    return false;
                }
            }
        }
    }
    return true;
}

/* Mark the cubes of one half that some cube of `free` equals: those are free in the variable. */
static bool equals_some(const merger *m, const uint64_t *c, const esp_cover *free,
                        const uint32_t *table, uint32_t size)
{
    uint32_t at = hash_row(c, m->s->words) & (size - 1);
    while (table[at]) {
        if (esp_cube_equal(m->s, c, esp_cube(free, m->s, table[at] - 1))) {
            return true;
        }
        at = (at + 1) & (size - 1);
    }
    return false;
}

static bool merge(merger *m, const frame *fr)
{
    const esp_shape *s = m->s;
    esp_context *ctx = m->ctx;
    esp_cover free;
    if (!products(m, fr, &free)) {
        return false;
    }
    if (!esp_cover_contain_within(ctx, s, &free, m->work_end)) {
        m->too_big = !esp_stopped(ctx);
        return false;
    }
    /* p0 inside some p1 means that p0 ∩ p1 = p0 is among the products, and maximal there. */
    uint32_t size = 1024;
    while (size < 2 * free.count) {
        size *= 2;
    }
    uint32_t *table = esp_alloc_zero(ctx, size, sizeof *table);
    if (!table) {
        return false;
    }
    for (uint32_t k = 0; k < free.count; k++) {
        uint32_t at = hash_row(esp_cube(&free, s, k), s->words) & (size - 1);
        while (table[at]) {
            at = (at + 1) & (size - 1);
        }
        table[at] = k + 1;
    }
    const esp_var *v = &s->var[fr->var];
    uint32_t n = fr->first;
    for (uint32_t i = fr->first; i < m->out.count; i++) {
        const uint64_t *c = esp_cube(&m->out, s, i);
        if (equals_some(m, c, &free, table, size)) {
            continue;
        }
        const uint64_t *half = i < fr->middle ? fr->left : fr->right;
        uint64_t *to = esp_cube(&m->out, s, n++);
        esp_cube_copy(s, to, c);
        to[v->word] &= half[v->word];
    }
    m->out.count = n;
    for (uint32_t k = 0; k < free.count; k++) {
        uint64_t *to = push(m);
        if (!to) {
            return false;
        }
        esp_cube_copy(s, to, esp_cube(&free, s, k));
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

/* The table costs the same whatever the function; merging is cheaper when the primes are few. */
enum { SMALL_TABLE = 12, MERGE_SHARE = 4 };

bool esp_list_primes(esp_context *ctx, const esp_shape *s, const esp_cover *on_dc,
                     esp_prime_bounds bounds, esp_cover *primes, bool *listed)
{
    *listed = false;
    *primes = (esp_cover){0};
    if (s->wides != 1) { /* both ways know one wide variable only, the output */
        return true;
    }
    bool fits = esp_prime_table_fits(s, bounds);
    if (!fits || s->inputs > SMALL_TABLE) {
        esp_prime_bounds some = bounds;
        some.work = fits ? bounds.work / MERGE_SHARE : bounds.work;
        if (!esp_primes_by_merging(ctx, s, on_dc, some, primes, listed)) {
            return false;
        }
    }
    return *listed || !fits || esp_primes_by_table(ctx, s, on_dc, bounds, primes, listed);
}
