/* The rows of the prime covering table: only the minimal ones, without listing points. */
#ifndef ESP_ROWS_H
#define ESP_ROWS_H

#include "cube/cover.h"
#include "exact/covering.h"

/* One row for each minimal set of primes that some care point (point, output) lies in; columns are
 * the primes. Some rows that are not minimal may be among them. `care`: a cover of ON outside DC.
 * `points` (may be NULL): for each row, a care point and one output whose set of primes it is.
 * Gives up with *made = false beyond `work` units. Returns false when the run must stop. Only
 * shapes whose one wide variable is the output. */
bool esp_minimal_rows(esp_context *ctx, const esp_shape *s, const esp_cover *primes,
                      const esp_cover *care, uint64_t work, esp_table *table, esp_cover *points,
                      bool *made);

/* The same for each output by itself: a row of one output is no reason to leave out one of another.
 * Rows of one output stand together. */
bool esp_rows_by_output(esp_context *ctx, const esp_shape *s, const esp_cover *primes,
                        const esp_cover *care, uint64_t work, esp_table *table, esp_cover *points,
                        bool *made);

#endif
