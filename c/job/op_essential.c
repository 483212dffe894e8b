/* essential: the essential primes of the function, as the cover ON of the answer: every cover of
 * primes has them. Half of them say nothing, so a limit is an error here. */
#include "job/operation.h"

esp_status esp_op_essential(esp_context *ctx, const esp_job *job, esp_pla *operand,
                            esp_result *result)
{
    esp_cover essential = {0};
    esp_status status = esp_essential_primes(ctx, &operand[0].function, &essential);
    if (!status && esp_stopped(ctx)) {
        status = esp_fail_stopped(ctx);
    }
    if (status) {
        return status;
    }
    esp_result_set_function(result, job, &operand[0]);
    result->out.function.on = essential;
    result->out.function.has_on = true;
    result->counted = &result->out.function.on;
    result->answer.essential = essential.count;
    return ESP_OK;
}
