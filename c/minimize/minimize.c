/* The minimiser as the operations of a job see it: derive the missing sets, run the loop, check the
 * answer.
 *
 * What is derived from what (docs/pla.md): DC is given, or what ON and OFF leave when both are
 * given, or empty; OFF is given, or the complement of ON ∪ DC; ON is given, or the complement of
 * the others. In `fd` a point of both ON and DC is don't-care.
 *
 */
#include "minimize/steps.h"

/* Work that each effort may spend, in units of about one word operation on one cube. A unit takes
 * 0.3 to 1 ns, so these are about 20 seconds, a minute and 20 minutes at most: ends of the world,
 * not the usual case. */
static const uint64_t effort_budget[3] = {UINT64_C(20000000000), UINT64_C(60000000000),
                                          UINT64_C(1200000000000)};

/* What checking the answer may take beside that: a minute at most. */
#define VERIFY_WORK UINT64_C(60000000000)

enum { DC_CUBES = 200000, DC_WORK = 1000000000 };

static esp_status stopped_or_internal(esp_context *ctx)
{
    return esp_fail_stopped(ctx);
}

esp_status esp_on_set(esp_context *ctx, const esp_function *f, esp_cover *on)
{
    if (f->has_on) {
        return esp_cover_copy(ctx, f->shape, &f->on, on) ? ESP_OK : stopped_or_internal(ctx);
    }
    esp_cover rest;
    bool too_big;
    if (!esp_cover_create(ctx, f->shape, f->dc.count + f->off.count, &rest) ||
        !esp_cover_append(ctx, f->shape, &rest, &f->dc) ||
        !esp_cover_append(ctx, f->shape, &rest, &f->off) ||
        !esp_complement(ctx, f->shape, &rest, UINT32_MAX, UINT64_MAX, on, &too_big)) {
        return stopped_or_internal(ctx);
    }
    return ESP_OK;
}

esp_status esp_dc_set(esp_context *ctx, const esp_function *f, esp_cover *dc)
{
    if (f->has_dc || !f->has_off || !f->has_on) {
        return esp_cover_copy(ctx, f->shape, &f->dc, dc) ? ESP_OK : stopped_or_internal(ctx);
    }
    esp_cover care;
    bool too_big;
    if (!esp_cover_create(ctx, f->shape, f->on.count + f->off.count, &care) ||
        !esp_cover_append(ctx, f->shape, &care, &f->on) ||
        !esp_cover_append(ctx, f->shape, &care, &f->off) ||
        !esp_complement(ctx, f->shape, &care, UINT32_MAX, UINT64_MAX, dc, &too_big)) {
        return stopped_or_internal(ctx);
    }
    return ESP_OK;
}

esp_status esp_off_set(esp_context *ctx, const esp_function *f, esp_cover *off)
{
    if (f->has_off) {
        return esp_cover_copy(ctx, f->shape, &f->off, off) ? ESP_OK : stopped_or_internal(ctx);
    }
    esp_cover on_dc;
    bool too_big;
    if (!esp_cover_create(ctx, f->shape, f->on.count + f->dc.count, &on_dc) ||
        !esp_cover_append(ctx, f->shape, &on_dc, &f->on) ||
        !esp_cover_append(ctx, f->shape, &on_dc, &f->dc) ||
        !esp_complement(ctx, f->shape, &on_dc, UINT32_MAX, UINT64_MAX, off, &too_big)) {
        return stopped_or_internal(ctx);
    }
    esp_cover_contain(ctx, f->shape, off);
    return esp_stopped(ctx) ? stopped_or_internal(ctx) : ESP_OK;
}

/* A function under way. */
typedef struct problem {
    esp_cover f, d;
    bool unate;
} problem;

/* Sets for the loop. On a stop *f is the cover to fall back to, if ON was given. */
static esp_status derive(esp_context *ctx, const esp_function *f, problem *p)
{
    const esp_shape *s = f->shape;
    esp_status status = esp_on_set(ctx, f, &p->f);
    if (status) {
        return status;
    }
    esp_cover_contain(ctx, s, &p->f);
    bool too_big = false;
    if (f->has_off && (f->has_on || f->has_dc)) { /* DC may meet OFF, or leave points out */
        esp_cover care = p->f;
        if (!esp_cover_copy(ctx, s, &p->f, &care) || !esp_cover_append(ctx, s, &care, &f->off)) {
            return ESP_OK;
        }
        /* Without DC the answer is right all the same, only IRREDUNDANT and REDUCE see less. */
        (void)esp_complement(ctx, s, &care, DC_CUBES, DC_WORK, &p->d, &too_big);
    } else {
        (void)esp_cover_copy(ctx, s, &f->dc, &p->d);
    }
    p->unate = !esp_stopped(ctx) && !f->has_off && esp_is_unate(s, &p->f, &p->d);
    return ESP_OK;
}

/* Check the answer; a wrong one is a defect of ours and never handed out. */
static esp_status check(esp_context *ctx, const esp_function *f, const esp_cover *result,
                        esp_outcome *outcome)
{
    /* A hard limit has struck already: say "not checked" rather than run on. The soft budget is not
     * spent on it. */
    if (esp_stopped(ctx) && ctx->stop != ESP_LIMIT_BUDGET) {
        return ESP_OK;
    }
    esp_limit stop = ctx->stop;
    uint64_t work = ctx->work;
    uint64_t budget = ctx->budget;
    ctx->stop = ESP_LIMIT_NONE;
    ctx->budget = work + VERIFY_WORK;
    ctx->next_check = work;
    esp_report(ctx, ESP_STEP_VERIFY, result->count);
    bool right = false;
    bool done = esp_verify(ctx, f, result, &right);
    ctx->work = work;
    ctx->budget = budget;
    if (ctx->stop == ESP_LIMIT_NONE || ctx->stop == ESP_LIMIT_BUDGET) {
        ctx->stop =
            stop; /* an answer that takes too long to check is complete, only not verified */
    }
    ctx->next_check = work;
    outcome->verified = done && right;
    if (done && !right) {
        return esp_fail(ctx, ESP_INTERNAL, "the answer failed its check; please report the job");
    }
    return ESP_OK;
}

esp_status esp_minimize(esp_context *ctx, const esp_function *f, const esp_options *options,
                        esp_cover *result, esp_outcome *outcome)
{
    const esp_shape *s = f->shape;
    *outcome = (esp_outcome){0};
    if (ctx->budget == UINT64_MAX) {
        ctx->budget = effort_budget[options->exact ? ESP_EFFORT_HIGH : options->effort];
        ctx->next_check = ctx->work;
    }
    problem p = {0};
    esp_status status = derive(ctx, f, &p);
    if (status) {
        return status;
    }
    *result = p.f;
    if (!esp_stopped(ctx)) {
        if (p.unate) {
            outcome->optimal = true;
            outcome->fewest = true;
            outcome->essential = result->count;
            outcome->lower_bound = result->count;
            if (options->certify) {
                (void)esp_certify_unate(ctx, s, result, &outcome->certificate);
            }
        } else {
            const esp_cover *off = f->has_off ? &f->off : NULL;
            if (options->exact) {
                (void)esp_minimize_exactly(ctx, s, result, &p.d, off, options->fewest, outcome,
                                           options->certify ? &outcome->certificate : NULL);
            } else {
                (void)esp_search(ctx, s, result, &p.d, off, options->effort, NULL, outcome);
            }
        }
    }
    if (options->max_cubes && result->count > options->max_cubes) {
        ctx->error.limit = ESP_LIMIT_CUBES;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the answer has %u cubes, %u are allowed",
                        result->count, options->max_cubes);
    }
    return options->verify ? check(ctx, f, result, outcome) : ESP_OK;
}

esp_status esp_is_tautology(esp_context *ctx, const esp_function *f, bool *answer)
{
    const esp_shape *s = f->shape;
    esp_cover on;
    esp_cover all;
    esp_status status = esp_on_set(ctx, f, &on);
    if (status) {
        return status;
    }
    if (!esp_cover_create(ctx, s, on.count + f->dc.count, &all) ||
        !esp_cover_append(ctx, s, &all, &on) || !esp_cover_append(ctx, s, &all, &f->dc) ||
        !esp_tautology(ctx, s, &all, answer)) {
        return stopped_or_internal(ctx);
    }
    return ESP_OK;
}
