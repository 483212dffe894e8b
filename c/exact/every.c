/* EVERY MINIMUM COVER of a table, one after the other, and of these the one of fewest literals.
 *
 * The idea. Take the uncovered row with fewest columns left; one of them must be in the cover. Try
 * each, and forbid it in the branches after it, so that no set is met twice. Two bounds cut:
 *
 *   size      prices of the rows as in dual.c, made once: the rows still uncovered and the columns
 *             still allowed need so many more columns. A column whose reduced cost carries that
 *             above the minimum is forbidden below.
 *   literals  column c costs l(c) and one more for each output it is used for. With prices v of the
 *             rows and a toll t for each of the k columns of a cover
 *                 T(c) = t + l(c) + Σ_o min(0, 1 − Σ v of c's rows in output o)
 *             and Σ v + Σ T(c) over the columns taken + Σ min(0, T(c)) over those allowed, less t
 *             k, is at most the literals of any cover below. T never changes.
 *
 * Invariant: every minimum cover not yet met extends the columns taken in a branch not yet tried,
 * or has no fewer literals than `best`. Cost: a pass over the entries a node; nodes are at least
 * the covers that there are.
 *
 * Reference: branch.c; for the prices: J. Beasley 1990. That an output literal is paid once for
 * each output is the model of R. Rudell, "Logic synthesis for VLSI design", 1989, for MAKE_SPARSE,
 * made exact.
 */
#include "exact/every.h"

#include "exact/dual.h"

#include <string.h> /* memcpy */

enum { GRAIN = 64, SIZE_STEPS = 600, LITERAL_STEPS = 1500, PATIENCE = 25 };

typedef struct level {
    uint32_t row;
    uint32_t taken;     /* UINT32_MAX before the first */
    uint32_t forbidden; /* entries of the list when the level began */
} level;

typedef struct walk {
    esp_context *ctx;
    esp_every *e;
    esp_matrix m;
    esp_dual size;
    int64_t *price;  /* [rows] v, in 1 / GRAIN */
    int64_t *term;   /* [columns] T, the same */
    int64_t sum;     /* Σ v */
    int64_t toll;    /* t, the same */
    uint32_t *count; /* [rows] scratch of the subgradient */
    int64_t *load;   /* [outputs] scratch */
    uint32_t *covered;
    uint8_t *closed; /* [columns] 1 taken, 2 forbidden */
    uint32_t *forbidden;
    uint32_t forbidden_count;
    level *path;
    uint32_t depth;
    uint32_t *columns; /* [minimum] */
} walk;

/* T of column j at the prices. Outputs it would be used for have w->load below 0. */
static int64_t term_of(walk *w, uint32_t j)
{
    const esp_matrix *m = &w->m;
    const uint32_t *output = w->e->row_output;
    int64_t t = w->toll + (int64_t)w->e->literals[j] * GRAIN;
    for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1];) {
        uint32_t o = output[m->column_entry[k]];
        int64_t load = GRAIN;
        for (; k < m->column_start[j + 1] && output[m->column_entry[k]] == o; k++) {
            load -= w->price[m->column_entry[k]];
        }
        w->load[o] = load;
        t += load < 0 ? load : 0;
    }
    return t;
}

/* The bound at the prices; *norm and w->count (1 + columns of the answer that use the row) for the
 * next step. */
static int64_t evaluate(walk *w, int64_t *norm)
{
    const esp_matrix *m = &w->m;
    int64_t bound = -w->toll * w->e->minimum;
    for (uint32_t i = 0; i < m->rows; i++) {
        bound += w->price[i];
        w->count[i] = 0;
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        int64_t t = m->column_start[j] < m->column_start[j + 1] ? term_of(w, j) : 0;
        w->term[j] = t;
        bound += t < 0 ? t : 0;
        for (uint32_t k = m->column_start[j]; t < 0 && k < m->column_start[j + 1]; k++) {
            uint32_t i = m->column_entry[k];
            w->count[i] += w->load[w->e->row_output[i]] < 0;
        }
    }
    *norm = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        int64_t slack = 1 - (int64_t)w->count[i];
        *norm += slack < 0 && w->price[i] == 0 ? 0 : slack * slack;
    }
    return bound;
}

/* Prices for the literals by subgradients. False: the run must stop. */
static bool price_literals(walk *w)
{
    esp_context *ctx = w->ctx;
    const esp_matrix *m = &w->m;
    int64_t *best = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *best);
    int64_t top = INT64_MIN;
    int64_t step = 2 * GRAIN;
    uint32_t waited = 0;
    int64_t norm = 1;
    if (!best) {
        return false;
    }
    uint64_t literals = 0;
    for (uint32_t j = 0; j < m->columns; j++) {
        literals += w->e->literals[j];
    }
    w->toll = (int64_t)(2 * literals / (m->columns + 1) + 4) * GRAIN;
    for (uint32_t i = 0; i < m->rows; i++) {
        w->price[i] = w->size.price[i] * (w->toll * 3 / 2 + GRAIN) / ESP_DUAL_ONE;
    }
    for (uint32_t n = 0; n < LITERAL_STEPS && norm && step; n++) {
        int64_t bound = evaluate(w, &norm);
        if (bound > top) {
            top = bound;
            waited = 0;
            memcpy(best, w->price, m->rows * sizeof *best);
        } else if (++waited > PATIENCE) {
            step = step * 2 / 3;
            waited = 0;
        }
        int64_t gap = (int64_t)w->e->best * GRAIN - bound;
        int64_t move = norm ? (gap > 0 ? gap : GRAIN) * step / GRAIN / norm : 0;
        move = move > 0 ? move : 1;
        for (uint32_t i = 0; i < m->rows; i++) {
            int64_t next = w->price[i] + move * (1 - (int64_t)w->count[i]);
            w->price[i] = next > 0 ? next : 0;
        }
        if (!esp_spend(ctx, (uint64_t)m->row_start[m->rows] * 3 + m->rows + m->columns)) {
            return false;
        }
    }
    memcpy(w->price, best, m->rows * sizeof *best);
    (void)evaluate(w, &norm);
    w->sum = -w->toll * w->e->minimum;
    for (uint32_t i = 0; i < m->rows; i++) {
        w->sum += w->price[i];
    }
    return true;
}

static void forbid(walk *w, uint32_t j)
{
    w->closed[j] = 2;
    w->forbidden[w->forbidden_count++] = j;
}

/* Does the size rule this node out? Forbids the columns that it rules out. */
static bool too_large(walk *w)
{
    const esp_matrix *m = &w->m;
    int64_t bound = 0;
    int64_t room = (int64_t)(w->e->minimum - w->depth) * ESP_DUAL_ONE;
    for (uint32_t i = 0; i < m->rows; i++) {
        bound += w->covered[i] ? 0 : w->size.price[i];
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        if (w->closed[j]) {
            continue;
        }
        int64_t c = ESP_DUAL_ONE;
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
            uint32_t i = m->column_entry[k];
            c -= w->covered[i] ? 0 : w->size.price[i];
        }
        w->size.reduced[j] = c;
        bound += c < 0 ? c : 0;
    }
    for (uint32_t j = 0; bound <= room && j < m->columns; j++) {
        if (!w->closed[j] && w->size.reduced[j] > room - bound) {
            forbid(w, j);
        }
    }
    return bound > room;
}

/* Do the literals? */
static bool too_dear(walk *w)
{
    int64_t bound = w->sum;
    int64_t least = (int64_t)w->e->best * GRAIN - GRAIN; /* more than this is too dear */
    for (uint32_t j = 0; j < w->m.columns; j++) {
        bound += w->closed[j] == 1 || (!w->closed[j] && w->term[j] < 0) ? w->term[j] : 0;
    }
    for (uint32_t j = 0; bound <= least && j < w->m.columns; j++) {
        if (!w->closed[j] && w->term[j] > least - bound) {
            forbid(w, j);
        }
    }
    return bound > least;
}

static void set_taken(walk *w, uint32_t j, bool taken)
{
    const esp_matrix *m = &w->m;
    w->closed[j] = taken;
    for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
        w->covered[m->column_entry[k]] += taken ? 1u : UINT32_MAX;
    }
}

/* The uncovered row with fewest columns left; UINT32_MAX: all are covered. */
static uint32_t shortest_row(const walk *w)
{
    const esp_matrix *m = &w->m;
    uint32_t row = UINT32_MAX;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < m->rows && least; i++) {
        uint32_t n = 0;
        for (uint32_t k = m->row_start[i]; !w->covered[i] && k < m->row_start[i + 1]; k++) {
            n += !w->closed[m->row_entry[k]];
        }
        if (!w->covered[i] && n < least) {
            least = n;
            row = i;
        }
    }
    return row;
}

/* Undo the level's column and forbid it; take the next, the cheapest. False: the level is gone. */
static bool next_branch(walk *w)
{
    level *l = &w->path[w->depth - 1];
    const esp_matrix *m = &w->m;
    if (l->taken != UINT32_MAX) {
        set_taken(w, l->taken, false);
        forbid(w, l->taken);
    }
    l->taken = UINT32_MAX;
    for (uint32_t k = m->row_start[l->row]; k < m->row_start[l->row + 1]; k++) {
        uint32_t j = m->row_entry[k];
        bool first = l->taken == UINT32_MAX;
        if (!w->closed[j] && (first || (w->e->literals && w->term[j] < w->term[l->taken]))) {
            l->taken = j;
        }
    }
    if (l->taken != UINT32_MAX) {
        set_taken(w, l->taken, true);
        return true;
    }
    while (w->forbidden_count > l->forbidden) {
        w->closed[w->forbidden[--w->forbidden_count]] = 0;
    }
    w->depth--;
    return false;
}

static bool create(walk *w)
{
    esp_context *ctx = w->ctx;
    const esp_table *t = w->e->table;
    w->price = esp_alloc_zero(ctx, (size_t)t->rows + 1, sizeof *w->price);
    w->count = esp_alloc_zero(ctx, (size_t)t->rows + 1, sizeof *w->count);
    w->covered = esp_alloc_zero(ctx, (size_t)t->rows + 1, sizeof *w->covered);
    w->term = esp_alloc_zero(ctx, (size_t)t->columns + 1, sizeof *w->term);
    w->closed = esp_alloc_zero(ctx, (size_t)t->columns + 1, 1);
    w->forbidden = esp_alloc_array(ctx, (size_t)t->columns + 1, sizeof *w->forbidden);
    w->load = esp_alloc_zero(ctx, (size_t)w->e->outputs + 1, sizeof *w->load);
    w->path = esp_alloc_array(ctx, (size_t)w->e->minimum + 1, sizeof *w->path);
    w->columns = esp_alloc_array(ctx, (size_t)w->e->minimum + 1, sizeof *w->columns);
    return w->price && w->count && w->covered && w->term && w->closed && w->forbidden && w->load &&
           w->path && w->columns && esp_matrix_create(ctx, t, &w->m) &&
           esp_dual_create(ctx, &w->m, &w->size) && esp_dual_ascent(ctx, &w->m, &w->size) &&
           esp_dual_improve(ctx, &w->m, w->e->minimum + 1, SIZE_STEPS, ESP_DUAL_COLD, &w->size) &&
           (!w->e->literals || price_literals(w));
}

bool esp_every_cover(esp_context *ctx, esp_every *e, bool *all)
{
    walk w = {.ctx = ctx, .e = e};
    esp_mark mark = esp_mark_top(ctx);
    bool going = create(&w);
    uint64_t pass = going ? (uint64_t)w.m.row_start[w.m.rows] + w.m.rows + w.m.columns : 0;
    *all = false;
    while (going) {
        uint32_t before = w.forbidden_count;
        going = esp_spend(ctx, pass);
        bool deeper = false;
        bool cut = !going || too_large(&w) || (e->literals && too_dear(&w));
        uint32_t row = cut ? UINT32_MAX : shortest_row(&w);
        if (!cut && row == UINT32_MAX) {
            for (uint32_t k = 0; k < w.depth; k++) {
                w.columns[k] = w.path[k].taken;
            }
            going = e->found(e->user, w.columns);
        } else if (!cut && w.depth < e->minimum) {
            w.path[w.depth++] = (level){row, UINT32_MAX, before};
            deeper = true;
        }
        while (!deeper && w.forbidden_count > before) { /* by the bounds, here only */
            w.closed[w.forbidden[--w.forbidden_count]] = 0;
        }
        while (w.depth && !next_branch(&w)) {
        }
        if (!w.depth) {
            *all = going;
            break;
        }
    }
    esp_release(ctx, mark);
    return !esp_stopped(ctx);
}
