/* ALL PRIMES: by the table or by merging, whichever is cheaper.
 *
 * The idea. The ternary table (primes_table.c) costs the same whatever the function; merging
 * (primes_merge.c) costs what the primes of the cofactors make it cost, next to nothing where they
 * are few. So merging is tried first, with a share of what the table would take.
 *
 * Invariant: up to SMALL_TABLE inputs the primes come in the order of the table, whoever listed
 * them, so that what is chosen among them does not depend on that.
 */
#include "base/sort.h"
#include "exact/primes.h"

/* Up to TINY_TABLE inputs the table costs next to nothing; up to SMALL_TABLE merging may take half
 * as much as the table would. */
enum { TINY_TABLE = 9, SMALL_TABLE = 14, MERGE_SHARE = 4 };

/* Merged primes in the order of the table: by their inputs, the last one first. */
static bool sort_primes(esp_context *ctx, const esp_shape *s, esp_cover *primes)
{
    uint64_t inputs = (UINT64_C(1) << 2 * s->inputs) - 1;
    uint64_t *key = esp_alloc_array(ctx, (size_t)primes->count + 1, sizeof *key);
    esp_cover sorted;
    if (!key || !esp_cover_create(ctx, s, primes->count, &sorted)) {
        return false;
    }
    for (uint32_t i = 0; i < primes->count; i++) {
        key[i] = esp_cube(primes, s, i)[0] & inputs;
    }
    uint32_t *order = esp_sorted_order(ctx, key, primes->count);
    for (uint32_t i = 0; order && i < primes->count; i++) {
        (void)esp_cover_push_cube(ctx, s, &sorted, esp_cube(primes, s, order[i]));
    }
    *primes = sorted;
    return order != NULL;
}

bool esp_list_primes(esp_context *ctx, const esp_shape *s, const esp_cover *on_dc,
                     esp_prime_bounds bounds, esp_cover *primes, bool *listed)
{
    *listed = false;
    *primes = (esp_cover){0};
    if (s->wides != 1) { /* both ways know one wide variable only, the output */
        return true;
    }
    bool fits = esp_prime_table_fits(s, bounds);
    bool small = fits && s->inputs <= SMALL_TABLE;
    if (!small || s->inputs > TINY_TABLE) {
        esp_prime_bounds some = bounds;
        some.work = small  ? esp_prime_table_work(s) / 2
                    : fits ? bounds.work / MERGE_SHARE
                           : bounds.work;
        if (!esp_primes_by_merging(ctx, s, on_dc, some, primes, listed)) {
            return false;
        }
        if (small && *listed && !sort_primes(ctx, s, primes)) {
            return false;
        }
    }
    return *listed || !fits || esp_primes_by_table(ctx, s, on_dc, bounds, primes, listed);
}
