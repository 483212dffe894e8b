/* PRICES by the volume algorithm, in fixed point.
 *
 * The idea. For prices u ≥ 0 of the rows,
 *     L(u) = Σ u_i + Σ_j min(0, 1 − Σ_{i in j} u_i)
 * is at most the size of every cover. The columns with a negative term are the answer of the
 * relaxed problem at u; an average x̄ of such answers, recent ones more, tends to a fractional
 * cover, and the rows that x̄ covers too little or too much are a far better direction for u than
 * those of one answer: steps go from the best prices along 1 − Σ x̄_j. A step that improved L makes
 * the next ones longer, a run of failures shorter, and the average follows the answers more slowly
 * then.
 *
 * All arithmetic is in integers (16 binary places): the same on every machine. Rounding moves
 * prices, never the value L of the prices used.
 *
 * Cost: two passes over the entries a step.
 *
 * Reference: F. Barahona, R. Anbil, "The volume algorithm: producing primal solutions with a
 * subgradient method", Mathematical Programming 87 (2000). Dual ascent: M. Fisher, P. Kedia, 1990.
 */
#include "exact/dual.h"

#include "base/sort.h"

#include <string.h> /* memcpy */

enum {
    ONE = ESP_DUAL_ONE,
    FACTOR_ONE = 1 << 10, /* of the step's factor */
    PATIENCE = 12,
    SMALLEST_FACTOR = 6,
    FIRST_SHARE = 6554, /* of the newest answer in the average, of 65536 */
    SMALLEST_SHARE = 1311
};

bool esp_dual_create(esp_context *ctx, const esp_matrix *m, esp_dual *d)
{
    d->price = esp_alloc_zero(ctx, (size_t)m->rows + 1, sizeof *d->price);
    d->reduced = esp_alloc_zero(ctx, (size_t)m->columns + 1, sizeof *d->reduced);
    d->use = esp_alloc_zero(ctx, (size_t)m->columns + 1, sizeof *d->use);
    d->bound = 0;
    return d->price && d->reduced && d->use;
}

bool esp_dual_ascent(esp_context *ctx, const esp_matrix *m, esp_dual *d)
{
    uint64_t *length = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *length);
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
        d->reduced[j] = ONE;
    }
    d->bound = 0;
    for (uint32_t n = 0; n < m->rows; n++) {
        uint32_t i = order[n];
        int64_t least = ONE;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            int64_t c = d->reduced[m->row_entry[k]];
            least = c < least ? c : least;
        }
        d->price[i] = least;
        d->bound += least;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1] && least; k++) {
            d->reduced[m->row_entry[k]] -= least;
        }
    }
    return esp_spend(ctx, (uint64_t)m->row_start[m->rows] / 2 + m->rows + m->columns);
}

/* L(u) and the reduced costs. */
static int64_t evaluate(const esp_matrix *m, const int64_t *u, int64_t *reduced)
{
    int64_t bound = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        bound += u[i];
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        int64_t c = ONE;
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
            c -= u[m->column_entry[k]];
        }
        reduced[j] = c;
        bound += c < 0 ? c : 0;
    }
    return bound;
}

/* direction_i = 1 − Σ x̄_j, nothing where a price at 0 would fall. Returns Σ direction². */
static int64_t aim(const esp_matrix *m, const esp_dual *d, int64_t *direction)
{
    int64_t norm = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        int64_t v = ONE;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            v -= d->use[m->row_entry[k]];
        }
        v = v < 0 && d->price[i] == 0 ? 0 : v;
        direction[i] = v;
        norm += v * v;
    }
    return norm;
}

static void begin_average(const esp_matrix *m, esp_dual *d)
{
    for (uint32_t j = 0; j < m->columns; j++) {
        d->use[j] = d->reduced[j] < 0 ? ONE : 0;
    }
}

bool esp_dual_improve(esp_context *ctx, const esp_matrix *m, uint32_t upper, uint32_t steps,
                      bool warm, esp_dual *d)
{
    esp_mark mark = esp_mark_top(ctx);
    int64_t *u = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *u);
    int64_t *direction = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *direction);
    int64_t *reduced = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *reduced);
    bool going = u && direction && reduced;
    int64_t enough = ((int64_t)upper - 1) * ONE;
    int64_t factor = FACTOR_ONE / (warm ? 8 : 2);
    int32_t share = FIRST_SHARE;
    uint32_t failed = 0;
    if (going) {
        d->bound = evaluate(m, d->price, d->reduced);
        begin_average(m, d);
    }
    uint64_t pass = m->row_start[m->rows] + m->rows + m->columns;
    int64_t last = going ? d->bound : 0; /* when the average began */
    for (uint32_t n = 0; going && n < steps && d->bound <= enough; n++) {
        int64_t norm = aim(m, d, direction);
        if (!norm || factor < SMALLEST_FACTOR) { /* a fresh average, while that helps */
            if (warm || d->bound - last < ONE / 32) {
                break;
            }
            last = d->bound;
            begin_average(m, d);
            factor = FACTOR_ONE / 8;
            share = FIRST_SHARE;
            continue;
        }
        int64_t gap = (int64_t)upper * ONE - d->bound;
        int64_t scaled = factor * gap / FACTOR_ONE;
        for (uint32_t i = 0; i < m->rows; i++) { /* u changes by scaled × v / |v|² */
            int64_t by = norm > INT64_MAX >> 20
                             ? scaled * (direction[i] / 64) / (norm / ONE / 64 + 1)
                             : scaled * direction[i] / (norm / ONE + 1);
            int64_t next = d->price[i] + by;
            u[i] = next > 0 ? next : 0;
        }
        int64_t bound = evaluate(m, u, reduced);
        for (uint32_t j = 0; j < m->columns; j++) {
            int64_t answer = reduced[j] < 0 ? ONE : 0;
            d->use[j] += (int32_t)((answer - d->use[j]) * share / 65536);
        }
        if (bound > d->bound) {
            d->bound = bound;
            memcpy(d->price, u, m->rows * sizeof *u);
            memcpy(d->reduced, reduced, m->columns * sizeof *reduced);
            factor = factor * 11 / 10 < 2 * FACTOR_ONE ? factor * 11 / 10 + 1 : factor;
            failed = 0;
        } else if (++failed >= PATIENCE) {
            factor = factor * 2 / 3;
            share = share > SMALLEST_SHARE ? share * 9 / 10 : share;
            failed = 0;
        }
        going = esp_spend(ctx, pass);
    }
    esp_release(ctx, mark);
    return going;
}
