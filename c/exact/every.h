/* Every minimum cover of a table, or the one of the fewest literals. */
#ifndef ESP_EVERY_H
#define ESP_EVERY_H

#include "exact/covering.h"

/* A cover of `minimum` columns was found, `columns` in no order. False: enough. */
typedef bool (*esp_every_found)(void *user, const uint32_t *columns);

typedef struct esp_every {
    const esp_table *table;
    uint32_t minimum; /* columns of the smallest cover */
    esp_every_found found;
    void *user;
    /* For the fewest literals: what a column costs by itself, and the output of each row, rows of
     * one output together; a column costs one more for each output it is used for. NULL: every
     * cover is wanted. */
    const uint32_t *literals;
    const uint32_t *row_output;
    uint32_t outputs;
    uint64_t best; /* only covers of fewer literals are wanted; `found` may lower it */
} esp_every;

/* Calls `found` with each minimum cover, once; with literals, only with those that may have fewer
 * than `best`. *all: none was left out. False when the run must stop. */
bool esp_every_cover(esp_context *ctx, esp_every *e, bool *all);

#endif
