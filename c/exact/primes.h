/* All multi-output primes of a function, when they can be listed within bounds. */
#ifndef ESP_PRIMES_H
#define ESP_PRIMES_H

#include "cube/cover.h"

typedef struct esp_prime_bounds {
    uint32_t primes; /* at most this many */
    uint64_t work;   /* units */
    uint64_t bytes;  /* of tables */
} esp_prime_bounds;

/* Primes of ON ∪ DC given as one cover: every cube (input part, set of outputs) that is an
 * implicant and that no other implicant holds. *listed = false: they were not listed within the
 * bounds, `primes` is empty then. Returns false when the run must stop. Order: deterministic. */
bool esp_list_primes(esp_context *ctx, const esp_shape *s, const esp_cover *on_dc,
                     esp_prime_bounds bounds, esp_cover *primes, bool *listed);

/* primes_table.c: for shapes it fits (esp_prime_table_fits). */
bool esp_prime_table_fits(const esp_shape *s, esp_prime_bounds bounds);
/* Units that the table takes. */
uint64_t esp_prime_table_work(const esp_shape *s);
bool esp_primes_by_table(esp_context *ctx, const esp_shape *s, const esp_cover *on_dc,
                         esp_prime_bounds bounds, esp_cover *primes, bool *listed);
/* primes_merge.c */
bool esp_primes_by_merging(esp_context *ctx, const esp_shape *s, const esp_cover *on_dc,
                           esp_prime_bounds bounds, esp_cover *primes, bool *listed);

#endif
