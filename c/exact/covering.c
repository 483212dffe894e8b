/* UNATE COVERING: reductions, a greedy cover, and a search from it.
 *
 * The idea. Three rules shrink the table without losing a minimum: a row with one column forces it;
 * a row that holds all columns of another is implied by it; a column whose rows another column
 * covers as well is not needed (of equals the lighter stays). What is left ("cyclic core") falls
 * apart into blocks that share no column. Each gets a greedy cover, freed of redundant columns, and
 * a lower bound; while they differ, row-weighting local search, and branch and bound where the
 * block is small.
 *
 * Invariant: chosen ∪ any cover of the rows left is a cover of the table.
 * Cost: a round of reductions is O(entries × length of the shortest row); rounds are few.
 *
 * Reference: notes of O. Coudert, "On solving covering problems", DAC 1996.
 */
#include "exact/covering.h"

#include "exact/bounds.h"
#include "exact/branch.h"
#include "exact/core.h"
#include "exact/greedy.h"

#include <string.h> /* memset */

typedef struct problem {
    esp_context *ctx;
    const uint32_t *weight;
    uint8_t *chosen;
    uint8_t *column_gone; /* [columns] chosen or dominated */
    esp_table t;          /* rows still to be covered, shrinking */
    esp_matrix m;
    uint8_t *row_gone;
    uint32_t *stamp; /* [columns]: marks of the row at hand */
    uint32_t time;
} problem;

/* Rebuild the table without rows that are gone and columns that are gone. */
static bool rebuild(problem *p)
{
    esp_table t;
    if (!esp_table_create(p->ctx, p->t.columns, &t)) {
        return false;
    }
    uint32_t *row = esp_alloc_array(p->ctx, p->t.columns, sizeof *row);
    for (uint32_t i = 0; row && i < p->t.rows; i++) {
        uint32_t n = 0;
        if (p->row_gone[i]) {
            continue;
        }
        for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1]; k++) {
            if (!p->column_gone[p->t.entry[k]]) {
                row[n++] = p->t.entry[k];
            }
        }
        if (!esp_table_push(p->ctx, &t, row, n)) {
            return false;
        }
    }
    p->t = t;
    p->row_gone = esp_alloc_zero(p->ctx, t.rows + 1, 1);
    return row && p->row_gone && esp_matrix_create(p->ctx, &p->t, &p->m);
}

static void choose(problem *p, uint32_t j)
{
    p->chosen[j] = 1;
    p->column_gone[j] = 1;
    for (uint32_t k = p->m.column_start[j]; k < p->m.column_start[j + 1]; k++) {
        p->row_gone[p->m.column_entry[k]] = 1;
    }
}

static uint32_t row_length(const esp_table *t, uint32_t i)
{
    return t->start[i + 1] - t->start[i];
}

static bool force_single(problem *p)
{
    bool changed = false;
    for (uint32_t i = 0; i < p->t.rows; i++) {
        if (!p->row_gone[i] && row_length(&p->t, i) == 1 && !p->chosen[p->t.entry[p->t.start[i]]]) {
            choose(p, p->t.entry[p->t.start[i]]);
            changed = true;
        }
    }
    return changed;
}

/* Does row i hold every column of row j? Columns of i are stamped. */
static bool holds(const problem *p, uint32_t j)
{
    for (uint32_t k = p->t.start[j]; k < p->t.start[j + 1]; k++) {
        if (p->stamp[p->t.entry[k]] != p->time) {
            return false;
        }
    }
    return true;
}

/* A row is implied by any shorter or equal (earlier) row inside it; that one begins with a column
 * of this row, so it is enough to look at the rows that do. */
static bool drop_rows(problem *p)
{
    bool changed = false;
    uint32_t *begins = esp_alloc_zero(p->ctx, p->t.columns + 1, sizeof *begins); /* row + 1 */
    uint32_t *next = esp_alloc_array(p->ctx, p->t.rows + 1, sizeof *next);
    if (!begins || !next) {
        return false;
    }
    for (uint32_t i = p->t.rows; i-- > 0;) {
        uint32_t c = p->t.entry[p->t.start[i]];
        next[i] = begins[c];
        begins[c] = i + 1;
    }
    for (uint32_t i = 0; i < p->t.rows; i++) {
        uint32_t mine = row_length(&p->t, i);
        if (p->row_gone[i]) {
            continue;
        }
        p->time++;
        for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1]; k++) {
            p->stamp[p->t.entry[k]] = p->time;
        }
        for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1] && !p->row_gone[i]; k++) {
            for (uint32_t r = begins[p->t.entry[k]]; r; r = next[r - 1]) {
                uint32_t j = r - 1;
                uint32_t shorter = row_length(&p->t, j);
                if (j == i || p->row_gone[j] || shorter > mine || (shorter == mine && j > i)) {
                    continue;
                }
                if (holds(p, j)) {
                    p->row_gone[i] = 1;
                    changed = true;
                    break;
                }
            }
        }
        if (!esp_spend(p->ctx, mine * 4u)) {
            return changed;
        }
    }
    return changed;
}

static uint32_t weight_of(const problem *p, uint32_t j)
{
    return p->weight ? p->weight[j] : 0;
}

/* The open rows of a column, as their number and as bits: a row has one of 64, as numbers go. A
 * column inside another has no bit that the other lacks, and most pairs end with that. */
typedef struct outline {
    uint64_t bits;
    uint32_t rows;
} outline;

static outline *outlines(const problem *p)
{
    outline *o = esp_alloc_array(p->ctx, (size_t)p->t.columns + 1, sizeof *o);
    for (uint32_t j = 0; o && j < p->t.columns; j++) {
        o[j] = (outline){0, 0};
        for (uint32_t k = p->m.column_start[j]; k < p->m.column_start[j + 1]; k++) {
            uint32_t i = p->m.column_entry[k];
            o[j].bits |= (uint64_t)!p->row_gone[i] << i % 64;
            o[j].rows += !p->row_gone[i];
        }
    }
    return o;
}

static bool column_inside(const problem *p, uint32_t a, uint32_t b)
{
    uint32_t k = p->m.column_start[b];
    uint32_t end = p->m.column_start[b + 1];
    for (uint32_t r = p->m.column_start[a]; r < p->m.column_start[a + 1]; r++) {
        uint32_t i = p->m.column_entry[r];
        if (p->row_gone[i]) {
            continue;
        }
        while (k < end && p->m.column_entry[k] < i) {
            k++;
        }
        if (k == end || p->m.column_entry[k] != i) {
            return false;
        }
    }
    return true;
}

static bool drop_columns(problem *p)
{
    bool changed = false;
    const outline *o = outlines(p);
    for (uint32_t a = 0; o && a < p->t.columns; a++) {
        if (p->column_gone[a]) {
            continue;
        }
        uint32_t shortest = UINT32_MAX;
        uint32_t length = UINT32_MAX;
        for (uint32_t k = p->m.column_start[a]; k < p->m.column_start[a + 1]; k++) {
            uint32_t i = p->m.column_entry[k];
            if (!p->row_gone[i] && row_length(&p->t, i) < length) {
                length = row_length(&p->t, i);
                shortest = i;
            }
        }
        if (shortest == UINT32_MAX) {
            p->column_gone[a] = 1;
            continue;
        }
        for (uint32_t k = p->t.start[shortest]; k < p->t.start[shortest + 1]; k++) {
            uint32_t b = p->t.entry[k];
            if (b == a || p->column_gone[b] || o[a].rows > o[b].rows || (o[a].bits & ~o[b].bits) ||
                !column_inside(p, a, b)) {
                continue;
            }
            bool same = o[b].rows == o[a].rows;
            bool b_better =
                weight_of(p, b) < weight_of(p, a) || (weight_of(p, b) == weight_of(p, a) && b < a);
            if (!same || b_better) {
                p->column_gone[a] = 1;
                changed = true;
                break;
            }
        }
        if (!esp_spend(p->ctx, (uint64_t)o[a].rows * esp_min_u32(length, 64) + 1)) {
            return changed;
        }
    }
    return changed;
}

static bool reduce_table(problem *p)
{
    for (bool first = true;; first = false) {
        bool changed = force_single(p);
        changed |= drop_rows(p);
        if (!changed && !first) {
            return true; /* columns depend on rows alone: these have been looked at */
        }
        changed |= drop_columns(p);
        if (!rebuild(p)) {
            return false;
        }
        if (!changed || esp_stopped(p->ctx)) {
            return true;
        }
    }
}

/* Blocks: rows connected through columns. block[i] of a row; returns how many there are. */
static uint32_t find_blocks(problem *p, uint32_t *block)
{
    uint32_t *queue = esp_alloc_array(p->ctx, p->t.rows + 1, sizeof *queue);
    if (!queue) {
        return 0;
    }
    for (uint32_t i = 0; i < p->t.rows; i++) {
        block[i] = UINT32_MAX;
    }
    uint32_t blocks = 0;
    p->time++;
    for (uint32_t first = 0; first < p->t.rows; first++) {
        if (block[first] != UINT32_MAX) {
            continue;
        }
        uint32_t head = 0;
        uint32_t tail = 0;
        queue[tail++] = first;
        block[first] = blocks;
        while (head < tail) {
            uint32_t i = queue[head++];
            for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1]; k++) {
                uint32_t j = p->t.entry[k];
                if (p->stamp[j] == p->time) {
                    continue;
                }
                p->stamp[j] = p->time;
                for (uint32_t r = p->m.column_start[j]; r < p->m.column_start[j + 1]; r++) {
                    uint32_t other = p->m.column_entry[r];
                    if (block[other] == UINT32_MAX) {
                        block[other] = blocks;
                        queue[tail++] = other;
                    }
                }
            }
        }
        blocks++;
    }
    return blocks;
}

/* One block as a table of its own, columns renumbered; `name` maps back. */
static bool cut_block(problem *p, const uint32_t *block, uint32_t number, esp_table *t,
                      uint32_t *name)
{
    uint32_t *local = esp_alloc_array(p->ctx, p->t.columns + 1, sizeof *local);
    uint32_t *row = esp_alloc_array(p->ctx, p->t.columns + 1, sizeof *row);
    if (!local || !row || !esp_table_create(p->ctx, 0, t)) {
        return false;
    }
    p->time++;
    for (uint32_t j = 0; j < p->t.columns; j++) { /* ascending numbers stay ascending */
        uint32_t k = p->m.column_start[j];
        if (k < p->m.column_start[j + 1] && block[p->m.column_entry[k]] == number) {
            name[t->columns] = j;
            local[j] = t->columns++;
        }
    }
    for (uint32_t i = 0; i < p->t.rows; i++) {
        if (block[i] != number) {
            continue;
        }
        uint32_t n = 0;
        for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1]; k++) {
            row[n++] = local[p->t.entry[k]];
        }
        if (!esp_table_push(p->ctx, t, row, n)) {
            return false;
        }
    }
    return true;
}

static uint32_t count_chosen(const uint8_t *picked, uint32_t columns)
{
    uint32_t n = 0;
    for (uint32_t j = 0; j < columns; j++) {
        n += picked[j];
    }
    return n;
}

/* Chooses for one block: greedy, a bound, greedy at the prices of the bound, a search while they
 * differ. */
static bool solve_block(esp_context *ctx, const esp_table *t, const uint32_t *weight,
                        uint64_t effort, uint8_t *picked, uint32_t *bound)
{
    problem p = {.ctx = ctx, .weight = weight, .t = *t};
    int64_t *prices = esp_alloc_array(ctx, t->rows, sizeof *prices);
    uint8_t *other = esp_alloc_array(ctx, t->columns, 1);
    if (!prices || !other || !esp_matrix_create(ctx, t, &p.m) ||
        !esp_greedy_cover(ctx, &p.m, weight, NULL, picked)) {
        return false;
    }
    uint32_t size = count_chosen(picked, t->columns);
    *bound = 1;
    if (size == 1 || !effort) {
        return true;
    }
    uint64_t pass = (uint64_t)t->start[t->rows] / 2 + t->rows + t->columns;
    uint64_t iterations = effort / 4 / pass;
    *bound =
        esp_lower_bound(ctx, &p.m, size, (uint32_t)(iterations < 400 ? iterations : 400), prices);
    if (size > *bound && !esp_stopped(ctx) && esp_greedy_cover(ctx, &p.m, weight, prices, other) &&
        count_chosen(other, t->columns) < size) {
        memcpy(picked, other, t->columns);
        size = count_chosen(picked, t->columns);
    }
    if (size > *bound && !esp_stopped(ctx)) {
        (void)esp_core_search(ctx, &p.m, weight, prices, effort, *bound, picked);
        size = count_chosen(picked, t->columns);
    }
    /* Random functions of 7 to 10 inputs: at the effort `default` it closed one gap in three up to
     * 50 rows, one in fifty up to 100, and none of 900 beyond. */
    bool worth = (uint64_t)t->rows * t->rows * t->rows <= effort / 2;
    if (size > *bound && size <= ESP_BRANCH_MOST && worth && !esp_stopped(ctx)) {
        (void)esp_branch_and_bound(ctx, t, effort / 4, picked, bound);
    }
    return true;
}

/* While some chosen column's private rows all lie in a lighter column, that one takes its place.
 * Over the whole table: a column that was dominated may be the lighter one. */
bool esp_cover_lighten(esp_context *ctx, const esp_table *t, const uint32_t *weight,
                       uint8_t *chosen)
{
    esp_matrix m;
    uint32_t *covered = esp_alloc_zero(ctx, t->rows + 1, sizeof *covered);
    uint32_t *shared = esp_alloc_zero(ctx, t->columns + 1, sizeof *shared);
    if (!covered || !shared || !esp_matrix_create(ctx, t, &m)) {
        return false;
    }
    for (uint32_t j = 0; j < t->columns; j++) {
        for (uint32_t k = m.column_start[j]; chosen[j] && k < m.column_start[j + 1]; k++) {
            covered[m.column_entry[k]]++;
        }
    }
    bool changed = true;
    while (changed && !esp_stopped(ctx)) {
        changed = false;
        for (uint32_t j = 0; j < t->columns; j++) {
            uint32_t private_rows = 0;
            uint32_t best = j;
            uint64_t looked = 1;
            for (uint32_t pass = 0; chosen[j] && pass < 2;
                 pass++) { /* count, then forget the counts */
                for (uint32_t k = m.column_start[j]; k < m.column_start[j + 1]; k++) {
                    uint32_t i = m.column_entry[k];
                    if (covered[i] != 1) {
                        continue;
                    }
                    private_rows += pass == 0;
                    for (uint32_t e = m.row_start[i]; e < m.row_start[i + 1]; e++) {
                        shared[m.row_entry[e]] += pass == 0 ? 1u : UINT32_MAX;
                    }
                    looked += m.row_start[i + 1] - m.row_start[i];
                }
                for (uint32_t k = m.column_start[j]; pass == 0 && k < m.column_start[j + 1]; k++) {
                    uint32_t i = m.column_entry[k];
                    for (uint32_t e = m.row_start[i]; covered[i] == 1 && e < m.row_start[i + 1];
                         e++) {
                        uint32_t c = m.row_entry[e];
                        best = shared[c] == private_rows && weight[c] < weight[best] ? c : best;
                    }
                }
            }
            if (best != j) {
                chosen[j] = 0;
                chosen[best] = 1;
                for (uint32_t k = m.column_start[j]; k < m.column_start[j + 1]; k++) {
                    covered[m.column_entry[k]]--;
                }
                for (uint32_t k = m.column_start[best]; k < m.column_start[best + 1]; k++) {
                    covered[m.column_entry[k]]++;
                }
                changed = true;
            }
            if (!esp_spend(ctx, looked)) {
                break;
            }
        }
    }
    return true;
}

bool esp_cover_rows(esp_context *ctx, const esp_table *t, const uint32_t *weight, uint64_t effort,
                    uint8_t *chosen, uint32_t *bound)
{
    esp_mark mark = esp_mark_top(ctx);
    problem p = {.ctx = ctx, .weight = weight, .chosen = chosen, .t = *t};
    memset(chosen, 0, t->columns);
    *bound = 0;
    p.column_gone = esp_alloc_zero(ctx, t->columns + 1, 1);
    p.row_gone = esp_alloc_zero(ctx, t->rows + 1, 1);
    p.stamp = esp_alloc_zero(ctx, t->columns + 1, sizeof *p.stamp);
    bool ok = p.column_gone && p.row_gone && p.stamp && esp_matrix_create(ctx, t, &p.m) &&
              reduce_table(&p);
    uint32_t *block = ok ? esp_alloc_array(ctx, p.t.rows + 1, sizeof *block) : NULL;
    uint32_t blocks = block ? find_blocks(&p, block) : 0;
    uint32_t *name = esp_alloc_array(ctx, t->columns + 1, sizeof *name);
    uint8_t *picked = esp_alloc_array(ctx, t->columns + 1, 1);
    uint32_t *weights = esp_alloc_array(ctx, t->columns + 1, sizeof *weights);
    ok = ok && block && name && picked && weights && (blocks || !p.t.rows);
    *bound = count_chosen(chosen, t->columns);
    for (uint32_t b = 0; ok && b < blocks; b++) {
        esp_mark inner = esp_mark_top(ctx);
        esp_table part;
        ok = cut_block(&p, block, b, &part, name);
        if (ok) {
            uint64_t share = effort / p.t.rows * part.rows;
            for (uint32_t j = 0; j < part.columns; j++) {
                weights[j] = weight_of(&p, name[j]);
            }
            uint32_t lower;
            ok = solve_block(ctx, &part, weights, share, picked, &lower);
            *bound += ok ? lower : 0;
            for (uint32_t j = 0; ok && j < part.columns; j++) {
                chosen[name[j]] |= picked[j];
            }
        }
        esp_release(ctx, inner);
    }
    ok = ok && (!weight || esp_cover_lighten(ctx, t, weight, chosen));
    esp_release(ctx, mark);
    return ok;
}
