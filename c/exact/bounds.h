/* Lower bounds of a unicost covering problem. */
#ifndef ESP_BOUNDS_H
#define ESP_BOUNDS_H

#include "exact/local_search.h"

enum { ESP_DUAL_ONE = 1 << 16 }; /* fixed point: the cost of a column */

/* No cover has fewer columns than the result. `upper`: columns of a known cover; the search for a
 * better bound ends when it is reached, after `iterations` subgradient steps, or when the run must
 * stop (the bound is valid then, too). `prices`, one entry a row (may be NULL): the best prices
 * found, in 1 / ESP_DUAL_ONE. */
uint32_t esp_lower_bound(esp_context *ctx, const esp_matrix *m, uint32_t upper, uint32_t iterations,
                         int64_t *prices);

#endif
