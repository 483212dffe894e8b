/* CORE PROBLEM: local search among the columns that prices make likely.
 *
 * The idea. A table of all primes may have many more columns than rows, and what a step of the
 * local search costs grows with the columns of a row, most of which no good cover has. The prices
 * of a good lower bound tell which: a column earns the prices of its rows, and the less it lacks to
 * its cost (its reduced cost) the likelier it is in a minimum. So where there are more than
 * WIDE columns a row, the search sees only a core, CORE_HALVES / 2 columns a row, those of the
 * least reduced cost, and the cover that it begins with. The same prices are its first weights
 * (local_search.c): the dear rows are those that it would find to be hard.
 *
 * Reduced costs do not exclude a column here: what may be excluded for good needs a bound close to
 * the cover, and hard tables have none. In narrow tables, with two to four columns a row, a core
 * finds the same covers or worse ones (measured on random functions with and without don't-cares,
 * multipliers and squares of 9 to 12 inputs); with seven to ten a row it found, for the same work,
 * covers smaller by up to a hundredth.
 *
 * Columns that are as likely as the last one are all in it: where prices tell none from others, as
 * those of symmetric functions, a part of them would be any part.
 *
 * Invariant: the core has every column of the cover it begins with, so every row has one in it.
 * Cost: a sort of the reduced costs and a copy of what is left of the table.
 *
 * Reference: J. Beasley, "A Lagrangian heuristic for set-covering problems", Naval Research
 * Logistics 37 (1990); A. Caprara, M. Fischetti, P. Toth, "A heuristic method for the set covering
 * problem", Operations Research 47 (1999), whose cores are a few columns a row, chosen again as the
 * prices change; S. Ceria, P. Nobili, A. Sassano, "A Lagrangian-based heuristic for large-scale set
 * covering problems", Mathematical Programming 81 (1998). Here one core is enough, because the
 * prices are those at the end of the bound.
 */
#include "exact/core.h"

#include "base/sort.h"
#include "exact/bounds.h"

enum { WIDE = 4, CORE_HALVES = 5 };

/* kept[k]: the columns of the core, ascending. Their number; 0: memory ran out. */
static uint32_t keep_likely(esp_context *ctx, const esp_matrix *m, const int64_t *prices,
                            const uint8_t *chosen, uint32_t *kept)
{
    esp_mark mark = esp_mark_top(ctx);
    uint64_t *reduced = esp_alloc_array(ctx, m->columns, sizeof *reduced);
    uint8_t *keep = esp_alloc_zero(ctx, m->columns, 1);
    uint32_t *order = NULL;
    uint32_t count = 0;
    for (uint32_t j = 0; reduced && j < m->columns; j++) {
        uint64_t cost = UINT64_C(1) << 62; /* which no prices of rows come up to */
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
            cost -= (uint64_t)prices[m->column_entry[k]];
        }
        reduced[j] = cost;
    }
    if (reduced && keep) {
        order = esp_sorted_order(ctx, reduced, m->columns);
    }
    if (order) {
        uint32_t most = m->rows / 2 * CORE_HALVES + 1; /* fewer than there are */
        uint64_t last = reduced[order[most - 1]];
        while (most < m->columns && reduced[order[most]] == last) {
            most++;
        }
        for (uint32_t k = 0; k < most; k++) {
            keep[order[k]] = 1;
        }
        for (uint32_t j = 0; j < m->columns; j++) {
            if (keep[j] || chosen[j]) {
                kept[count++] = j;
            }
        }
    }
    esp_release(ctx, mark);
    return count;
}

/* The table of the kept columns, under numbers of their own. */
static bool cut(esp_context *ctx, const esp_matrix *m, const uint32_t *kept, uint32_t count,
                esp_table *t)
{
    uint32_t *number = esp_alloc_array(ctx, m->columns, sizeof *number);
    uint32_t *row = esp_alloc_array(ctx, count, sizeof *row);
    bool going = number && row && esp_table_create(ctx, count, t);
    for (uint32_t j = 0; going && j < m->columns; j++) {
        number[j] = UINT32_MAX;
    }
    for (uint32_t k = 0; going && k < count; k++) {
        number[kept[k]] = k;
    }
    for (uint32_t i = 0; going && i < m->rows; i++) {
        uint32_t n = 0;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            uint32_t to = number[m->row_entry[k]];
            if (to != UINT32_MAX) {
                row[n++] = to;
            }
        }
        going = esp_table_push(ctx, t, row, n);
    }
    return going;
}

bool esp_core_search(esp_context *ctx, const esp_matrix *m, const uint32_t *weight,
                     const int64_t *prices, uint64_t work, uint32_t bound, uint8_t *chosen)
{
    if (m->columns / WIDE <= m->rows) {
        return esp_local_search(ctx, m, weight, prices, work, bound, chosen);
    }
    esp_mark mark = esp_mark_top(ctx);
    uint32_t *kept = esp_alloc_array(ctx, m->columns, sizeof *kept);
    uint32_t count = kept ? keep_likely(ctx, m, prices, chosen, kept) : 0;
    uint32_t *weights = esp_alloc_array(ctx, (size_t)count + 1, sizeof *weights);
    uint8_t *picked = esp_alloc_array(ctx, (size_t)count + 1, 1);
    esp_table t;
    esp_matrix core;
    bool going = count && weights && picked && cut(ctx, m, kept, count, &t) &&
                 esp_matrix_create(ctx, &t, &core) &&
                 esp_spend(ctx, (uint64_t)m->row_start[m->rows] + m->columns);
    for (uint32_t k = 0; going && k < count; k++) {
        weights[k] = weight ? weight[kept[k]] : 0;
        picked[k] = chosen[kept[k]];
    }
    if (going) {
        going = esp_local_search(ctx, &core, weight ? weights : NULL, prices, work, bound, picked);
        for (uint32_t k = 0; k < count; k++) {
            chosen[kept[k]] = picked[k];
        }
    }
    esp_release(ctx, mark);
    return going;
}
