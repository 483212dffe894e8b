/* A cover of a covering problem, the best column first. */
#ifndef ESP_GREEDY_H
#define ESP_GREEDY_H

#include "exact/local_search.h"

/* `picked` (one byte a column) becomes a cover without a redundant column. `prices` (NULL: none):
 * one a row, in 1 / ESP_DUAL_ONE (bounds.h). `weight` (NULL: all alike) breaks ties, less is
 * better. Does not stop half-way: false when memory ran out only. */
bool esp_greedy_cover(esp_context *ctx, const esp_matrix *m, const uint32_t *weight,
                      const int64_t *prices, uint8_t *picked);

#endif
