/* Output phases: which outputs are minimised as their complement.
 *
 * Idea. `.phase 10` asks for the second output to be realised inverted: what is minimised, and
 * printed, is its OFF set. That is nothing but ON and OFF changing places for this output; DC
 * stays. A cube serves several outputs at once, so it is divided: outputs of phase 1 stay, those of
 * phase 0 go over.
 *
 *   ON  = ON restricted to outputs of phase 1  ∪  OFF restricted to those of phase 0,     and OFF
 * the other way round
 *
 * The reader cannot do this: most texts give only ON, and the complement is the minimiser's
 * business.
 *
 * Cost. O(words) a cube; a cube becomes at most two.
 */
#include "pla/pla.h"

/* Appends the cubes of `from` with the outputs of the given phase only. */
static bool append_phase(esp_context *ctx, const esp_pla *pla, const esp_cover *from, uint8_t phase,
                         esp_cover *to)
{
    const esp_shape *s = pla->function.shape;
    const esp_var *output = esp_output_var(s);
    for (uint32_t i = 0; i < from->count; i++) {
        uint64_t *cube = esp_cover_push(ctx, s, to);
        if (!cube || !esp_spend(ctx, s->words + s->outputs)) {
            return false;
        }
        esp_cube_copy(s, cube, esp_cube(from, s, i));
        for (uint32_t p = 0; p < s->outputs; p++) {
            if ((pla->phase[p] != 0) != (phase != 0)) {
                esp_cube_clear(cube, output->first + p);
            }
        }
        to->count -= esp_var_none(output, cube);
    }
    return true;
}

esp_status esp_pla_apply_phase(esp_context *ctx, esp_pla *pla)
{
    esp_function *f = &pla->function;
    assert(f->has_on && f->has_off);
    if (!pla->phase) {
        return ESP_OK;
    }
    esp_cover on = {0}, off = {0};
    if (!append_phase(ctx, pla, &f->on, 1, &on) || !append_phase(ctx, pla, &f->off, 0, &on) ||
        !append_phase(ctx, pla, &f->off, 1, &off) || !append_phase(ctx, pla, &f->on, 0, &off)) {
        return esp_fail_stopped(ctx);
    }
    f->on = on;
    f->off = off;
    return ESP_OK;
}
