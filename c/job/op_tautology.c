/* tautology: do ON and DC together cover every point? DC is the given one and, where ON and OFF are
 * given, what they leave. */
#include "job/operation.h"

esp_status esp_op_tautology(esp_context *ctx, const esp_job *job, esp_pla *operand,
                            esp_result *result)
{
    (void)job;
    bool answer = false;
    esp_function *f = &operand[0].function;
    esp_status status = esp_job_complete_dc(ctx, f);
    status = status ? status : esp_is_tautology(ctx, f, &answer);
    if (!status && esp_stopped(ctx)) {
        status = esp_fail_stopped(ctx);
    }
    result->answer.truth = answer;
    return status;
}
