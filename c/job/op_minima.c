/* minima: every minimum cover of primes, one after the other in ON; FUNCTIONS says where each ends.
 * When a limit ends the search, or there are more than may be listed, those found are the answer,
 * and its truth is 0. */
#include "job/operation.h"

esp_status esp_op_minima(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result)
{
    esp_minima minima = {0};
    esp_status status = esp_find_minima(ctx, &operand[0].function,
                                        (uint32_t)job->option[RST_OPTION_COVERS], &minima);
    esp_function_entry *entry = NULL;
    if (!status) {
        entry = esp_alloc_array(ctx, (size_t)minima.count + 1, sizeof *entry);
        status = entry ? ESP_OK : esp_fail_stopped(ctx);
    }
    if (status) {
        return status;
    }
    for (uint32_t i = 0; i < minima.count; i++) {
        entry[i] = (esp_function_entry){(i + 1) * minima.minimum, minima.minimum};
    }
    esp_result_set_function(result, job, &operand[0]);
    result->out.function.on = minima.cubes;
    result->out.function.has_on = true;
    result->counted = &result->out.function.on;
    result->entry = entry;
    result->entries = minima.count;
    result->answer.truth = minima.all;
    result->answer.optimal = 1;
    result->answer.lower_bound = minima.minimum;
    return ESP_OK;
}
