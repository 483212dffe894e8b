/* Exact covering: the fewest columns, and why there are no fewer. */
#ifndef ESP_SOLVE_H
#define ESP_SOLVE_H

#include "exact/covering.h"
#include "exact/proof.h"

typedef struct esp_solution {
    uint8_t *chosen; /* [columns] a cover of the table, no column redundant */
    uint32_t count;  /* columns chosen */
    uint32_t bound;  /* no cover has fewer */
    uint64_t nodes;  /* of the search */
    /* What the reductions of the whole table left: rows and columns of its components, and, for a
     * column that they forced, the row that did. */
    uint32_t *block;      /* [rows] component, UINT32_MAX: gone */
    uint32_t *forced_by;  /* [columns] row, UINT32_MAX: not forced */
    uint8_t *left_column; /* [columns] */
    uint32_t blocks;
} esp_solution;

/* Solves the table as far as the run's limits and `work` units go. `proof` (may be NULL) gets, for
 * each component in turn, a row of it, its columns needed, and the node that shows it; complete
 * when the run was not stopped. `known`: cubes of a known cover of the function whose primes the
 * columns are; bounds, and covers of fewer columns, are reported as they are found (0: they are
 * not). False when the run must stop and there is not even a cover; with a cover, true, whatever
 * stopped it. */
bool esp_solve(esp_context *ctx, const esp_table *t, uint64_t work, uint32_t known,
               esp_solution *solution, esp_proof *proof);

#endif
