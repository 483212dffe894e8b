/* complement: the OFF set of the function, as the cover OFF of the answer. Text shows it as type r
 * unless told otherwise. A complement that is not finished says nothing, so a limit is an error
 * here. */
#include "job/operation.h"

esp_status esp_op_complement(esp_context *ctx, const esp_job *job, esp_pla *operand,
                             esp_result *result)
{
    esp_cover off = {0};
    esp_status status = esp_off_set(ctx, &operand[0].function, &off);
    if (!status && esp_stopped(ctx)) {
        status = esp_fail_stopped(ctx);
    }
    if (status) {
        return status;
    }
    esp_result_set_function(result, job, &operand[0]);
    result->out.function.has_on = false;
    result->out.function.has_dc = false;
    result->out.function.off = off;
    result->out.function.has_off = true;
    result->counted = &result->out.function.off;
    return ESP_OK;
}
