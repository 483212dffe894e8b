/* The steps on sets of W words; included by dense.c with W and NAME(x) (a suffix). See there. */

typedef struct NAME(set) {
    uint64_t w[W];
} NAME(set);
#define SET NAME(set)

typedef struct NAME(work) {
    uint32_t inputs, outputs, fields; /* fields: outputs rounded up to a power of two */
    uint32_t count;                   /* primes that cover something */
    uint32_t alive;                   /* columns still in the problem */
    SET implicant[W == 1 ? 64 : 1 << ESP_DENSE_INPUTS];
    SET column[ESP_DENSE_PRIMES];    /* care points of each prime */
    SET now[ESP_DENSE_PRIMES];       /* of the alive ones, what is open of them */
    uint16_t name[ESP_DENSE_PRIMES]; /* of the alive ones: index in column */
    esp_dense_cube cube[ESP_DENSE_PRIMES];
    uint16_t weight[ESP_DENSE_PRIMES];
    uint8_t chosen[ESP_DENSE_PRIMES];
} NAME(work);
#define WORK NAME(work)

#include "dense/primes_body.h"
#include "dense/reduce_body.h"
#include "dense/choose_body.h"

static bool NAME(minimize)(esp_context *ctx, WORK *q, const esp_table_bits *on,
                           const esp_table_bits *dc, uint64_t effort, esp_dense_cover *cover,
                           bool *done)
{
    SET care;
    SET all;
    for (uint32_t w = 0; w < W; w++) {
        care.w[w] = on->word[w];
        all.w[w] = on->word[w] | dc->word[w];
    }
    *done = false;
    if (!esp_spend(ctx, (((uint64_t)q->inputs * W) << q->inputs) / 4 + 1)) {
        return false;
    }
    if (!NAME(list)(q, &care, &all, &cover->primes)) {
        return true;
    }
    if (!NAME(choose)(ctx, q, &care, effort, &cover->essential, &cover->lower_bound)) {
        return false;
    }
    cover->cubes = 0;
    for (uint32_t j = 0; j < q->count; j++) {
        cover->cube[cover->cubes] = q->cube[j];
        cover->cubes += q->chosen[j];
    }
    *done = true;
    return true;
}

#undef SET
#undef WORK
#undef W
#undef NAME
