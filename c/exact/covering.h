/* The unate covering problem: choose the fewest columns so that every row has one of them.
 *
 * Rows are lists of column numbers. Used by IRREDUNDANT and the gasps on tables of a few cubes, and
 * later by exact minimisation on tables of all primes.
 */
#ifndef ESP_COVERING_H
#define ESP_COVERING_H

#include "base/context.h"

typedef struct esp_table {
    uint32_t columns;
    uint32_t rows;
    uint32_t row_capacity;
    uint32_t *start; /* [rows + 1]: row i is entry[start[i]] … entry[start[i + 1] - 1], ascending */
    uint32_t *entry;
    uint32_t entry_capacity;
} esp_table;

bool esp_table_create(esp_context *ctx, uint32_t columns, esp_table *t);
/* Append a row of `count` ascending, distinct columns. */
bool esp_table_push(esp_context *ctx, esp_table *t, const uint32_t *row, uint32_t count);

/* Chooses columns: `chosen`, one byte a column. `weight` (NULL: all alike) breaks ties between
 * columns, less is better. Never returns a cover with a redundant column. *bound: no cover has
 * fewer columns. `effort`: units of work for bounds and search beyond the greedy answer. On a stop
 * the answer is a cover all the same, if memory allowed one (false otherwise). */
bool esp_cover_rows(esp_context *ctx, const esp_table *t, const uint32_t *weight, uint64_t effort,
                    uint8_t *chosen, uint32_t *bound);

/* As many columns of less weight, one in the place of another. False when memory ran out; `chosen`
 * is a cover in any case. */
bool esp_cover_lighten(esp_context *ctx, const esp_table *t, const uint32_t *weight,
                       uint8_t *chosen);

#endif
