/* explain: for each cube of ON, whether it is prime, essential or redundant, and a point that only
 * it covers.
 *
 * The answer carries the ON it speaks of: cubes without a point were dropped on reading, and the
 * canonical order, when asked for, is made before flags and points are, so that row i of each
 * belongs to cube i. */
#include "job/operation.h"

esp_status esp_op_explain(esp_context *ctx, const esp_job *job, esp_pla *operand,
                          esp_result *result)
{
    esp_function *f = &operand[0].function;
    esp_status status = esp_job_complete_dc(ctx, f);
    if (!status && !f->has_on) {
        status = esp_on_set(ctx, f, &f->on);
        f->has_on = true;
    }
    if (status || (job->option[RST_OPTION_CANONICAL] && !esp_cover_sort(ctx, f->shape, &f->on))) {
        return status ? status : esp_fail_stopped(ctx);
    }
    uint32_t *flags = esp_alloc_zero(ctx, f->on.count, sizeof *flags);
    esp_cover *points = esp_alloc_zero(ctx, 1, sizeof *points);
    if (!flags || !points) {
        return esp_fail_stopped(ctx);
    }
    status = esp_explain(ctx, f, flags, points);
    if (!status && esp_stopped(ctx)) {
        status = esp_fail_stopped(ctx);
    }
    if (status) {
        return status;
    }
    esp_result_set_function(result, job, &operand[0]);
    result->counted = &result->out.function.on;
    result->cube_flags = flags;
    result->points = points;
    for (uint32_t i = 0; i < f->on.count; i++) {
        result->answer.essential += (flags[i] & RST_CUBE_ESSENTIAL) != 0;
    }
    return ESP_OK;
}
