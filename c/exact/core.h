/* Local search among the columns that prices make likely. */
#ifndef ESP_CORE_H
#define ESP_CORE_H

#include "exact/local_search.h"

/* Improves the cover in `chosen` (one byte a column; must be a cover) for `work` units; stops at
 * `bound` columns. `prices`: one a row, in 1 / ESP_DUAL_ONE, as bounds find them. `weight` breaks
 * ties (NULL: none). False when the run must stop; `chosen` is a cover in any case. */
bool esp_core_search(esp_context *ctx, const esp_matrix *m, const uint32_t *weight,
                     const int64_t *prices, uint64_t work, uint32_t bound, uint8_t *chosen);

#endif
