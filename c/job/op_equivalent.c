/* equivalent: do two functions of the same variables agree wherever both care? */
#include "job/operation.h"

esp_status esp_op_equivalent(esp_context *ctx, const esp_job *job, esp_pla *operand,
                             esp_result *result)
{
    (void)job;
    bool answer = false;
    uint32_t output = 0;
    esp_status status = esp_job_complete_dc(ctx, &operand[0].function);
    status = status ? status : esp_job_complete_dc(ctx, &operand[1].function);
    status =
        status ? status
               : esp_equivalent(ctx, &operand[0].function, &operand[1].function, &answer, &output);
    if (!status && esp_stopped(ctx)) {
        status = esp_fail_stopped(ctx);
    }
    result->answer.truth = answer;
    result->answer.output = answer ? 0 : output + 1;
    return status;
}
