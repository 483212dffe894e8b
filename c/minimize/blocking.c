/* The off-set by columns, and the state of one cube being expanded against it: expander.h has the
 * picture.
 *
 * Invariant. raise avoids R; a part in `free` has not been shown to be unraisable; every active row
 * is blocked by at least one column; a row that is not active is blocked by a variable that will
 * not be raised any more.
 *
 * Cost. Making the columns: rows * words / 64 transpositions of 64 × 64 bits. settle: one pass over
 * columns × rows / 64 words. Memory: parts × rows / 8 bytes.
 *
 * Reference: the blocking matrix of Brayton et al. 1984, section 4.2 (EXPAND), here by columns and
 * as bit sets.
 */
#include "minimize/expander.h"

/* Transpose 64 × 64 bits: bit j of a[i] becomes bit i of a[j]. Swap ever smaller off-diagonal
 * blocks. */
static void transpose(uint64_t a[64])
{
    uint64_t mask = UINT64_C(0x00000000ffffffff);
    for (uint32_t width = 32; width; width /= 2, mask ^= mask << width) {
        for (uint32_t k = 0; k < 64; k = (k + width + 1) & ~width) {
            uint64_t swap = (a[k] >> width ^ a[k + width]) & mask;
            a[k] ^= swap << width;
            a[k + width] ^= swap;
        }
    }
}

esp_blocking *esp_blocking_create(esp_context *ctx, const esp_shape *s, const esp_cover *r)
{
    esp_blocking *b = esp_alloc(ctx, sizeof *b);
    uint32_t words = esp_set_words(r->count);
    size_t bits = (size_t)s->words * 64;
    if (!b || !esp_spend(ctx, (uint64_t)s->words * r->count)) {
        return NULL;
    }
    *b = (esp_blocking){.shape = s, .rows = r->count, .words = words, .cover = r};
    b->absent = esp_alloc_array(ctx, bits * words, sizeof *b->absent);
    b->all = esp_alloc_zero(ctx, words, sizeof *b->all);
    if (!b->absent || !b->all) {
        return NULL;
    }
    memset(b->absent, 0xff, bits * words * sizeof *b->absent);
    for (uint32_t block = 0; block * 64 < r->count; block++) {
        uint32_t begin = block * 64;
        uint32_t end = esp_min_u32(r->count, begin + 64);
        b->all[block] = end - begin == 64 ? ~UINT64_C(0) : (UINT64_C(1) << (end - begin)) - 1;
        for (uint32_t w = 0; w < s->words; w++) {
            uint64_t square[64] = {0};
            for (uint32_t i = begin; i < end; i++) {
                square[i - begin] = esp_cube(r, s, i)[w];
            }
            transpose(square);
            for (uint64_t left = s->full[w]; left; left &= left - 1) {
                uint32_t k = esp_lowest(left);
                b->absent[((size_t)w * 64 + k) * words + block] = ~square[k];
            }
        }
    }
    return b;
}

bool esp_expander_create(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                         esp_expander *e)
{
    *e = (esp_expander){.ctx = ctx, .s = s, .r = r};
    e->raise = esp_alloc_zero(ctx, s->words, sizeof *e->raise); /* read after a stop before start */
    e->free = esp_alloc_array(ctx, s->words, sizeof *e->free);
    e->active = esp_alloc_array(ctx, r->words + ESP_STRIDE, sizeof *e->active);
    e->single = esp_alloc_array(ctx, r->words + ESP_STRIDE, sizeof *e->single);
    e->var = esp_alloc_array(ctx, s->vars, sizeof *e->var);
    e->column = esp_alloc_array(ctx, s->vars, sizeof *e->column);
    e->kept = esp_alloc_array(ctx, s->vars, sizeof *e->kept);
    e->wide = esp_alloc_array(ctx, (size_t)s->wides * r->words + ESP_STRIDE, sizeof *e->wide);
    e->other = esp_alloc_array(ctx, (size_t)s->wides * r->words + ESP_STRIDE, sizeof *e->other);
    e->flag = esp_alloc_array(ctx, s->vars, 1);
    return e->raise && e->free && e->active && e->single && e->var && e->column && e->kept &&
           e->wide && e->other && e->flag;
}

bool esp_snapshot_create(const esp_expander *e, esp_snapshot *saved)
{
    esp_context *ctx = e->ctx;
    size_t words = e->r->words;
    saved->raise = esp_alloc_array(ctx, e->s->words, sizeof *saved->raise);
    saved->free = esp_alloc_array(ctx, e->s->words, sizeof *saved->free);
    saved->active = esp_alloc_array(ctx, words, sizeof *saved->active);
    saved->wide = esp_alloc_array(ctx, words * e->s->wides, sizeof *saved->wide);
    saved->var = esp_alloc_array(ctx, e->s->vars, sizeof *saved->var);
    saved->column = esp_alloc_array(ctx, e->s->vars, sizeof *saved->column);
    return saved->raise && saved->free && saved->active && saved->wide && saved->var &&
           saved->column;
}

static void copy_state(esp_expander *e, const esp_snapshot *saved, bool save)
{
    size_t words = e->r->words;
    uint32_t columns = save ? e->columns : saved->columns;
#define MOVE(field, count)                                                                         \
    memcpy(save ? (void *)saved->field : (void *)e->field,                                         \
           save ? (void *)e->field : (void *)saved->field, (count) * sizeof *e->field)
    MOVE(raise, e->s->words);
    MOVE(free, e->s->words);
    MOVE(active, words);
    MOVE(wide, words * e->s->wides);
    MOVE(var, columns);
    MOVE(column, columns);
#undef MOVE
}

void esp_expander_save(const esp_expander *e, esp_snapshot *saved)
{
    esp_expander copy = *e;
    copy_state(&copy, saved, true);
    saved->columns = e->columns;
}

void esp_expander_restore(esp_expander *e, const esp_snapshot *saved)
{
    copy_state(e, saved, false);
    e->columns = saved->columns;
}

/* out = `from` without the rows that have one of the parts `parts` of v. */
static void keep_absent(const esp_blocking *r, const esp_var *v, const uint64_t *parts,
                        const uint64_t *from, uint64_t *out)
{
    for (uint32_t k = 0; k < r->words; k++) {
        out[k] = from[k];
    }
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        for (uint64_t left = parts[w] & esp_var_mask(v, w); left; left &= left - 1) {
            const uint64_t *absent = esp_absent(r, w * 64 + esp_lowest(left));
            for (uint32_t k = 0; k < r->words; k++) {
                out[k] &= absent[k];
            }
        }
    }
}

static uint64_t *wide_column(esp_expander *e, uint32_t var)
{
    return e->wide + (size_t)(var - e->s->inputs) * e->r->words;
}

bool esp_expander_start(esp_expander *e, const uint64_t *c, const uint64_t *freeze)
{
    const esp_shape *s = e->s;
    const esp_blocking *r = e->r;
    e->columns = 0;
    e->hint = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        e->raise[w] = c[w];
        e->free[w] = s->full[w] & ~c[w] & ~(freeze ? freeze[w] : 0);
        for (uint64_t left = ~(c[w] & c[w] >> 1) & s->binary[w]; left; left &= left - 1) {
            uint32_t bit = w * 64 + esp_lowest(left);
            e->var[e->columns] = bit / 2;
            e->column[e->columns++] = esp_absent(r, esp_cube_has(c, bit) ? bit : bit + 1);
        }
    }
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        if (esp_var_all(&s->var[v], c)) {
            continue;
        }
        keep_absent(r, &s->var[v], c, r->all, wide_column(e, v));
        e->var[e->columns] = v;
        e->column[e->columns++] = wide_column(e, v);
    }
    memcpy(e->active, r->all, r->words * sizeof *e->active);
    return esp_spend(e->ctx, (uint64_t)(e->columns + s->wides) * r->words);
}

static void remove_column(esp_expander *e, uint32_t k)
{
    e->columns--;
    for (uint32_t i = k; i < e->columns; i++) {
        e->var[i] = e->var[i + 1];
        e->column[i] = e->column[i + 1];
    }
}

static void deactivate(esp_expander *e, const uint64_t *rows)
{
    for (uint32_t k = 0; k < e->r->words; k++) {
        e->active[k] &= ~rows[k];
    }
}

static void clear_free(esp_expander *e, uint32_t var)
{
    const esp_var *v = &e->s->var[var];
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        e->free[w] &= ~esp_var_mask(v, w);
    }
}

static bool any_free(const esp_expander *e, uint32_t var)
{
    return !esp_var_none(&e->s->var[var], e->free);
}

/* Take from `free` the parts of v that some of the rows in `rows` ∩ `block` have. Row by row: a few
 * rows usually have them all. */
static void take_parts(esp_expander *e, const esp_var *v, const uint64_t *rows,
                       const uint64_t *block)
{
    const esp_blocking *r = e->r;
    for (uint32_t i = 0; i < r->words; i++) {
        for (uint64_t left = rows[i] & block[i]; left; left &= left - 1) {
            const uint64_t *row = esp_cube(r->cover, e->s, i * 64 + esp_lowest(left));
            uint64_t still = 0;
            for (uint32_t w = v->word; w <= v->last_word; w++) {
                uint64_t mask = esp_var_mask(v, w);
                e->free[w] &= ~(row[w] & mask);
                still |= e->free[w] & mask;
            }
            if (!still) {
                return;
            }
        }
    }
}

/* Forbid the parts of wide column k that the given rows have, then drop the rows that this blocks
 * for good. The column goes when nothing of it is free any more. True when it went. */
static bool forbid_parts(esp_expander *e, uint32_t k, const uint64_t *rows)
{
    const esp_blocking *r = e->r;
    uint32_t var = e->var[k];
    const esp_var *v = &e->s->var[var];
    const uint64_t *block = e->column[k];
    take_parts(e, v, rows, block);
    if (any_free(e, var)) {
        keep_absent(r, v, e->free, block, e->other);
        deactivate(e, e->other);
        return false;
    }
    deactivate(e, block);
    remove_column(e, k);
    return true;
}

void esp_expander_fix(esp_expander *e, uint32_t k)
{
    uint32_t var = e->var[k];
    if (var >= e->s->inputs) {
        for (uint32_t i = 0; i < e->r->words; i++) {
            e->single[i] = e->active[i] & e->column[k][i];
        }
        forbid_parts(e, k, e->single);
        return;
    }
    deactivate(e, e->column[k]);
    clear_free(e, var);
    remove_column(e, k);
}

/* Raise the parts of wide column k that no active row it blocks has; when nothing is left to raise,
 * what the column blocks is blocked for good. True when the column went. */
static bool raise_free_parts(esp_expander *e, uint32_t k)
{
    const esp_blocking *r = e->r;
    uint32_t var = e->var[k];
    const esp_var *v = &e->s->var[var];
    for (uint32_t i = 0; i < r->words; i++) {
        e->single[i] = e->active[i] & e->column[k][i];
    }
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        for (uint64_t left = e->free[w] & esp_var_mask(v, w); left; left &= left - 1) {
            uint64_t bit = left & (~left + 1);
            const uint64_t *absent = esp_absent(r, w * 64 + esp_lowest(left));
            bool hits = false;
            for (uint32_t i = 0; i < r->words && !hits; i++) {
                hits = (e->single[i] & ~absent[i]) != 0;
            }
            if (!hits) {
                e->raise[w] |= bit;
                e->free[w] &= ~bit;
            }
        }
    }
    if (any_free(e, var)) {
        return false;
    }
    deactivate(e, e->column[k]);
    remove_column(e, k);
    return true;
}

bool esp_expander_settle(esp_expander *e)
{
    const esp_blocking *r = e->r;
    const esp_kernels *kernels = e->ctx->kernels;
    if (!esp_spend(e->ctx, (uint64_t)(e->columns + 1) * r->words * 2)) {
        return false;
    }
    if (kernels->in_exactly_one(e->column, e->columns, e->active, r->words, e->single)) {
        kernels->flag_meeting(e->column, e->columns, e->single, r->words, e->flag);
        for (uint32_t k = e->columns; k-- > 0;) {
            if (!e->flag[k]) {
                continue;
            }
            if (e->var[k] < e->s->inputs) {
                deactivate(e, e->column[k]);
                clear_free(e, e->var[k]);
                remove_column(e, k);
            } else {
                forbid_parts(e, k, e->single);
            }
        }
    }
    kernels->flag_meeting(e->column, e->columns, e->active, r->words, e->flag);
    for (uint32_t k = e->columns; k-- > 0;) {
        uint32_t var = e->var[k];
        if (var >= e->s->inputs) {
            raise_free_parts(e, k);
            continue;
        }
        uint32_t bit = 2 * var;
        uint64_t both = UINT64_C(3) << bit % 64;
        if (!(e->free[bit / 64] &
              both)) { /* frozen from the start: its rows are blocked for good */
            deactivate(e, e->column[k]);
            remove_column(e, k);
        } else if (!e->flag[k]) {
            e->raise[bit / 64] |= both;
            e->free[bit / 64] &= ~both;
            remove_column(e, k);
        }
    }
    return true;
}

bool esp_expander_feasible(esp_expander *e, const uint64_t *d)
{
    const esp_shape *s = e->s;
    for (uint32_t w = 0; w < s->words; w++) {
        if (d[w] & ~(e->raise[w] | e->free[w])) {
            return false;
        }
    }
    uint32_t kept = 0;
    for (uint32_t k = 0; k < e->columns; k++) {
        uint32_t var = e->var[k];
        const esp_var *v = &s->var[var];
        if (var < s->inputs) {
            if (!(d[v->word] & ~e->raise[v->word] & v->mask)) {
                e->kept[kept++] = e->column[k];
            }
            continue;
        }
        uint64_t grows = 0;
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            grows |= d[w] & ~e->raise[w] & esp_var_mask(v, w);
        }
        if (!grows) {
            e->kept[kept++] = e->column[k];
            continue;
        }
        uint64_t *smaller = e->other + (size_t)(var - s->inputs) * e->r->words;
        keep_absent(e->r, v, d, e->column[k], smaller);
        e->kept[kept++] = smaller;
    }
    return !e->ctx->kernels->escapes(e->kept, kept, e->active, e->r->words, &e->hint);
}

bool esp_expander_raise(esp_expander *e, const uint64_t *d)
{
    const esp_shape *s = e->s;
    for (uint32_t k = e->columns; k-- > 0;) {
        uint32_t var = e->var[k];
        const esp_var *v = &s->var[var];
        uint64_t grows = 0;
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            grows |= d[w] & ~e->raise[w] & esp_var_mask(v, w);
        }
        if (!grows) {
            continue;
        }
        if (var >= s->inputs) {
            uint64_t *mine = wide_column(e, var);
            keep_absent(e->r, v, d, mine, mine);
        }
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            uint64_t bits = d[w] & esp_var_mask(v, w);
            e->raise[w] |= bits;
            e->free[w] &= ~bits;
        }
        if (!any_free(e, var) && esp_var_all(v, e->raise)) {
            remove_column(e, k);
        }
    }
    return esp_expander_settle(e);
}

bool esp_expander_finish(esp_expander *e)
{
    const esp_kernels *kernels = e->ctx->kernels;
    for (;;) {
        uint32_t best = 0;
        uint32_t most = 0;
        for (uint32_t k = 0; k < e->columns; k++) {
            uint32_t n = kernels->count_shared(e->column[k], e->active, e->r->words);
            if (n > most) {
                most = n;
                best = k;
            }
        }
        if (!most) {
            return esp_expander_settle(e);
        }
        esp_expander_fix(e, best);
        if (!esp_expander_settle(e)) {
            return false;
        }
    }
}
