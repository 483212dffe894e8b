/* Questions about given covers: do two functions agree, and what is each cube of a cover there for?
 *
 * Both rest on the search for an uncovered point (uncovered.c), whose answer is also the proof that
 * is handed out: the output in which two functions differ, the point that only one cube holds.
 */
#include "job/format.h" /* RST_CUBE_… */
#include "minimize/steps.h"

/* Everything ON in `a` that both functions care about must be ON in `b`. */
static esp_status inside(esp_context *ctx, const esp_shape *s, const esp_cover *a_on,
                         const esp_cover *b_on, const esp_cover *a_dc, const esp_cover *b_dc,
                         uint64_t *point, bool *answer)
{
    const esp_cover *covers[3] = {b_on, a_dc, b_dc};
    for (uint32_t i = 0; i < a_on->count && *answer; i++) {
        const uint64_t *c = esp_cube(a_on, s, i);
        bool found;
        if (esp_cube_empty(s, c)) {
            continue;
        }
        if (!esp_find_uncovered(ctx, s, c, covers, 3, -1, point, &found)) {
            return esp_fail_stopped(ctx);
        }
        *answer = !found;
    }
    return ESP_OK;
}

static bool same_shape(const esp_shape *a, const esp_shape *b)
{
    bool same = a->inputs == b->inputs && a->vars == b->vars;
    for (uint32_t v = a->inputs; same && v < a->vars; v++) {
        same = a->var[v].parts == b->var[v].parts;
    }
    return same;
}

esp_status esp_equivalent(esp_context *ctx, const esp_function *a, const esp_function *b,
                          bool *answer, uint32_t *output)
{
    const esp_shape *s = a->shape;
    *answer = true;
    *output = 0;
    if (!same_shape(s, b->shape)) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "the functions have %u inputs, %u outputs and %u inputs, %u outputs",
                        s->inputs, s->outputs, b->shape->inputs, b->shape->outputs);
    }
    esp_cover a_on, a_dc, b_on, b_dc;
    uint64_t *point = esp_alloc_array(ctx, s->words, sizeof *point);
    esp_status status = point ? ESP_OK : esp_fail_stopped(ctx);
    status = status ? status : esp_on_set(ctx, a, &a_on);
    status = status ? status : esp_dc_set(ctx, a, &a_dc);
    status = status ? status : esp_on_set(ctx, b, &b_on);
    status = status ? status : esp_dc_set(ctx, b, &b_dc);
    status = status ? status : inside(ctx, s, &a_on, &b_on, &a_dc, &b_dc, point, answer);
    if (!status && *answer) {
        status = inside(ctx, s, &b_on, &a_on, &a_dc, &b_dc, point, answer);
    }
    if (!status && !*answer) {
        const esp_var *out = esp_output_var(s);
        while (!esp_cube_has(point, out->first + *output)) {
            ++*output;
        }
    }
    return status;
}

/* No part of the cube can be raised inside ON ∪ DC. */
static bool is_prime(esp_context *ctx, const esp_shape *s, const uint64_t *c,
                     const esp_cover *const *both, uint64_t *scratch, uint64_t *point, bool *prime)
{
    *prime = true;
    for (uint32_t v = 0; v < s->vars && *prime; v++) {
        for (uint32_t p = 0; p < s->var[v].parts && *prime; p++) {
            uint32_t bit = esp_bit(s, v, p);
            if (esp_cube_has(c, bit)) {
                continue;
            }
            esp_cube_copy(s, scratch, c);
            esp_cube_set(scratch, bit);
            bool found;
            if (!esp_find_uncovered(ctx, s, scratch, both, 2, -1, point, &found)) {
                return false;
            }
            *prime = found;
        }
    }
    return true;
}

esp_status esp_explain(esp_context *ctx, const esp_function *f, uint32_t *flags, esp_cover *points)
{
    const esp_shape *s = f->shape;
    esp_cover on, dc;
    uint64_t *scratch = esp_alloc_array(ctx, 2 * (size_t)s->words, sizeof *scratch);
    esp_status status = scratch ? ESP_OK : esp_fail_stopped(ctx);
    status = status ? status : esp_on_set(ctx, f, &on);
    status = status ? status : esp_dc_set(ctx, f, &dc);
    if (!status && !esp_cover_create(ctx, s, on.count, points)) {
        status = esp_fail_stopped(ctx);
    }
    const esp_cover *both[2] = {&on, &dc};
    for (uint32_t i = 0; !status && i < on.count; i++) {
        const uint64_t *c = esp_cube(&on, s, i);
        uint64_t *point = esp_cube(points, s, points->count++);
        memset(point, 0, s->words * sizeof *point);
        flags[i] = 0;
        if (esp_cube_empty(s, c)) {
            flags[i] = RST_CUBE_REDUNDANT;
            continue;
        }
        bool prime;
        bool alone;
        bool essential = false;
        bool done = is_prime(ctx, s, c, both, scratch, scratch + s->words, &prime) &&
                    esp_find_uncovered(ctx, s, c, both, 2, i, point, &alone) &&
                    (!prime || esp_is_essential(ctx, s, &on, i, &dc, &essential));
        if (!done) {
            return esp_fail_stopped(ctx);
        }
        if (!alone) {
            memset(point, 0, s->words * sizeof *point);
        }
        flags[i] = (prime ? RST_CUBE_PRIME : 0u) | (essential ? RST_CUBE_ESSENTIAL : 0u) |
                   (alone ? 0u : RST_CUBE_REDUNDANT);
    }
    return status;
}
