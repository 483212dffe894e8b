/* One cube being expanded against the off-set: the state that expand.c and expand_all.c share.
 *
 * The off-set by columns. For a cube c and a variable v in which c is not full, the rows of R that
 * c meets nowhere in v "are blocked by v": raising c in v may let them in. As a bit set over the
 * rows of R,
 *
 *     blocked by v  = AND over the parts p of c in v of (rows of R without p) one AND for a binary
 *                   variable
 *
 * c avoids R as long as every row is blocked by some variable. So expansion is a covering problem
 * on bit sets:
 *
 *     columns   | row 0 1 2 3 4 … a row in exactly one column: that variable cannot be raised
 *     v = 3     | 1 0 1 1 0 a column with no active row: raise it, it costs nothing
 *     v = 7     | 0 1 1 0 0 choose columns to raise so that the rest still covers all rows
 *
 * `active` rows are those that no decision has blocked for good yet. The blocking matrix of the
 * literature is never built; a pass over it becomes a few vector operations a column.
 */
#ifndef ESP_EXPANDER_H
#define ESP_EXPANDER_H

#include "cube/kernels.h"
#include "minimize/steps.h"

struct esp_blocking {
    const esp_shape *shape;
    uint32_t rows;
    uint32_t words;         /* of a bit set over the rows: a multiple of ESP_STRIDE */
    uint64_t *absent;       /* [kernel bit of a part][words]: rows without that part */
    uint64_t *all;          /* [words]: one bit a row */
    const esp_cover *cover; /* R itself: must outlive this */
};

static inline const uint64_t *esp_absent(const esp_blocking *r, uint32_t bit)
{
    return r->absent + (size_t)bit * r->words;
}

typedef struct esp_expander {
    esp_context *ctx;
    const esp_shape *s;
    const esp_blocking *r;
    uint64_t *raise;         /* the cube so far */
    uint64_t *free;          /* parts that may still be raised; disjoint from raise */
    uint64_t *active;        /* rows not yet blocked for good */
    uint64_t *single;        /* scratch: rows in exactly one column */
    uint32_t *var;           /* [columns]: the variable of each column, ascending */
    const uint64_t **column; /* [columns]: rows that it blocks */
    uint32_t columns;
    uint64_t *wide;        /* room for the columns of wide variables, [wides][words] */
    const uint64_t **kept; /* scratch: columns that a candidate keeps */
    uint64_t *other;       /* scratch: a wide column as it would become, [wides][words] */
    uint8_t *flag;         /* [columns]: scratch */
    uint32_t hint;
} esp_expander;

/* What esp_expander_restore needs to go back to. */
typedef struct esp_snapshot {
    uint64_t *raise, *free, *active, *wide;
    uint32_t *var;
    const uint64_t **column;
    uint32_t columns;
} esp_snapshot;

bool esp_expander_create(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                         esp_expander *e);
/* Start with cube c. `freeze`: parts that must not be raised (NULL: none). */
bool esp_expander_start(esp_expander *e, const uint64_t *c, const uint64_t *freeze);
bool esp_snapshot_create(const esp_expander *e, esp_snapshot *saved);
void esp_expander_save(const esp_expander *e, esp_snapshot *saved);
void esp_expander_restore(esp_expander *e, const esp_snapshot *saved);
/* Fix what cannot be raised, raise what costs nothing; afterwards every active row is in two
 * columns or more. */
bool esp_expander_settle(esp_expander *e);
/* Raise all parts of d (inside raise | free, and feasible); then settle. */
bool esp_expander_raise(esp_expander *e, const uint64_t *d);
/* May raise ∪ d be reached: d inside raise | free and no active row let in? */
bool esp_expander_feasible(esp_expander *e, const uint64_t *d);
/* Never raise column k (wide: none of the parts of the active rows that it blocks); those rows are
 * dealt with. */
void esp_expander_fix(esp_expander *e, uint32_t k);
/* No more cubes to swallow: the largest prime that a greedy choice of fixed columns gives. */
bool esp_expander_finish(esp_expander *e);

#endif
