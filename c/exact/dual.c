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
 * The direction is averaged along with the answers instead of being made from their average: a row
 * has to look only at the few columns that are in the newest answer.
 *
 * All arithmetic is in integers (16 binary places): the same on every machine. Rounding moves
 * prices, never the value L of the prices used.
 *
 * Cost: a pass over the entries a step, columns of one length after the other: such loops are what
 * a processor foresees.
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
    SMALLEST_SHARE = 1311,
    LONG_COLUMN = 7,
    MOST_SLACK = 1 << 13,
    RATE_ONE = 1 << 20,
    FINE_SHARE = 100,
};

/* The entries of the matrix, column after column, short columns first: columns[n] have n entries,
 * the last kind LONG_COLUMN and more. */
typedef struct ordered {
    uint32_t *entry;
    uint32_t *name;   /* [columns] the column */
    uint32_t *length; /* [columns[LONG_COLUMN]] */
    uint32_t columns[LONG_COLUMN + 1];
} ordered;

/* A run of esp_dual_improve. */
typedef struct run {
    const esp_matrix *m;
    ordered o;
    int64_t *u;         /* [rows] prices on trial */
    int64_t *reduced;   /* [columns] at u */
    int32_t *slack;     /* [rows] 1 less the columns of the answer at u */
    int32_t *direction; /* [rows] their average, in 1 / ONE */
} run;

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

static bool order_columns(esp_context *ctx, const esp_matrix *m, ordered *o)
{
    uint32_t n = 0;
    o->entry = esp_alloc_array(ctx, (size_t)m->row_start[m->rows] + 1, sizeof *o->entry);
    o->name = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *o->name);
    o->length = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *o->length);
    if (!o->entry || !o->name || !o->length) {
        return false;
    }
    uint32_t begin[LONG_COLUMN + 2] = {0};
    for (uint32_t j = 0; j < m->columns; j++) {
        uint32_t length = m->column_start[j + 1] - m->column_start[j];
        begin[esp_min_u32(length, LONG_COLUMN) + 1]++;
    }
    for (uint32_t kind = 0; kind <= LONG_COLUMN; kind++) {
        o->columns[kind] = begin[kind + 1];
        begin[kind + 1] += begin[kind];
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        uint32_t length = m->column_start[j + 1] - m->column_start[j];
        o->name[begin[esp_min_u32(length, LONG_COLUMN)]++] = j;
    }
    uint32_t *to = o->entry;
    for (uint32_t k = 0; k < m->columns; k++) {
        uint32_t j = o->name[k];
        uint32_t length = m->column_start[j + 1] - m->column_start[j];
        for (uint32_t e = 0; e < length; e++) {
            to[e] = m->column_entry[m->column_start[j] + e];
        }
        to += length;
        if (length >= LONG_COLUMN) {
            o->length[n++] = length;
        }
    }
    return true;
}

/* The column takes part in the answer: its rows have one more. */
static void answer(run *r, const uint32_t *entry, uint32_t length)
{
    for (uint32_t k = 0; k < length; k++) {
        r->slack[entry[k]]--;
    }
}

static inline int64_t earn(run *r, const int64_t *u, const uint32_t *entry, uint32_t length,
                           int64_t *reduced)
{
    int64_t c = ONE;
    for (uint32_t k = 0; k < length; k++) {
        c -= u[entry[k]];
    }
    *reduced = c;
    if (c >= 0) {
        return 0;
    }
    answer(r, entry, length);
    return c;
}

/* L(u), the reduced costs, and what the answer leaves of each row. */
static int64_t evaluate(run *r, const int64_t *u, int64_t *reduced)
{
    const esp_matrix *m = r->m;
    const uint32_t *entry = r->o.entry;
    const uint32_t *name = r->o.name;
    int64_t bound = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        bound += u[i];
        r->slack[i] = 1;
    }
    for (uint32_t n = r->o.columns[0]; n; n--) {
        reduced[*name++] = ONE;
    }
#define EARN(count)                                                                                \
    for (uint32_t n = r->o.columns[count]; n; n--, entry += (count)) {                             \
        bound += earn(r, u, entry, count, &reduced[*name++]);                                      \
    }
    EARN(1)
    EARN(2)
    EARN(3)
    EARN(4)
    EARN(5)
    EARN(6)
#undef EARN
    for (uint32_t n = 0; n < r->o.columns[LONG_COLUMN]; entry += r->o.length[n++]) {
        bound += earn(r, u, entry, r->o.length[n], &reduced[*name++]);
    }
    return bound;
}

/* Where the next step goes: the direction, but nothing where a price at 0 would fall. Returns the
 * sum of its squares. */
static int64_t norm_of(const run *r, const esp_dual *d)
{
    int64_t norm = 0;
    for (uint32_t i = 0; i < r->m->rows; i++) {
        int64_t v = r->direction[i];
        v = v < 0 && d->price[i] == 0 ? 0 : v;
        norm += v * v;
    }
    return norm;
}

/* What is left of a row, as the average has it. */
static int32_t aimed(int32_t slack)
{
    return (slack > -MOST_SLACK ? slack : -MOST_SLACK) * ONE;
}

/* The answer at the best prices is all of the average. */
static void begin_average(run *r, esp_dual *d)
{
    d->bound = evaluate(r, d->price, d->reduced);
    for (uint32_t i = 0; i < r->m->rows; i++) {
        r->direction[i] = aimed(r->slack[i]);
    }
    for (uint32_t j = 0; j < r->m->columns; j++) {
        d->use[j] = d->reduced[j] < 0 ? ONE : 0;
    }
}

/* Averages take a power of two of what they lack, rounded down: no product, no division. */
static void add_to_average(run *r, esp_dual *d, int32_t share)
{
    int32_t shift = share > 4000 ? 4 : share > 2000 ? 5 : 6;
    for (uint32_t i = 0; i < r->m->rows; i++) {
        r->direction[i] += (aimed(r->slack[i]) - r->direction[i]) >> shift;
    }
    for (uint32_t j = 0; j < r->m->columns; j++) {
        int32_t now = r->reduced[j] < 0 ? ONE : 0;
        d->use[j] += (now - d->use[j]) >> shift;
    }
}

/* u := the prices, moved along the direction by factor × gap × v / |v|²: one division for all. */
static void move(run *r, const esp_dual *d, int64_t scaled, int64_t norm)
{
    int64_t most = INT64_C(1) << 34; /* the products below stay below 2^63 */
    int64_t rate = (scaled < most ? scaled : most) * RATE_ONE / (norm / ONE + 1);
    for (uint32_t i = 0; i < r->m->rows; i++) {
        int64_t next = d->price[i] + rate * r->direction[i] / RATE_ONE;
        r->u[i] = next > 0 ? next : 0;
    }
}

static bool create_run(esp_context *ctx, const esp_matrix *m, run *r)
{
    *r = (run){.m = m};
    r->u = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *r->u);
    r->slack = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *r->slack);
    r->direction = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *r->direction);
    r->reduced = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *r->reduced);
    return r->u && r->slack && r->direction && r->reduced && order_columns(ctx, m, &r->o);
}

/* What the next step asks for beyond the bound. */
static int64_t wanted(const esp_dual *d, uint32_t upper, esp_dual_pace pace)
{
    int64_t all = (int64_t)upper * ONE - d->bound;
    int64_t fine = d->bound / FINE_SHARE + 2 * ONE;
    return pace == ESP_DUAL_FINE && fine < all ? fine : all;
}

bool esp_dual_improve(esp_context *ctx, const esp_matrix *m, uint32_t upper, uint32_t steps,
                      esp_dual_pace pace, esp_dual *d)
{
    esp_mark mark = esp_mark_top(ctx);
    run r;
    bool going = create_run(ctx, m, &r);
    int64_t enough = ((int64_t)upper - 1) * ONE;
    bool warm = pace == ESP_DUAL_WARM;
    int64_t factor = FACTOR_ONE / (warm ? 8 : 2);
    int32_t share = FIRST_SHARE;
    uint32_t failed = 0;
    if (going) {
        begin_average(&r, d);
    }
    uint64_t pass = m->row_start[m->rows] / 2 + m->rows + m->columns;
    int64_t last = going ? d->bound : 0; /* when the average began */
    for (uint32_t n = 0; going && n < steps && d->bound <= enough; n++) {
        int64_t norm = norm_of(&r, d);
        if (!norm || factor < SMALLEST_FACTOR) { /* a fresh average, while that helps */
            if (warm || d->bound - last < ONE / 32) {
                break;
            }
            last = d->bound;
            begin_average(&r, d);
            factor = FACTOR_ONE / 8;
            share = FIRST_SHARE;
            continue;
        }
        move(&r, d, factor * wanted(d, upper, pace) / FACTOR_ONE, norm);
        int64_t bound = evaluate(&r, r.u, r.reduced);
        add_to_average(&r, d, share);
        if (bound > d->bound) {
            d->bound = bound;
            memcpy(d->price, r.u, m->rows * sizeof *r.u);
            memcpy(d->reduced, r.reduced, m->columns * sizeof *r.reduced);
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
