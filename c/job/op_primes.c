/* primes: every prime of the function, don't-cares used, as the cover ON of the answer. A list that
 * is not whole says nothing, so a limit is an error here. */
#include "job/operation.h"

esp_status esp_op_primes(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result)
{
    esp_cover primes = {0};
    esp_status status = esp_primes(ctx, &operand[0].function, &primes);
    if (!status && esp_stopped(ctx)) {
        status = esp_fail_stopped(ctx);
    }
    if (status) {
        return status;
    }
    esp_result_set_function(result, job, &operand[0]);
    result->out.function.on = primes;
    result->out.function.has_on = true;
    result->counted = &result->out.function.on;
    result->answer.primes = primes.count;
    return ESP_OK;
}
