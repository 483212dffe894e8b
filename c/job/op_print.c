/* print: the function as PLA text. What the type shows and the job does not have is derived
 * (dispatch.c), and outputs that .phase of a text names are shown as their complement. */
#include "job/operation.h"

esp_status esp_op_print(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result)
{
    esp_status status = esp_job_apply_phase(ctx, job, &operand[0]);
    return status ? status : esp_op_parse(ctx, job, operand, result);
}
