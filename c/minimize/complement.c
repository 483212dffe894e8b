/* COMPLEMENT: a cover of everything that a cover does not hold.
 *
 * The idea. With x a variable and l, r two halves of its parts,   f' = l · (f_l)' ∪ r · (f_r)'.
 * Cubes that both complements have in common need no literal of x ("lifting"), and neither does a
 * cube of one that lies inside a cube of the other; the second test is made while the product of
 * the sizes is small. Leaves: no row, a universal row, one row (De Morgan), and truth tables of at
 * most six binary variables, whose complement is written as an irredundant sum of products
 * (isop.h), outputs sharing cubes. Parts that no row has ("ceiling")
 * are split off in one go:  f' = any' ∪ any · (f_any)'.
 *
 * Invariant. The results of finished nodes lie one after the other on one stack of cubes, `out`; a
 * frame knows where those of its left half begin. The results of a node are free in every variable
 * the path has fixed; the literal is put in when the node above merges. Rows and results are full
 * outside the subspace of their node, so that equal cubes of two outputs are recognised as equal.
 *
 * Cost: the result may be exponential in the input (130-input o64: 2^65 cubes), so both the cubes
 * and the work are limited and the caller is told when it would be too big.
 *
 * Reference: Brayton et al. 1984, section 3.2 (unate recursive complementation, merging with
 * lifting); S. Minato, "Fast generation of irredundant sum-of-products forms", SASIMI 1992, for the
 * leaves.
 */
#include "cube/kernels.h"
#include "minimize/isop.h"
#include "minimize/steps.h"

typedef enum frame_kind { LEFT, RIGHT, CEILING } frame_kind;

typedef struct frame {
    struct frame *below;
    esp_mark mark;
    esp_cover f;
    uint64_t *left; /* CEILING: the parts that some row has */
    uint64_t *right;
    uint64_t *space; /* the subspace of this node; rows and results are full outside it */
    uint32_t var;
    uint32_t first;  /* results of the left half begin here */
    uint32_t middle; /* results of the right half begin here */
    frame_kind kind;
    int8_t
        unate; /* the half whose complement lies inside the other's: -1 left, 1 right, 0 neither */
} frame;

typedef struct complementer {
    esp_context *ctx;
    const esp_shape *s;
    esp_urp urp;
    frame *top;
    uint64_t *space; /* of the node at hand */
    esp_cover out;   /* in ctx->side */
    uint32_t most;
    uint64_t work_end;
    bool too_big;
} complementer;

/* Room for one more cube in `out`, which lives in the side arena. */
static uint64_t *push(complementer *c)
{
    esp_cover *out = &c->out;
    if (out->count >= c->most) {
        c->too_big = true;
        return NULL;
    }
    if (out->count == out->capacity) {
        size_t row = c->s->words * sizeof(uint64_t);
        uint32_t larger = esp_max_u32(out->capacity * 2, 64);
        if (!out->data ||
            !esp_arena_extend(&c->ctx->side, out->data, out->capacity * row, larger * row)) {
            uint64_t *data = esp_arena_alloc(&c->ctx->side, larger * row);
            if (!data) {
                (void)esp_alloc(c->ctx, SIZE_MAX);
                return NULL;
            }
            if (out->count) {
                memcpy(data, out->data, out->count * row);
            }
            out->data = data;
        }
        out->capacity = larger;
    }
    return esp_cube(out, c->s, out->count++);
}

/* For every variable in which `cube` is not full: the cube that holds the missing parts of that
 * variable alone. */
static bool push_de_morgan(complementer *c, const uint64_t *cube)
{
    const esp_shape *s = c->s;
    for (uint32_t v = 0; v < s->vars; v++) {
        const esp_var *var = &s->var[v];
        if (esp_var_all(var, cube)) {
            continue;
        }
        uint64_t *row = push(c);
        if (!row) {
            return false;
        }
        esp_cube_copy(s, row, s->full);
        for (uint32_t w = var->word; w <= var->last_word; w++) {
            row[w] &= ~(cube[w] & esp_var_mask(var, w));
        }
    }
    return true;
}

/* A cube of the leaf's six variables becomes a row. */
static uint64_t *push_term(complementer *c, const uint32_t *live, esp_term term)
{
    uint64_t *row = push(c);
    if (!row) {
        return NULL;
    }
    esp_cube_copy(c->s, row, c->s->full);
    for (uint32_t k = 0; term.literals >> k; k++) {
        if (term.literals >> k & 1) {
            esp_cube_clear(row, 2 * live[k] + (term.values >> k & 1 ? 0 : 1));
        }
    }
    return row;
}

/* Leaf: at most six live binary variables, perhaps an active output of at most 64 parts. */
static __attribute__((noinline)) bool push_tables(complementer *c, const esp_cover *f)
{
    const esp_shape *s = c->s;
    uint32_t live[6];
    uint32_t lives = esp_urp_live(&c->urp, live, 6);
    uint64_t all = esp_table_mask(lives);
    const esp_var *var = esp_output_var(s);
    uint64_t inside = c->space[var->word] & var->mask;
    uint64_t outputs =
        c->urp.wide_active ? inside : 1; /* 1: all outputs are alike, once is enough */
    uint32_t begin = c->out.count;
    esp_term terms[ESP_ISOP_MOST];
    for (uint64_t left = outputs; left; left &= left - 1) {
        uint64_t bit = left & (~left + 1);
        uint64_t table = 0;
        for (uint32_t i = 0; i < f->count; i++) {
            const uint64_t *row = esp_cube(f, s, i);
            if (!c->urp.wide_active || row[var->word] & bit) {
                table |= esp_row_table(row, live, lives);
            }
        }
        uint64_t off = all & ~table;
        uint64_t need = off;
        for (uint32_t i = begin; i < c->out.count && need;
             i++) { /* cubes of earlier outputs that fit this one */
            uint64_t *row = esp_cube(&c->out, s, i);
            uint64_t t = esp_row_table(row, live, lives);
            if (c->urp.wide_active && !(t & ~off)) {
                row[var->word] |= bit;
                need &= ~t;
            }
        }
        uint32_t n = esp_isop(need, off, lives, terms);
        for (uint32_t k = 0; k < n; k++) {
            uint64_t *row = push_term(c, live, terms[k]);
            if (!row) {
                return false;
            }
            if (c->urp.wide_active) {
                row[var->word] = (row[var->word] & ~inside) | bit;
            }
        }
    }
    return true;
}

static frame *push_frame(complementer *c, const esp_cover *f, frame_kind kind)
{
    const esp_shape *s = c->s;
    esp_mark mark = esp_mark_top(c->ctx);
    frame *fr = esp_alloc(c->ctx, sizeof *fr);
    uint64_t *left = esp_alloc_array(c->ctx, s->words, sizeof *left);
    uint64_t *right = esp_alloc_array(c->ctx, s->words, sizeof *right);
    uint64_t *space = esp_alloc_array(c->ctx, s->words, sizeof *space);
    if (!fr || !left || !right || !space) {
        return NULL;
    }
    esp_cube_copy(s, space, c->space);
    *fr = (frame){
        .below = c->top, .mark = mark, .f = *f, .left = left, .right = right, .space = space};
    fr->kind = kind;
    fr->first = c->out.count;
    c->top = fr;
    return fr;
}

/* The subspace at hand becomes `half` of `space`. */
static void enter_half(complementer *c, const uint64_t *space, const uint64_t *half)
{
    for (uint32_t w = 0; w < c->s->words; w++) {
        c->space[w] = space[w] & half[w];
    }
}

/* Look at a cover: push its results (*leaf = true), or push a frame and leave in *f what is to be
 * looked at next. */
static bool descend(complementer *c, esp_cover *f, bool *leaf)
{
    const esp_shape *s = c->s;
    *leaf = true;
    if (!esp_spend(c->ctx, (uint64_t)(f->count + 1) * s->words * 2)) {
        return false;
    }
    if (c->ctx->work > c->work_end) {
        c->too_big = true;
        return false;
    }
    if (!f->count) {
        uint64_t *row = push(c);
        if (row) {
            esp_cube_copy(s, row, s->full);
        }
        return row != NULL;
    }
    if (f->count == 1) {
        return push_de_morgan(c, f->data);
    }
    esp_urp_survey(&c->urp, f);
    if (c->urp.universal) {
        return true;
    }
    const esp_var *out = esp_output_var(s);
    bool narrow = !c->urp.wide_active || (s->wides == 1 && out->word == out->last_word);
    if (c->urp.live <= 6 && narrow) {
        return push_tables(c, f);
    }
    *leaf = false;
    bool ceiling = false;
    for (uint32_t w = 0; w < s->words; w++) {
        ceiling |= c->urp.any[w] != s->full[w];
    }
    frame *fr = push_frame(c, f, ceiling ? CEILING : LEFT);
    esp_cover g;
    if (!fr) {
        return false;
    }
    if (ceiling) {
        esp_cube_copy(s, fr->left, c->urp.any);
        enter_half(c, fr->space, fr->left);
        f->count = esp_cofactor_rows(s, f->data, f->count, fr->left,
                                     f->data); /* in place: nobody needs the rows as they were */
        return true;
    }
    if (!esp_cover_create(c->ctx, s, f->count, &g)) {
        return false;
    }
    fr->var = esp_urp_choose(&c->urp, f);
    if (fr->var < s->inputs) {
        /* Rows with one literal only: the half in which they stay has the smaller complement. */
        bool zero = !esp_cube_has(c->urp.miss, 2 * fr->var);
        bool one = !esp_cube_has(c->urp.miss, 2 * fr->var + 1);
        fr->unate = (int8_t)(zero ? -1 : one);
    }
    (void)esp_urp_halves(&c->urp, fr->var, c->space, fr->left, fr->right);
    enter_half(c, fr->space, fr->left);
    esp_cofactor_var(s, f, fr->var, fr->left, &g);
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

/* Mark the pairs of equal cubes: lift[i] = 1 for the one that stays, 2 for its double. Open
 * addressing, cubes of the left half in the table. */
static bool find_equal(complementer *c, const frame *fr, uint8_t *lift)
{
    const esp_shape *s = c->s;
    uint32_t left_count = fr->middle - fr->first;
    uint32_t size = 4;
    while (size < 2 * left_count) {
        size *= 2;
    }
    uint32_t *table = esp_alloc_zero(c->ctx, size, sizeof *table);
    if (!table) {
        return false;
    }
    for (uint32_t i = 0; i < left_count; i++) {
        uint32_t at = hash_row(esp_cube(&c->out, s, fr->first + i), s->words) & (size - 1);
        while (table[at]) {
            at = (at + 1) & (size - 1);
        }
        table[at] = i + 1;
    }
    for (uint32_t i = left_count; i < c->out.count - fr->first; i++) {
        const uint64_t *row = esp_cube(&c->out, s, fr->first + i);
        uint32_t at = hash_row(row, s->words) & (size - 1);
        for (; table[at]; at = (at + 1) & (size - 1)) {
            uint32_t other = table[at] - 1;
            if (!lift[other] && esp_cube_equal(s, row, esp_cube(&c->out, s, fr->first + other))) {
                lift[other] = 1;
                lift[i] = 2;
                break;
            }
        }
    }
    return true;
}

/* The same by looking at all pairs, and besides: cubes of one half that lie inside one of the other
 * half hold there too. */
static void compare(complementer *c, const frame *fr, uint8_t *lift)
{
    const esp_shape *s = c->s;
    const esp_kernels *k = c->ctx->kernels;
    uint32_t left_count = fr->middle - fr->first;
    uint32_t right_count = c->out.count - fr->middle;
    const uint64_t *left = esp_cube(&c->out, s, fr->first);
    const uint64_t *right = esp_cube(&c->out, s, fr->middle);
    for (uint32_t i = 0; i < right_count; i++) {
        uint32_t in = k->find(left, left_count, s->words, right + (size_t)i * s->words);
        if (in < left_count) {
            lift[in] = 1;
        }
        lift[left_count + i] = in < left_count ? 2 : in == ESP_INSIDE;
    }
    for (uint32_t i = 0; i < left_count && !fr->unate; i++) {
        if (!lift[i]) {
            lift[i] = k->inside_some(right, right_count, s->words, left + (size_t)i * s->words);
        }
    }
}

/* Pairs that are looked at; where only equal ones matter, as many for each word of the results. */
enum { PAIRS = 1 << 14, UNATE_SHARE = 32 };

/* Join the results of both halves. */
static bool merge(complementer *c, frame *fr)
{
    const esp_shape *s = c->s;
    uint32_t left_count = fr->middle - fr->first;
    uint32_t right_count = c->out.count - fr->middle;
    uint32_t count = left_count + right_count;
    if (!esp_spend(c->ctx, (uint64_t)(count + 1) * s->words)) {
        return false;
    }
    uint8_t *lift = esp_alloc_zero(c->ctx, count + 1, 1);
    uint64_t pairs = (uint64_t)left_count * right_count;
    if (!lift) {
        return false;
    }
    if (pairs > (fr->unate ? UNATE_SHARE * (count / s->words) : PAIRS)) {
        if (!find_equal(c, fr, lift)) {
            return false;
        }
    } else if (pairs) {
        compare(c, fr, lift);
        if (!esp_spend(c->ctx, 2 * pairs * s->words)) {
            return false;
        }
    }
    if (fr->unate) {
        for (uint32_t i = 0; i < count; i++) {
            if (lift[i] == 0 && (i < left_count) == (fr->unate < 0)) {
                lift[i] = 1;
            }
        }
    }
    const esp_var *v = &s->var[fr->var];
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (lift[i] == 2) {
            continue;
        }
        uint64_t *to = esp_cube(&c->out, s, fr->first + n++);
        const uint64_t *from = esp_cube(&c->out, s, fr->first + i);
        const uint64_t *half = i < left_count ? fr->left : fr->right;
        if (to != from) {
            esp_cube_copy(s, to, from);
        }
        for (uint32_t w = v->word; w <= v->last_word && !lift[i]; w++) {
            to[w] &= half[w] | ~fr->space[w];
        }
    }
    c->out.count = fr->first + n;
    return true;
}

/* A node is finished: finish the frames that waited for it, until one has another half to do.
 * *more: *f is it. */
static bool ascend(complementer *c, esp_cover *f, bool *more)
{
    const esp_shape *s = c->s;
    *more = false;
    while (c->top) {
        frame *fr = c->top;
        if (fr->kind == LEFT) {
            fr->kind = RIGHT;
            fr->middle = c->out.count;
            enter_half(c, fr->space, fr->right);
            esp_cofactor_var(s, &fr->f, fr->var, fr->right, &fr->f);
            *f = fr->f;
            *more = true;
            return true;
        }
        if (fr->kind == RIGHT) {
            if (!merge(c, fr)) {
                return false;
            }
        } else {
            for (uint32_t i = fr->first; i < c->out.count; i++) {
                uint64_t *row = esp_cube(&c->out, s, i);
                for (uint32_t w = 0; w < s->words; w++) {
                    row[w] &= fr->left[w] | ~fr->space[w];
                }
            }
            if (!push_de_morgan(c, fr->left)) {
                return false;
            }
        }
        c->top = fr->below;
        esp_cube_copy(s, c->space, fr->space);
        esp_release(c->ctx, fr->mark);
    }
    return true;
}

bool esp_complement(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t most,
                    uint64_t work, esp_cover *out, bool *too_big)
{
    *out = (esp_cover){0};
    *too_big = false;
    esp_mark mark = esp_mark_top(ctx);
    esp_mark side = esp_arena_mark(&ctx->side);
    complementer c = {.ctx = ctx, .s = s, .most = most};
    c.work_end = work < UINT64_MAX - ctx->work ? ctx->work + work : UINT64_MAX;
    esp_cover cur;
    bool more = true;
    c.space = esp_alloc_array(ctx, s->words, sizeof *c.space);
    bool going = c.space && esp_urp_create(ctx, s, &c.urp) && esp_cover_copy(ctx, s, f, &cur);
    if (going) {
        esp_cube_copy(s, c.space, s->full);
    }
    while (going && more) {
        bool leaf;
        going = descend(&c, &cur, &leaf);
        if (going && leaf) {
            going = ascend(&c, &cur, &more);
        }
    }
    esp_release(ctx, mark);
    if (going) {
        going = esp_cover_copy(ctx, s, &c.out, out);
    }
    *too_big = c.too_big && !esp_stopped(ctx);
    esp_arena_release(&ctx->side, side);
    return going;
}
