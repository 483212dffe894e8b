/* ONE NODE of the exact search: reductions, bound, fixing, and the choice of a column to branch on.
 *
 * The idea. Prices of the rows bound the part from below. A column is ruled out when the bound plus
 * its reduced cost reaches `upper`, and ruled in when the bound less a negative one does. Columns
 * that the fractional cover uses about by half are then tried: both halves get a few steps of
 * prices, a half that is closed at once makes the part smaller, and of the others the one that
 * raises both bounds most is branched on.
 *
 * Invariant: the proof gets each step before the part changes by it.
 * Cost: some hundred passes over the entries.
 *
 * Reference: see solve.c; strong branching: D. Applegate, R. Bixby, V. Chvátal, W. Cook, "Finding
 * cuts in the TSP", 1995.
 */
#include "exact/search.h"

#include <string.h> /* memcpy */

enum { PROBE_STEPS = 24, CANDIDATES = 12 };

void esp_solver_put(esp_solver *v, uint32_t word)
{
    esp_proof_put(v->proof, word);
}

static void put_prices(esp_solver *v, const esp_part *p, const esp_dual *d)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->m.rows; i++) {
        n += d->price[i] != 0;
    }
    esp_solver_put(v, n);
    for (uint32_t i = 0; i < p->m.rows; i++) {
        if (d->price[i]) {
            esp_solver_put(v, p->row_name[i]);
            esp_solver_put(v, (uint32_t)d->price[i]);
        }
    }
}

void esp_solver_put_bound(esp_solver *v, const esp_part *p, const esp_dual *d)
{
    esp_solver_put(v, ESP_PROOF_BOUND);
    put_prices(v, p, d);
}

void esp_solver_remember(esp_solver *v, const esp_part *p, const esp_dual *d)
{
    for (uint32_t i = 0; i < p->m.rows; i++) {
        v->price[p->row_name[i]] = d->price[i];
    }
}

bool esp_solver_dual(esp_solver *v, const esp_part *p, esp_dual *d)
{
    if (!esp_dual_create(v->ctx, &p->m, d)) {
        return false;
    }
    for (uint32_t i = 0; i < p->m.rows; i++) {
        d->price[i] = v->price[p->row_name[i]];
    }
    return true;
}

/* Columns that the prices rule out of, or into, every cover of fewer than `upper` columns. */
static bool fix(esp_solver *v, esp_frame *f, uint32_t upper, bool *changed)
{
    esp_context *ctx = v->ctx;
    const esp_matrix *m = &f->p.m;
    int64_t room = ((int64_t)upper - 1) * ESP_DUAL_ONE - f->d.bound; /* at least 0 */
    uint32_t out = 0;
    uint32_t in = 0;
    for (uint32_t j = 0; j < m->columns; j++) {
        out += f->d.reduced[j] > room;
        in += -f->d.reduced[j] > room;
    }
    *changed = out + in > 0;
    if (!*changed) {
        return true;
    }
    uint8_t *row_gone = esp_alloc_zero(ctx, (size_t)m->rows + 1, 1);
    uint8_t *column_gone = esp_alloc_zero(ctx, (size_t)m->columns + 1, 1);
    if (!row_gone || !column_gone) {
        return false;
    }
    esp_solver_put(v, ESP_PROOF_FIX);
    put_prices(v, &f->p, &f->d);
    esp_solver_put(v, out);
    for (uint32_t j = 0; j < m->columns; j++) {
        if (f->d.reduced[j] > room) {
            esp_solver_put(v, f->p.column_name[j]);
            column_gone[j] = 1;
        }
    }
    esp_solver_put(v, in);
    for (uint32_t j = 0; j < m->columns; j++) {
        if (-f->d.reduced[j] > room) {
            esp_solver_put(v, f->p.column_name[j]);
            column_gone[j] = 1;
            f->taken.name[f->taken.count++] = f->p.column_name[j];
            for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
                row_gone[m->column_entry[k]] = 1;
            }
        }
    }
    esp_solver_remember(v, &f->p, &f->d);
    esp_part smaller;
    if (!esp_part_shrink(ctx, &f->p, row_gone, column_gone, &smaller)) {
        return false;
    }
    f->p = smaller;
    return true;
}

/* Columns worth branching on: used about by half, with many rows. The best `room` of them, best
 * first; returns how many. */
static uint32_t candidates(const esp_frame *f, uint32_t *column, uint32_t room)
{
    const esp_matrix *m = &f->p.m;
    int64_t score[CANDIDATES];
    uint32_t count = 0;
    for (uint32_t j = 0; j < m->columns; j++) {
        int64_t use = f->d.use[j];
        int64_t half = use < ESP_DUAL_ONE / 2 ? use : ESP_DUAL_ONE - use;
        int64_t near = f->d.reduced[j] < 0 ? -f->d.reduced[j] : f->d.reduced[j];
        int64_t mine = (half + ESP_DUAL_ONE / 64) * (m->column_start[j + 1] - m->column_start[j]) /
                       (1 + near * 8 / ESP_DUAL_ONE);
        uint32_t k = count;
        if (k == room && mine <= score[room - 1]) {
            continue;
        }
        k = k == room ? room - 1 : count++;
        for (; k && score[k - 1] < mine; k--) {
            score[k] = score[k - 1];
            column[k] = column[k - 1];
        }
        score[k] = mine;
        column[k] = j;
    }
    return count;
}

/* The bound of the part with column j taken, or forbidden, beyond what the node has already taken.
 * When that is enough, the proof gets it, as the first half of a branch. */
static bool probe(esp_solver *v, esp_frame *f, uint32_t j, bool taken, int64_t *bound, bool *closed)
{
    esp_context *ctx = v->ctx;
    esp_mark mark = esp_mark_top(ctx);
    uint32_t upper = f->upper - f->taken.count;
    esp_part half;
    esp_dual d = {0};
    *closed = taken && upper == 1;
    if (!esp_part_without(ctx, &f->p, j, taken, &half) || !esp_solver_dual(v, &half, &d) ||
        !esp_dual_improve(ctx, &half.m, upper - taken + *closed, PROBE_STEPS, ESP_DUAL_WARM, &d)) {
        return false;
    }
    *bound = d.bound + (taken ? ESP_DUAL_ONE : 0);
    *closed = esp_dual_columns(&d) + taken >= upper;
    if (*closed) {
        esp_solver_put(v, taken ? ESP_PROOF_BRANCH : ESP_PROOF_REFUSE);
        esp_solver_put(v, f->p.column_name[j]);
        esp_solver_put_bound(v, &half, &d);
    }
    esp_release(ctx, mark);
    return true;
}

bool esp_node_choose(esp_solver *v, esp_frame *f, bool *fixed)
{
    esp_context *ctx = v->ctx;
    uint32_t column[CANDIDATES];
    uint32_t count = candidates(f, column, CANDIDATES);
    int64_t most = -1;
    *fixed = false;
    esp_solver_remember(v, &f->p, &f->d);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t j = column[k];
        int64_t with;
        int64_t without;
        bool closed;
        for (uint32_t taken = 0; taken < 2; taken++) {
            if (!probe(v, f, j, taken, taken ? &with : &without, &closed)) {
                return false;
            }
            if (closed) {
                esp_part half;
                if (!taken) {
                    f->taken.name[f->taken.count++] = f->p.column_name[j];
                }
                if (!esp_part_without(ctx, &f->p, j, !taken, &half)) {
                    return false;
                }
                f->p = half;
                *fixed = true;
                return true;
            }
        }
        with = with > f->d.bound ? with - f->d.bound : 0;
        without = without > f->d.bound ? without - f->d.bound : 0;
        int64_t score = 6 * (with < without ? with : without) + (with > without ? with : without);
        if (score > most) {
            most = score;
            f->column = j;
        }
    }
    return true;
}

/* The whole table is reduced without a word in the proof: the rows that forced a column and those
 * left say it all (certificate.c). */
static bool settle_root(esp_solver *v, esp_frame *f, bool *dead)
{
    esp_proof log;
    esp_proof_begin(v->ctx, &log, SIZE_MAX);
    esp_mark side = esp_arena_mark(&v->ctx->side);
    bool going = esp_part_reduce(v->ctx, &f->p, &f->taken, &log, dead);
    for (size_t k = 0; going && log.complete && k < log.count;) {
        if (log.word[k] == ESP_PROOF_FORCED) {
            v->solution->forced_by[log.word[k + 1]] = log.word[k + 2];
        }
        k += log.word[k] == ESP_PROOF_DROP ? 2 : 3;
    }
    esp_arena_release(&v->ctx->side, side);
    return going && log.complete;
}

esp_node_state esp_node_settle(esp_solver *v, esp_frame *f)
{
    esp_context *ctx = v->ctx;
    for (bool first = true;; first = false) {
        bool dead;
        bool changed = false;
        uint32_t rows = f->p.m.rows;
        uint32_t columns = f->p.m.columns;
        if (v->root ? !settle_root(v, f, &dead)
                    : !esp_part_reduce(ctx, &f->p, &f->taken, v->proof, &dead)) {
            return ESP_NODE_FAILED;
        }
        if (dead) {
            return ESP_NODE_CLOSED;
        }
        if (v->root && !f->p.m.rows) {
            return ESP_NODE_SOLVED;
        }
        if (f->taken.count >= f->upper || !f->p.m.rows) {
            esp_solver_put(v, ESP_PROOF_DONE);
            return f->taken.count >= f->upper ? ESP_NODE_CLOSED : ESP_NODE_SOLVED;
        }
        if (v->root) {
            return esp_solver_dual(v, &f->p, &f->d) ? ESP_NODE_OPEN : ESP_NODE_FAILED;
        }
        if (!first && f->p.m.rows == rows && f->p.m.columns == columns) {
            return ESP_NODE_OPEN;
        }
        uint32_t upper = f->upper - f->taken.count;
        uint32_t steps = first ? ESP_NODE_STEPS : ESP_NODE_STEPS / 2;
        if (!esp_solver_dual(v, &f->p, &f->d) ||
            !esp_dual_improve(ctx, &f->p.m, upper, steps, ESP_DUAL_WARM, &f->d)) {
            return ESP_NODE_FAILED;
        }
        if (esp_dual_columns(&f->d) >= upper) {
            esp_solver_put_bound(v, &f->p, &f->d);
            return ESP_NODE_CLOSED;
        }
        if (!fix(v, f, upper, &changed)) {
            return ESP_NODE_FAILED;
        }
        if (!changed) {
            return ESP_NODE_OPEN;
        }
    }
}
