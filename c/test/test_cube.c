/* Cubes, covers and the kernels under them, bit by bit: layouts against the oracle's, sets of bits
 * against loops. */
#include "cube/cofactor.h"
#include "cube/kernels.h"
#include "test_minimize_sample.h"

static const sample_plan any_shape = {
    .inputs = 8, .outputs = 90, .multi = 3, .idle = 140, .cells = 4000};

TEST(variables_lie_where_the_rule_puts_them)
{
    for (uint32_t n = 0; n < sample_count(500); n++) {
        sample x;
        sample_create(&x, &any_shape, SAMPLE_F, 800000 + n);
        const esp_shape *s = x.f.shape;
        const oracle *o = &x.o;
        uint32_t idle = s->inputs - o->binary;
        CHECK_EQ_U(s->vars, o->inputs + idle + 1);
        CHECK_EQ_U(s->outputs, o->outputs);
        CHECK_EQ_U(s->words, o->words);
        CHECK(!memcmp(s->full, o->known, s->words * sizeof *s->full));
        uint32_t parts = 0;
        for (uint32_t v = 0; v < s->vars; v++) {
            const esp_var *var = &s->var[v];
            parts += var->parts;
            CHECK_EQ_U(var->word, var->first / 64);
            CHECK_EQ_U(var->last_word, (var->first + var->parts - 1) / 64);
            CHECK(var->word == var->last_word || var->first % 64 == 0);
            for (uint32_t bit = 0; bit < s->words * 64; bit++) {
                bool mine = bit >= var->first && bit < var->first + var->parts;
                bool in = bit / 64 >= var->word && bit / 64 <= var->last_word &&
                          (esp_var_mask(var, bit / 64) >> bit % 64 & 1);
                CHECK(in == mine);
            }
            CHECK(v >= s->inputs || (s->binary[var->word] >> var->first % 64 & 1));
        }
        CHECK_EQ_U(parts, s->parts);
        for (uint32_t v = o->binary; v <= o->inputs; v++) {
            CHECK_EQ_U(s->var[v + idle].first, o->bit[v]);
        }
        sample_free(&x);
    }
}

/* Variables in which the cubes share no part, counted by hand. */
static uint32_t apart(const esp_shape *s, const uint64_t *a, const uint64_t *b)
{
    uint32_t distance = 0;
    for (uint32_t v = 0; v < s->vars; v++) {
        bool meet = false;
        for (uint32_t p = 0; p < s->var[v].parts; p++) {
            uint32_t bit = esp_bit(s, v, p);
            meet = meet || (esp_cube_has(a, bit) && esp_cube_has(b, bit));
        }
        distance += !meet;
    }
    return distance;
}

TEST(distances_and_counts_are_what_the_bits_say)
{
    for (uint32_t n = 0; n < sample_count(400); n++) {
        sample x;
        sample_create(&x, &any_shape, SAMPLE_F, 810000 + n);
        const esp_shape *s = x.f.shape;
        esp_cover f = sample_cover(&x, 12);
        esp_cost cost = {12, 0, 0};
        for (uint32_t i = 0; i < 12; i++) {
            uint64_t *a = esp_cube(&f, s, i);
            uint32_t bits = 0;
            for (uint32_t v = 0; v < s->vars; v++) {
                uint32_t count = 0;
                for (uint32_t p = 0; p < s->var[v].parts; p++) {
                    count += esp_cube_has(a, esp_bit(s, v, p));
                }
                bits += count;
                CHECK_EQ_U(esp_var_count(&s->var[v], a), count);
                CHECK(esp_var_all(&s->var[v], a) == (count == s->var[v].parts));
                CHECK(esp_var_none(&s->var[v], a) == (count == 0));
                cost.in += v + 1 < s->vars && count < s->var[v].parts;
                cost.out += v + 1 < s->vars ? 0 : count;
            }
            CHECK_EQ_U(esp_cube_parts(s, a), bits);
            CHECK(!esp_cube_empty(s, a));
            for (uint32_t k = 0; k < 12; k++) {
                const uint64_t *b = esp_cube(&f, s, k);
                uint32_t distance = apart(s, a, b);
                CHECK_EQ_U(esp_cube_distance(s, a, b, UINT32_MAX), distance);
                for (uint32_t enough = 0; enough < 3; enough++) {
                    uint32_t got = esp_cube_distance(s, a, b, enough);
                    CHECK(distance <= enough ? got == distance : got > enough);
                }
                CHECK(esp_cubes_meet(s, a, b) == (distance == 0));
            }
            uint32_t var = esp_test_below(&x.random, s->vars);
            uint64_t saved[ORACLE_WORDS];
            memcpy(saved, a, s->words * sizeof *a);
            for (uint32_t p = 0; p < s->var[var].parts; p++) {
                esp_cube_clear(a, esp_bit(s, var, p));
            }
            CHECK(esp_cube_empty(s, a));
            memcpy(a, saved, s->words * sizeof *a);
        }
        esp_cost got = esp_cover_cost(s, &f);
        CHECK(got.cubes == cost.cubes && got.in == cost.in && got.out == cost.out);
        sample_free(&x);
    }
}

TEST(cofactors_are_what_the_bits_say)
{
    const sample_plan plans[] = {{.inputs = 8, .outputs = 3, .idle = 110}, any_shape};
    for (uint32_t n = 0; n < sample_count(600); n++) {
        sample x;
        sample_create(&x, &plans[n % 2], SAMPLE_F, 820000 + n);
        const esp_shape *s = x.f.shape;
        uint32_t count = esp_test_below(&x.random, 40);
        esp_cover f = sample_cover(&x, count);
        esp_cover to = sample_cover(&x, count + 1);
        uint64_t c[ORACLE_WORDS];
        sample_cube(&x, n % 4, c);
        uint32_t got = esp_cofactor_rows(s, f.data, count, c, to.data);
        uint32_t expected = 0;
        for (uint32_t i = 0; i < count; i++) {
            const uint64_t *row = esp_cube(&f, s, i);
            if (apart(s, row, c)) {
                continue;
            }
            for (uint32_t w = 0; w < s->words && expected < got; w++) {
                CHECK_EQ_U(esp_cube(&to, s, expected)[w], row[w] | (s->full[w] & ~c[w]));
            }
            expected++;
        }
        CHECK_EQ_U(got, expected);
        CHECK_EQ_U(esp_cofactor_rows(s, f.data, count, c, f.data), expected); /* in place */
        CHECK(!memcmp(f.data, to.data, (size_t)expected * s->words * sizeof *f.data));
        sample_free(&x);
    }
}

/* Is cube i of f empty, or inside another one (of equal ones: an earlier)? */
static bool superfluous(const esp_shape *s, const esp_cover *f, uint32_t i)
{
    const uint64_t *c = esp_cube(f, s, i);
    bool in = esp_cube_empty(s, c);
    for (uint32_t k = 0; k < f->count; k++) {
        const uint64_t *d = esp_cube(f, s, k);
        in = in || (k != i && esp_cube_in(s, c, d) && (k < i || !esp_cube_equal(s, c, d)));
    }
    return in;
}

TEST(containment_keeps_the_rest_in_order)
{
    for (uint32_t n = 0; n < sample_count(400); n++) {
        sample x;
        sample_create(&x, &any_shape, SAMPLE_F, 830000 + n);
        const esp_shape *s = x.f.shape;
        esp_cover f = sample_cover(&x, esp_test_below(&x.random, 60));
        for (uint32_t i = 0; i < f.count / 4; i++) { /* some twice, some without a point */
            uint64_t *c = esp_cube(&f, s, esp_test_below(&x.random, f.count));
            esp_cube_copy(s, c, esp_cube(&f, s, esp_test_below(&x.random, f.count)));
            if (i % 3 == 0) {
                esp_cube_clear(c, 0);
                esp_cube_clear(c, 1);
            }
        }
        esp_cover before = sample_copy(&x.ctx, s, &f);
        esp_cover_contain(&x.ctx, s, &f);
        uint32_t kept = 0;
        for (uint32_t i = 0; i < before.count; i++) {
            if (!superfluous(s, &before, i)) {
                CHECK(kept < f.count &&
                      esp_cube_equal(s, esp_cube(&f, s, kept), esp_cube(&before, s, i)));
                kept++;
            }
        }
        CHECK_EQ_U(f.count, kept);
        sample_free(&x);
    }
}

TEST(sorting_makes_one_order_of_all)
{
    for (uint32_t n = 0; n < sample_count(300); n++) {
        sample x;
        sample_create(&x, &any_shape, SAMPLE_F, 840000 + n);
        const esp_shape *s = x.f.shape;
        esp_cover f = sample_cover(&x, esp_test_below(&x.random, 70));
        esp_cover g = sample_copy(&x.ctx, s, &f);
        for (uint32_t i = g.count; i > 1; i--) {
            uint64_t saved[ORACLE_WORDS];
            uint64_t *a = esp_cube(&g, s, i - 1);
            uint64_t *b = esp_cube(&g, s, esp_test_below(&x.random, i));
            esp_cube_copy(s, saved, a);
            esp_cube_copy(s, a, b);
            esp_cube_copy(s, b, saved);
        }
        CHECK(esp_cover_sort(&x.ctx, s, &f) && esp_cover_sort(&x.ctx, s, &g));
        CHECK(!memcmp(f.data, g.data, (size_t)f.count * s->words * sizeof *f.data));
        for (uint32_t i = 1; i < f.count; i++) {
            CHECK(esp_cube_parts(s, esp_cube(&f, s, i - 1)) >=
                  esp_cube_parts(s, esp_cube(&f, s, i)));
        }
        sample_free(&x);
    }
}

TEST(covers_grow_without_losing_a_cube)
{
    sample x;
    sample_create(&x, &any_shape, SAMPLE_F, 850000);
    const esp_shape *s = x.f.shape;
    esp_cover f = {0};
    esp_cover g = {0};
    for (uint32_t i = 0; i < 3000; i++) {
        uint64_t c[ORACLE_WORDS] = {i, i * 7};
        CHECK(esp_cover_push_cube(&x.ctx, s, &f, c));
        CHECK(i % 3 || esp_cover_push_cube(&x.ctx, s, &g, c)); /* neither stays the newest */
    }
    CHECK(esp_cover_append(&x.ctx, s, &f, &g));
    CHECK_EQ_U(f.count, 4000);
    for (uint32_t i = 0; i < 4000; i++) {
        CHECK_EQ_U(esp_cube(&f, s, i)[0], i < 3000 ? i : (i - 3000) * 3);
    }
    sample_free(&x);
}

enum { COLUMNS = 20, WORDS = 64 };

static uint64_t columns[COLUMNS][WORDS] __attribute__((aligned(64)));
static uint64_t active[WORDS] __attribute__((aligned(64)));

static void fill(uint64_t *random, uint32_t words)
{
    for (uint32_t c = 0; c < COLUMNS; c++) {
        uint32_t thin = esp_test_below(random, 5);
        for (uint32_t w = 0; w < words; w++) {
            columns[c][w] = esp_test_random(random);
            for (uint32_t k = 0; k < thin; k++) {
                columns[c][w] &= esp_test_random(random);
            }
        }
    }
    uint32_t sparse = esp_test_below(random, 8);
    for (uint32_t w = 0; w < words; w++) {
        active[w] = esp_test_random(random);
        for (uint32_t k = 0; k < sparse; k++) {
            active[w] &= esp_test_random(random);
        }
    }
}

static void check_kernels(const esp_kernels *kernels, uint64_t *random, uint32_t words)
{
    static uint64_t out[WORDS] __attribute__((aligned(64)));
    const uint64_t *at[COLUMNS];
    uint8_t flags[COLUMNS];
    uint32_t count = esp_test_below(random, COLUMNS + 1);
    fill(random, words);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        at[c] = columns[c];
    }
    bool any_single = false;
    bool any_escape = false;
    bool single = kernels->in_exactly_one(at, count, active, words, out);
    for (uint32_t row = 0; row < words * 64; row++) {
        uint32_t in = 0;
        bool is_active = active[row / 64] >> row % 64 & 1;
        for (uint32_t c = 0; c < count; c++) {
            in += (uint32_t)(columns[c][row / 64] >> row % 64 & 1);
        }
        CHECK((out[row / 64] >> row % 64 & 1) == (is_active && in == 1));
        any_single = any_single || (is_active && in == 1);
        any_escape = any_escape || (is_active && in == 0);
    }
    CHECK(single == any_single);
    uint32_t hint = esp_test_below(random, words);
    CHECK(kernels->escapes(at, count, active, words, &hint) == any_escape);
    CHECK(kernels->escapes(at, count, active, words, &hint) == any_escape);
    kernels->flag_meeting(at, count, active, words, flags);
    for (uint32_t c = 0; c < count; c++) {
        uint32_t shared = 0;
        for (uint32_t w = 0; w < words; w++) {
            shared += esp_popcount(columns[c][w] & active[w]);
        }
        CHECK_EQ_U(flags[c], shared > 0);
        CHECK(kernels->meets(columns[c], active, words) == (shared > 0));
        CHECK_EQ_U(kernels->count_shared(columns[c], active, words), shared);
    }
}

/* Rows of any number of words, among which a cube is looked for that is often inside one of them
 * or equal to one. */
static void check_rows(const esp_kernels *kernels, uint64_t *random)
{
    enum { ROWS = 70, MOST = 11 };
    static uint64_t rows[ROWS * MOST];
    uint64_t c[MOST];
    uint32_t words = 1 + esp_test_below(random, MOST);
    uint32_t count = esp_test_below(random, ROWS + 1);
    for (uint32_t k = 0; k < count * words; k++) {
        rows[k] = esp_test_random(random) | esp_test_random(random);
    }
    uint32_t near = count ? esp_test_below(random, count) : 0;
    uint32_t how = esp_test_below(random, 4); /* any cube; a row; inside a row; all but inside */
    for (uint32_t w = 0; w < words; w++) {
        c[w] = how && count ? rows[near * words + w] : esp_test_random(random);
        c[w] &= how == 2 ? esp_test_random(random) : UINT64_MAX;
    }
    if (how == 3) {
        c[esp_test_below(random, words)] |= UINT64_C(1) << esp_test_below(random, 64);
    }
    uint32_t expected = ESP_OUTSIDE;
    for (uint32_t i = count; i--;) {
        bool inside = true;
        bool equal = true;
        for (uint32_t w = 0; w < words; w++) {
            inside = inside && !(c[w] & ~rows[i * words + w]);
            equal = equal && c[w] == rows[i * words + w];
        }
        expected = equal ? i : inside && expected == ESP_OUTSIDE ? ESP_INSIDE : expected;
    }
    CHECK_EQ_U(kernels->find(rows, count, words, c), expected);
    CHECK(kernels->inside_some(rows, count, words, c) == (expected != ESP_OUTSIDE));
}

TEST(kernels_are_what_the_bits_say)
{
    uint64_t random = 9;
    for (uint32_t n = 0; n < sample_count(1000); n++) {
        uint32_t words = ESP_STRIDE * (1 + esp_test_below(&random, WORDS / ESP_STRIDE));
        check_kernels(&esp_kernels_portable, &random, words);
        check_rows(&esp_kernels_portable, &random);
#if defined __x86_64__
        uint32_t best = esp_kernels_pick(false)->id;
        if (best >= esp_kernels_avx2.id) {
            check_kernels(&esp_kernels_avx2, &random, words);
            check_rows(&esp_kernels_avx2, &random);
        }
        if (best >= esp_kernels_avx512.id) {
            check_kernels(&esp_kernels_avx512, &random, words);
            check_rows(&esp_kernels_avx512, &random);
        }
#endif
    }
    CHECK(esp_kernels_pick(true) == &esp_kernels_portable);
    CHECK_EQ_U(esp_set_words(0), 0);
    CHECK_EQ_U(esp_set_words(1), ESP_STRIDE);
    CHECK_EQ_U(esp_set_words(512), ESP_STRIDE);
    CHECK_EQ_U(esp_set_words(513), 2 * ESP_STRIDE);
}

const esp_test test_cube[] = {
    {"variables lie where the rule puts them", variables_lie_where_the_rule_puts_them},
    {"distances and counts are what the bits say", distances_and_counts_are_what_the_bits_say},
    {"cofactors are what the bits say", cofactors_are_what_the_bits_say},
    {"containment keeps the rest in order", containment_keeps_the_rest_in_order},
    {"sorting makes one order of all", sorting_makes_one_order_of_all},
    {"covers grow without losing a cube", covers_grow_without_losing_a_cube},
    {"kernels are what the bits say", kernels_are_what_the_bits_say},
    {0},
};
