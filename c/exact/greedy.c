/* GREEDY COVER: the best column, again and again; at the end without the redundant ones.
 *
 * The idea. Without prices the best column covers the most open rows. With prices u of the rows
 * (Caprara, Fischetti, Toth 1999) it has the least cost 1 − Σ u_i over its open rows i, as a
 * fraction of it for each such row while that is positive, and times them when it is not.
 *
 * A column only ever gets worse, because its rows are covered one after the other. So the columns
 * are in a heap by what they were worth when last looked at, and the first of it is the best if
 * that has not changed; otherwise it goes to its place, and the next one is looked at. Most columns
 * are never looked at again.
 *
 * Invariant: nothing in the heap is better now than what it is filed under; that is a total order
 * (ties: more open rows, less weight, lower number), so the choice is that of a search through all.
 * Cost: O(entries + looks × log columns); looks are a few times the columns that are picked.
 *
 * Reference: V. Chvátal, "A greedy heuristic for the set-covering problem", 1979; M. Minoux,
 * "Accelerated greedy algorithms for maximizing submodular set functions", 1978, for the heap.
 */
#include "exact/greedy.h"

#include "exact/bounds.h"

#include <string.h> /* memset */

/* A column, and what it was worth when last looked at. */
typedef struct candidate {
    int64_t cost;  /* at the prices, of the open rows; 0 without prices */
    uint32_t gain; /* open rows */
    uint32_t column;
} candidate;

typedef struct choice {
    const esp_matrix *m;
    const uint32_t *weight;
    const int64_t *prices;
    candidate *heap;
    uint32_t count;
    uint64_t looks;
    uint32_t *gain; /* [columns] now */
    int64_t *cost;  /* [columns] now */
} choice;

static bool better(const choice *c, const candidate *a, const candidate *b)
{
    if (c->prices) {
        int64_t left = a->cost > 0 ? (b->cost > 0 ? a->cost * b->gain : 1)
                                   : (b->cost > 0 ? -1 : a->cost * a->gain);
        int64_t right = a->cost > 0 ? (b->cost > 0 ? b->cost * a->gain : 0)
                                    : (b->cost > 0 ? 0 : b->cost * b->gain);
        if (left != right) {
            return left < right;
        }
    }
    if (a->gain != b->gain) {
        return a->gain > b->gain;
    }
    uint32_t wa = c->weight ? c->weight[a->column] : 0;
    uint32_t wb = c->weight ? c->weight[b->column] : 0;
    return wa != wb ? wa < wb : a->column < b->column;
}

/* heap[at] goes down to its place. */
static void settle(choice *c, uint32_t at)
{
    candidate moving = c->heap[at];
    while (at < c->count / 2) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < c->count && better(c, &c->heap[child + 1], &c->heap[child])) {
            child++;
        }
        c->looks++;
        if (!better(c, &c->heap[child], &moving)) {
            break;
        }
        c->heap[at] = c->heap[child];
        at = child;
    }
    c->heap[at] = moving;
}

static bool create(esp_context *ctx, choice *c)
{
    const esp_matrix *m = c->m;
    c->heap = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *c->heap);
    c->gain = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *c->gain);
    c->cost = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *c->cost);
    if (!c->heap || !c->gain || !c->cost) {
        return false;
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        c->gain[j] = m->column_start[j + 1] - m->column_start[j];
        c->cost[j] = c->prices ? ESP_DUAL_ONE : 0;
        for (uint32_t k = m->column_start[j]; c->prices && k < m->column_start[j + 1]; k++) {
            c->cost[j] -= c->prices[m->column_entry[k]];
        }
        c->heap[j] = (candidate){c->cost[j], c->gain[j], j};
    }
    c->count = m->columns;
    for (uint32_t at = c->count / 2; at-- > 0;) {
        settle(c, at);
    }
    return true;
}

/* Takes the best column out of the heap; there is one while a row is open. */
static uint32_t take_best(choice *c)
{
    for (;;) {
        candidate *first = &c->heap[0];
        uint32_t j = first->column;
        bool same = c->gain[j] == first->gain; /* the cost changes along with it */
        if (same || !c->gain[j]) {
            c->heap[0] = c->heap[--c->count];
        } else {
            first->gain = c->gain[j];
            first->cost = c->cost[j];
        }
        settle(c, 0);
        if (same && c->gain[j]) {
            return j;
        }
    }
}

/* Takes out the columns that the others make redundant, last ones first. */
static void drop_redundant(const esp_matrix *m, uint32_t *covered, uint8_t *picked)
{
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
}

bool esp_greedy_cover(esp_context *ctx, const esp_matrix *m, const uint32_t *weight,
                      const int64_t *prices, uint8_t *picked)
{
    choice c = {.m = m, .weight = weight, .prices = prices};
    uint32_t *covered = esp_alloc_zero(ctx, (size_t)m->rows + 1, sizeof *covered);
    if (!covered || !create(ctx, &c)) {
        return false;
    }
    memset(picked, 0, m->columns);
    for (uint32_t open = m->rows; open;) {
        uint32_t best = take_best(&c);
        picked[best] = 1;
        for (uint32_t k = m->column_start[best]; k < m->column_start[best + 1]; k++) {
            uint32_t i = m->column_entry[k];
            if (covered[i]++) {
                continue;
            }
            open--;
            for (uint32_t e = m->row_start[i]; e < m->row_start[i + 1]; e++) {
                c.gain[m->row_entry[e]]--;
                c.cost[m->row_entry[e]] += prices ? prices[i] : 0;
            }
        }
        /* A cover is owed even when the run must stop. */
        (void)esp_spend(ctx, c.looks * 2 + 1);
        c.looks = 0;
    }
    drop_redundant(m, covered, picked);
    (void)esp_spend(ctx, m->row_start[m->rows] / 2);
    return true;
}
