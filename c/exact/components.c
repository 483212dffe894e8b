/* COMPONENTS of a node of the exact search: blocks that share no column, each solved for itself.
 *
 * The idea. The bounds of the components, each rounded up, add up, which is more than the bound of
 * the whole. Those of the whole table are explored first: a cover by greedy and local search, good
 * prices, and more search while the two differ.
 *
 * Invariant: `lower` of each component is a bound that its prices show.
 * Cost: a shrunken copy each; the exploring takes most of the time of easy problems.
 */
#include "exact/core.h"
#include "exact/search.h"

#include <string.h> /* memcpy */

/* Units of local search an entry, at most: where a column is between cover and bound, where more
 * are, and where more than HOPELESS and one in HOPELESS are: the tree has no chance there. */
enum { NEAR_EFFORT = 2000, FAR_EFFORT = 128000, HOPELESS_EFFORT = 2048000, HOPELESS = 12 };

static bool make_block(esp_solver *v, esp_frame *f, const uint32_t *number, uint32_t b)
{
    esp_context *ctx = v->ctx;
    const esp_matrix *m = &f->p.m;
    uint8_t *row_gone = esp_alloc_array(ctx, (size_t)m->rows + 1, 1);
    uint8_t *column_gone = esp_alloc_array(ctx, (size_t)m->columns + 1, 1);
    if (!row_gone || !column_gone) {
        return false;
    }
    for (uint32_t i = 0; i < m->rows; i++) {
        row_gone[i] = number[i] != b;
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        column_gone[j] = number[m->column_entry[m->column_start[j]]] != b;
    }
    esp_component *k = &f->blocks[b];
    *k = (esp_component){0};
    if (!esp_part_shrink(ctx, &f->p, row_gone, column_gone, &k->p)) {
        return false;
    }
    k->cover = esp_alloc_array(ctx, (size_t)k->p.m.columns + 1, sizeof *k->cover);
    k->lower = 1;
    if (!k->cover || !esp_solver_dual(v, &k->p, &k->d)) {
        return false;
    }
    k->tight = k->d;
    return !v->root || esp_dual_create(ctx, &k->p.m, &k->tight);
}

static void set_cover(esp_component *k, const uint8_t *picked)
{
    k->count = 0;
    for (uint32_t j = 0; j < k->p.m.columns; j++) {
        if (picked[j]) {
            k->cover[k->count++] = k->p.column_name[j];
        }
    }
}

/* Prices of their own for the bound: small steps make them better where cover and bound are far
 * apart, but the search does better from the others. */
static bool tighten(esp_context *ctx, esp_component *k)
{
    const esp_matrix *m = &k->p.m;
    memcpy(k->tight.price, k->d.price, m->rows * sizeof *k->d.price);
    k->tight.bound = k->d.bound;
    k->lower = esp_max_u32(1, esp_dual_columns(&k->d));
    if (k->lower + 1 >= k->count) {
        return true;
    }
    bool going = esp_dual_improve(ctx, m, k->count, ESP_ROOT_STEPS, ESP_DUAL_FINE, &k->tight);
    k->lower = esp_max_u32(1, esp_dual_columns(&k->tight));
    return going;
}

/* Bounds of a component of the whole table from both sides, as far as they come easily: greedy and
 * local search, prices, more local search while they differ. */
static bool explore(esp_solver *v, const esp_frame *f, esp_component *k)
{
    esp_context *ctx = v->ctx;
    esp_mark mark = esp_mark_top(ctx);
    const esp_matrix *m = &k->p.m;
    uint32_t entries = m->row_start[m->rows];
    esp_table t = {m->columns, m->rows, m->rows, (uint32_t *)m->row_start, (uint32_t *)m->row_entry,
                   entries};
    uint8_t *picked = esp_alloc_array(ctx, (size_t)m->columns + 1, 1);
    uint32_t bound;
    if (!picked || !esp_cover_rows(ctx, &t, NULL, (uint64_t)entries * 200, picked, &bound)) {
        return false;
    }
    set_cover(k, picked);
    bool going = esp_dual_ascent(ctx, m, &k->d) &&
                 esp_dual_improve(ctx, m, k->count, ESP_ROOT_STEPS, ESP_DUAL_COLD, &k->d);
    going = tighten(ctx, k) && going;
    esp_components_report(v, f);
    uint32_t most = k->lower + 1 < k->count ? FAR_EFFORT : NEAR_EFFORT;
    most = k->lower + HOPELESS + k->count / HOPELESS < k->count ? HOPELESS_EFFORT : most;
    for (uint32_t effort = 500; going && k->lower < k->count && effort <= most; effort *= 4) {
        uint64_t work = (uint64_t)entries * effort;
        uint64_t left = ctx->work < v->work_end ? v->work_end - ctx->work : 0;
        (void)esp_core_search(ctx, m, NULL, k->d.price, work < left ? work : left, k->lower,
                              picked);
        set_cover(k, picked);
        esp_components_report(v, f);
        going = !esp_stopped(ctx);
    }
    esp_release(ctx, mark);
    return going;
}

void esp_components_report(esp_solver *v, const esp_frame *f)
{
    uint32_t lower = f->taken.count;
    uint32_t upper = f->taken.count;
    bool all = true;
    for (uint32_t b = 0; b < f->count; b++) {
        lower += esp_max_u32(1, f->blocks[b].lower);
        upper += f->blocks[b].count;
        all = all && f->blocks[b].count;
    }
    if (!v->known) {
        return;
    }
    esp_report_bound(v->ctx, lower);
    if (all && upper < v->known) {
        v->known = upper;
        esp_report(v->ctx, ESP_STEP_COVERING, upper);
    }
}

bool esp_components_split(esp_solver *v, esp_frame *f, const uint32_t *number, uint32_t blocks,
                          bool *closed)
{
    esp_context *ctx = v->ctx;
    f->split = true;
    f->count = blocks;
    f->at = 0;
    f->blocks = esp_alloc_zero(ctx, blocks, sizeof *f->blocks);
    esp_solver_remember(v, &f->p, &f->d);
    if (v->root) {
        for (uint32_t i = 0; i < f->p.m.rows; i++) {
            v->solution->block[f->p.row_name[i]] = number[i];
        }
        for (uint32_t j = 0; j < f->p.m.columns; j++) {
            v->solution->left_column[f->p.column_name[j]] = 1;
        }
        v->solution->blocks = blocks;
    }
    uint32_t sum = f->taken.count;
    for (uint32_t b = 0; f->blocks && b < blocks; b++) {
        esp_component *k = &f->blocks[b];
        if (!make_block(v, f, number, b)) {
            return false;
        }
        if (v->root && !explore(v, f, k) && !k->count) {
            return false;
        }
        /* As far as its columns could be needed: one a row. */
        uint32_t most = esp_min_u32(f->upper - f->taken.count, k->p.m.rows);
        if (!v->root) {
            if (!esp_dual_improve(ctx, &k->p.m, most, ESP_NODE_STEPS / 4, ESP_DUAL_WARM, &k->d)) {
                return false;
            }
            k->tight.bound = k->d.bound;
            k->lower = esp_max_u32(1, esp_dual_columns(&k->d));
        }
        sum += k->lower;
    }
    *closed = f->blocks && sum >= f->upper;
    if (!v->root) {
        esp_solver_put(v, ESP_PROOF_SPLIT);
        esp_solver_put(v, blocks);
    }
    return f->blocks != NULL;
}

void esp_components_put(esp_solver *v, const esp_frame *f, uint32_t from)
{
    for (uint32_t b = from; b < f->count; b++) {
        const esp_component *k = &f->blocks[b];
        esp_solver_put(v, k->p.row_name[0]);
        esp_solver_put(v, k->lower);
        if (k->lower == 1) { /* a row is enough for that */
            esp_solver_put(v, ESP_PROOF_BOUND);
            esp_solver_put(v, 1);
            esp_solver_put(v, k->p.row_name[0]);
            esp_solver_put(v, ESP_DUAL_ONE);
        } else {
            esp_solver_put_bound(v, &k->p, &k->tight);
        }
    }
}
