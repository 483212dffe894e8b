/* minimize: a minimal cover of ON over DC. The minimiser does it; this file hands over options and
 * figures. Outputs whose text asks for it are minimised as their complement, and PHASE of the
 * answer says so; there is no certificate then. */
#include "job/operation.h"

esp_status esp_op_minimize(esp_context *ctx, const esp_job *job, esp_pla *operand,
                           esp_result *result)
{
    uint64_t cubes = job->option[RST_OPTION_CUBES];
    esp_options options = {
        .effort = (esp_effort)job->option[RST_OPTION_EFFORT],
        .verify = job->option[RST_OPTION_VERIFY] != 0,
        .exact = job->option[RST_OPTION_METHOD] != 0,
        .certify = job->option[RST_OPTION_CERTIFICATE] != 0 && !operand[0].phase,
        .max_cubes = cubes < UINT32_MAX ? (uint32_t)cubes : 0,
    };
    esp_outcome outcome = {0};
    esp_cover minimal = {0};
    esp_status status = esp_job_apply_phase(ctx, job, &operand[0]);
    if (status) {
        return status;
    }
    status = esp_minimize(ctx, &operand[0].function, &options, &minimal, &outcome);
    if (status) {
        return status;
    }
    esp_result_set_function(result, job, &operand[0]);
    result->out.function.on = minimal;
    result->out.function.has_on = true;
    result->counted = &result->out.function.on;
    result->answer.verified = outcome.verified;
    result->answer.optimal = outcome.optimal;
    result->answer.lower_bound = outcome.lower_bound;
    result->answer.rounds = outcome.rounds;
    result->answer.essential = outcome.essential;
    result->answer.primes = outcome.primes;
    result->answer.off_cubes = outcome.off_cubes;
    result->certificate = outcome.certificate;
    return ESP_OK;
}
