/* EACH OUTPUT BY ITSELF: cubes that no two outputs share.
 *
 * The idea. Output after output becomes a function of one output, is minimised, and its cubes come
 * back with that output alone. With `either` so is its complement, and the smaller of the two is
 * kept: fewer cubes, then fewer literals, then the function itself.
 *
 * The outcome's bound is what the outputs need in sum, and `optimal` that each has its minimum;
 * with `either` over both phases.
 *
 * Cost: that of as many functions of one output, twice with `either`.
 *
 * Reference: the commands so and so_both of Espresso 2.3.
 */
#include "minimize/steps.h"

typedef struct side {
    esp_cover cover;
    esp_outcome outcome;
    esp_cost cost;
} side;

/* The cubes of f with output o, as cubes of the shape with one output. */
static bool extract(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t o,
                    const esp_shape *one, esp_cover *to)
{
    uint32_t output = esp_output_var(s)->first + o;
    if (!esp_cover_create(ctx, one, f->count, to)) {
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        if (!esp_cube_has(c, output)) {
            continue;
        }
        uint64_t *row = esp_cover_push(ctx, one, to);
        if (!row) {
            return false;
        }
        memset(row, 0, one->words * sizeof *row);
        for (uint32_t v = 0; v + 1 < s->vars; v++) {
            for (uint32_t p = 0; p < s->var[v].parts; p++) {
                if (esp_cube_has(c, s->var[v].first + p)) {
                    esp_cube_set(row, one->var[v].first + p);
                }
            }
        }
        esp_cube_set(row, esp_output_var(one)->first);
    }
    (void)esp_spend(ctx, (uint64_t)f->count * s->parts / 8); /* a stop shows itself further on */
    return true;
}

/* Cubes of the shape with one output go behind those of `to`, for output o. */
static bool put_back(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t o,
                     const esp_shape *one, esp_cover *to)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, one, i);
        uint64_t *row = esp_cover_push(ctx, s, to);
        if (!row) {
            return false;
        }
        memset(row, 0, s->words * sizeof *row);
        for (uint32_t v = 0; v + 1 < s->vars; v++) {
            for (uint32_t p = 0; p < s->var[v].parts; p++) {
                if (esp_cube_has(c, one->var[v].first + p)) {
                    esp_cube_set(row, s->var[v].first + p);
                }
            }
        }
        esp_cube_set(row, esp_output_var(s)->first + o);
    }
    return true;
}

/* After a stop: the output's cubes as they were given. */
static esp_status give_back(esp_context *ctx, const esp_function *f, uint32_t o, esp_cover *to)
{
    const esp_shape *s = f->shape;
    const esp_var *v = esp_output_var(s);
    if (!f->has_on) {
        return esp_fail_stopped(ctx);
    }
    for (uint32_t i = 0; i < f->on.count; i++) {
        const uint64_t *c = esp_cube(&f->on, s, i);
        if (!esp_cube_has(c, v->first + o)) {
            continue;
        }
        uint64_t *row = esp_cover_push(ctx, s, to);
        if (!row) {
            return esp_fail_stopped(ctx);
        }
        esp_cube_copy(s, row, c);
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            row[w] &= ~esp_var_mask(v, w);
        }
        esp_cube_set(row, v->first + o);
    }
    return ESP_OK;
}

static esp_status take_apart(esp_context *ctx, const esp_function *f, uint32_t o,
                             const esp_shape *one, esp_function *g)
{
    *g = (esp_function){.shape = one};
    g->has_on = f->has_on;
    g->has_dc = f->has_dc;
    g->has_off = f->has_off;
    bool made = (!f->has_on || extract(ctx, f->shape, &f->on, o, one, &g->on)) &&
                (!f->has_dc || extract(ctx, f->shape, &f->dc, o, one, &g->dc)) &&
                (!f->has_off || extract(ctx, f->shape, &f->off, o, one, &g->off));
    return made ? ESP_OK : esp_fail_stopped(ctx);
}

/* ON and OFF change places. */
static esp_status turn(esp_context *ctx, const esp_function *g, esp_function *turned)
{
    *turned = (esp_function){.shape = g->shape, .has_on = true, .has_dc = true};
    esp_status status = esp_off_set(ctx, g, &turned->on);
    if (!status && g->has_off) {
        status = esp_on_set(ctx, g, &turned->off);
        turned->has_off = true;
    }
    return status ? status : esp_dc_set(ctx, g, &turned->dc);
}

static esp_status minimize_side(esp_context *ctx, const esp_function *g, const esp_options *options,
                                side *x)
{
    esp_status status = esp_minimize(ctx, g, options, &x->cover, &x->outcome);
    if (!status) {
        x->cost = esp_cover_cost(g->shape, &x->cover);
    }
    return status;
}

static bool cheaper(const side *a, const side *b)
{
    return a->cost.cubes != b->cost.cubes ? a->cost.cubes < b->cost.cubes : a->cost.in < b->cost.in;
}

/* The output's cover: x[*which]. *bound: neither phase has fewer. */
static esp_status minimize_output(esp_context *ctx, const esp_function *g,
                                  const esp_options *options, bool either, side x[2],
                                  uint32_t *which, uint32_t *bound)
{
    *which = 0;
    esp_status status = minimize_side(ctx, g, options, &x[0]);
    *bound = x[0].outcome.lower_bound;
    if (status || !either || esp_stopped(ctx)) {
        *bound = either ? 0 : *bound;
        return status;
    }
    esp_function turned;
    status = turn(ctx, g, &turned);
    if (esp_stopped(ctx)) { /* what there is will do */
        ctx->error.kind = ESP_OK;
        *bound = 0;
        return ESP_OK;
    }
    status = status ? status : minimize_side(ctx, &turned, options, &x[1]);
    if (!status) {
        *which = cheaper(&x[1], &x[0]);
        *bound = esp_min_u32(*bound, x[1].outcome.lower_bound);
    }
    return status;
}

static void add_outcome(esp_outcome *sum, const esp_outcome *one, uint32_t bound, uint32_t cubes)
{
    sum->verified &= one->verified;
    sum->optimal &= bound == cubes;
    sum->fewest &= one->fewest;
    sum->lower_bound += bound;
    sum->rounds += one->rounds;
    sum->essential += one->essential;
    sum->primes += one->primes;
    sum->off_cubes += one->off_cubes;
}

esp_status esp_minimize_single(esp_context *ctx, const esp_function *f, const esp_options *options,
                               uint8_t *turned, esp_cover *result, esp_outcome *outcome)
{
    const esp_shape *s = f->shape;
    *outcome = (esp_outcome){.verified = true, .optimal = true, .fewest = turned == NULL};
    uint32_t *parts = esp_alloc_array(ctx, s->wides, sizeof *parts);
    uint64_t most = 64; /* of the cubes that are there, so that a stop always has an answer */
    for (uint32_t i = 0; f->has_on && i < f->on.count; i++) {
        most += esp_var_count(esp_output_var(s), esp_cube(&f->on, s, i));
    }
    if (!parts || most > UINT32_MAX || !esp_cover_create(ctx, s, (uint32_t)most, result)) {
        return esp_fail_stopped(ctx);
    }
    for (uint32_t k = 0; k < s->wides; k++) {
        parts[k] = k + 1 < s->wides ? s->var[s->inputs + k].parts : 1;
    }
    const esp_shape *one = esp_shape_create(ctx, s->inputs, s->wides, parts);
    if (!one) {
        return esp_fail_stopped(ctx);
    }
    for (uint32_t o = 0; o < s->outputs; o++) {
        if (esp_stopped(ctx)) {
            esp_status status = give_back(ctx, f, o, result);
            if (status) {
                return status;
            }
            outcome->verified = outcome->optimal = outcome->fewest = false;
            continue;
        }
        esp_mark mark = esp_mark_top(ctx);
        esp_function g;
        side x[2] = {0};
        uint32_t which;
        uint32_t bound;
        esp_status status = take_apart(ctx, f, o, one, &g);
        status =
            status ? status : minimize_output(ctx, &g, options, turned != NULL, x, &which, &bound);
        if (status) {
            return status;
        }
        bool moves = result->count + x[which].cover.count > result->capacity;
        if (!put_back(ctx, s, &x[which].cover, o, one, result)) {
            return esp_fail_stopped(ctx);
        }
        if (turned) {
            turned[o] = (uint8_t)which;
        }
        add_outcome(outcome, &x[which].outcome, bound, x[which].cover.count);
        if (!moves) {
            esp_release(ctx, mark);
        }
    }
    return ESP_OK;
}
