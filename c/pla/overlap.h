/* Finds a point that is in two covers, without comparing each cube with each. */
#ifndef ESP_PLA_OVERLAP_H
#define ESP_PLA_OVERLAP_H

#include "cube/cover.h"

/* A cube of `on` and one of `off` that share a point, at least one output included; the first such
 * cubes are preferred. False: there are none, or the run must stop (esp_stopped tells). */
bool esp_find_overlap(esp_context *ctx, const esp_shape *s, const esp_cover *on,
                      const esp_cover *off, uint32_t *on_cube, uint32_t *off_cube);

#endif
