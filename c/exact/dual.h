/* Prices of rows and the bound they give, improved step by step; for the exact search. */
#ifndef ESP_DUAL_H
#define ESP_DUAL_H

#include "exact/bounds.h"
#include "exact/part.h"

typedef struct esp_dual {
    int64_t *price;   /* [rows] best found, in 1 / ESP_DUAL_ONE; on entry: where to begin */
    int64_t *reduced; /* [columns] cost of a column less the prices of its rows, at `price` */
    int32_t *use;     /* [columns] how much of the column a fractional cover uses, same unit */
    int64_t bound;    /* value of `price`: no cover has fewer columns, in 1 / ESP_DUAL_ONE */
} esp_dual;

bool esp_dual_create(esp_context *ctx, const esp_matrix *m, esp_dual *d);

/* Prices that no column earns more than its cost with, short rows first. */
bool esp_dual_ascent(esp_context *ctx, const esp_matrix *m, esp_dual *d);

/* How esp_dual_improve goes about it. */
typedef enum esp_dual_pace {
    ESP_DUAL_COLD, /* long steps, as far as `upper` asks for */
    ESP_DUAL_WARM, /* the prices to begin with are nearly the best already */
    ESP_DUAL_FINE  /* steps that ask for little, where `upper` is far from what can be reached */
} esp_dual_pace;

/* Improve the prices until their value is above (upper − 1), or for so many steps. False when the
 * run must stop; `d` holds then, too. */
bool esp_dual_improve(esp_context *ctx, const esp_matrix *m, uint32_t upper, uint32_t steps,
                      esp_dual_pace pace, esp_dual *d);

/* The bound as a number of columns. */
static inline uint32_t esp_dual_columns(const esp_dual *d)
{
    return d->bound <= 0 ? 0 : (uint32_t)((d->bound + ESP_DUAL_ONE - 1) / ESP_DUAL_ONE);
}

#endif
