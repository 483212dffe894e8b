/* size: the number of cubes of ON that the table of the job declares. It touches the header and the
 * table only, so its cost says what carrying a job costs, however large the job is. */
#include "job/operation.h"

esp_status esp_op_size(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result)
{
    (void)ctx;
    (void)operand;
    uint32_t cubes = esp_job_has(job, RST_SECTION_ON) ? job->section[RST_SECTION_ON].count : 0;
    result->answer.cubes = cubes;
    result->answer.before = cubes;
    return ESP_OK;
}
