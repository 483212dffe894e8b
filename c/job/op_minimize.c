/* minimize: a minimal cover of ON over DC. The minimiser does it; this file hands over options and
 * figures. Outputs whose text asks for it are minimised as their complement, and PHASE of the
 * answer says so; so does it with single-output 2, where that is the smaller one. */
#include "job/operation.h"

static bool has_complement(const esp_pla *operand)
{
    bool any = false;
    for (uint32_t i = 0; operand->phase && i < operand->function.shape->outputs; i++) {
        any = any || !operand->phase[i];
    }
    return any;
}

/* Certificates speak of what the checker can read: shared cubes, binary inputs, no phase. */
static esp_status check_certificate(esp_context *ctx, const esp_job *job, const esp_pla *operand)
{
    const char *why = NULL;
    if (!job->option[RST_OPTION_CERTIFICATE] || !job->option[RST_OPTION_METHOD]) {
        return ESP_OK;
    }
    if (job->option[RST_OPTION_SINGLE_OUTPUT]) {
        why = "outputs that are minimised by themselves";
    } else if (has_complement(operand)) {
        why = "outputs that a phase turns into their complement";
    } else if (operand->function.shape->wides != 1) {
        why = "functions with inputs of several values";
    }
    return why ? esp_fail(ctx, ESP_UNSUPPORTED, "there are no certificates for %s", why) : ESP_OK;
}

/* The phase that the covers have when the outputs marked were turned round once more. */
static esp_status set_phase(esp_context *ctx, const uint8_t *turned, esp_pla *operand)
{
    uint32_t outputs = operand->function.shape->outputs;
    uint8_t *phase = esp_alloc_array(ctx, outputs, 1);
    if (!phase) {
        return esp_fail_stopped(ctx);
    }
    for (uint32_t i = 0; i < outputs; i++) {
        phase[i] = (operand->phase ? operand->phase[i] : 1) ^ turned[i];
    }
    operand->phase = phase;
    return ESP_OK;
}

/* Outputs by themselves. */
static esp_status run_single(esp_context *ctx, const esp_job *job, const esp_options *options,
                             esp_pla *operand, esp_cover *minimal, esp_outcome *outcome)
{
    uint8_t *turned = NULL;
    if (job->option[RST_OPTION_SINGLE_OUTPUT] == 2) {
        turned = esp_alloc_zero(ctx, operand->function.shape->outputs, 1);
        if (!turned) {
            return esp_fail_stopped(ctx);
        }
    }
    esp_status status =
        esp_minimize_single(ctx, &operand->function, options, turned, minimal, outcome);
    return status || !turned ? status : set_phase(ctx, turned, operand);
}

esp_status esp_op_minimize(esp_context *ctx, const esp_job *job, esp_pla *operand,
                           esp_result *result)
{
    uint64_t cubes = job->option[RST_OPTION_CUBES];
    esp_options options = {
        .effort = (esp_effort)job->option[RST_OPTION_EFFORT],
        .verify = job->option[RST_OPTION_VERIFY] != 0,
        .exact = job->option[RST_OPTION_METHOD] != 0,
        .certify = job->option[RST_OPTION_CERTIFICATE] != 0,
        .fewest = job->option[RST_OPTION_LITERALS] != 0,
        .max_cubes = cubes < UINT32_MAX ? (uint32_t)cubes : 0,
    };
    esp_outcome outcome = {0};
    esp_cover minimal = {0};
    esp_status status = check_certificate(ctx, job, &operand[0]);
    status = status ? status : esp_job_apply_phase(ctx, job, &operand[0]);
    if (!status) {
        status = job->option[RST_OPTION_SINGLE_OUTPUT]
                     ? run_single(ctx, job, &options, &operand[0], &minimal, &outcome)
                     : esp_minimize(ctx, &operand[0].function, &options, &minimal, &outcome);
    }
    if (status) {
        return status;
    }
    esp_result_set_function(result, job, &operand[0]);
    result->out.function.on = minimal;
    result->out.function.has_on = true;
    result->counted = &result->out.function.on;
    result->answer.verified = outcome.verified;
    result->answer.optimal = outcome.optimal;
    result->answer.fewest = outcome.fewest && outcome.optimal;
    result->answer.lower_bound = outcome.lower_bound;
    result->answer.rounds = outcome.rounds;
    result->answer.essential = outcome.essential;
    result->answer.primes = outcome.primes;
    result->answer.off_cubes = outcome.off_cubes;
    result->certificate = outcome.certificate;
    return ESP_OK;
}
