/* ISOP: an irredundant sum of products between two functions of at most six variables.
 *
 * The idea (Minato 1992, after Morreale 1970). isop(L, U) with L ⊆ U: take a variable x that either
 * depends on. Points of L that only x' products can hold are L0 without U1, those for x are L1
 * without U0; make products for them; what is then left of L may be held by products without x,
 * chosen inside U0 ∩ U1.
 *
 * Invariant: a table does not depend on variables `vars` and above, so both cofactors are whole
 * tables again. Cost: at most 3^vars steps of a few word operations, in practice a few per term.
 * Recursion is at most six deep.
 */
#include "minimize/isop.h"

static const uint64_t var_table[6] = {
    UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xcccccccccccccccc), UINT64_C(0xf0f0f0f0f0f0f0f0),
    UINT64_C(0xff00ff00ff00ff00), UINT64_C(0xffff0000ffff0000), UINT64_C(0xffffffff00000000),
};

typedef struct sum {
    esp_term *terms;
    uint32_t count;
} sum;

/* Cofactors, spread over both halves. */
static uint64_t at_zero(uint64_t t, uint32_t k)
{
    uint64_t low = t & ~var_table[k];
    return low | low << (1u << k);
}

static uint64_t at_one(uint64_t t, uint32_t k)
{
    uint64_t high = t & var_table[k];
    return high | high >> (1u << k);
}

/* Returns the table of the terms added. All tables are over six variables, repeated where they
 * depend on fewer. */
static uint64_t solve(uint64_t lower, uint64_t upper, uint32_t vars, esp_term prefix, sum *out)
{
    if (!lower) {
        return 0;
    }
    if (upper == ~UINT64_C(0)) {
        out->terms[out->count++] = prefix;
        return ~UINT64_C(0);
    }
    uint32_t k = vars - 1;
    while (at_zero(lower, k) == at_one(lower, k) && at_zero(upper, k) == at_one(upper, k)) {
        assert(k > 0);
        k--;
    }
    uint64_t l0 = at_zero(lower, k);
    uint64_t l1 = at_one(lower, k);
    uint64_t u0 = at_zero(upper, k);
    uint64_t u1 = at_one(upper, k);
    esp_term with = prefix;
    with.literals |= (uint8_t)(1u << k);
    uint64_t t0 = solve(l0 & ~u1, u0, k, with, out);
    with.values |= (uint8_t)(1u << k);
    uint64_t t1 = solve(l1 & ~u0, u1, k, with, out);
    uint64_t t2 = solve((l0 & ~t0) | (l1 & ~t1), u0 & u1, k, prefix, out);
    return (t0 & ~var_table[k]) | (t1 & var_table[k]) | t2;
}

uint32_t esp_isop(uint64_t lower, uint64_t upper, uint32_t vars, esp_term *terms)
{
    for (uint32_t k = vars; k < 6; k++) { /* repeat the table so that it is one of six variables */
        lower |= lower << (1u << k);
        upper |= upper << (1u << k);
    }
    sum out = {terms, 0};
    solve(lower, upper, 6, (esp_term){0, 0}, &out);
    return out.count;
}
