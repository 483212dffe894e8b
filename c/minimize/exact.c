/* EXACT MINIMISATION: the fewest cubes there can be, and why there are no fewer.
 *
 *   1. all primes, when a short look lists them, and the minimal rows of their covering table, with
 *      a point of each; else the heuristic's cover, and rows that are added until they show that it
 *      is minimum, with columns from the points alone (by_points.c); else the primes, whatever they
 *      take
 *   2. the covering problem, solved (exact/solve.c)
 *   3. among the smallest covers one of few literals: local search, lighter columns, MAKE_SPARSE
 *   4. the certificate, from the points and the search's proof
 *
 * Invariant: `f` is a correct cover at every moment and never gets worse; outcome->lower_bound is a
 * bound at every moment.
 *
 * Reference: the covering problem of prime implicants: W. Quine 1952, E. McCluskey 1956; its rows:
 * P. McGeer, J. Sanghavi, R. Brayton, A. Sangiovanni-Vincentelli, "ESPRESSO-SIGNATURE", DAC 1993.
 */
#include "minimize/exact.h"

#include "exact/local_search.h"
#include "exact/rows.h"

enum { OFF_CUBES = 200000, OFF_WORK = 1000000000 };
#define POINTS_WORK UINT64_C(60000000)

/* What listing the primes may take: a short look, then longer ones, with as long looks at points
 * before each. */
enum { LOOKS = 3 };
static const esp_prime_bounds looks[LOOKS] = {{100000, 80000000, 16 << 20},
                                              {100000, 1000000000, 256 << 20},
                                              {1000000, UINT64_C(20000000000), 1 << 30}};

static bool join(esp_exact *x, const esp_cover *a, const esp_cover *b, esp_cover *both)
{
    return esp_cover_create(x->ctx, x->s, a->count + b->count, both) &&
           esp_cover_append(x->ctx, x->s, both, a) && esp_cover_append(x->ctx, x->s, both, b);
}

static bool cheaper(const esp_shape *s, const esp_cover *a, const esp_cover *b)
{
    esp_cost x = esp_cover_cost(s, a);
    esp_cost y = esp_cover_cost(s, b);
    return x.cubes != y.cubes ? x.cubes < y.cubes : x.in + x.out < y.in + y.out;
}

static bool take(esp_exact *x, const esp_cover *g)
{
    x->f->count = 0;
    return esp_cover_append(x->ctx, x->s, x->f, g);
}

bool esp_exact_derive(esp_exact *x, bool *made)
{
    esp_context *ctx = x->ctx;
    esp_cover all;
    esp_cover outside;
    bool too_big = false;
    bool given = x->off != NULL;
    *made = false;
    esp_report(ctx, ESP_STEP_COMPLEMENT, x->f->count);
    if (!given) {
        if (!join(x, &x->given, x->d, &all) ||
            !esp_complement(ctx, x->s, &all, OFF_CUBES, OFF_WORK, &x->own_off, &too_big)) {
            return !esp_stopped(ctx);
        }
        x->off = &x->own_off;
    }
    x->outcome->off_cubes = x->off->count;
    x->care = x->given;
    if (x->d->count) {
        outside = *x->off;
        if (given &&
            !esp_complement(ctx, x->s, &x->given, OFF_CUBES, OFF_WORK, &outside, &too_big)) {
            return !esp_stopped(ctx);
        }
        if (!join(x, &outside, x->d, &all) ||
            !esp_complement(ctx, x->s, &all, OFF_CUBES, OFF_WORK, &x->care, &too_big)) {
            return !esp_stopped(ctx);
        }
    }
    *made = true;
    return true;
}

bool esp_exact_list(esp_exact *x, esp_prime_bounds bounds, esp_cover *primes, bool *made)
{
    esp_context *ctx = x->ctx;
    esp_cover on_dc;
    *made = false;
    esp_report(ctx, ESP_STEP_PRIMES, x->f->count);
    if (x->s->wides != 1) {
        return true;
    }
    if (!join(x, &x->given, x->d, &on_dc)) {
        return false;
    }
    if (!esp_list_primes(ctx, x->s, &on_dc, bounds, primes, made)) {
        *made = false;
        return !esp_stopped(ctx);
    }
    return true;
}

/* The covering table of all primes; *made = false: they are too many for this look. */
static bool list(esp_exact *x, esp_prime_bounds bounds, esp_cover_problem *p, bool *made)
{
    return esp_exact_list(x, bounds, &p->columns, made) &&
           (!*made || esp_minimal_rows(x->ctx, x->s, &p->columns, &x->care, 10 * bounds.work,
                                       &p->table, &p->points, made));
}

/* Literals of the columns: what breaks ties between covers of the same size. */
static uint32_t *weigh(esp_exact *x, const esp_cover *columns)
{
    const esp_shape *s = x->s;
    uint32_t *weight = esp_alloc_array(x->ctx, (size_t)columns->count + 1, sizeof *weight);
    for (uint32_t j = 0; weight && j < columns->count; j++) {
        const uint64_t *c = esp_cube(columns, s, j);
        uint32_t missing = s->outputs - esp_var_count(esp_output_var(s), c);
        weight[j] = (s->parts - esp_cube_parts(s, c) - missing) * 16 + missing;
    }
    return weight;
}

/* F becomes the chosen columns, as light as a short search makes them, when they are cheaper. */
static bool choose(esp_exact *x, esp_cover_problem *p)
{
    esp_context *ctx = x->ctx;
    esp_cover chosen;
    esp_matrix m;
    uint32_t *weight = weigh(x, &p->columns);
    bool going = weight && esp_matrix_create(ctx, &p->table, &m);
    if (going && p->solution.count == p->solution.bound) {
        going =
            esp_local_search(ctx, &m, weight, NULL, (uint64_t)p->table.start[p->table.rows] * 400,
                             p->solution.bound, p->solution.chosen) &&
            esp_cover_lighten(ctx, &p->table, weight, p->solution.chosen);
    }
    if (!esp_cover_create(ctx, x->s, p->solution.count + 1, &chosen)) {
        return false;
    }
    for (uint32_t j = 0; j < p->columns.count; j++) {
        if (p->solution.chosen[j]) {
            (void)esp_cover_push_cube(ctx, x->s, &chosen, esp_cube(&p->columns, x->s, j));
        }
    }
    return (!cheaper(x->s, &chosen, x->f) || take(x, &chosen)) && going;
}

static uint32_t count_essential(const esp_exact *x, const esp_cover_problem *p)
{
    uint8_t *seen = esp_alloc_zero(x->ctx, (size_t)p->columns.count + 1, 1);
    uint32_t n = 0;
    for (uint32_t i = 0; seen && i < p->table.rows; i++) {
        uint32_t j = p->table.entry[p->table.start[i]];
        if (p->table.start[i + 1] - p->table.start[i] == 1 && !seen[j]) {
            seen[j] = 1;
            n++;
        }
    }
    return n;
}

/* Solves the covering problem. */
static bool solve(esp_exact *x, esp_cover_problem *p)
{
    esp_context *ctx = x->ctx;
    esp_report(ctx, ESP_STEP_COVERING, x->f->count);
    esp_proof_begin(ctx, &p->proof, x->certificate ? ESP_PROOF_WORDS : 0);
    if (!esp_solve(ctx, &p->table, UINT64_MAX, x->f->count, &p->solution, &p->proof)) {
        return false;
    }
    x->outcome->primes = p->columns.count;
    x->outcome->essential = count_essential(x, p);
    x->outcome->lower_bound = esp_max_u32(x->outcome->lower_bound, p->solution.bound);
    esp_report_bound(ctx, x->outcome->lower_bound);
    bool going = choose(x, p);
    x->outcome->optimal = x->f->count == x->outcome->lower_bound;
    return going && !esp_stopped(ctx);
}

static bool finish(esp_exact *x, esp_cover_problem *p)
{
    esp_context *ctx = x->ctx;
    if (x->s->outputs > 1) {
        esp_report(ctx, ESP_STEP_SPARSE, x->f->count);
        esp_blocking *r = esp_blocking_create(ctx, x->s, x->off);
        if (!r || !esp_make_sparse(ctx, x->s, r, false, x->f, x->d)) {
            return false;
        }
    }
    if (!x->certificate || !p->proof.complete || p->solution.bound != x->f->count) {
        return true;
    }
    esp_evidence e = {&p->table, &p->points, &p->solution, &p->proof};
    return esp_certificate_write(ctx, x->s, x->f, x->off, &e, x->certificate);
}

/* Fewest literals, where that is wanted and the primes can be listed. */
static bool lighten(esp_exact *x, const esp_cover_problem *p)
{
    esp_cover primes = p->columns;
    bool made = p->by_primes;
    if (!x->fewest || !x->outcome->optimal) {
        return true;
    }
    if (!made && !esp_exact_list(x, looks[1], &primes, &made)) {
        return false;
    }
    return !made || esp_exact_fewest(x, &primes);
}

static bool stages(esp_exact *x)
{
    esp_cover_problem p = {0};
    bool made;
    if (!esp_exact_derive(x, &made)) {
        return false;
    }
    if (!made) { /* only the loop does without an off-set */
        return esp_search(x->ctx, x->s, x->f, x->d, x->off, ESP_EFFORT_HIGH, NULL, x->outcome);
    }
    if (!list(x, looks[0], &p, &made)) {
        return false;
    }
    if (!made) {
        if (!esp_search(x->ctx, x->s, x->f, x->d, x->off, ESP_EFFORT_DEFAULT, &x->witnesses,
                        x->outcome)) {
            return false;
        }
        if (x->outcome->optimal && !x->certificate) {
            return lighten(x, &p);
        }
        bool done = false;
        uint64_t share = POINTS_WORK + 2 * x->ctx->work;
        for (uint32_t look = 1; look <= LOOKS && !made && !done; look++) {
            uint64_t work = look < LOOKS ? share : UINT64_MAX;
            if (!esp_exact_by_points(x, work, &p, &done) ||
                (!done && look < LOOKS && !list(x, looks[look], &p, &made))) {
                return false;
            }
            share *= 16;
        }
        if (done) {
            x->outcome->optimal = true;
            return finish(x, &p) && lighten(x, &p);
        }
        if (!made) {
            return !esp_stopped(x->ctx);
        }
    }
    p.by_primes = true;
    return solve(x, &p) && finish(x, &p) && lighten(x, &p);
}

esp_status esp_primes(esp_context *ctx, const esp_function *f, esp_cover *primes)
{
    const esp_prime_bounds all = {UINT32_MAX / 4, UINT64_MAX, 1 << 30};
    const esp_shape *s = f->shape;
    esp_cover on;
    esp_cover dc;
    bool listed = false;
    if (s->wides != 1) {
        return esp_fail(ctx, ESP_UNSUPPORTED,
                        "primes of functions with inputs of several values are not listed");
    }
    esp_status status = esp_on_set(ctx, f, &on);
    status = status ? status : esp_dc_set(ctx, f, &dc);
    if (status) {
        return status;
    }
    esp_report(ctx, ESP_STEP_PRIMES, on.count);
    if (!esp_cover_append(ctx, s, &on, &dc) ||
        !esp_list_primes(ctx, s, &on, all, primes, &listed) || !listed) {
        return esp_fail_stopped(ctx);
    }
    return ESP_OK;
}

esp_status esp_essential_primes(esp_context *ctx, const esp_function *f, esp_cover *essential)
{
    const esp_shape *s = f->shape;
    esp_cover on;
    esp_cover dc;
    esp_cover off;
    esp_status status = esp_on_set(ctx, f, &on);
    status = status ? status : esp_dc_set(ctx, f, &dc);
    status = status ? status : esp_off_set(ctx, f, &off);
    if (status) {
        return status;
    }
    /* A cover of primes has every essential one. */
    *essential = (esp_cover){0};
    const esp_blocking *r = esp_blocking_create(ctx, s, &off);
    uint8_t *prime = esp_alloc_zero(ctx, (size_t)on.count + 1, 1);
    esp_report(ctx, ESP_STEP_ESSENTIAL, on.count);
    if (!r || !prime || !esp_expand(ctx, s, r, &on, prime, false) ||
        !esp_essential(ctx, s, &on, &dc, NULL, essential)) {
        return esp_fail_stopped(ctx);
    }
    return ESP_OK;
}

bool esp_minimize_exactly(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                          const esp_cover *off, bool fewest, esp_outcome *outcome,
                          esp_bytes *certificate)
{
    esp_exact x = {.ctx = ctx, .s = s, .f = f, .d = d, .off = off, .outcome = outcome};
    x.certificate = certificate;
    x.fewest = fewest;
    esp_mark side = esp_arena_mark(&ctx->side);
    bool going = esp_cover_copy(ctx, s, f, &x.given) && stages(&x);
    esp_arena_release(&ctx->side, side);
    return going;
}
