/* Cofactor of rows by a cube: the loop that everything else waits for. */
#ifndef ESP_COFACTOR_H
#define ESP_COFACTOR_H

#include "cube/cover.h"

/* Writes to `to` the rows that meet cube c, with all parts outside c filled in, in order; returns
 * how many. `to` has room for `count` rows plus one word, may be `rows` itself, and overlaps it in
 * no other way. */
uint32_t esp_cofactor_rows(const esp_shape *s, const uint64_t *rows, uint32_t count,
                           const uint64_t *c, uint64_t *to);

#endif
