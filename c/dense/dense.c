/* DENSE: two-level minimisation of functions of few inputs on sets of points.
 *
 * The idea. A set of points is one word, or a few. The cubes that leave the variables d free are
 * such a set as well, each standing at its point where these are 0; implicants with one variable
 * more come from a shift and an AND, and an implicant is prime when it is in none of the sets with
 * one more, spread to both halves. Each prime becomes a column, the set of its care points. Points
 * that one column alone covers make it essential; a column inside another and a point whose columns
 * another point has too are dropped, until nothing changes. What is left is searched exhaustively
 * when it fits words both ways (core.c), else it goes to the general search.
 *
 * Invariant: chosen ∪ any cover of the open points by the alive columns is a cover of the function.
 * Cost: 2^inputs × inputs × words for the primes; a round of reductions (columns² + points ×
 * columns) × words.
 *
 * Reference: E. McCluskey, "Minimization of Boolean functions", 1956; the two dominances as in
 * exact/covering.c.
 */
#include "dense/dense.h"

#include "dense/core.h"
#include "exact/covering.h"

/* Nodes of a core's search before the general one takes over, and entries of the table that a prime
 * counts for when that one's effort is set. */
enum { CORE_NODES = 300, CORE_SHARE = 8 };

static const uint64_t table_var[6] = {
    UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xcccccccccccccccc), UINT64_C(0xf0f0f0f0f0f0f0f0),
    UINT64_C(0xff00ff00ff00ff00), UINT64_C(0xffff0000ffff0000), UINT64_C(0xffffffff00000000),
};

#define W 1
#define NAME(x) x##_1
#include "dense/dense_body.h"
#define W 2
#define NAME(x) x##_2
#include "dense/dense_body.h"
#define W 4
#define NAME(x) x##_4
#include "dense/dense_body.h"

struct esp_dense {
    union {
        work_1 one;
        work_2 two;
        work_4 four;
    } at;
};

static uint32_t fields_of(uint32_t outputs)
{
    uint32_t fields = 1;
    while (fields < outputs) {
        fields *= 2;
    }
    return fields;
}

bool esp_dense_fits(uint32_t inputs, uint32_t outputs)
{
    return inputs <= ESP_DENSE_INPUTS && outputs >= 1 && outputs <= ESP_DENSE_OUTPUTS &&
           fields_of(outputs) << inputs <= 64 * ESP_DENSE_WORDS;
}

esp_dense *esp_dense_create(esp_context *ctx)
{
    return esp_alloc(ctx, sizeof(esp_dense));
}

bool esp_dense_minimize(esp_context *ctx, esp_dense *dense, uint32_t inputs, uint32_t outputs,
                        const esp_table_bits *on, const esp_table_bits *dc, uint64_t effort,
                        esp_dense_cover *cover, bool *done)
{
    uint32_t fields = fields_of(outputs);
    uint32_t bits = fields << inputs;
    if (bits <= 64) {
        work_1 *q = &dense->at.one;
        q->inputs = inputs;
        q->outputs = outputs;
        q->fields = fields;
        return minimize_1(ctx, q, on, dc, effort, cover, done);
    }
    if (bits <= 128) {
        work_2 *q = &dense->at.two;
        q->inputs = inputs;
        q->outputs = outputs;
        q->fields = fields;
        return minimize_2(ctx, q, on, dc, effort, cover, done);
    }
    work_4 *q = &dense->at.four;
    q->inputs = inputs;
    q->outputs = outputs;
    q->fields = fields;
    return minimize_4(ctx, q, on, dc, effort, cover, done);
}

void esp_dense_paint(const esp_shape *s, const esp_cover *f, esp_table_bits *table)
{
    const esp_var *out = esp_output_var(s);
    uint32_t inputs = s->inputs;
    *table = (esp_table_bits){{0}};
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        uint64_t low = 1;
        uint32_t must = 0;
        uint32_t free = 0;
        for (uint32_t k = 0; k < inputs; k++) {
            uint32_t pair = (uint32_t)(c[0] >> 2 * k & 3);
            low = k < 6 && pair == 3 ? low | low << (1u << k) : low;
            must |= (uint32_t)(pair == 2) << k;
            free |= (uint32_t)(pair == 3) << k;
            low = pair ? low : 0;
        }
        uint64_t outputs = (c[out->word] & out->mask) >> out->first % 64;
        for (free >>= 6; outputs; outputs &= outputs - 1) {
            uint32_t at = esp_lowest(outputs) << inputs | must;
            for (uint32_t sub = free;; sub = (sub - 1) & free) {
                table->word[at / 64 | sub] |= low << at % 64;
                if (!sub) {
                    break;
                }
            }
        }
    }
}

void esp_dense_put(const esp_shape *s, esp_dense_cube from, uint64_t *to)
{
    const esp_var *out = esp_output_var(s);
    uint64_t pairs = 0;
    for (uint32_t k = 0; k < s->inputs; k++) {
        uint32_t pair = from.dashes >> k & 1 ? 3 : 1u << (from.value >> k & 1);
        pairs |= (uint64_t)pair << 2 * k;
    }
    to[0] = pairs; /* 8 inputs and 16 outputs share a word */
    to[out->word] |= (uint64_t)from.outputs << out->first % 64;
}
