/* The covering problem of a cyclic core, small enough for one word a row and one a column. */
#ifndef ESP_DENSE_CORE_H
#define ESP_DENSE_CORE_H

#include "base/context.h"

enum { ESP_CORE_MOST = 64 }; /* rows, and columns */

typedef struct esp_core {
    uint32_t rows, columns;
    uint64_t row[ESP_CORE_MOST];    /* the columns that cover it */
    uint64_t column[ESP_CORE_MOST]; /* the rows it covers */
    uint32_t cost[ESP_CORE_MOST];   /* of a column, ascending */
} esp_core;

/* The cheapest columns that cover all rows, at most `nodes` nodes of the search; *chosen: their
 * set. False: the search did not come to an end (or the run must stop), nothing is known. */
bool esp_core_solve(esp_context *ctx, const esp_core *core, uint32_t nodes, uint64_t *chosen);

#endif
