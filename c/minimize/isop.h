/* Irredundant sums of products of functions of at most six variables, on truth tables of one word.
 */
#ifndef ESP_ISOP_H
#define ESP_ISOP_H

#include "base/base.h"

enum { ESP_ISOP_MOST = 64 }; /* every term holds a point that no other does */

/* A product of at most six variables: bit k of `literals` says that variable k occurs, bit k of
 * `values` how. */
typedef struct esp_term {
    uint8_t literals;
    uint8_t values;
} esp_term;

/* Terms whose union holds every point of `lower` and no point outside `upper` (lower inside upper).
 * Returns their number; `terms` has room for ESP_ISOP_MOST. */
uint32_t esp_isop(uint64_t lower, uint64_t upper, uint32_t vars, esp_term *terms);

#endif
