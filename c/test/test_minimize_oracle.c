/* Does the referee bite? Errors are planted into right answers, and the oracle must find each of
 * them; so must c/minimize/verify.c, which the minimiser itself relies on, and which must agree
 * with the oracle on every cover.
 *
 * Why each error must be found. In an irredundant cover every cube holds a point of its own that
 * must be held: a cube that is gone, or has a literal turned round, leaves it bare. In a cover of
 * cubes that are prime in their inputs, one value more lets a point in that must stay out. Outputs
 * that ask for opposite things at some point cannot trade places.
 */
#include "test_minimize_sample.h"

static esp_context ctx;

typedef struct planted {
    const char *what;
    uint32_t tried, found;
} planted;

static bool verify(const sample *x, const esp_cover *f)
{
    bool right = false;
    esp_context_begin(&ctx);
    CHECK(esp_verify(&ctx, &x->f, f, &right));
    return right;
}

/* `wrong` must be refused by both referees. */
static void expect_wrong(const sample *x, const esp_cover *wrong, planted *error)
{
    error->tried++;
    error->found += !oracle_implements(&x->o, x->want, wrong) && !verify(x, wrong);
}

static void copy_rows(const sample *x, const esp_cover *from, esp_cover *to)
{
    size_t row = x->o.words * sizeof(uint64_t);
    to->count = from->count;
    memcpy(to->data, from->data, from->count * row);
}

static void drop_cubes(const sample *x, const esp_cover *right, esp_cover *f, planted *error)
{
    for (uint32_t i = 0; i < right->count; i++) {
        copy_rows(x, right, f);
        esp_cube_copy(x->f.shape, esp_cube(f, x->f.shape, i), esp_cube(f, x->f.shape, --f->count));
        expect_wrong(x, f, error);
    }
}

static void flip_literals(const sample *x, const esp_cover *right, esp_cover *f, planted *error)
{
    for (uint32_t i = 0; i < right->count; i++) {
        for (uint32_t v = 0; v < x->o.binary; v++) {
            copy_rows(x, right, f);
            uint64_t *row = esp_cube(f, x->f.shape, i);
            uint32_t zero = x->o.bit[v];
            if (esp_cube_has(row, zero) && esp_cube_has(row, zero + 1)) {
                continue;
            }
            uint32_t is = esp_cube_has(row, zero) ? zero : zero + 1;
            esp_cube_clear(row, is);
            esp_cube_set(row, is == zero ? zero + 1 : zero);
            expect_wrong(x, f, error);
        }
    }
}

static void add_parts(const sample *x, const esp_cover *right, esp_cover *f, planted *error)
{
    for (uint32_t i = 0; i < right->count; i++) {
        for (uint32_t v = 0; v < x->o.inputs; v++) {
            for (uint32_t p = 0; p < x->o.parts[v]; p++) {
                copy_rows(x, right, f);
                uint64_t *row = esp_cube(f, x->f.shape, i);
                if (!esp_cube_has(row, x->o.bit[v] + p)) {
                    esp_cube_set(row, x->o.bit[v] + p);
                    expect_wrong(x, f, error);
                }
            }
        }
    }
}

/* One output asks for what the other forbids at some point. */
static bool opposed(const sample *x, uint32_t a, uint32_t b)
{
    for (uint32_t k = 0; k < x->o.cells; k += x->o.outputs) {
        uint8_t both = x->want[k + a] | x->want[k + b];
        if (both == (ORACLE_MUST | ORACLE_NEVER)) {
            return true;
        }
    }
    return false;
}

static void swap_outputs(const sample *x, const esp_cover *right, esp_cover *f, planted *error)
{
    uint32_t first = x->o.bit[x->o.inputs];
    for (uint32_t a = 0; a < x->o.outputs; a++) {
        for (uint32_t b = a + 1; b < x->o.outputs; b++) {
            if (!opposed(x, a, b)) {
                continue;
            }
            copy_rows(x, right, f);
            for (uint32_t i = 0; i < f->count; i++) {
                uint64_t *row = esp_cube(f, x->f.shape, i);
                bool in_a = esp_cube_has(row, first + a);
                bool in_b = esp_cube_has(row, first + b);
                esp_cube_clear(row, first + a);
                esp_cube_clear(row, first + b);
                row[(first + a) / 64] |= (uint64_t)in_b << (first + a) % 64;
                row[(first + b) / 64] |= (uint64_t)in_a << (first + b) % 64;
            }
            expect_wrong(x, f, error);
        }
    }
}

TEST(planted_errors_are_found)
{
    const sample_plan plans[] = {
        {.inputs = 6, .outputs = 4},
        {.inputs = 4, .outputs = 3, .multi = 2, .cells = 1000},
        {.inputs = 5, .outputs = 3, .idle = 60},
    };
    planted errors[] = {{"drop a cube", 0, 0},
                        {"flip a literal", 0, 0},
                        {"add a part", 0, 0},
                        {"swap two outputs", 0, 0}};
    const esp_options options = {.effort = ESP_EFFORT_DEFAULT};
    esp_context run;
    esp_context_init(&ctx);
    esp_context_init(&run);
    for (uint32_t n = 0; n < sample_count(500); n++) {
        sample x;
        esp_cover right;
        esp_cover wrong;
        esp_outcome outcome;
        sample_create(&x, &plans[n % 3], SAMPLE_SETS, 100000 + n);
        esp_context_begin(&run);
        if (x.tight && CHECK_EQ_U(esp_minimize(&run, &x.f, &options, &right, &outcome), ESP_OK)) {
            CHECK(oracle_implements(&x.o, x.want, &right) && verify(&x, &right));
            wrong = sample_copy(&run, x.f.shape, &right);
            drop_cubes(&x, &right, &wrong, &errors[0]);
            flip_literals(&x, &right, &wrong, &errors[1]);
            add_parts(&x, &right, &wrong, &errors[2]);
            swap_outputs(&x, &right, &wrong, &errors[3]);
        }
        sample_free(&x);
    }
    for (uint32_t k = 0; k < sizeof errors / sizeof errors[0]; k++) {
        esp_test_case(errors[k].what);
        CHECK(errors[k].tried > 50);
        CHECK_EQ_U(errors[k].found, errors[k].tried);
    }
    esp_test_case(NULL);
    esp_context_free(&run);
    esp_context_free(&ctx);
}

/* Covers that are wrong here and there, right now and then. */
TEST(verify_and_the_oracle_agree_on_any_cover)
{
    const sample_plan plan = {.inputs = 5, .outputs = 3, .multi = 1, .idle = 40, .cells = 500};
    uint32_t right = 0;
    uint32_t wrong = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(600); n++) {
        sample x;
        sample_create(&x, &plan, SAMPLE_SETS, 200000 + n);
        sample_parts parts = sample_split(&x);
        esp_cover f = sample_copy(&x.ctx, x.f.shape, &parts.f);
        CHECK(oracle_implements(&x.o, x.want, &f) && verify(&x, &f));
        for (uint32_t k = 0; k < 6; k++) {
            uint64_t *row =
                f.count ? esp_cube(&f, x.f.shape, esp_test_below(&x.random, f.count)) : NULL;
            uint32_t var = esp_test_below(&x.random, x.o.inputs + 1);
            uint32_t bit = x.o.bit[var] + esp_test_below(&x.random, x.o.parts[var]);
            if (row) {
                row[bit / 64] ^= UINT64_C(1) << bit % 64;
            }
            if (x.tight && oracle_rows_are_sound(&x.o, &f)) {
                bool holds = oracle_implements(&x.o, x.want, &f);
                CHECK(verify(&x, &f) == holds);
                right += holds;
                wrong += !holds;
            }
        }
        sample_free(&x);
    }
    CHECK(right > 50 && wrong > 50);
    esp_context_free(&ctx);
}

TEST(the_oracle_knows_small_functions_by_heart)
{
    /* Exclusive or of two inputs: two primes, four cells, nothing to be saved. */
    oracle o;
    esp_context_init(&ctx);
    oracle_init(&o, 2, 0, 0, NULL, 1);
    const uint8_t want[4] = {ORACLE_NEVER, ORACLE_MUST, ORACLE_MUST, ORACLE_NEVER};
    const uint32_t order[2] = {0, 1};
    uint64_t rows[8];
    esp_cover f = {rows, 0, 8};
    CHECK(oracle_make_cover(&o, want, ORACLE_MUST, order, &f, 8));
    CHECK_EQ_U(f.count, 2);
    CHECK_EQ_U(rows[0], 0x19); /* 01 1: input 0 may be 0, input 1 may be 1 */
    CHECK_EQ_U(rows[1], 0x16);
    CHECK(oracle_implements(&o, want, &f));
    CHECK(oracle_is_prime(&o, want, &rows[0], false));
    CHECK_EQ_U(oracle_redundant_cube(&o, want, &f), 2);
    CHECK_EQ_U(oracle_primes(&o, want, rows, 8), 2);
    CHECK_EQ_U(oracle_minimum(&o, want, rows, 2, 9), 2);

    /* The majority of three has three primes, and needs them all. */
    oracle_init(&o, 3, 0, 0, NULL, 1);
    const uint8_t majority[8] = {2, 2, 2, 1, 2, 1, 1, 1};
    CHECK_EQ_U(oracle_primes(&o, majority, rows, 8), 3);
    CHECK_EQ_U(oracle_minimum(&o, majority, rows, 3, 9), 3);
    oracle_supercube(&o, majority, ORACLE_MUST, rows);
    CHECK_EQ_U(rows[0], 0x7f);
    esp_context_free(&ctx);
}

const esp_test test_minimize_oracle[] = {
    {"planted errors are found", planted_errors_are_found},
    {"verify and the oracle agree on any cover", verify_and_the_oracle_agree_on_any_cover},
    {"the oracle knows small functions by heart", the_oracle_knows_small_functions_by_heart},
    {0},
};
