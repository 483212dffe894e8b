/* A covering problem inside the exact search: a matrix both ways round whose rows and columns carry
 * the numbers they had at the beginning, so that proofs and answers can name them.
 *
 *   row i:    row_entry[row_start[i] …],        columns of this part, ascending
 *   column j: column_entry[column_start[j] …],  rows of this part, ascending
 *
 * Parts live in the arena and never change; shrinking one makes another.
 */
#ifndef ESP_PART_H
#define ESP_PART_H

#include "exact/local_search.h"
#include "exact/proof.h"

typedef struct esp_part {
    esp_matrix m;
    uint32_t *row_name;    /* [rows] */
    uint32_t *column_name; /* [columns] */
} esp_part;

/* Columns taken so far, by name. */
typedef struct esp_names {
    uint32_t *name;
    uint32_t count;
} esp_names;

/* The whole table as a part. */
bool esp_part_create(esp_context *ctx, const esp_table *t, esp_part *p);

/* `p` without the rows and columns that are marked (one byte each). */
bool esp_part_shrink(esp_context *ctx, const esp_part *p, const uint8_t *row_gone,
                     const uint8_t *column_gone, esp_part *smaller);

/* `p` with column j taken (its rows go) or forbidden. */
bool esp_part_without(esp_context *ctx, const esp_part *p, uint32_t j, bool taken,
                      esp_part *smaller);

/* Reductions to a fixpoint: columns that a row forces, implied rows, dominated columns; each step
 * goes into the proof. Forced columns are appended to `taken` (room for all columns of p). *dead: a
 * row has no column left (named by the proof), the part has no cover. */
bool esp_part_reduce(esp_context *ctx, esp_part *p, esp_names *taken, esp_proof *proof, bool *dead);

/* Connected components: block[i] of each row, their number in *blocks. */
bool esp_part_blocks(esp_context *ctx, const esp_part *p, uint32_t *block, uint32_t *blocks);

#endif
