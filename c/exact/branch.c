/* BRANCH AND BOUND for small covering problems.
 *
 * The idea. Take a shortest uncovered row; one of its columns must be in the cover. Try them, most
 * useful first; when a column has been tried it is forbidden in the branches after it, so that no
 * set is looked at twice. A node is cut when the columns taken plus a bound for the rows left reach
 * the best cover known. The bound is the number of rows left that pairwise share no allowed column,
 * found shortest first.
 *
 * Invariant: every cover smaller than the best known extends the columns taken on the path in a
 * branch not yet tried. Cost: exponential; counted as work and given up at the limit. The path is
 * an array, not the stack.
 *
 * Reference: O. Coudert, "Two-level logic minimization: an overview", Integration 17 (1994),
 * section 5.
 */
#include "exact/branch.h"

#include "base/sort.h"
#include "exact/local_search.h"

#include <string.h> /* memcpy */

typedef struct level {
    uint32_t row;       /* whose columns are tried */
    uint32_t taken;     /* column taken at this level, UINT32_MAX before the first */
    uint32_t forbidden; /* entries of the forbidden list when the level began */
} level;

typedef struct tree {
    esp_context *ctx;
    const esp_matrix *m;
    uint32_t *covered;   /* [rows] columns taken that cover it */
    uint8_t *closed;     /* [columns] taken or forbidden */
    uint32_t *forbidden; /* [columns] list */
    uint32_t forbidden_count;
    uint32_t *stamp; /* [columns] */
    uint32_t time;
    uint32_t *order; /* [rows] by length */
    level *path;
    uint32_t depth;
} tree;

static uint32_t open_length(const tree *t, uint32_t i)
{
    uint32_t n = 0;
    for (uint32_t k = t->m->row_start[i]; k < t->m->row_start[i + 1]; k++) {
        n += !t->closed[t->m->row_entry[k]];
    }
    return n;
}

/* The uncovered row with fewest columns left, and the bound. *dead: some row has none left. */
static uint32_t look(tree *t, uint32_t *row, bool *dead)
{
    const esp_matrix *m = t->m;
    uint32_t shortest = UINT32_MAX;
    uint32_t bound = 0;
    *row = UINT32_MAX;
    *dead = false;
    t->time++;
    for (uint32_t n = 0; n < m->rows; n++) {
        uint32_t i = t->order[n];
        if (t->covered[i]) {
            continue;
        }
        uint32_t length = open_length(t, i);
        if (length < shortest) {
            shortest = length;
            *row = i;
        }
        bool apart = true;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1] && apart; k++) {
            uint32_t j = m->row_entry[k];
            apart = t->closed[j] || t->stamp[j] != t->time;
        }
        if (apart) {
            bound++;
            for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
                t->stamp[m->row_entry[k]] = t->time;
            }
        }
    }
    *dead = shortest == 0;
    return bound;
}

static void set_taken(tree *t, uint32_t j, bool taken)
{
    const esp_matrix *m = t->m;
    t->closed[j] = taken;
    for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
        t->covered[m->column_entry[k]] += taken ? 1u : UINT32_MAX;
    }
}

/* The untried, allowed column of the level's row that covers most uncovered rows; UINT32_MAX when
 * none is left. */
static uint32_t pick_column(const tree *t, uint32_t row)
{
    const esp_matrix *m = t->m;
    uint32_t best = UINT32_MAX;
    uint32_t most = 0;
    for (uint32_t k = m->row_start[row]; k < m->row_start[row + 1]; k++) {
        uint32_t j = m->row_entry[k];
        if (t->closed[j]) {
            continue;
        }
        uint32_t gain = 0;
        for (uint32_t r = m->column_start[j]; r < m->column_start[j + 1]; r++) {
            gain += t->covered[m->column_entry[r]] == 0;
        }
        if (best == UINT32_MAX || gain > most) {
            best = j;
            most = gain;
        }
    }
    return best;
}

static bool create(esp_context *ctx, const esp_matrix *m, uint32_t best, tree *t)
{
    *t = (tree){.ctx = ctx, .m = m};
    t->covered = esp_alloc_zero(ctx, m->rows + 1, sizeof *t->covered);
    t->closed = esp_alloc_zero(ctx, m->columns + 1, 1);
    t->forbidden = esp_alloc_array(ctx, m->columns + 1, sizeof *t->forbidden);
    t->stamp = esp_alloc_zero(ctx, m->columns + 1, sizeof *t->stamp);
    t->path = esp_alloc_array(ctx, best + 2, sizeof *t->path);
    uint64_t *length = esp_alloc_array(ctx, m->rows + 1, sizeof *length);
    if (!t->covered || !t->closed || !t->forbidden || !t->stamp || !t->path || !length) {
        return false;
    }
    for (uint32_t i = 0; i < m->rows; i++) {
        length[i] = m->row_start[i + 1] - m->row_start[i];
    }
    t->order = esp_sorted_order(ctx, length, m->rows);
    return t->order != NULL;
}

/* Undo the level's column and forbid it; try the next. False: the level is exhausted and gone. */
static bool next_branch(tree *t)
{
    level *l = &t->path[t->depth - 1];
    if (l->taken != UINT32_MAX) {
        set_taken(t, l->taken, false);
        t->closed[l->taken] = 1;
        t->forbidden[t->forbidden_count++] = l->taken;
    }
    l->taken = pick_column(t, l->row);
    if (l->taken != UINT32_MAX) {
        set_taken(t, l->taken, true);
        return true;
    }
    while (t->forbidden_count > l->forbidden) {
        t->closed[t->forbidden[--t->forbidden_count]] = 0;
    }
    t->depth--;
    return false;
}

bool esp_branch_and_bound(esp_context *ctx, const esp_table *table, uint64_t work, uint8_t *picked,
                          uint32_t *bound)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_matrix m;
    tree t;
    uint32_t best = 0;
    for (uint32_t j = 0; j < table->columns; j++) {
        best += picked[j];
    }
    bool going = esp_matrix_create(ctx, table, &m) && create(ctx, &m, best, &t);
    uint64_t end = ctx->work + work;
    uint64_t pass = (uint64_t)m.row_start[going ? m.rows : 0] / 2 + table->rows;
    bool exhausted = false;
    while (going && ctx->work < end && best > *bound) {
        uint32_t row;
        bool dead;
        uint32_t lower = look(&t, &row, &dead);
        going = esp_spend(ctx, pass);
        if (row == UINT32_MAX && t.depth < best) { /* a smaller cover */
            best = t.depth;
            memset(picked, 0, table->columns);
            for (uint32_t k = 0; k < t.depth; k++) {
                picked[t.path[k].taken] = 1;
            }
        } else if (row != UINT32_MAX && !dead && t.depth + lower < best) {
            t.path[t.depth++] = (level){row, UINT32_MAX, t.forbidden_count};
        }
        while (t.depth && !next_branch(&t)) {
        }
        if (!t.depth) {
            exhausted = true;
            break;
        }
    }
    if (going && exhausted) {
        *bound = best;
    }
    esp_release(ctx, mark);
    return going;
}
