/* Questions to the off-set by columns, as expansion has it: which of its cubes does a cube meet,
 * and which are next to a point? */
#ifndef ESP_OFF_COLUMNS_H
#define ESP_OFF_COLUMNS_H

#include "minimize/expander.h"

typedef struct esp_off_columns {
    const esp_shape *s;
    const esp_blocking *r;
    const esp_kernels *kernels;
    const uint64_t **column; /* [vars] scratch */
    uint64_t *wide;          /* [wides][r->words] scratch: columns of wide variables */
    uint64_t *single;        /* [r->words] scratch */
    uint32_t hint;
    uint64_t looked; /* units of work since the caller last took them */
} esp_off_columns;

bool esp_off_columns_create(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                            esp_off_columns *o);

/* Does no off cube meet the cube? */
bool esp_off_misses(esp_off_columns *o, const uint64_t *cube);

/* Is there no off cube that meets `whole` and lies apart from `cube` in some variable in which it
 * has the part of `point`? */
bool esp_off_unmoved(esp_off_columns *o, const uint64_t *whole, const uint64_t *cube,
                     const uint64_t *point);

/* Parts that no cube with the point can have: an off cube apart from the point in that variable
 * alone has them. */
uint32_t esp_off_blocked(esp_off_columns *o, const uint64_t *point);

#endif
