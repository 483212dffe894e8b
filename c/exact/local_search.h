/* Row-weighting local search for unicost covering. */
#ifndef ESP_LOCAL_SEARCH_H
#define ESP_LOCAL_SEARCH_H

#include "exact/covering.h"

/* A covering problem both ways round. */
typedef struct esp_matrix {
    uint32_t rows, columns;
    const uint32_t *row_start, *row_entry;
    const uint32_t *column_start, *column_entry;
} esp_matrix;

bool esp_matrix_create(esp_context *ctx, const esp_table *t, esp_matrix *m);

/* Improves the cover in `chosen` (one byte a column; must be a cover) for `work` units; stops at
 * `bound` columns. Ties go to the column with less weight, then to the one that was moved longest
 * ago. `prices` (NULL: all alike): of the rows, in 1 / ESP_DUAL_ONE (bounds.h); the dear ones weigh
 * more at the beginning. */
bool esp_local_search(esp_context *ctx, const esp_matrix *m, const uint32_t *weight,
                      const int64_t *prices, uint64_t work, uint32_t bound, uint8_t *chosen);

#endif
