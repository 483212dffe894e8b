/* ROW WEIGHTING LOCAL SEARCH: better covers from a cover.
 *
 * The idea. Take a column out of a cover, so that some rows are uncovered; then, again and again,
 * take out the column whose loss costs least, pick an uncovered row and add its best column. Rows
 * that stay uncovered gain weight, which drives the search out of every corner it gets into. A
 * column that was taken out may come back only when a neighbour has changed (configuration
 * checking), and the one just added is not taken out at once.
 *
 * Two things make it find the hard rows sooner. A row begins with a weight after its price, where a
 * bound has left prices: a price says what the row takes of a column, which is what weights come to
 * say after a long time. And of two uncovered rows, drawn at random, the heavier one is covered (of
 * three it is no better, of four and more it is worse; weights that are halved often are far
 * worse).
 *
 * What a step touches is kept small, because all that counts is how many there are. The weights of
 * all uncovered rows grow by one a step: time does that, and what is kept is the weight less the
 * time, so that gains change only where a row is covered or uncovered. Each row has the exclusive
 * or of the columns that cover it: where that is one, it is its name. And a neighbour of a column
 * has changed when one of its rows has, which is looked up for the columns that would be taken
 * only.
 *
 * Invariant: loss[place[j]] of a column inside is the weight of the rows that only it covers; the
 * gain of one outside, the weight of its uncovered rows, is their `earlier` plus their number times
 * the time. Cost: a step touches the columns of the rows that it covers or uncovers, two or three
 * each, those of one more row, and the list of losses. Deterministic: the seed is the context's.
 *
 * Reference: C. Gao, T. Weise, J. Li, X. Yao, "An efficient local search heuristic with row
 * weighting for the unicost set covering problem", European Journal of Operational Research 246
 * (2015). Prices, and the heavier of two: ours.
 */
#include "exact/local_search.h"

#include "exact/bounds.h"

#include <string.h> /* memcpy */

/* What the uncovered rows of a column weigh. */
typedef struct gain {
    uint32_t earlier; /* their weights less the time (modulo 2^32) */
    uint32_t rows;
} gain;

typedef struct search {
    const esp_matrix *m;
    const uint32_t *tie;
    const int64_t *prices; /* [rows] NULL: all alike */
    uint32_t time;         /* steps since the weights were halved */
    uint32_t *weight;      /* [rows]; of an uncovered row, less the time (modulo 2^32) */
    gain *gain;            /* [columns] */
    uint32_t *covered;     /* [rows]: chosen columns that cover it */
    uint32_t *coverer;     /* [rows]: their exclusive or */
    uint64_t *row_moved;   /* [rows]: last move of one of its columns */
    uint64_t *moved;       /* [columns]: its last move */
    uint32_t *solution;    /* chosen columns, unordered */
    int32_t *loss;         /* in the order of the solution */
    uint32_t *place;       /* [columns]: index in solution, OUTSIDE */
    uint32_t size;
    uint32_t *open; /* uncovered rows, unordered */
    uint32_t *open_place;
    uint32_t open_count;
    uint32_t total_weight; /* of all rows */
    uint64_t moves;
    uint64_t random;
    uint64_t touched; /* entries looked at since the last count */
} search;

/* Weights are halved before their sum could leave 31 bits. A row at the price of a whole column
 * begins with PRICED. */
enum { MOST_WEIGHT = 1 << 30, PRICED = 300, STRIDE = 64 };
#define LONG_SEARCH (UINT64_C(1) << 34)
#define OUTSIDE UINT32_MAX

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
    const esp_matrix *m = q->m;
    q->open_place[i] = q->open_count;
    q->open[q->open_count++] = i;
    q->weight[i] -= q->time;
    for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
        gain *g = &q->gain[m->row_entry[k]];
        g->earlier += q->weight[i];
        g->rows++;
    }
    q->touched += m->row_start[i + 1] - m->row_start[i];
}

static void close_row(search *q, uint32_t i)
{
    const esp_matrix *m = q->m;
    uint32_t last = q->open[--q->open_count];
    q->open[q->open_place[i]] = last;
    q->open_place[last] = q->open_place[i];
    for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
        gain *g = &q->gain[m->row_entry[k]];
        g->earlier -= q->weight[i];
        g->rows--;
    }
    q->weight[i] += q->time;
    q->touched += m->row_start[i + 1] - m->row_start[i];
}

static void enter(search *q, uint32_t j)
{
    const esp_matrix *m = q->m;
    uint64_t now = ++q->moves;
    int32_t loss = 0;
    uint32_t place = q->size++;
    q->moved[j] = now;
    q->place[j] = place;
    q->solution[place] = j;
    for (uint32_t r = m->column_start[j]; r < m->column_start[j + 1]; r++) {
        uint32_t i = m->column_entry[r];
        uint32_t covered = ++q->covered[i];
        if (covered == 1) {
            close_row(q, i);
            loss += (int32_t)q->weight[i];
        } else if (covered == 2) {
            q->loss[q->place[q->coverer[i]]] -= (int32_t)q->weight[i];
        }
        q->coverer[i] ^= j;
        q->row_moved[i] = now;
    }
    q->loss[place] = loss;
    q->touched += m->column_start[j + 1] - m->column_start[j];
}

static void leave(search *q, uint32_t j)
{
    const esp_matrix *m = q->m;
    uint64_t now = ++q->moves;
    uint32_t place = q->place[j];
    uint32_t last = q->solution[--q->size];
    q->solution[place] = last;
    q->loss[place] = q->loss[q->size];
    q->place[last] = place;
    q->place[j] = OUTSIDE;
    q->moved[j] = now;
    for (uint32_t r = m->column_start[j]; r < m->column_start[j + 1]; r++) {
        uint32_t i = m->column_entry[r];
        uint32_t covered = --q->covered[i];
        q->coverer[i] ^= j;
        q->row_moved[i] = now;
        if (covered == 0) {
            open_row(q, i);
        } else if (covered == 1) {
            q->loss[q->place[q->coverer[i]]] += (int32_t)q->weight[i];
        }
    }
    q->touched += m->column_start[j + 1] - m->column_start[j];
}

/* Of two columns that gain or lose the same: weight (the lighter stays, the heavier goes), then
 * age. */
static bool before(const search *q, uint32_t a, uint32_t b, bool leaving)
{
    if (q->tie && q->tie[a] != q->tie[b]) {
        return leaving ? q->tie[a] > q->tie[b] : q->tie[a] < q->tie[b];
    }
    if (q->moved[a] != q->moved[b]) {
        return q->moved[a] < q->moved[b];
    }
    return a < b;
}

/* The column whose loss costs least; OUTSIDE: there is none but the one that must stay. */
static uint32_t least_loss(const search *q, uint32_t stays)
{
    uint32_t place = stays == OUTSIDE ? OUTSIDE : q->place[stays];
    int32_t kept = place == OUTSIDE ? 0 : q->loss[place];
    int32_t least = INT32_MAX;
    uint32_t best = OUTSIDE;
    if (place != OUTSIDE) {
        q->loss[place] = INT32_MAX;
    }
    for (uint32_t k = 0; k < q->size; k++) {
        least = q->loss[k] < least ? q->loss[k] : least;
    }
    for (uint32_t first = 0; first < q->size && least < INT32_MAX; first += STRIDE) {
        uint32_t end = esp_min_u32(q->size, first + STRIDE);
        uint32_t found = 0; /* whole strides at a time: few have one */
        for (uint32_t k = first; k < end; k++) {
            found |= q->loss[k] == least;
        }
        for (uint32_t k = first; found && k < end; k++) {
            if (q->loss[k] == least && (best == OUTSIDE || before(q, q->solution[k], best, true))) {
                best = q->solution[k];
            }
        }
    }
    if (place != OUTSIDE) {
        q->loss[place] = kept;
    }
    return best;
}

/* Has a neighbour of the column moved since it left? */
static bool may_enter(search *q, uint32_t j)
{
    const esp_matrix *m = q->m;
    uint64_t since = q->moved[j];
    bool yes = !since;
    for (uint32_t r = m->column_start[j]; r < m->column_start[j + 1] && !yes; r++) {
        yes = q->row_moved[m->column_entry[r]] > since;
    }
    return yes;
}

/* The column of an uncovered row that covers the most weight; OUTSIDE: none may enter. */
static uint32_t most_gain(search *q, uint32_t row)
{
    const esp_matrix *m = q->m;
    uint32_t best = OUTSIDE;
    uint32_t most = 0;
    for (uint32_t k = m->row_start[row]; k < m->row_start[row + 1]; k++) {
        uint32_t j = m->row_entry[k];
        uint32_t weight = q->gain[j].earlier + q->gain[j].rows * q->time;
        if (weight < most || (weight == most && best != OUTSIDE && !before(q, j, best, false))) {
            continue;
        }
        if (may_enter(q, j)) {
            best = j;
            most = weight;
        }
    }
    q->touched += m->row_start[row + 1] - m->row_start[row];
    return best;
}

static bool create(esp_context *ctx, const esp_matrix *m, search *q)
{
    *q = (search){.m = m, .random = (ctx->seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1};
    q->weight = esp_alloc_array(ctx, m->rows, sizeof *q->weight);
    q->gain = esp_alloc_array(ctx, m->columns, sizeof *q->gain);
    q->covered = esp_alloc_array(ctx, m->rows, sizeof *q->covered);
    q->coverer = esp_alloc_array(ctx, m->rows, sizeof *q->coverer);
    q->row_moved = esp_alloc_array(ctx, m->rows, sizeof *q->row_moved);
    q->moved = esp_alloc_array(ctx, m->columns, sizeof *q->moved);
    q->solution = esp_alloc_array(ctx, m->columns, sizeof *q->solution);
    q->loss = esp_alloc_array(ctx, m->columns, sizeof *q->loss);
    q->place = esp_alloc_array(ctx, m->columns, sizeof *q->place);
    q->open = esp_alloc_array(ctx, m->rows, sizeof *q->open);
    q->open_place = esp_alloc_array(ctx, m->rows, sizeof *q->open_place);
    return q->weight && q->gain && q->covered && q->coverer && q->row_moved && q->moved &&
           q->solution && q->loss && q->place && q->open && q->open_place;
}

static uint32_t first_weight(const search *q, uint32_t row)
{
    if (!q->prices) {
        return 1;
    }
    int64_t price = q->prices[row] < ESP_DUAL_ONE ? q->prices[row] : ESP_DUAL_ONE;
    return 1 + (uint32_t)(price * PRICED / ESP_DUAL_ONE);
}

static void start(search *q, const uint8_t *chosen)
{
    const esp_matrix *m = q->m;
    q->size = q->open_count = 0;
    q->moves = 0;
    q->time = 0;
    q->total_weight = 0;
    memset(q->gain, 0, m->columns * sizeof *q->gain);
    for (uint32_t i = 0; i < m->rows; i++) {
        q->weight[i] = first_weight(q, i);
        q->total_weight += q->weight[i];
        q->covered[i] = q->coverer[i] = 0;
        open_row(q, i);
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        q->place[j] = OUTSIDE;
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        if (chosen[j]) {
            enter(q, j);
        }
    }
    q->moves = 0; /* nothing has moved yet: everything may */
    memset(q->moved, 0, m->columns * sizeof *q->moved);
    memset(q->row_moved, 0, m->rows * sizeof *q->row_moved);
}

/* What the search learnt late counts for as much as what it learnt early. */
static void halve_weights(search *q)
{
    const esp_matrix *m = q->m;
    uint32_t time = q->time;
    q->time = 0;
    q->total_weight = 0;
    memset(q->gain, 0, m->columns * sizeof *q->gain);
    for (uint32_t i = 0; i < m->rows; i++) {
        bool open = q->covered[i] == 0;
        uint32_t weight = q->weight[i] + (open ? time : 0);
        uint32_t half = (weight + 1) / 2;
        if (q->covered[i] == 1) {
            q->loss[q->place[q->coverer[i]]] -= (int32_t)(weight - half);
        }
        for (uint32_t k = m->row_start[i]; open && k < m->row_start[i + 1]; k++) {
            q->gain[m->row_entry[k]].earlier += half;
            q->gain[m->row_entry[k]].rows++;
        }
        q->weight[i] = half;
        q->total_weight += half;
    }
}

/* The heavier of two uncovered rows. Both weights lack the time. */
static uint32_t draw_open(search *q)
{
    uint32_t a = q->open[next_random(&q->random) % q->open_count];
    uint32_t b = q->open[next_random(&q->random) % q->open_count];
    return (int32_t)(q->weight[b] - q->weight[a]) > 0 ? b : a;
}

static void step(search *q, uint32_t size_limit, uint32_t *tabu)
{
    uint32_t out = least_loss(q, *tabu);
    if (out == OUTSIDE) {
        *tabu = OUTSIDE;
        return;
    }
    leave(q, out);
    uint32_t row = draw_open(q);
    if (q->size + 1 < size_limit) {
        uint32_t add = most_gain(q, row);
        if (add != OUTSIDE) {
            enter(q, add);
            *tabu = add;
        }
    }
    q->time++;
    q->total_weight += q->open_count;
    if (q->total_weight > MOST_WEIGHT) {
        halve_weights(q);
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

static void record_chosen(const search *q, uint8_t *chosen)
{
    memset(chosen, 0, q->m->columns);
    for (uint32_t k = 0; k < q->size; k++) {
        chosen[q->solution[k]] = 1;
    }
}

/* Units without an improvement, beyond those that the last one took. Whoever gives a search a large
 * budget has a table in which improvements are far apart. */
static uint64_t patience_of(uint64_t work)
{
    return work / 16 + (work > LONG_SEARCH ? (work - LONG_SEARCH) / 2 : 0);
}

/* One search from the cover in `best`, at most `work` units. `weight` NULL: for fewer columns, down
 * to `bound`. */
static bool run(esp_context *ctx, search *q, const uint32_t *weight, uint64_t work, uint32_t bound,
                record *best)
{
    uint64_t begin = ctx->work;
    uint64_t end = begin + work;
    uint64_t patience = patience_of(work);
    uint64_t give_up = begin + patience;
    uint32_t tabu = OUTSIDE;
    bool going = true;
    q->tie = weight;
    start(q, best->chosen);
    while (going) {
        while (!q->open_count && q->size) { /* a cover: record it, then ask for less */
            uint64_t sum = weight ? weight_of(q, weight) : 0;
            if (q->size < best->size || sum < best->weight) {
                best->size = q->size;
                best->weight = sum;
                record_chosen(q, best->chosen);
                give_up = ctx->work + (ctx->work - begin) + patience;
                give_up = give_up < end ? give_up : end;
            }
            leave(q, least_loss(q, OUTSIDE));
        }
        if (!q->open_count || ctx->work >= give_up || (!weight && best->size <= bound)) {
            break;
        }
        step(q, best->size + (weight != NULL), &tabu);
        going = esp_spend(ctx, q->touched * 2 + q->size / 2 + 16);
        q->touched = 0;
    }
    return going;
}

bool esp_local_search(esp_context *ctx, const esp_matrix *m, const uint32_t *weight,
                      const int64_t *prices, uint64_t work, uint32_t bound, uint8_t *chosen)
{
    esp_mark mark = esp_mark_top(ctx);
    search q;
    record best = {chosen, 0, 0};
    bool going = create(ctx, m, &q);
    q.prices = prices;
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
