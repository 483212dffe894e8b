/* The whole DC set of a function: what is given, and what is said nothing about.
 *
 * Where ON and OFF are both given, a point in neither is don't-care, also when a DC set is given
 * beside them (`fdr`): questions about a function must know it, or an answer of the minimiser,
 * which may use such points, would seem to differ from its input. Afterwards has_dc holds; other
 * functions are left as they are, for nothing is open in them.
 *
 * Cost: a complement of ON ∪ OFF, which counts as work.
 */
#include "job/operation.h"

esp_status esp_job_complete_dc(esp_context *ctx, esp_function *f)
{
    if (!f->has_on || !f->has_off) {
        return ESP_OK;
    }
    esp_cover given = f->dc;
    esp_function care = *f;
    care.has_dc = false;
    care.dc.count = 0;
    esp_status status = esp_dc_set(ctx, &care, &f->dc);
    if (!status && f->has_dc && !esp_cover_append(ctx, f->shape, &f->dc, &given)) {
        status = esp_fail_stopped(ctx);
    }
    f->has_dc = true;
    return status;
}
