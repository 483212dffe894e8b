/* The minimiser on thousands of random functions, each answer judged by the oracle.
 *
 * Method. For every combination of sets (ON, ON and DC, …), every effort, binary and
 * multiple-valued inputs, with and without inputs that do not matter (so that rows have many
 * words): the answer must be the function on its care set, and what a finished run promises must
 * hold: no cube too many, none that could be larger in its inputs, no output that a cube could do
 * without, never more cubes than were given; and where it says "minimum", there is none smaller.
 */
#include "test_minimize_sample.h"

static esp_context ctx;

/* The efforts, then the exact method; and units of work for each, because the last two may take
 * hours. */
enum { EXACT = ESP_EFFORT_HIGH + 1, BUDGET = 20000000 };

static esp_status minimize(const esp_function *f, uint32_t how, esp_cover *result,
                           esp_outcome *outcome)
{
    esp_options options = {.effort = ESP_EFFORT_DEFAULT, .verify = true, .exact = how == EXACT};
    if (how < EXACT) {
        options.effort = (esp_effort)how;
    }
    esp_context_begin(&ctx);
    ctx.budget = BUDGET;
    return esp_minimize(&ctx, f, &options, result, outcome);
}

/* Cubes of ON that hold something that must be held: what an answer may need at most. */
static uint32_t useful_cubes(const sample *x)
{
    static uint32_t cells[ORACLE_CELLS];
    uint32_t useful = 0;
    for (uint32_t i = 0; i < x->f.on.count; i++) {
        uint32_t n = oracle_list(&x->o, esp_cube(&x->f.on, x->f.shape, i), cells);
        uint32_t k = 0;
        while (k < n && x->want[cells[k]] != ORACLE_MUST) {
            k++;
        }
        useful += k < n;
    }
    return useful;
}

static void check_answer(const sample *x, const esp_cover *result, const esp_outcome *outcome)
{
    const oracle *o = &x->o;
    CHECK(outcome->verified);
    CHECK(outcome->lower_bound <= result->count);
    CHECK(!outcome->optimal || outcome->lower_bound == result->count);
    if (esp_stopped(&ctx)) {
        CHECK_EQ_U(ctx.stop, ESP_LIMIT_BUDGET);
        return;
    }
    if (!x->tight) {
        return; /* it takes ON and OFF at their word, whatever DC says of the same points */
    }
    CHECK_EQ_U(oracle_redundant_cube(o, x->want, result), result->count);
    for (uint32_t i = 0; i < result->count; i++) {
        CHECK(oracle_is_prime(o, x->want, esp_cube(result, x->f.shape, i), true));
    }
    CHECK(!oracle_has_redundant_output(o, x->want, result));
    CHECK(!x->f.has_on || result->count <= useful_cubes(x));
}

/* The smallest number of cubes by brute force; 0 when the function is too large for that, or is 0.
 */
static uint32_t true_minimum(const sample *x)
{
    enum { ROOM = 60 };
    uint64_t primes[ROOM * ORACLE_WORDS];
    uint32_t parts = 0;
    for (uint32_t v = 0; v <= x->o.inputs; v++) {
        parts += x->o.parts[v];
    }
    if (!x->tight || parts > 13 || x->o.cells > 48) {
        return 0;
    }
    uint32_t count = oracle_primes(&x->o, x->want, primes, ROOM);
    return count > ROOM ? 0 : oracle_minimum(&x->o, x->want, primes, count, count + 1);
}

static void check_bounds(uint32_t how, uint32_t minimum, uint32_t cubes, const esp_outcome *outcome)
{
    if (!minimum) {
        return;
    }
    CHECK(minimum <= cubes);
    CHECK(outcome->lower_bound <= minimum);
    CHECK(!outcome->optimal || cubes == minimum);
    CHECK(how != EXACT || esp_stopped(&ctx) || cubes == minimum);
}

static void minimize_all(const sample_plan *plan, uint32_t count, uint64_t seed)
{
    for (uint32_t n = 0; n < sample_count(count); n++) {
        sample x;
        sample_create(&x, plan, SAMPLE_SETS, seed + n);
        uint32_t minimum = true_minimum(&x);
        for (uint32_t how = 0; how <= EXACT; how++) {
            esp_cover result = {0};
            esp_outcome outcome;
            if (CHECK_EQ_U(minimize(&x.f, how, &result, &outcome), ESP_OK)) {
                CHECK(oracle_implements(&x.o, x.want, &result));
                check_answer(&x, &result, &outcome);
                check_bounds(how, minimum, result.count, &outcome);
            }
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

TEST(functions_of_few_inputs)
{
    esp_context_init(&ctx);
    minimize_all(&(sample_plan){.inputs = 5, .outputs = 4}, 4000, 1000000);
}

TEST(functions_of_up_to_ten_inputs)
{
    esp_context_init(&ctx);
    minimize_all(&(sample_plan){.inputs = 10, .outputs = 6}, 300, 2000000);
}

TEST(functions_of_multiple_valued_inputs)
{
    esp_context_init(&ctx);
    minimize_all(&(sample_plan){.inputs = 4, .outputs = 4, .multi = 3, .cells = 2000}, 1000,
                 3000000);
}

TEST(functions_of_many_inputs_of_which_few_matter)
{
    esp_context_init(&ctx);
    minimize_all(&(sample_plan){.inputs = 7, .outputs = 4, .multi = 1, .idle = 150, .cells = 2000},
                 600, 4000000);
}

TEST(functions_of_many_outputs)
{
    esp_context_init(&ctx);
    minimize_all(&(sample_plan){.inputs = 4, .outputs = 140}, 150, 5000000);
}

const esp_test test_minimize[] = {
    {"functions of few inputs are minimised", functions_of_few_inputs},
    {"functions of up to ten inputs are minimised", functions_of_up_to_ten_inputs},
    {"functions of multiple-valued inputs are minimised", functions_of_multiple_valued_inputs},
    {"functions of many inputs, few of which matter, are minimised",
     functions_of_many_inputs_of_which_few_matter},
    {"functions of many outputs are minimised", functions_of_many_outputs},
    {0},
};
