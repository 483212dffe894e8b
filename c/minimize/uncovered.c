/* UNCOVERED: find a point of a cube that no cube of some covers holds, or show that there is none.
 *
 * The idea. A subspace and the list of the cubes that meet it. A cube that holds the whole subspace
 * ends the branch; an empty list ends the search: any point of the subspace will do. Otherwise fix
 * one variable, the one with most literals among the cubes of the list, and look into both halves;
 * where all literals of a variable agree, only the half without them, because what the others cover
 * there they cover in the other half too. With at most six free variables in the list one word
 * holds the truth table.
 *
 * This is the referee of the minimiser: it shares no code with tautology.c, works on index lists
 * and subspaces instead of cofactored copies, and is simple enough to be read in one sitting.
 *
 * Invariant: points of the question not yet shown to be covered lie in the subspace at hand or in
 * one on the stack. Cost: exponential at worst; a node costs one pass over its list.
 */
#include "minimize/steps.h"

typedef struct branch {
    struct branch *below;
    esp_mark mark; /* what is allocated above it belongs to the other half */
    uint64_t *space;
    const uint64_t **rows;
    uint32_t count;
} branch;

typedef struct search {
    esp_context *ctx;
    const esp_shape *s;
    uint64_t *space;
    const uint64_t **rows;
    uint32_t count;
    branch *pending;
    uint64_t *zero, *one; /* [words] low bits: literals 0 and 1 of binary variables that the rows
                             put on the space */
} search;

/* A point of the subspace: the lowest part of every variable. */
static void any_point(const esp_shape *s, const uint64_t *space, uint64_t *point)
{
    for (uint32_t w = 0; w < s->words; w++) {
        point[w] = 0;
    }
    for (uint32_t v = 0; v < s->vars; v++) {
        uint32_t p = s->var[v].first;
        while (!esp_cube_has(space, p)) {
            p++;
        }
        esp_cube_set(point, p);
    }
}

/* Keep the rows that meet the subspace. True when one holds it whole. Collects the literals on the
 * way. */
static bool sift(search *q, bool *wide)
{
    const esp_shape *s = q->s;
    uint32_t n = 0;
    *wide = false;
    for (uint32_t w = 0; w < s->words; w++) {
        q->zero[w] = q->one[w] = 0;
    }
    for (uint32_t i = 0; i < q->count; i++) {
        const uint64_t *row = q->rows[i];
        if (!esp_cubes_meet(s, row, q->space)) {
            continue;
        }
        uint64_t lacks = 0;
        for (uint32_t w = 0; w < s->words; w++) {
            uint64_t cut = q->space[w] & ~row[w];
            lacks |= cut;
            q->one[w] |= cut & s->binary[w];
            q->zero[w] |= cut >> 1 & s->binary[w];
            *wide |= (cut & ~(s->binary[w] | s->binary[w] << 1)) != 0;
        }
        if (!lacks) {
            return true;
        }
        q->rows[n++] = row;
    }
    q->count = n;
    return false;
}

/* At most six free variables carry literals: one table. A free point goes into `point`. */
static bool table_point(const search *q, const uint32_t *var, uint32_t vars, uint64_t *point)
{
    uint64_t covered = 0;
    uint64_t all = vars == 6 ? ~UINT64_C(0) : (UINT64_C(1) << (1u << vars)) - 1;
    for (uint32_t i = 0; i < q->count && covered != all; i++) {
        uint64_t t = all;
        for (uint32_t k = 0; k < vars; k++) {
            uint64_t ones = esp_table_var[k];
            t &= (esp_cube_has(q->rows[i], 2 * var[k]) ? ~ones : 0) |
                 (esp_cube_has(q->rows[i], 2 * var[k] + 1) ? ones : 0);
        }
        covered |= t;
    }
    if (covered == all) {
        return false;
    }
    uint32_t free = esp_lowest(~covered);
    any_point(q->s, q->space, point);
    for (uint32_t k = 0; k < vars; k++) {
        esp_cube_clear(point, 2 * var[k]);
        esp_cube_clear(point, 2 * var[k] + 1);
        esp_cube_set(point, 2 * var[k] + (free >> k & 1));
    }
    return true;
}

/* The binary variable with most literals; ties: the first. */
static uint32_t busiest(const search *q)
{
    const esp_shape *s = q->s;
    uint32_t best = UINT32_MAX;
    uint32_t most = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t both = q->zero[w] & q->one[w];
        for (uint64_t left = both; left; left &= left - 1) {
            uint32_t bit = w * 64 + esp_lowest(left);
            uint32_t n = 0;
            for (uint32_t i = 0; i < q->count; i++) {
                n += !(esp_cube_has(q->rows[i], bit) && esp_cube_has(q->rows[i], bit + 1));
            }
            if (n > most) {
                most = n;
                best = bit;
            }
        }
    }
    return best;
}

/* Put the half of the space that `keep` describes on the stack: keep is cleared from a copy of the
 * space. */
static bool postpone(search *q, uint32_t from_bit, uint32_t bits_cleared)
{
    const esp_shape *s = q->s;
    branch *b = esp_alloc(q->ctx, sizeof *b);
    uint64_t *space = esp_alloc_array(q->ctx, s->words, sizeof *space);
    const uint64_t **rows = esp_alloc_array(q->ctx, q->count + 1, sizeof *rows);
    esp_mark mark = esp_mark_top(q->ctx);
    const uint64_t **mine = esp_alloc_array(q->ctx, q->count + 1, sizeof *mine);
    if (!b || !space || !rows || !mine) {
        return false;
    }
    esp_cube_copy(s, space, q->space);
    for (uint32_t k = 0; k < bits_cleared; k++) {
        esp_cube_clear(space, from_bit + k);
    }
    for (uint32_t i = 0; i < q->count; i++) {
        rows[i] = mine[i] = q->rows[i];
    }
    *b = (branch){q->pending, mark, space, rows, q->count};
    q->pending = b;
    q->rows = mine;
    return true;
}

/* Split the space. A wide variable gives up one part at a time: {lowest part} now, the rest later.
 */
static bool split(search *q, bool wide)
{
    const esp_shape *s = q->s;
    if (!wide) {
        uint32_t bit = busiest(q);
        if (!postpone(q, bit, 1)) {
            return false;
        }
        esp_cube_clear(q->space, bit + 1);
        return true;
    }
    for (uint32_t v = s->vars; v-- > s->inputs;) {
        const esp_var *var = &s->var[v];
        if (esp_var_count(var, q->space) < 2) {
            continue;
        }
        uint32_t p = var->first;
        while (!esp_cube_has(q->space, p)) {
            p++;
        }
        if (!postpone(q, p, 1)) {
            return false;
        }
        for (uint32_t k = p + 1; k < var->first + var->parts; k++) {
            esp_cube_clear(q->space, k);
        }
        return true;
    }
    assert(false);
    return false;
}

/* Where all literals of a variable agree, go to the half without them. True when some variable was
 * fixed. */
static bool fix_unate(search *q)
{
    uint64_t fixed = 0;
    for (uint32_t w = 0; w < q->s->words; w++) {
        uint64_t only_one = q->one[w] & ~q->zero[w];
        uint64_t only_zero = q->zero[w] & ~q->one[w];
        q->space[w] &= ~(only_one << 1 | only_zero);
        fixed |= only_one | only_zero;
    }
    return fixed != 0;
}

typedef enum verdict { COVERED, FREE_POINT, SPLIT, STOPPED } verdict;

static verdict examine(search *q, uint64_t *point, bool *wide)
{
    const esp_shape *s = q->s;
    for (;;) {
        if (!esp_spend(q->ctx, (uint64_t)(q->count + 1) * s->words)) {
            return STOPPED;
        }
        if (sift(q, wide)) {
            return COVERED;
        }
        if (!q->count) {
            any_point(s, q->space, point);
            return FREE_POINT;
        }
        if (*wide) {
            return SPLIT;
        }
        uint32_t var[6];
        uint32_t vars = 0;
        for (uint32_t w = 0; w < s->words; w++) {
            for (uint64_t left = q->zero[w] | q->one[w]; left; left &= left - 1, vars++) {
                if (vars < 6) {
                    var[vars] = w * 32 + esp_lowest(left) / 2;
                }
            }
        }
        if (vars <= 6) {
            return table_point(q, var, vars, point) ? FREE_POINT : COVERED;
        }
        if (!fix_unate(q)) {
            return SPLIT;
        }
    }
}

bool esp_find_uncovered(esp_context *ctx, const esp_shape *s, const uint64_t *c,
                        const esp_cover *const *covers, uint32_t cover_count, int64_t skip,
                        uint64_t *point, bool *found)
{
    esp_mark mark = esp_mark_top(ctx);
    uint32_t total = 0;
    for (uint32_t k = 0; k < cover_count; k++) {
        total += covers[k]->count;
    }
    search q = {.ctx = ctx, .s = s};
    q.space = esp_alloc_array(ctx, s->words, sizeof *q.space);
    q.zero = esp_alloc_array(ctx, s->words, sizeof *q.zero);
    q.one = esp_alloc_array(ctx, s->words, sizeof *q.one);
    q.rows = esp_alloc_array(ctx, total + 1, sizeof *q.rows);
    bool going = q.space && q.zero && q.one && q.rows && esp_spend(ctx, (uint64_t)total * s->words);
    for (uint32_t k = 0; going && k < cover_count; k++) {
        for (uint32_t i = 0; i < covers[k]->count; i++) {
            if (k != 0 || i != skip) {
                q.rows[q.count++] = esp_cube(covers[k], s, i);
            }
        }
    }
    if (going) {
        esp_cube_copy(s, q.space, c);
    }
    *found = false;
    while (going) {
        bool wide;
        verdict v = examine(&q, point, &wide);
        if (v == SPLIT) {
            going = split(&q, wide);
            continue;
        }
        if (v != COVERED || !q.pending) {
            *found = v == FREE_POINT;
            going = v != STOPPED;
            break;
        }
        branch b = *q.pending;
        esp_cube_copy(s, q.space, b.space);
        q.rows = b.rows;
        q.count = b.count;
        q.pending = b.below;
        esp_release(ctx, b.mark);
    }
    esp_release(ctx, mark);
    return going;
}
