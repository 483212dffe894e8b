/* Questions about functions: what follows from what is given, are two the same, what is each cube
 * for, is it a tautology; and sums of products of six variables. All against tables.
 */
#include "job/format.h" /* RST_CUBE_… */
#include "minimize/isop.h"
#include "test_minimize_sample.h"

static esp_context ctx;

static const sample_plan plan = {.inputs = 5, .outputs = 3, .multi = 1, .idle = 40, .cells = 400};

/* Does the cover hold exactly the cells that ask for `mark`, as far as DC leaves it no choice? */
static bool holds_exactly(const sample *x, const esp_cover *f, uint8_t mark)
{
    static uint8_t held[ORACLE_CELLS];
    memset(held, 0, x->o.cells);
    oracle_mark(&x->o, f, 1, held);
    for (uint32_t k = 0; k < x->o.cells; k++) {
        if (x->want[k] != ORACLE_FREE && held[k] != (x->want[k] == mark)) {
            return false;
        }
    }
    return oracle_rows_are_sound(&x->o, f);
}

/* Are ON and DC, or what stands for them, on every point? */
static bool nothing_is_off(const sample *x)
{
    for (uint32_t k = 0; k < x->o.cells; k++) {
        if (x->want[k] == ORACLE_NEVER) {
            return false;
        }
    }
    return true;
}

TEST(sets_that_are_not_given_are_derived)
{
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(1200); n++) {
        sample x;
        esp_cover on = {0};
        esp_cover dc = {0};
        esp_cover off = {0};
        bool whole = false;
        sample_create(&x, &plan, SAMPLE_SETS, 600000 + n);
        esp_context_begin(&ctx);
        CHECK_EQ_U(esp_on_set(&ctx, &x.f, &on), ESP_OK);
        CHECK_EQ_U(esp_dc_set(&ctx, &x.f, &dc), ESP_OK);
        CHECK_EQ_U(esp_off_set(&ctx, &x.f, &off), ESP_OK);
        CHECK(holds_exactly(&x, &on, ORACLE_MUST));
        CHECK(holds_exactly(&x, &off, ORACLE_NEVER));
        if (x.tight) {
            CHECK(holds_exactly(&x, &dc, 4)); /* no cell that asks for something */
            esp_cover all = sample_copy(&ctx, x.f.shape, &on);
            CHECK(esp_cover_append(&ctx, x.f.shape, &all, &dc));
            CHECK(esp_cover_append(&ctx, x.f.shape, &all, &off));
            bool tautology = false;
            CHECK(esp_tautology(&ctx, x.f.shape, &all, &tautology) && tautology);
        }
        if (x.sets == SAMPLE_F || x.sets == SAMPLE_FD || x.sets == SAMPLE_R) {
            CHECK_EQ_U(esp_is_tautology(&ctx, &x.f, &whole), ESP_OK);
            CHECK(whole == nothing_is_off(&x));
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

/* Outputs in which two functions differ where both care, as bits. */
static uint32_t differing(const sample *x, const uint8_t *want, const uint8_t *other)
{
    uint32_t outputs = 0;
    for (uint32_t k = 0; k < x->o.cells; k++) {
        if (want[k] != ORACLE_FREE && other[k] != ORACLE_FREE && want[k] != other[k]) {
            outputs |= 1u << k % x->o.outputs;
        }
    }
    return outputs;
}

TEST(functions_are_equivalent_when_their_tables_agree)
{
    static uint8_t other[ORACLE_CELLS];
    uint32_t same = 0;
    uint32_t different = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(1200); n++) {
        sample x;
        sample_create(&x, &plan, SAMPLE_SETS, 610000 + n);
        for (uint32_t k = 0; k < 4; k++) {
            /* The same function by its sets, with a cube changed as a rule; or any other one. */
            esp_function g = {.shape = x.f.shape};
            sample_parts p = sample_split(&x);
            bool by_off = esp_test_below(&x.random, 2) != 0;
            g.has_on = !by_off;
            g.has_dc = true;
            g.has_off = by_off;
            g.on = p.f;
            g.dc = p.d;
            g.off = p.r;
            esp_cover *changed = by_off ? &g.off : &g.on;
            if (k == 3) {
                *changed = sample_cover(&x, esp_test_below(&x.random, 9));
            } else if (k && changed->count) {
                *changed = sample_copy(&x.ctx, x.f.shape, changed);
                sample_cube(
                    &x, 1, esp_cube(changed, x.f.shape, esp_test_below(&x.random, changed->count)));
            }
            if (!x.tight) {
                continue;
            }
            oracle_function(&x.o, &g, other);
            uint32_t outputs = differing(&x, x.want, other);
            bool answer = false;
            uint32_t output = 99;
            esp_context_begin(&ctx);
            CHECK_EQ_U(esp_equivalent(&ctx, &x.f, &g, &answer, &output), ESP_OK);
            CHECK(answer == (outputs == 0));
            CHECK(answer || (outputs >> output & 1));
            CHECK_EQ_U(esp_equivalent(&ctx, &g, &x.f, &answer, &output), ESP_OK);
            CHECK(answer == (outputs == 0));
            CHECK(answer || (outputs >> output & 1));
            same += answer;
            different += !answer;
        }
        sample_free(&x);
    }
    CHECK(same > 100 && different > 100);
    esp_context_free(&ctx);
}

TEST(functions_of_other_variables_are_not_compared)
{
    esp_context_init(&ctx);
    const uint32_t parts[3] = {1, 2, 3};
    esp_function f = {.shape = esp_shape_create(&ctx, 2, 1, parts), .has_on = true};
    esp_function g = {.shape = esp_shape_create(&ctx, 2, 1, parts + 1), .has_on = true};
    bool answer;
    uint32_t output;
    CHECK_EQ_U(esp_equivalent(&ctx, &f, &g, &answer, &output), ESP_INVALID_INPUT);
    CHECK_HAS(ctx.error.message, "1 outputs");
    esp_context_free(&ctx);
}

/* The cell of a point given as a row; UINT32_MAX when it is not one point. */
static uint32_t cell_of(const sample *x, const uint64_t *row)
{
    static uint32_t cells[ORACLE_CELLS];
    return oracle_list(&x->o, row, cells) == 1 ? cells[0] : UINT32_MAX;
}

static void check_explained(const sample *x, uint32_t i, uint32_t flags, const uint64_t *point,
                            const uint8_t *others, const uint64_t *primes, uint32_t count)
{
    static uint32_t cells[ORACLE_CELLS];
    static uint8_t held[ORACLE_CELLS];
    const uint64_t *c = esp_cube(&x->f.on, x->f.shape, i);
    bool prime = oracle_is_prime(&x->o, x->want, c, false);
    bool alone = false;
    bool essential = false;
    uint32_t n = oracle_list(&x->o, c, cells);
    memset(held, 0, x->o.cells);
    for (uint32_t k = 0; prime && k < count; k++) {
        const uint64_t *p = primes + (size_t)k * x->o.words;
        if (!esp_cube_equal(x->f.shape, p, c)) {
            esp_cover one = {
                esp_cube(&(esp_cover){(uint64_t *)primes, count, count}, x->f.shape, k), 1, 1};
            oracle_mark(&x->o, &one, 1, held);
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        bool must = x->want[cells[k]] == ORACLE_MUST;
        alone = alone || (must && !others[cells[k]]);
        essential = essential || (prime && must && !held[cells[k]]);
    }
    CHECK(((flags & RST_CUBE_PRIME) != 0) == prime);
    CHECK(((flags & RST_CUBE_REDUNDANT) != 0) == !alone);
    CHECK(((flags & RST_CUBE_ESSENTIAL) != 0) == essential);
    if (alone) {
        uint32_t cell = cell_of(x, point);
        CHECK(cell != UINT32_MAX && esp_cube_in(x->f.shape, point, c));
        CHECK(cell == UINT32_MAX || (x->want[cell] == ORACLE_MUST && !others[cell]));
    } else {
        CHECK_EQ_U(esp_cube_parts(x->f.shape, point), 0);
    }
}

TEST(cubes_are_explained)
{
    enum { ROOM = 600 };
    static uint64_t primes[ROOM * ORACLE_WORDS];
    static uint8_t others[ORACLE_CELLS];
    static uint32_t flags[SAMPLE_CUBES];
    const sample_plan few = {.inputs = 4, .outputs = 3, .multi = 1, .cells = 160};
    uint32_t explained = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(800); n++) {
        sample x;
        esp_cover points = {0};
        sample_create(&x, &few, SAMPLE_SETS, 620000 + n);
        uint32_t parts = 0;
        for (uint32_t v = 0; v <= x.o.inputs; v++) {
            parts += x.o.parts[v];
        }
        uint32_t count = parts <= 13 ? oracle_primes(&x.o, x.want, primes, ROOM) : ROOM + 1;
        if (x.tight && x.f.has_on && count <= ROOM) {
            esp_context_begin(&ctx);
            CHECK_EQ_U(esp_explain(&ctx, &x.f, flags, &points), ESP_OK);
            CHECK_EQ_U(points.count, x.f.on.count);
            for (uint32_t i = 0; i < points.count; i++) {
                memset(others, 0, x.o.cells);
                for (uint32_t k = 0; k < points.count; k++) {
                    esp_cover one = {esp_cube(&x.f.on, x.f.shape, k), 1, 1};
                    oracle_mark(&x.o, &one, k != i, others);
                }
                check_explained(&x, i, flags[i], esp_cube(&points, x.f.shape, i), others, primes,
                                count);
                explained++;
            }
        }
        sample_free(&x);
    }
    CHECK(explained > 300);
    esp_context_free(&ctx);
}

static uint64_t table_of(const esp_term *terms, uint32_t count)
{
    uint64_t table = 0;
    for (uint32_t point = 0; point < 64; point++) {
        for (uint32_t i = 0; i < count; i++) {
            if (((point ^ terms[i].values) & terms[i].literals) == 0) {
                table |= UINT64_C(1) << point;
            }
        }
    }
    return table;
}

static void check_isop(uint64_t lower, uint64_t upper, uint32_t vars)
{
    esp_term terms[ESP_ISOP_MOST];
    uint64_t low = lower;
    uint64_t high = upper;
    for (uint32_t k = vars; k < 6;
         k++) { /* tables are repeated in the variables that are not there */
        low |= low << (1u << k);
        high |= high << (1u << k);
    }
    uint32_t count = esp_isop(low, high, vars, terms);
    CHECK(count <= ESP_ISOP_MOST);
    uint64_t table = table_of(terms, count);
    CHECK((low & ~table) == 0 && (table & ~high) == 0);
    for (uint32_t i = 0; i < count; i++) {
        esp_term without[ESP_ISOP_MOST];
        memcpy(without, terms, sizeof terms);
        without[i] = without[count - 1];
        CHECK((low & ~table_of(without, count - 1)) != 0); /* each is needed */
        CHECK(terms[i].literals < 1u << vars && (terms[i].values & ~terms[i].literals) == 0);
    }
}

TEST(sums_of_products_lie_between_their_bounds)
{
    for (uint32_t lower = 0; lower < 256; lower++) {
        for (uint32_t more = 0; more < 256; more++) {
            if ((lower & more) == 0) {
                check_isop(lower, lower | more, 3);
            }
        }
    }
    uint64_t random = 77;
    for (uint32_t n = 0; n < sample_count(2000); n++) {
        uint32_t vars = 4 + n % 3;
        uint64_t mask = vars == 6 ? ~UINT64_C(0) : (UINT64_C(1) << (1u << vars)) - 1;
        uint64_t lower = esp_test_random(&random) & esp_test_random(&random) & mask;
        check_isop(lower, (lower | (esp_test_random(&random) & esp_test_random(&random))) & mask,
                   vars);
    }
}

const esp_test test_minimize_questions[] = {
    {"sets that are not given are derived", sets_that_are_not_given_are_derived},
    {"functions are equivalent when their tables agree",
     functions_are_equivalent_when_their_tables_agree},
    {"functions of other variables are not compared",
     functions_of_other_variables_are_not_compared},
    {"cubes are explained", cubes_are_explained},
    {"sums of products lie between their bounds", sums_of_products_lie_between_their_bounds},
    {0},
};
