/* A stable sort of indices by 64-bit keys: the same order everywhere, whatever the C library. */
#ifndef ESP_SORT_H
#define ESP_SORT_H

#include "base/context.h"

/* Order of 0 … count-1 by ascending key, ties by index. In the arena; NULL when memory ran out. O(n
 * log n). */
uint32_t *esp_sorted_order(esp_context *ctx, const uint64_t *keys, uint32_t count);

#endif
