/* PRIMES BY A TERNARY TABLE, for functions of few inputs.
 *
 * The idea. Number the 3^n cubes of n inputs by base-3 digits: 0, 1, and 2 for "-". t[cube] is the
 * set of outputs for which the cube is an implicant of ON ∪ DC. For points it is painted from the
 * cubes; with a dash it is the AND of the two halves. (cube, t[cube]) is a multi-output prime
 * exactly when t is not empty and every single raise loses an output. Masks are as narrow as the
 * number of outputs allows, and all passes run over whole blocks, so that the compiler makes vector
 * loops of them.
 *
 * Cost: 3^n × n byte to word operations; memory 3^n × (mask + 1) bytes.
 *
 * Reference: the tabular method of Quine and McCluskey (1956); multi-output primes as in T. Bartee,
 * "Computer design of multiple-output logical networks", 1961.
 */
#include "exact/primes.h"

#include <string.h> /* memset, memmove */

static size_t table_entries(uint32_t inputs)
{
    size_t n = 1;
    while (inputs--) {
        n *= 3;
    }
    return n;
}

static uint32_t mask_bytes(uint32_t outputs)
{
    return outputs <= 8 ? 1 : outputs <= 16 ? 2 : outputs <= 32 ? 4 : 8;
}

bool esp_prime_table_fits(const esp_shape *s, esp_prime_bounds bounds)
{
    if (s->wides != 1 || s->outputs > 64 || s->inputs > 15) {
        return false;
    }
    uint64_t entries = table_entries(s->inputs);
    return entries * (mask_bytes(s->outputs) + 1) <= bounds.bytes &&
           esp_prime_table_work(s) <= bounds.work;
}

uint64_t esp_prime_table_work(const esp_shape *s)
{
    return (uint64_t)table_entries(s->inputs) * (s->inputs + 3) / 8;
}

/* Entry number e as a cube. */
static void put_prime(const esp_shape *s, size_t e, uint64_t outputs, uint64_t *c)
{
    const esp_var *out = esp_output_var(s);
    for (uint32_t w = 0; w < s->words; w++) {
        c[w] = 0;
    }
    for (uint32_t k = 0; k < s->inputs; k++, e /= 3) {
        c[0] |= (uint64_t)(e % 3 + 1) << 2 * k; /* digits 0, 1, 2 are the pairs 01, 10, 11 */
    }
    c[out->word] |= outputs << out->first % 64;
}

#define MASK uint8_t
#define NAME(x) x##_8
#include "exact/primes_table_body.h"
#undef MASK
#undef NAME
#define MASK uint16_t
#define NAME(x) x##_16
#include "exact/primes_table_body.h"
#undef MASK
#undef NAME
#define MASK uint32_t
#define NAME(x) x##_32
#include "exact/primes_table_body.h"
#undef MASK
#undef NAME
#define MASK uint64_t
#define NAME(x) x##_64
#include "exact/primes_table_body.h"

bool esp_primes_by_table(esp_context *ctx, const esp_shape *s, const esp_cover *on_dc,
                         esp_prime_bounds bounds, esp_cover *primes, bool *listed)
{
    size_t entries = table_entries(s->inputs);
    *primes = (esp_cover){0};
    if (!esp_spend(ctx, esp_prime_table_work(s))) {
        return false;
    }
    esp_mark side = esp_arena_mark(&ctx->side);
    bool going;
    switch (mask_bytes(s->outputs)) {
    case 1:
        going = list_8(ctx, s, on_dc, entries, bounds.primes, primes, listed);
        break;
    case 2:
        going = list_16(ctx, s, on_dc, entries, bounds.primes, primes, listed);
        break;
    case 4:
        going = list_32(ctx, s, on_dc, entries, bounds.primes, primes, listed);
        break;
    default:
        going = list_64(ctx, s, on_dc, entries, bounds.primes, primes, listed);
        break;
    }
    esp_arena_release(&ctx->side, side);
    return going;
}
