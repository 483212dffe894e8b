/* ROW WEIGHTING LOCAL SEARCH: better covers from a cover.
 *
 * The idea. Take a column out of a cover, so that some rows are uncovered; then, again and again,
 * take out the column whose loss costs least, pick an uncovered row and add its best column. Rows
 * that stay uncovered gain weight, which drives the search out of every corner it gets into. A
 * column that was taken out may come back only when a neighbour has changed (configuration
 * checking), and the one just added is not taken out at once.
 *
 * Invariant: score[j] of a column outside is the weight of the uncovered rows it would cover; of
 * one inside, minus the weight of the rows that only it covers. Cost: a step touches the rows of
 * two columns and their columns. Deterministic: the seed is the context's.
 *
 * Reference: C. Gao, T. Weise, J. Li, X. Yao, "An efficient local search heuristic with row
 * weighting for the unicost set covering problem", European Journal of Operational Research 246
 * (2015).
 */
#include "exact/local_search.h"

#include <string.h> /* memcpy */

typedef struct search {
    const esp_matrix *m;
    const uint32_t *tie;
    int64_t *score;
    uint32_t *row_weight;
    uint32_t *covered;  /* [rows]: chosen columns that cover it */
    uint64_t *moved;    /* [columns]: step of the last move */
    uint8_t *in;        /* [columns] */
    uint8_t *may_enter; /* [columns]: configuration has changed since it left */
    uint32_t *solution; /* chosen columns, unordered */
    uint32_t *place;    /* [columns]: index in solution */
    uint32_t size;
    uint32_t *open; /* uncovered rows, unordered */
    uint32_t *open_place;
    uint32_t open_count;
    uint64_t random;
    uint64_t touched; /* entries looked at since the last count */
} search;

static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state; /* xorshift64*, Vigna 2016 */
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

bool esp_matrix_create(esp_context *ctx, const esp_table *t, esp_matrix *m)
{
    uint32_t entries = t->start[t->rows];
    uint32_t *start = esp_alloc_zero(ctx, t->columns + 1, sizeof *start);
    uint32_t *entry = esp_alloc_array(ctx, entries, sizeof *entry);
    if (!start || !entry) {
        return false;
    }
    for (uint32_t k = 0; k < entries; k++) {
        start[t->entry[k]]++;
    }
    uint32_t sum = 0;
    for (uint32_t j = 0; j <= t->columns; j++) {
        uint32_t n = start[j];
        start[j] = sum;
        sum += j < t->columns ? n : 0;
    }
    for (uint32_t i = 0; i < t->rows; i++) {
        for (uint32_t k = t->start[i]; k < t->start[i + 1]; k++) {
            entry[start[t->entry[k]]++] = i;
        }
    }
    for (uint32_t j = t->columns; j > 0; j--) {
        start[j] = start[j - 1];
    }
    start[0] = 0;
    *m = (esp_matrix){t->rows, t->columns, t->start, t->entry, start, entry};
    return true;
}

static void open_row(search *q, uint32_t i)
{
    q->open_place[i] = q->open_count;
    q->open[q->open_count++] = i;
}

static void close_row(search *q, uint32_t i)
{
    uint32_t last = q->open[--q->open_count];
    q->open[q->open_place[i]] = last;
    q->open_place[last] = q->open_place[i];
}

static void enter(search *q, uint32_t j)
{
    const esp_matrix *m = q->m;
    q->in[j] = 1;
    q->score[j] = -q->score[j];
    q->place[j] = q->size;
    q->solution[q->size++] = j;
    for (uint32_t r = m->column_start[j]; r < m->column_start[j + 1]; r++) {
        uint32_t i = m->column_entry[r];
        uint32_t covered = ++q->covered[i];
        if (covered == 1) {
            close_row(q, i);
        }
        q->touched += m->row_start[i + 1] - m->row_start[i];
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            uint32_t other = m->row_entry[k];
            if (other == j) {
                continue;
            }
            q->may_enter[other] = 1;
            if (covered == 1) {
                q->score[other] -= q->row_weight[i];
            } else if (covered == 2 && q->in[other]) {
                q->score[other] += q->row_weight[i];
            }
        }
    }
}

static void leave(search *q, uint32_t j)
{
    const esp_matrix *m = q->m;
    q->in[j] = 0;
    q->score[j] = -q->score[j];
    q->may_enter[j] = 0;
    uint32_t last = q->solution[--q->size];
    q->solution[q->place[j]] = last;
    q->place[last] = q->place[j];
    for (uint32_t r = m->column_start[j]; r < m->column_start[j + 1]; r++) {
        uint32_t i = m->column_entry[r];
        uint32_t covered = --q->covered[i];
        if (covered == 0) {
            open_row(q, i);
        }
        q->touched += m->row_start[i + 1] - m->row_start[i];
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            uint32_t other = m->row_entry[k];
            if (other == j) {
                continue;
            }
            q->may_enter[other] = 1;
            if (covered == 0) {
                q->score[other] += q->row_weight[i];
            } else if (covered == 1 && q->in[other]) {
                q->score[other] -= q->row_weight[i];
            }
        }
    }
}

/* Is a better than b: score, then weight (the lighter stays, the heavier goes), then age. */
static bool better(const search *q, uint32_t a, uint32_t b, bool leaving)
{
    if (q->score[a] != q->score[b]) {
        return q->score[a] > q->score[b];
    }
    if (q->tie && q->tie[a] != q->tie[b]) {
        return leaving ? q->tie[a] > q->tie[b] : q->tie[a] < q->tie[b];
    }
    if (q->moved[a] != q->moved[b]) {
        return q->moved[a] < q->moved[b];
    }
    return a < b;
}

static uint32_t least_loss(const search *q, uint32_t tabu)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t k = 0; k < q->size; k++) {
        uint32_t j = q->solution[k];
        if (j != tabu && (best == UINT32_MAX || better(q, j, best, true))) {
            best = j;
        }
    }
    return best;
}

static bool create(esp_context *ctx, const esp_matrix *m, search *q)
{
    *q = (search){.m = m, .random = (ctx->seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1};
    q->score = esp_alloc_zero(ctx, m->columns, sizeof *q->score);
    q->row_weight = esp_alloc_array(ctx, m->rows, sizeof *q->row_weight);
    q->covered = esp_alloc_zero(ctx, m->rows, sizeof *q->covered);
    q->moved = esp_alloc_zero(ctx, m->columns, sizeof *q->moved);
    q->in = esp_alloc_zero(ctx, m->columns, 1);
    q->may_enter = esp_alloc_zero(ctx, m->columns, 1);
    q->solution = esp_alloc_array(ctx, m->columns, sizeof *q->solution);
    q->place = esp_alloc_array(ctx, m->columns, sizeof *q->place);
    q->open = esp_alloc_array(ctx, m->rows, sizeof *q->open);
    q->open_place = esp_alloc_array(ctx, m->rows, sizeof *q->open_place);
    return q->score && q->row_weight && q->covered && q->moved && q->in && q->may_enter &&
           q->solution && q->place && q->open && q->open_place;
}

static void start(search *q, const uint8_t *chosen)
{
    const esp_matrix *m = q->m;
    q->size = q->open_count = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        q->row_weight[i] = 1;
        q->covered[i] = 0;
        open_row(q, i);
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        q->in[j] = 0;
        q->moved[j] = 0;
        q->score[j] = m->column_start[j + 1] - m->column_start[j];
        q->may_enter[j] = 1;
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        if (chosen[j]) {
            enter(q, j);
        }
    }
}

static void step(search *q, uint64_t time, uint32_t size_limit, uint32_t *tabu)
{
    const esp_matrix *m = q->m;
    uint32_t out = least_loss(q, *tabu);
    if (out == UINT32_MAX) {
        *tabu = UINT32_MAX;
        return;
    }
    leave(q, out);
    q->moved[out] = time;
    uint32_t row = q->open[next_random(&q->random) % q->open_count];
    uint32_t add = UINT32_MAX;
    for (uint32_t k = m->row_start[row]; k < m->row_start[row + 1]; k++) {
        uint32_t j = m->row_entry[k];
        if (q->may_enter[j] && (add == UINT32_MAX || better(q, j, add, false))) {
            add = j;
        }
    }
    if (add != UINT32_MAX && q->size + 1 < size_limit) {
        enter(q, add);
        q->moved[add] = time;
        *tabu = add;
    }
    for (uint32_t k = 0; k < q->open_count; k++) {
        uint32_t i = q->open[k];
        q->row_weight[i]++;
        q->touched += m->row_start[i + 1] - m->row_start[i];
        for (uint32_t e = m->row_start[i]; e < m->row_start[i + 1]; e++) {
            q->score[m->row_entry[e]]++;
        }
    }
}

/* What is to be improved on: first the number of columns, then, at that number, their weight. */
typedef struct record {
    uint8_t *chosen;
    uint32_t size;
    uint64_t weight;
} record;

static uint64_t weight_of(const search *q, const uint32_t *weight)
{
    uint64_t sum = 0;
    for (uint32_t k = 0; k < q->size; k++) {
        sum += weight[q->solution[k]];
    }
    return sum;
}

/* One search from the cover in `best`, at most `work` units, and at most as many since the last
 * improvement as that took, plus a sixteenth of `work`. `weight` NULL: for fewer columns, down to
 * `bound`. */
static bool run(esp_context *ctx, search *q, const uint32_t *weight, uint64_t work, uint32_t bound,
                record *best)
{
    uint64_t begin = ctx->work;
    uint64_t end = begin + work;
    uint64_t patience = work / 16;
    uint64_t give_up = begin + patience;
    uint32_t tabu = UINT32_MAX;
    bool going = true;
    q->tie = weight;
    start(q, best->chosen);
    for (uint64_t time = 1; going; time++) {
        while (!q->open_count && q->size) { /* a cover: record it, then ask for less */
            uint64_t sum = weight ? weight_of(q, weight) : 0;
            if (q->size < best->size || sum < best->weight) {
                best->size = q->size;
                best->weight = sum;
                memcpy(best->chosen, q->in, q->m->columns);
                give_up = ctx->work + (ctx->work - begin) + patience;
                give_up = give_up < end ? give_up : end;
            }
            uint32_t out = least_loss(q, UINT32_MAX);
            leave(q, out);
            q->moved[out] = time;
        }
        if (!q->open_count || ctx->work >= give_up || (!weight && best->size <= bound)) {
            break;
        }
        step(q, time, best->size + (weight != NULL), &tabu);
        going = esp_spend(ctx, q->touched * 2 + q->size + 16);
        q->touched = 0;
    }
    return going;
}

bool esp_local_search(esp_context *ctx, const esp_matrix *m, const uint32_t *weight, uint64_t work,
                      uint32_t bound, uint8_t *chosen)
{
    esp_mark mark = esp_mark_top(ctx);
    search q;
    record best = {chosen, 0, 0};
    bool going = create(ctx, m, &q);
    for (uint32_t j = 0; j < m->columns; j++) {
        best.size += chosen[j];
    }
    going = going && run(ctx, &q, NULL, work, bound, &best);
    for (uint32_t j = 0; going && weight && j < m->columns; j++) {
        best.weight += chosen[j] ? weight[j] : 0;
    }
    going = going && (!weight || run(ctx, &q, weight, work / 8, bound, &best));
    esp_release(ctx, mark);
    return going;
}
