/* Branch and bound for small covering problems. */
#ifndef ESP_BRANCH_H
#define ESP_BRANCH_H

#include "exact/covering.h"

enum { ESP_BRANCH_MOST = 200 }; /* columns of a cover worth trying: bounds the depth */

/* Improves the cover in `picked` or proves it minimal (*bound = its size) within `work` units;
 * *bound only ever rises. False when the run must stop; `picked` is a cover in any case. */
bool esp_branch_and_bound(esp_context *ctx, const esp_table *t, uint64_t work, uint8_t *picked,
                          uint32_t *bound);

#endif
