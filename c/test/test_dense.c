/* The minimiser on truth tables: its primes against those of the ternary table, its covers against
 * the points of the function, its minima against the exact method, which does without it.
 */
#include "dense/dense.h"
#include "exact/primes.h"
#include "test_minimize_sample.h"

static esp_context ctx;
static uint64_t state;

static uint32_t random_below(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % n;
}

typedef struct tables {
    uint32_t inputs, outputs;
    esp_table_bits on, dc;
} tables;

static bool has(const esp_table_bits *t, uint32_t bit)
{
    return t->word[bit / 64] >> bit % 64 & 1;
}

/* Each point of a random density ON, of another don't-care. */
static tables random_tables(uint32_t inputs, uint32_t outputs)
{
    tables t = {inputs, outputs, {{0}}, {{0}}};
    uint32_t on = random_below(101);
    uint32_t dc = random_below(3) ? 0 : random_below(101 - on);
    for (uint32_t bit = 0; bit < outputs << inputs; bit++) {
        uint32_t draw = random_below(100);
        esp_table_bits *to = draw < on ? &t.on : draw < on + dc ? &t.dc : NULL;
        if (to) {
            to->word[bit / 64] |= UINT64_C(1) << bit % 64;
        }
    }
    return t;
}

/* One cube for each point. */
static esp_cover as_cover(const esp_shape *s, const tables *t, const esp_table_bits *set)
{
    esp_cover f;
    CHECK(esp_cover_create(&ctx, s, 1u << t->inputs, &f));
    for (uint32_t x = 0; x < 1u << t->inputs; x++) {
        esp_dense_cube c = {0, (uint16_t)x, 0};
        for (uint32_t o = 0; o < t->outputs; o++) {
            c.outputs |= (uint16_t)((uint32_t)has(set, o << t->inputs | x) << o);
        }
        if (c.outputs) {
            esp_dense_put(s, c, esp_cube(&f, s, f.count++));
        }
    }
    return f;
}

static bool holds(esp_dense_cube c, uint32_t inputs, uint32_t bit)
{
    uint32_t x = bit & ((1u << inputs) - 1);
    return (x & ~(uint32_t)c.dashes) == c.value && c.outputs >> (bit >> inputs) & 1;
}

static bool implicant(const tables *t, esp_dense_cube c)
{
    for (uint32_t bit = 0; bit < t->outputs << t->inputs; bit++) {
        if (holds(c, t->inputs, bit) && !has(&t->on, bit) && !has(&t->dc, bit)) {
            return false;
        }
    }
    return true;
}

static void check_cover(const tables *t, const esp_dense_cover *f)
{
    for (uint32_t i = 0; i < f->cubes; i++) {
        esp_dense_cube c = f->cube[i];
        CHECK(c.outputs && !(c.value & c.dashes) && implicant(t, c));
        for (uint32_t v = 0; v < t->inputs; v++) {
            esp_dense_cube raised = c;
            raised.dashes |= (uint16_t)(1u << v);
            raised.value &= (uint16_t)~(1u << v);
            CHECK(raised.dashes == c.dashes || !implicant(t, raised));
        }
        for (uint32_t o = 0; o < t->outputs; o++) {
            esp_dense_cube raised = c;
            raised.outputs |= (uint16_t)(1u << o);
            CHECK(raised.outputs == c.outputs || !implicant(t, raised));
        }
    }
    for (uint32_t bit = 0; bit < t->outputs << t->inputs; bit++) {
        bool covered = false;
        for (uint32_t i = 0; i < f->cubes; i++) {
            covered = covered || holds(f->cube[i], t->inputs, bit);
        }
        CHECK(covered || !has(&t->on, bit));
    }
}

static void check_against_others(const tables *t, const esp_dense_cover *f)
{
    const esp_prime_bounds bounds = {100000, 1u << 30, 1u << 24};
    const esp_shape *s = esp_shape_create(&ctx, t->inputs, 1, &t->outputs);
    esp_function g = {.shape = s, .has_on = true, .has_dc = true};
    g.on = as_cover(s, t, &t->on);
    g.dc = as_cover(s, t, &t->dc);
    esp_table_bits painted;
    esp_dense_paint(s, &g.on, &painted);
    CHECK(!memcmp(&painted, &t->on, sizeof painted));
    esp_cover both = sample_copy(&ctx, s, &g.on);
    esp_cover primes;
    bool listed = false;
    CHECK(esp_cover_append(&ctx, s, &both, &g.dc));
    CHECK(esp_list_primes(&ctx, s, &both, bounds, &primes, &listed) && listed);
    CHECK_EQ_U(f->primes, primes.count);
    esp_options options = {.effort = ESP_EFFORT_HIGH, .exact = true};
    esp_outcome outcome;
    esp_cover minimum;
    CHECK(esp_minimize(&ctx, &g, &options, &minimum, &outcome) == ESP_OK);
    CHECK(f->lower_bound <= f->cubes && f->lower_bound <= minimum.count);
    CHECK(f->cubes >= outcome.lower_bound);
    if (f->lower_bound == f->cubes && outcome.optimal) {
        CHECK_EQ_U(f->cubes, minimum.count);
    }
}

TEST(tables_are_minimised)
{
    esp_context_init(&ctx);
    uint32_t proven = 0;
    uint32_t count = sample_count(400);
    for (uint32_t n = 0; n < count; n++) {
        state = 700000 + n;
        (void)random_below(2);
        uint32_t inputs = random_below(ESP_DENSE_INPUTS + 1);
        uint32_t outputs = 1 + random_below(random_below(3) ? 2 : ESP_DENSE_OUTPUTS);
        if (!esp_dense_fits(inputs, outputs)) {
            continue;
        }
        tables t = random_tables(inputs, outputs);
        esp_context_begin(&ctx);
        esp_dense *dense = esp_dense_create(&ctx);
        esp_dense_cover f = {0};
        bool done = false;
        CHECK(esp_dense_minimize(&ctx, dense, inputs, outputs, &t.on, &t.dc, 1500, &f, &done));
        if (done) {
            check_cover(&t, &f);
            check_against_others(&t, &f);
            proven += f.lower_bound == f.cubes;
        }
    }
    CHECK(proven >= count / 2);
    esp_context_free(&ctx);
}

/* A limit ends the run with a cover or without, and it says so. */
TEST(tables_stop_at_a_budget)
{
    esp_context_init(&ctx);
    for (uint64_t budget = 1; budget < 3000; budget += 97) {
        state = 3;
        tables t = random_tables(8, 1);
        for (uint32_t w = 0; w < ESP_DENSE_WORDS; w++) {
            t.on.word[w] = UINT64_C(0x9e3779b97f4a7c15) * (w + 1);
            t.dc.word[w] = 0;
        }
        esp_context_begin(&ctx);
        ctx.budget = budget;
        ctx.next_check = 0;
        esp_dense_cover f = {0};
        bool done = true;
        bool going =
            esp_dense_minimize(&ctx, esp_dense_create(&ctx), 8, 1, &t.on, &t.dc, 1500, &f, &done);
        CHECK(going || esp_stopped(&ctx));
        if (going && done) {
            check_cover(&t, &f);
        }
    }
    esp_context_free(&ctx);
}

const esp_test test_dense[] = {
    {"tables are minimised", tables_are_minimised},
    {"tables stop at a budget", tables_stop_at_a_budget},
    {0},
};
