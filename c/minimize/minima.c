/* ALL MINIMUM COVERS of a function, and the one of them with the fewest literals.
 *
 * The idea. Every minimum cover can be made of primes by raising its cubes. So the covers of primes
 * are those of the covering table, and exact/every.c lists them. For the literals a cover is k
 * primes and, for each of them, the outputs it is used for: a cube with fewer outputs may be raised
 * in its inputs, but then it lies in another prime, which is a column as well. Given the primes,
 * each output is a covering problem by itself: the fewest of them that do for it.
 *
 * Cost: that of the search in every.c; a small covering problem an output for each cover it finds.
 *
 * Reference: see every.c.
 */
#include "exact/every.h"
#include "exact/rows.h"
#include "minimize/exact.h"

typedef struct lightest {
    esp_exact *x;
    esp_every *e;
    const esp_cover *primes;
    const uint32_t *output_start; /* [outputs + 1] rows of each */
    uint32_t *columns;            /* [minimum] ascending */
    uint32_t *place;              /* [primes] index in columns; UINT32_MAX: not there */
    uint32_t *row;                /* [minimum] scratch */
    const esp_table *table;
    esp_cover trial, best;
    bool found;
    bool failed;
} lightest;

static void sort_columns(lightest *l, const uint32_t *columns)
{
    for (uint32_t k = 0; k < l->e->minimum; k++) {
        uint32_t at = k;
        for (; at && l->columns[at - 1] > columns[k]; at--) {
            l->columns[at] = l->columns[at - 1];
        }
        l->columns[at] = columns[k];
    }
    for (uint32_t k = 0; k < l->e->minimum; k++) {
        l->place[l->columns[k]] = k;
    }
}

/* The primes of the cover that output o needs get it; *used is how many those are. */
static bool use_for(lightest *l, uint32_t o, uint64_t *used)
{
    esp_context *ctx = l->x->ctx;
    const esp_table *t = l->table;
    esp_table mine;
    esp_solution solution;
    if (!esp_table_create(ctx, l->e->minimum, &mine)) {
        return false;
    }
    for (uint32_t i = l->output_start[o]; i < l->output_start[o + 1]; i++) {
        uint32_t n = 0;
        for (uint32_t k = t->start[i]; k < t->start[i + 1]; k++) {
            if (l->place[t->entry[k]] != UINT32_MAX) {
                l->row[n++] = l->place[t->entry[k]];
            }
        }
        if (!esp_table_push(ctx, &mine, l->row, n)) {
            return false;
        }
    }
    if (!esp_solve(ctx, &mine, UINT64_MAX, 0, &solution, NULL) || esp_stopped(ctx)) {
        return false;
    }
    uint32_t bit = esp_output_var(l->x->s)->first + o;
    for (uint32_t k = 0; k < l->e->minimum; k++) {
        if (solution.chosen[k]) {
            esp_cube_set(esp_cube(&l->trial, l->x->s, k), bit);
        }
    }
    *used += solution.count;
    return true;
}

/* A cover of primes: how few literals does it take? */
static bool weigh(void *user, const uint32_t *columns)
{
    lightest *l = user;
    esp_context *ctx = l->x->ctx;
    const esp_shape *s = l->x->s;
    const esp_var *out = esp_output_var(s);
    esp_mark mark = esp_mark_top(ctx);
    uint64_t literals = 0;
    bool going = true;
    sort_columns(l, columns);
    for (uint32_t k = 0; k < l->e->minimum; k++) {
        uint64_t *c = esp_cube(&l->trial, s, k);
        literals += l->e->literals[l->columns[k]];
        esp_cube_copy(s, c, esp_cube(l->primes, s, l->columns[k]));
        for (uint32_t w = out->word; w <= out->last_word; w++) {
            c[w] &= ~esp_var_mask(out, w);
        }
    }
    for (uint32_t o = 0; going && literals < l->e->best && o < s->outputs; o++) {
        going = use_for(l, o, &literals);
    }
    for (uint32_t k = 0; k < l->e->minimum; k++) {
        l->place[l->columns[k]] = UINT32_MAX;
    }
    if (going && literals < l->e->best) {
        l->e->best = literals;
        l->found = true;
        memcpy(l->best.data, l->trial.data,
               (size_t)l->e->minimum * s->words * sizeof *l->best.data);
    }
    l->failed = !going;
    esp_release(ctx, mark);
    return going;
}

/* What a prime costs by itself: its inputs. */
static uint32_t *input_literals(esp_context *ctx, const esp_shape *s, const esp_cover *primes)
{
    uint32_t *literals = esp_alloc_zero(ctx, (size_t)primes->count + 1, sizeof *literals);
    for (uint32_t j = 0; literals && j < primes->count; j++) {
        const uint64_t *c = esp_cube(primes, s, j);
        for (uint32_t w = 0; w < s->words; w++) {
            literals[j] += esp_popcount((c[w] ^ c[w] >> 1) & s->binary[w]);
        }
    }
    return literals;
}

static bool create(lightest *l, esp_every *e, const esp_table *t, const esp_cover *points)
{
    esp_context *ctx = l->x->ctx;
    const esp_shape *s = l->x->s;
    uint32_t k = e->minimum;
    uint32_t *output = esp_alloc_array(ctx, (size_t)t->rows + 1, sizeof *output);
    uint32_t *start = esp_alloc_zero(ctx, (size_t)s->outputs + 2, sizeof *start);
    e->literals = input_literals(ctx, s, l->primes);
    l->columns = esp_alloc_array(ctx, (size_t)k + 1, sizeof *l->columns);
    l->row = esp_alloc_array(ctx, (size_t)k + 1, sizeof *l->row);
    l->place = esp_alloc_array(ctx, (size_t)l->primes->count + 1, sizeof *l->place);
    if (!output || !start || !e->literals || !l->columns || !l->row || !l->place ||
        !esp_cover_create(ctx, s, k + 1, &l->trial) || !esp_cover_create(ctx, s, k + 1, &l->best)) {
        return false;
    }
    memset(l->place, 0xff, l->primes->count * sizeof *l->place);
    for (uint32_t i = 0; i < t->rows; i++) {
        const uint64_t *c = esp_cube(points, s, i);
        output[i] = 0;
        while (!esp_cube_has(c, esp_output_var(s)->first + output[i])) {
            output[i]++;
        }
        start[output[i] + 1] = i + 1;
    }
    for (uint32_t o = 0; o < s->outputs; o++) {
        start[o + 1] = esp_max_u32(start[o + 1], start[o]);
    }
    e->row_output = output;
    e->outputs = s->outputs;
    l->output_start = start;
    l->table = t;
    return true;
}

bool esp_exact_fewest(esp_exact *x, const esp_cover *primes)
{
    esp_context *ctx = x->ctx;
    esp_table table;
    esp_cover points;
    bool made;
    bool all;
    esp_cost cost = esp_cover_cost(x->s, x->f);
    esp_every e = {.table = &table, .minimum = x->f->count, .best = cost.in + cost.out};
    lightest l = {.x = x, .e = &e, .primes = primes};
    e.found = weigh;
    e.user = &l;
    esp_report(ctx, ESP_STEP_SPARSE, x->f->count);
    if (!esp_rows_by_output(ctx, x->s, primes, &x->care, UINT64_MAX, &table, &points, &made) ||
        !made || !create(&l, &e, &table, &points)) {
        return !esp_stopped(ctx);
    }
    bool going = esp_every_cover(ctx, &e, &all);
    if (l.found) { /* also after a stop: it is a cover */
        l.best.count = e.minimum;
        x->f->count = 0;
        (void)esp_cover_append(ctx, x->s, x->f, &l.best); /* it has room */
    }
    x->outcome->fewest = going && all;
    return going && !l.failed;
}

typedef struct collector {
    esp_context *ctx;
    const esp_shape *s;
    const esp_cover *primes;
    esp_minima *minima;
    uint32_t most;
    bool more; /* than that */
} collector;

static bool collect(void *user, const uint32_t *columns)
{
    collector *c = user;
    if (c->minima->count == c->most) {
        c->more = true;
        return false;
    }
    for (uint32_t k = 0; k < c->minima->minimum; k++) {
        if (!esp_cover_push_cube(c->ctx, c->s, &c->minima->cubes,
                                 esp_cube(c->primes, c->s, columns[k]))) {
            c->minima->cubes.count -= k;
            return false;
        }
    }
    c->minima->count++;
    return true;
}

/* The size of a minimum cover, from the table of all primes. */
static esp_status find_size(esp_context *ctx, const esp_table *t, uint32_t *size)
{
    esp_solution solution;
    if (!esp_solve(ctx, t, UINT64_MAX, 0, &solution, NULL) || solution.count != solution.bound) {
        return esp_fail_stopped(ctx);
    }
    *size = solution.count;
    return ESP_OK;
}

esp_status esp_find_minima(esp_context *ctx, const esp_function *f, uint32_t most,
                           esp_minima *minima)
{
    const esp_prime_bounds bounds = {UINT32_MAX / 16, UINT64_MAX, 1 << 30};
    const esp_shape *s = f->shape;
    esp_outcome outcome = {0};
    esp_cover d;
    esp_cover on;
    esp_cover primes;
    esp_table table;
    bool made = false;
    *minima = (esp_minima){0};
    if (s->wides != 1) {
        return esp_fail(ctx, ESP_UNSUPPORTED,
                        "minima of functions with inputs of several values are not listed");
    }
    esp_status status = esp_on_set(ctx, f, &on);
    status = status ? status : esp_dc_set(ctx, f, &d);
    if (status) {
        return status;
    }
    esp_exact x = {.ctx = ctx, .s = s, .f = &on, .given = on, .d = &d, .outcome = &outcome};
    if (!esp_exact_derive(&x, &made) || !made || !esp_exact_list(&x, bounds, &primes, &made) ||
        !made || !esp_minimal_rows(ctx, s, &primes, &x.care, UINT64_MAX, &table, NULL, &made) ||
        !made) {
        return esp_stopped(ctx)
                   ? esp_fail_stopped(ctx)
                   : esp_fail(ctx, ESP_UNSUPPORTED, "the function is too large for all its minima");
    }
    status = find_size(ctx, &table, &minima->minimum);
    if (status) {
        return status;
    }
    collector c = {ctx, s, &primes, minima, most, false};
    esp_every e = {.table = &table, .minimum = minima->minimum, .found = collect, .user = &c};
    if (!esp_cover_create(ctx, s, 64, &minima->cubes)) {
        return esp_fail_stopped(ctx);
    }
    esp_report(ctx, ESP_STEP_COVERING, minima->minimum);
    (void)esp_every_cover(ctx, &e, &minima->all);
    return ESP_OK;
}
