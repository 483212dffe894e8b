/* The output phases that a text asks for (.phase), carried out before the function is minimised or
 * printed.
 *
 * `.phase 10` wants the second output as its complement: ON and OFF of that output change places.
 * It is a wish about the answer and no part of the function, so only minimize and print follow it;
 * for the other operations the function is what the text describes. In blocks PHASE is no wish but
 * a label: the covers of an output with 0 are the complement's already.
 *
 * Cost: that of the missing one of ON and OFF, then O(cubes).
 */
#include "job/operation.h"

static bool asks_for_complement(const esp_pla *operand)
{
    for (uint32_t i = 0; operand->phase && i < operand->function.shape->outputs; i++) {
        if (!operand->phase[i]) {
            return true;
        }
    }
    return false;
}

esp_status esp_job_apply_phase(esp_context *ctx, const esp_job *job, esp_pla *operand)
{
    if (!esp_job_has(job, RST_SECTION_TEXT) || !asks_for_complement(operand)) {
        return ESP_OK;
    }
    esp_function *f = &operand->function;
    bool nothing_free = !f->has_dc && !f->has_off; /* type f: what is not ON is OFF */
    esp_status status = ESP_OK;
    if (!f->has_off) {
        status = esp_off_set(ctx, f, &f->off);
    }
    if (!status && !f->has_on) {
        status = esp_on_set(ctx, f, &f->on);
    }
    if (!status && esp_stopped(ctx)) {
        status = esp_fail_stopped(ctx);
    }
    if (status) {
        return status;
    }
    f->has_on = f->has_off = true;
    if (nothing_free) {
        f->dc = (esp_cover){0};
        f->has_dc = true;
    }
    return esp_pla_apply_phase(ctx, operand);
}
