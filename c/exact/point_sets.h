/* Which points can one implicant hold? A covering table without primes. */
#ifndef ESP_POINT_SETS_H
#define ESP_POINT_SETS_H

#include "exact/covering.h"
#include "exact/off_columns.h"

/* For points (one part of each variable, the output included) all maximal sets that a cube outside
 * `off` holds: `table` has a row a point, a column a set, and column j's smallest cube is cube j of
 * `cubes`. *made = false: beyond `sets` or `work` units. False when the run must stop. */
bool esp_point_sets(esp_context *ctx, const esp_shape *s, const esp_blocking *off,
                    const esp_cover *points, uint32_t sets, uint64_t work, esp_table *table,
                    esp_cover *cubes, bool *made);

#endif
