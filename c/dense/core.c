/* CYCLIC CORE: exact covering by depth-first search over words.
 *
 * The idea. What the reductions leave of a small function's covering problem has a few dozen rows
 * and columns, so a set of either is one word. At a node a row with one column left forces it; rows
 * no two of which share a column are a lower bound (the shortest first); the search branches on the
 * shortest row, the column that covers most first, and a column that has been tried is out for its
 * siblings. A column that covers no row of the bound is out as well when bound and column together
 * are no better than the best cover.
 *
 * Invariant: the columns of the stack and `alive` hold every cover better than the best that has
 * not been looked at. Cost: rows × (1 + length of the bound's rows) word operations a node.
 *
 * Reference: as branch and bound over independent rows in R. Rudell, A. Sangiovanni-Vincentelli,
 * "Multiple-valued minimization for PLA optimization", 1987 (MINCOV); O. Coudert, "On solving
 * covering problems", DAC 1996, for the limit.
 */
#include "dense/core.h"

typedef struct node {
    uint64_t open;   /* rows to cover when it was entered */
    uint64_t alive;  /* columns that may be used; less by each one tried */
    uint64_t taken;  /* columns on the way here, forced ones too */
    uint64_t branch; /* columns of the branching row not tried yet */
    uint32_t cost;   /* of taken */
} node;

static bool single(uint64_t x)
{
    return (x & (x - 1)) == 0;
}

/* Takes every column that a row forces. False: some row has no column left. */
static bool force(const esp_core *c, node *n)
{
    for (bool again = true; again;) {
        again = false;
        for (uint64_t left = n->open; left; left &= left - 1) {
            uint64_t row = c->row[esp_lowest(left)] & n->alive;
            if (!row) {
                return false;
            }
            if (single(row)) {
                uint32_t j = esp_lowest(row);
                n->taken |= row;
                n->cost += c->cost[j];
                n->open &= ~c->column[j];
                left &= n->open | (left & (0 - left));
                again = true;
            }
        }
    }
    return true;
}

/* Rows no two of which share a column, the shortest first: the sum of their cheapest columns is a
 * bound. Stops at `enough`. The shortest row's columns are left in n->branch, those of all rows of
 * the bound in *used. */
static uint32_t independent(const esp_core *c, node *n, uint32_t enough, uint64_t *used)
{
    uint32_t bound = 0;
    uint64_t open = n->open;
    n->branch = 0;
    *used = 0;
    for (uint32_t length = 2; open && bound < enough; length++) {
        for (uint64_t left = open; left; left &= left - 1) {
            uint32_t i = esp_lowest(left);
            uint64_t row = c->row[i] & n->alive;
            if (row & *used) {
                open &= ~(left & (0 - left));
            } else if (esp_popcount(row) <= length) {
                n->branch = n->branch ? n->branch : row;
                *used |= row;
                bound += c->cost[esp_lowest(row)];
                open &= ~(left & (0 - left));
            }
        }
    }
    return bound;
}

/* Columns outside the bound's rows come on top of it: those for which that is too much go. */
static bool limit(const esp_core *c, node *n, uint64_t used, uint32_t room)
{
    uint64_t outside = 0;
    for (uint64_t left = n->open; left; left &= left - 1) {
        outside |= c->row[esp_lowest(left)];
    }
    outside &= n->alive & ~used;
    /* Columns stand in order of cost: the dear ones are the last. */
    while (outside && c->cost[esp_lowest(outside)] < room) {
        outside &= outside - 1;
    }
    n->alive &= ~outside;
    return outside != 0;
}

/* Forced columns, bound and limit, over and over. False: nothing better than `best` is below. */
static bool look(const esp_core *c, node *n, uint32_t best)
{
    for (;;) {
        uint64_t used;
        n->branch = 0;
        if (!force(c, n) || n->cost >= best) {
            return false;
        }
        if (!n->open) {
            return true;
        }
        uint32_t bound = independent(c, n, best - n->cost, &used);
        if (n->cost + bound >= best) {
            n->branch = 0;
            return false;
        }
        if (!limit(c, n, used, best - n->cost - bound)) {
            return true;
        }
    }
}

/* The column of n->branch that covers most open rows. */
static uint32_t pick(const esp_core *c, const node *n)
{
    uint32_t best = 0;
    uint32_t most = 0;
    for (uint64_t left = n->branch; left; left &= left - 1) {
        uint32_t j = esp_lowest(left);
        uint32_t covers = esp_popcount(c->column[j] & n->open);
        if (covers > most) {
            most = covers;
            best = j;
        }
    }
    return best;
}

/* Minimum cover of the rows `open`. */
static bool search(esp_context *ctx, const esp_core *c, uint64_t open, uint32_t *nodes,
                   uint64_t *chosen)
{
    node stack[ESP_CORE_MOST + 1];
    uint32_t depth = 0;
    uint32_t best = UINT32_MAX;
    stack[0] = (node){.open = open, .alive = ~UINT64_C(0)};
    bool fresh = true;
    for (;;) {
        node *n = &stack[depth];
        if (fresh) {
            if (!*nodes || !esp_spend(ctx, esp_popcount(n->open) * 2 + 1)) {
                return false;
            }
            --*nodes;
            if (look(c, n, best) && !n->open) {
                best = n->cost;
                *chosen = n->taken;
            }
        }
        if (!n->branch) {
            if (!depth) {
                return true;
            }
            depth--;
            fresh = false;
            continue;
        }
        uint32_t j = pick(c, n);
        uint64_t bit = UINT64_C(1) << j;
        n->branch &= ~bit;
        n->alive &= ~bit;
        stack[depth + 1] = (node){.open = n->open & ~c->column[j],
                                  .alive = n->alive,
                                  .taken = n->taken | bit,
                                  .cost = n->cost + c->cost[j]};
        depth++;
        fresh = true;
    }
}

bool esp_core_solve(esp_context *ctx, const esp_core *core, uint32_t nodes, uint64_t *chosen)
{
    uint64_t rows = core->rows == 64 ? ~UINT64_C(0) : (UINT64_C(1) << core->rows) - 1;
    return search(ctx, core, rows, &nodes, chosen);
}
