/* parse: the covers, names and phase that the text gives, nothing derived (a job of covers gets its
 * own back). */
#include "job/operation.h"

esp_status esp_op_parse(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result)
{
    (void)ctx;
    (void)job;
    result->out = operand[0];
    result->has_function = true;
    if (result->out.function.has_on) {
        result->counted = &result->out.function.on;
    }
    return ESP_OK;
}
