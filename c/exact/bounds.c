/* LOWER BOUNDS: dual ascent, then Lagrangian relaxation by subgradients, in fixed point.
 *
 * The idea. Give every row a price u_i ≥ 0. A column costs 1 and earns the prices of its rows, so
 * for any prices
 *     L(u) = Σ u_i + Σ_j min(0, 1 − Σ_{i in j} u_i)
 * is at most the size of every cover. Dual ascent raises prices, short rows first, as far as no
 * column earns more than it costs; the subgradient then moves all prices a little: up where the
 * columns that earn too much miss a row, down where they cover it twice. The step shrinks when the
 * bound has not grown for a while.
 *
 * All arithmetic is in integers (16 binary places), so that the bound, and with it the answer, is
 * the same on every machine. Rounding only ever moves prices, never the value of L for the prices
 * used.
 *
 * Cost: an iteration is one pass over the entries.
 *
 * Reference: J. Beasley, "A Lagrangian heuristic for set-covering problems", Naval Research
 * Logistics 37 (1990); M. Fisher, P. Kedia, "Optimal solution of set covering/partitioning problems
 * using dual heuristics", 1990.
 */
#include "exact/bounds.h"

#include "base/sort.h"

#include <string.h> /* memcpy */

enum { PATIENCE = 20, SMALLEST_STEP = 1 << 5, FIRST_STEP = 1 << 16, LONG_COLUMN = 7 };

typedef struct dual {
    int64_t *u;       /* [rows] */
    int64_t *best_u;  /* [rows] */
    int64_t *reduced; /* [columns] while ascending */
    int32_t *slack;   /* [rows] subgradient */
    /* The entries column after column, the short columns first: columns[n] have n entries, and the
     * last kind LONG and more. Loops of one length after the other are what a processor foresees.
     */
    uint32_t *entry;
    uint32_t columns[LONG_COLUMN + 1];
    uint32_t *longer; /* [columns[LONG_COLUMN]] lengths */
} dual;

/* The columns, ordered by length. */
static bool order_columns(esp_context *ctx, const esp_matrix *m, dual *p)
{
    p->entry = esp_alloc_array(ctx, (size_t)m->row_start[m->rows] + 1, sizeof *p->entry);
    p->longer = esp_alloc_array(ctx, m->columns + 1, sizeof *p->longer);
    if (!p->entry || !p->longer) {
        return false;
    }
    uint32_t *to = p->entry;
    for (uint32_t kind = 1; kind <= LONG_COLUMN; kind++) {
        p->columns[kind] = 0;
        for (uint32_t j = 0; j < m->columns; j++) {
            uint32_t length = m->column_start[j + 1] - m->column_start[j];
            if (length == kind || (length > kind && kind == LONG_COLUMN)) {
                memcpy(to, m->column_entry + m->column_start[j], length * sizeof *to);
                to += length;
                p->longer[p->columns[LONG_COLUMN]] = length;
                p->columns[kind]++;
            }
        }
    }
    return true;
}

static bool ascend(esp_context *ctx, const esp_matrix *m, dual *p)
{
    uint64_t *length = esp_alloc_array(ctx, m->rows, sizeof *length);
    uint32_t *order = NULL;
    if (length) {
        for (uint32_t i = 0; i < m->rows; i++) {
            length[i] = m->row_start[i + 1] - m->row_start[i];
        }
        order = esp_sorted_order(ctx, length, m->rows);
    }
    if (!order) {
        return false;
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        p->reduced[j] = ESP_DUAL_ONE;
    }
    for (uint32_t n = 0; n < m->rows; n++) {
        uint32_t i = order[n];
        int64_t least = ESP_DUAL_ONE;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            int64_t c = p->reduced[m->row_entry[k]];
            least = c < least ? c : least;
        }
        p->u[i] = least;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1] && least; k++) {
            p->reduced[m->row_entry[k]] -= least;
        }
    }
    return true;
}

/* A column that earns more than it costs takes part in every row of it. Short columns without a
 * branch, because nothing says beforehand which of them earn. */
static inline int64_t earn(dual *p, const uint32_t *entry, uint32_t length)
{
    int64_t c = ESP_DUAL_ONE;
    for (uint32_t k = 0; k < length; k++) {
        c -= p->u[entry[k]];
    }
    int32_t takes = c < 0;
    for (uint32_t k = 0; k < length && (takes || length < LONG_COLUMN); k++) {
        p->slack[entry[k]] -= takes;
    }
    return c * takes;
}

/* L(u) and the subgradient at u. */
static int64_t evaluate(const esp_matrix *m, dual *p, int64_t *norm)
{
    int64_t bound = 0;
    const uint32_t *entry = p->entry;
    for (uint32_t i = 0; i < m->rows; i++) {
        bound += p->u[i];
        p->slack[i] = 1;
    }
#define EARN(length)                                                                               \
    for (uint32_t n = p->columns[length]; n; n--, entry += (length)) {                             \
        bound += earn(p, entry, length);                                                           \
    }
    EARN(1)
    EARN(2)
    EARN(3)
    EARN(4)
    EARN(5)
    EARN(6)
#undef EARN
    for (uint32_t n = 0; n < p->columns[LONG_COLUMN]; entry += p->longer[n++]) {
        bound += earn(p, entry, p->longer[n]);
    }
    *norm = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        /* a price of 0 cannot fall any more */
        bool stays = (p->slack[i] < 0) & (p->u[i] == 0);
        int32_t slack = stays ? 0 : p->slack[i];
        p->slack[i] = slack;
        *norm += (int64_t)slack * slack;
    }
    return bound;
}

static uint32_t round_up(int64_t bound)
{
    return bound <= 0 ? 0 : (uint32_t)((bound + ESP_DUAL_ONE - 1) / ESP_DUAL_ONE);
}

uint32_t esp_lower_bound(esp_context *ctx, const esp_matrix *m, uint32_t upper, uint32_t iterations,
                         int64_t *prices)
{
    esp_mark mark = esp_mark_top(ctx);
    dual p = {0};
    p.u = esp_alloc_array(ctx, m->rows + 1, sizeof *p.u);
    p.best_u = esp_alloc_array(ctx, m->rows + 1, sizeof *p.best_u);
    p.reduced = esp_alloc_array(ctx, m->columns + 1, sizeof *p.reduced);
    p.slack = esp_alloc_array(ctx, m->rows + 1, sizeof *p.slack);
    if (!p.u || !p.best_u || !p.reduced || !p.slack || !ascend(ctx, m, &p) ||
        !order_columns(ctx, m, &p)) {
        esp_release(ctx, mark);
        return 0;
    }
    int64_t best = 0;
    int64_t step = FIRST_STEP;
    uint32_t waited = 0;
    uint32_t entries = m->row_start[m->rows];
    for (uint32_t k = 0; k <= iterations; k++) {
        int64_t norm;
        int64_t bound = evaluate(m, &p, &norm);
        if (bound > best) {
            best = bound;
            waited = 0;
            memcpy(p.best_u, p.u, m->rows * sizeof *p.u);
        } else if (++waited > PATIENCE) {
            step /= 2;
            waited = 0;
        }
        if (round_up(best) >= upper || !norm || step < SMALLEST_STEP ||
            !esp_spend(ctx, (uint64_t)entries / 2 + m->rows + m->columns)) {
            break;
        }
        int64_t gap = (int64_t)upper * ESP_DUAL_ONE - bound;
        int64_t move = gap * step / FIRST_STEP / norm; /* u changes by move × slack */
        move = move > 0 ? move : 1;
        for (uint32_t i = 0; i < m->rows; i++) {
            int64_t u = p.u[i] + move * p.slack[i];
            p.u[i] = u > 0 ? u : 0;
        }
    }
    if (prices) {
        memcpy(prices, p.best_u, m->rows * sizeof *prices);
    }
    esp_release(ctx, mark);
    return round_up(best);
}
