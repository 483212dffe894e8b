/* UNATE COVERING: reductions, a greedy cover, and a search from it.
 *
 * The idea. Three rules shrink the table without losing a minimum: a row with one column forces it; a row that
 * holds all columns of another is implied by it; a column whose rows another column covers as well is not needed
 * (of equals the lighter stays). What is left ("cyclic core") gets a greedy cover, freed of redundant columns, then
 * row-weighting local search. A set of rows that pairwise share no column bounds the cover from below; when both
 * meet, the answer is optimal.
 *
 * Invariant: chosen ∪ any cover of the rows left is a cover of the table.
 * Cost: a round of reductions is O(entries × length of the shortest row); rounds are few.
 *
 * Reference: notes of O. Coudert, "On solving covering problems", DAC 1996; V. Chvátal 1979 for the greedy rule.
 */
#include "exact/covering.h"

#include "base/sort.h"
#include "exact/local_search.h"

#include <string.h> /* memset */

typedef struct problem {
    esp_context *ctx;
    const uint32_t *weight;
    uint8_t *chosen;
    uint8_t *column_gone; /* [columns] chosen or dominated */
    esp_table t;          /* rows still to be covered, shrinking */
    esp_matrix m;
    uint8_t *row_gone;
    uint32_t *stamp;      /* [columns]: marks of the row at hand */
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

/* A row is implied by any shorter or equal (earlier) row inside it; such a row shares each of its columns, so it is
 * enough to look at the rows of all columns of i, shortest rows first stop. */
static bool drop_rows(problem *p)
{
    bool changed = false;
    for (uint32_t i = 0; i < p->t.rows; i++) {
        if (p->row_gone[i]) {
            continue;
        }
        p->time++;
        for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1]; k++) {
            p->stamp[p->t.entry[k]] = p->time;
        }
        for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1] && !p->row_gone[i]; k++) {
            uint32_t c = p->t.entry[k];
            for (uint32_t r = p->m.column_start[c]; r < p->m.column_start[c + 1]; r++) {
                uint32_t j = p->m.column_entry[r];
                uint32_t shorter = row_length(&p->t, j);
                uint32_t mine = row_length(&p->t, i);
                if (j == i || p->row_gone[j] || shorter > mine || (shorter == mine && j > i) ||
                    p->t.entry[p->t.start[j]] != c) {
                    continue; /* only meet j at its first column: once is enough */
                }
                if (holds(p, j)) {
                    p->row_gone[i] = 1;
                    changed = true;
                    break;
                }
            }
        }
        if (!esp_spend(p->ctx, row_length(&p->t, i) * 4u)) {
            return changed;
        }
    }
    return changed;
}

static uint32_t weight_of(const problem *p, uint32_t j)
{
    return p->weight ? p->weight[j] : 0;
}

/* Rows still open that column j covers. */
static uint32_t open_rows(const problem *p, uint32_t j)
{
    uint32_t n = 0;
    for (uint32_t k = p->m.column_start[j]; k < p->m.column_start[j + 1]; k++) {
        n += !p->row_gone[p->m.column_entry[k]];
    }
    return n;
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
    for (uint32_t a = 0; a < p->t.columns; a++) {
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
        uint32_t mine = open_rows(p, a);
        for (uint32_t k = p->t.start[shortest]; k < p->t.start[shortest + 1]; k++) {
            uint32_t b = p->t.entry[k];
            if (b == a || p->column_gone[b] || !column_inside(p, a, b)) {
                continue;
            }
            bool same = open_rows(p, b) == mine;
            bool b_better = weight_of(p, b) < weight_of(p, a) || (weight_of(p, b) == weight_of(p, a) && b < a);
            if (!same || b_better) {
                p->column_gone[a] = 1;
                changed = true;
                break;
            }
        }
        if (!esp_spend(p->ctx, (uint64_t)mine * esp_min_u32(length, 64) + 1)) {
            return changed;
        }
    }
    return changed;
}

static bool reduce_table(problem *p)
{
    for (;;) {
        bool changed = force_single(p);
        changed |= drop_rows(p);
        changed |= drop_columns(p);
        if (!rebuild(p)) {
            return false;
        }
        if (!changed || esp_stopped(p->ctx)) {
            return true;
        }
    }
}

/* Columns by most open rows, ties by weight; then columns that the others make redundant go, heaviest first. */
static bool greedy(problem *p, uint8_t *picked)
{
    const esp_matrix *m = &p->m;
    uint32_t *gain = esp_alloc_array(p->ctx, m->columns, sizeof *gain);
    uint32_t *covered = esp_alloc_zero(p->ctx, m->rows + 1, sizeof *covered);
    if (!gain || !covered) {
        return false;
    }
    memset(picked, 0, m->columns);
    for (uint32_t j = 0; j < m->columns; j++) {
        gain[j] = m->column_start[j + 1] - m->column_start[j];
    }
    for (;;) {
        uint32_t best = UINT32_MAX;
        for (uint32_t j = 0; j < m->columns; j++) {
            if (gain[j] && (best == UINT32_MAX || gain[j] > gain[best] ||
                            (gain[j] == gain[best] && weight_of(p, j) < weight_of(p, best)))) {
                best = j;
            }
        }
        if (best == UINT32_MAX) {
            break;
        }
        (void)esp_spend(p->ctx, m->columns / 8 + 1); /* a cover is owed even when the run must stop */
        picked[best] = 1;
        for (uint32_t k = m->column_start[best]; k < m->column_start[best + 1]; k++) {
            uint32_t i = m->column_entry[k];
            if (covered[i]++ == 0) {
                for (uint32_t e = m->row_start[i]; e < m->row_start[i + 1]; e++) {
                    gain[m->row_entry[e]]--;
                }
            }
        }
    }
    for (uint32_t j = m->columns; j-- > 0;) {
        bool needed = !picked[j];
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1] && !needed; k++) {
            needed = covered[m->column_entry[k]] == 1;
        }
        if (!needed) {
            picked[j] = 0;
            for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
                covered[m->column_entry[k]]--;
            }
        }
    }
    return true;
}

/* Rows that share no column, shortest first: no cover has fewer columns than there are such rows. */
static uint32_t independent_rows(problem *p)
{
    uint64_t *length = esp_alloc_array(p->ctx, p->t.rows, sizeof *length);
    if (!length) {
        return 0;
    }
    for (uint32_t i = 0; i < p->t.rows; i++) {
        length[i] = row_length(&p->t, i);
    }
    uint32_t *order = esp_sorted_order(p->ctx, length, p->t.rows);
    uint32_t found = 0;
    p->time++;
    for (uint32_t n = 0; order && n < p->t.rows; n++) {
        uint32_t i = order[n];
        bool apart = true;
        for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1]; k++) {
            apart &= p->stamp[p->t.entry[k]] != p->time;
        }
        if (apart) {
            found++;
            for (uint32_t k = p->t.start[i]; k < p->t.start[i + 1]; k++) {
                p->stamp[p->t.entry[k]] = p->time;
            }
        }
    }
    return found;
}

bool esp_cover_rows(esp_context *ctx, const esp_table *t, const uint32_t *weight, uint64_t effort, uint8_t *chosen,
                    bool *optimal)
{
    esp_mark mark = esp_mark_top(ctx);
    problem p = {.ctx = ctx, .weight = weight, .chosen = chosen, .t = *t};
    memset(chosen, 0, t->columns);
    *optimal = false;
    p.column_gone = esp_alloc_zero(ctx, t->columns + 1, 1);
    p.row_gone = esp_alloc_zero(ctx, t->rows + 1, 1);
    p.stamp = esp_alloc_zero(ctx, t->columns + 1, sizeof *p.stamp);
    uint8_t *picked = esp_alloc_array(ctx, t->columns + 1, 1);
    bool ok = p.column_gone && p.row_gone && p.stamp && picked && esp_matrix_create(ctx, t, &p.m) &&
              reduce_table(&p);
    if (ok && p.t.rows) {
        uint32_t bound = independent_rows(&p);
        ok = greedy(&p, picked);
        uint32_t size = 0;
        for (uint32_t j = 0; ok && j < t->columns; j++) {
            size += picked[j];
        }
        if (ok && size > bound && effort && !esp_stopped(ctx)) {
            uint64_t per_step = 16 + size + p.t.start[p.t.rows] / p.t.rows;
            (void)esp_local_search(ctx, &p.m, weight, effort / per_step, bound, picked);
            size = 0;
            for (uint32_t j = 0; j < t->columns; j++) {
                size += picked[j];
            }
        }
        *optimal = ok && size == bound;
        for (uint32_t j = 0; ok && j < t->columns; j++) {
            chosen[j] |= picked[j];
        }
    } else {
        *optimal = ok;
    }
    esp_release(ctx, mark);
    return ok;
}
