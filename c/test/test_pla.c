/* Reading PLA text: what each symbol means in each type, what is tolerated, where complaints point
 * to.
 *
 * Method. Small texts with known outcomes, and for the search of contradictions a comparison with
 * every pair compared. Malformed and odd files, one for each defect, are in test/data/pla;
 * test_pla_robust.c damages texts.
 */
#include <string.h> /* strlen, strchr, memcmp */

#include "pla/overlap.h"
#include "pla/pla.h"
#include "test.h"

enum { F = ESP_PLA_F, D = ESP_PLA_D, R = ESP_PLA_R };

static esp_context context;

static esp_status read_text(const char *text, esp_pla *pla)
{
    esp_context_init(&context);
    return esp_pla_read(&context, (const uint8_t *)text, strlen(text), F | D, pla);
}

static void done(void)
{
    esp_context_free(&context);
}

static bool outputs_are(const esp_pla *pla, const esp_cover *f, const char *bits)
{
    const esp_shape *s = pla->function.shape;
    if (f->count != (strchr(bits, '1') ? 1u : 0u)) {
        return false;
    }
    for (uint32_t p = 0; f->count && p < s->outputs; p++) {
        if (esp_cube_has(f->data, esp_output_var(s)->first + p) != (bits[p] == '1')) {
            return false;
        }
    }
    return true;
}

TEST(symbols_mean_what_the_type_says)
{
    static const struct {
        const char *type;
        const char *on, *dc, *off;
        uint32_t bits;
    } cases[] = {
        /*        1 4 0 - 2 x ~ 3 */
        {"f", "11000000", "00000000", "00000000", F},
        {"fd", "11000000", "00011100", "00000000", F | D},
        {"fr", "11000000", "00000000", "00100000", F | R},
        {"fdr", "11000000", "00011100", "00100000", F | D | R},
        {"r", "00000000", "00000000", "00100000", R},
        {"dr", "00000000", "00011100", "00100000", D | R},
    };
    for (uint32_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        static const char rest[] = "\n01-2X|140-2x~3\n.e\n";
        char text[64] = ".i 5\n.o 8\n.type ";
        size_t head = strlen(text), type = strlen(cases[k].type);
        memcpy(text + head, cases[k].type, type);
        memcpy(text + head + type, rest, sizeof rest);
        esp_test_case(cases[k].type);
        esp_pla pla;
        if (!CHECK_EQ_U(read_text(text, &pla), ESP_OK)) {
            return;
        }
        const esp_function *f = &pla.function;
        CHECK(outputs_are(&pla, &f->on, cases[k].on));
        CHECK(outputs_are(&pla, &f->dc, cases[k].dc));
        CHECK(outputs_are(&pla, &f->off, cases[k].off));
        CHECK_EQ_U(pla.type, cases[k].bits);
        CHECK_EQ_U(f->has_on, (cases[k].bits & F) != 0);
        CHECK_EQ_U(f->has_dc, (cases[k].bits & D) != 0);
        CHECK_EQ_U(f->has_off, (cases[k].bits & R) != 0);
        const esp_cover *any = f->on.count ? &f->on : &f->off;
        CHECK_EQ_U(any->data[0] & 0x3ff, 0x3f9); /* 01 10 11 11 11, the first input lowest */
        done();
    }
}

TEST(layout_of_the_text_does_not_matter)
{
    static const char *const texts[] = {
        ".i 4\n.o 2\n10-1 10\n0--- 01\n.e\n",
        ".i 4\r\n.o 2\r\n10-1 10\r\n0--- 01\r\n.e\r\n",
        ".i 4\r.o 2\r10-1 10\r0--- 01\r.e\r",
        ".i 4\n.o 2\n10-1 10\n0--- 01",
        "a title\n  and more of it: 0101 01\n.i 4 .o 2 .p 2\n10-110 .e",
        "\xef\xbb\xbf.i 4\n.o 2\n10-110\n0---01\n.end",
        "# .i 9\n\t.i\t4\n .o 2 # two\n1 0 - 1 | 1 0\n\n|0|-|-|-|0|1| # zero\n.e rest 0",
        ".o 2\n.i 4\n10\n# between\n-1\n\n1\n0\n0--\n-01\n.e\n",
        ".i 4\n.o 2\n.unknown 1 2 3\n10-1 10\n.label x\n0--- 01\n.e\nzzz",
    };
    uint64_t expected[2] = {0};
    for (uint32_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        esp_pla pla;
        CHECK_EQ_U(read_text(texts[k], &pla), ESP_OK);
        uint32_t cubes = k == 4 ? 1 : 2;
        CHECK_EQ_U(pla.function.on.count, cubes);
        if (k == 0) {
            memcpy(expected, pla.function.on.data, sizeof expected);
        }
        CHECK(!memcmp(expected, pla.function.on.data, cubes * sizeof expected[0]));
        done();
    }
}

static bool name_is(const esp_name *name, const char *text)
{
    return name->length == strlen(text) && !memcmp(name->text, text, name->length);
}

TEST(names_may_be_too_few_and_go_on_in_the_next_line)
{
    esp_pla pla;
    CHECK_EQ_U(read_text(".i 4\n.o 3\n.ilb a<3> b#2 # c\n x d \n.ob f\n0--- 111\n.e\n", &pla),
               ESP_OK);
    CHECK_EQ_U(pla.input_names, 4);
    CHECK_EQ_U(pla.output_names, 3);
    CHECK(name_is(&pla.input_name[0], "a<3>"));
    CHECK(name_is(&pla.input_name[1], "b#2"));
    CHECK(name_is(&pla.input_name[2], "x"));
    CHECK(name_is(&pla.input_name[3], "d"));
    CHECK(name_is(&pla.output_name[0], "f"));
    CHECK_EQ_U(pla.output_name[1].length + pla.output_name[2].length, 0);
    CHECK_EQ_U(pla.function.on.count, 1);
    CHECK_EQ_U(pla.warnings, 1);
    done();
}

TEST(names_that_repeat_are_a_warning)
{
    esp_pla pla;
    CHECK_EQ_U(read_text(".i 5\n.o 2\n.ilb a bb a1 b a\n.ob a b\n.e\n", &pla), ESP_OK);
    CHECK_EQ_U(pla.warnings, 1);
    done();
}

TEST(nothing_that_is_declared_is_trusted)
{
    esp_pla pla;
    CHECK_EQ_U(read_text(".i 2\n.o 1\n.p 4000000000\n11 1\n.e\n", &pla), ESP_OK);
    CHECK_EQ_U(pla.declared_cubes, 4000000000u);
    CHECK_EQ_U(pla.function.on.count, 1);
    CHECK_EQ_U(pla.warnings, 1);
    CHECK(context.arena.held < 65536);
    done();
    CHECK_EQ_U(read_text(".i 2\n.o 1\n.p 99999999999999999999\n11 1\n.e\n", &pla), ESP_OK);
    CHECK_EQ_U(pla.function.on.count, 1);
    done();
}

TEST(constants_and_empty_functions_are_functions)
{
    esp_pla pla;
    CHECK_EQ_U(read_text(".i 0\n.o 3\n1-0\n.e\n", &pla), ESP_OK);
    CHECK_EQ_U(pla.function.on.count, 1);
    CHECK_EQ_U(pla.function.on.data[0], 1);
    CHECK_EQ_U(pla.function.dc.data[0], 2);
    done();
    CHECK_EQ_U(read_text(".i 70\n.o 1\n.e\n", &pla), ESP_OK);
    CHECK_EQ_U(pla.function.on.count, 0);
    CHECK_EQ_U(pla.function.shape->inputs, 70);
    CHECK(pla.function.has_on && pla.function.has_dc && !pla.function.has_off);
    done();
}

TEST(the_reader_says_how_far_it_came)
{
    static const char text[] = ".i 1\n.o 1\n1 1\n.e\n.i 2\n.o 1\n.e\n";
    esp_pla pla;
    CHECK_EQ_U(read_text(text, &pla), ESP_OK);
    CHECK_EQ_U(pla.consumed, 16);
    done();
    CHECK_EQ_U(read_text(text + 16, &pla), ESP_OK);
    CHECK_EQ_U(pla.function.shape->inputs, 2);
    done();
}

TEST(complaints_name_line_and_column)
{
    static const struct {
        const char *text;
        esp_status kind;
        uint32_t line, column;
        const char *says;
    } cases[] = {
        {"", ESP_INVALID_INPUT, 1, 1, "expected .i and the number of inputs, found the end of"},
        {".i 5\n.o 1\n0101z 1\n", ESP_INVALID_INPUT, 3, 5,
         "expected 0, 1, - or 2 in column 5 of the input part, found 'z'"},
        {".i 1\n.o 2\n0 1\xff\n", ESP_INVALID_INPUT, 3, 4,
         "column 2 of the output part, found byte 0xff"},
        {".i 3\n.o 1\n010 1\n11\n.e\n", ESP_INVALID_INPUT, 5, 1,
         "expected 4 symbols (inputs: 3, outputs: 1) in the term that began in line 4, column 1, "
         "found 2"},
        {".i 3\n.o 1\r\n  0100 11 # x\n", ESP_INVALID_INPUT, 3, 8,
         "in the term that began in line 3, column 3, found 6"},
        {".i 3\n.o 0\n", ESP_INVALID_INPUT, 2, 0, "expected at least 1 output"},
        {".i 1048577\n", ESP_LIMIT_EXCEEDED, 1, 0,
         "expected at most 1048576 for .i, found 1048577"},
        {".i 3\n\n .kiss\n", ESP_UNSUPPORTED, 3, 2, ".kiss is not read yet"},
        {".i 1\n.o 3\n.type fr\n1 --1\n- 11~\n1 010\n", ESP_INVALID_INPUT, 6, 0,
         "column 3 of the output part to be 1 in line 4 and 0 in line 6"},
        {".i 1\n.o 1\n.type fdr\n1 0\n1 1\n", ESP_INVALID_INPUT, 5, 0,
         "1 in line 5 and 0 in line 4"},
    };
    for (uint32_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        esp_pla pla;
        esp_test_case(cases[k].says);
        CHECK_EQ_U(read_text(cases[k].text, &pla), cases[k].kind);
        CHECK_EQ_U(context.error.line, cases[k].line);
        CHECK_EQ_U(context.error.column, cases[k].column);
        CHECK_HAS(context.error.message, cases[k].says);
        done();
    }
}

static uint64_t clock_now;

static uint64_t test_clock(void)
{
    return clock_now += 1000;
}

/* A text of many rows, in memory of the context. */
static esp_text long_text(uint32_t rows)
{
    static const char head[] = ".i 8\n.o 1\n";
    size_t length = strlen(head) + rows * 11;
    uint8_t *text = esp_alloc(&context, length);
    memcpy(text, head, strlen(head));
    for (uint32_t k = 0; k < rows; k++) {
        memcpy(text + strlen(head) + k * 11, "0-0-0-0- 1\n", 11);
    }
    return (esp_text){text, length};
}

TEST(limits_end_the_reading_of_a_long_text)
{
    static const struct {
        uint32_t which;
        esp_status kind;
        esp_limit limit;
    } cases[] = {
        {0, ESP_OK, ESP_LIMIT_NONE},
        {1, ESP_CANCELLED, ESP_LIMIT_CANCEL},
        {2, ESP_LIMIT_EXCEEDED, ESP_LIMIT_TIME},
        {3, ESP_LIMIT_EXCEEDED, ESP_LIMIT_BUDGET},
    };
    const esp_word cancel = 1;
    for (uint32_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        esp_context_init(&context);
        esp_text text = long_text(40000);
        context.cancel = cases[k].which == 1 ? &cancel : NULL;
        context.clock = test_clock;
        context.deadline = cases[k].which == 2 ? clock_now + 1 : 0;
        context.budget = cases[k].which == 3 ? 1000 : UINT64_MAX;
        context.next_check = 1;
        esp_pla pla;
        CHECK_EQ_U(esp_pla_read(&context, text.data, text.length, F | D, &pla), cases[k].kind);
        CHECK_EQ_U(context.stop, cases[k].limit);
        CHECK_EQ_U(context.error.line, 0);
        done();
    }
}

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    return esp_test_below(&random_state, n);
}

enum { MAY_MEET, APART_BY_INPUT, APART_BY_OUTPUT };

/* Cubes with about `fixed` of 16 inputs not free and one output. Covers of side 0 and side 1 have
 * no point in common when they are kept apart, by the first input or by the output. */
static void random_cover(const esp_shape *s, uint32_t count, uint32_t fixed, int apart,
                         uint32_t side, esp_cover *f)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t *c = esp_cover_push(&context, s, f);
        esp_cube_copy(s, c, s->full);
        for (uint32_t v = 0; v < s->inputs; v++) {
            if (apart == APART_BY_INPUT && v == 0) {
                esp_cube_clear(c, esp_bit(s, v, side));
            } else if (random_below(16) < fixed) {
                esp_cube_clear(c, esp_bit(s, v, random_below(2)));
            }
        }
        for (uint32_t p = 0; p < s->outputs; p++) {
            esp_cube_clear(c, esp_output_var(s)->first + p);
        }
        uint32_t half = random_below(s->outputs / 2);
        bool upper = apart == APART_BY_OUTPUT ? side != 0 : random_below(2) != 0;
        esp_cube_set(c, esp_output_var(s)->first + half * 2 + upper);
    }
}

static bool naive_overlap(const esp_shape *s, const esp_cover *on, const esp_cover *off)
{
    for (uint32_t i = 0; i < on->count; i++) {
        for (uint32_t j = 0; j < off->count; j++) {
            if (esp_cubes_meet(s, esp_cube(on, s, i), esp_cube(off, s, j))) {
                return true;
            }
        }
    }
    return false;
}

TEST(overlaps_are_found_as_by_comparing_every_pair)
{
    uint32_t found = 0;
    const uint32_t rounds = 120 * esp_test_times;
    for (uint32_t k = 0; k < rounds; k++) {
        esp_context_init(&context);
        uint32_t outputs = k % 4 ? 8 : 140;
        const esp_shape *s = esp_shape_create(&context, k % 3 ? 12 : 70, 1, &outputs);
        esp_cover on = {0}, off = {0};
        uint32_t fixed = 2 + random_below(14);
        int apart = (int)(k % 5 % 3);
        random_cover(s, 1 + random_below(400), fixed, apart, 0, &on);
        random_cover(s, 1 + random_below(400), fixed, apart, 1, &off);
        uint32_t i = UINT32_MAX, j = UINT32_MAX;
        bool expected = naive_overlap(s, &on, &off);
        bool overlap = esp_find_overlap(&context, s, &on, &off, &i, &j);
        CHECK_EQ_U(overlap, expected);
        CHECK(!overlap || esp_cubes_meet(s, esp_cube(&on, s, i), esp_cube(&off, s, j)));
        found += overlap;
        done();
    }
    CHECK(found > rounds / 8 && found < rounds * 7 / 8); /* the test means something */
}

TEST(truth_tables_are_compared_in_less_than_quadratic_work)
{
    esp_context_init(&context);
    uint32_t outputs = 1, inputs = 14;
    const esp_shape *s = esp_shape_create(&context, inputs, 1, &outputs);
    esp_cover f[2] = {{0}};
    for (uint32_t m = 0; m < 1u << inputs; m++) {
        uint64_t *c = esp_cover_push(&context, s, &f[esp_popcount(m) % 2]);
        c[0] = 0;
        for (uint32_t v = 0; v < inputs; v++) {
            esp_cube_set(c, esp_bit(s, v, m >> v & 1));
        }
        esp_cube_set(c, esp_output_var(s)->first);
    }
    uint32_t i, j;
    context.work = 0;
    CHECK(!esp_find_overlap(&context, s, &f[0], &f[1], &i, &j));
    CHECK(context.work < (uint64_t)f[0].count * f[1].count / 16);
    memcpy(esp_cube(&f[1], s, f[1].count - 1), esp_cube(&f[0], s, 77), sizeof(uint64_t));
    CHECK(esp_find_overlap(&context, s, &f[0], &f[1], &i, &j));
    CHECK_EQ_U(i, 77);
    CHECK_EQ_U(j, f[1].count - 1);
    done();
}

TEST(phase_swaps_on_and_off_of_its_outputs)
{
    esp_pla pla;
    CHECK_EQ_U(read_text(".i 1\n.o 2\n.type fr\n.phase 10\n1 11\n0 00\n.e\n", &pla), ESP_OK);
    CHECK(pla.phase[0] == 1 && pla.phase[1] == 0);
    CHECK_EQ_U(esp_pla_apply_phase(&context, &pla), ESP_OK);
    const esp_function *f = &pla.function;
    CHECK_EQ_U(f->on.count, 2);
    CHECK_EQ_U(f->off.count, 2);
    CHECK_EQ_U(f->on.data[0], 2 | 1 << 2);
    CHECK_EQ_U(f->on.data[1], 1 | 2 << 2);
    CHECK_EQ_U(f->off.data[0], 1 | 1 << 2);
    CHECK_EQ_U(f->off.data[1], 2 | 2 << 2);
    done();
}

const esp_test test_pla[] = {
    {"symbols mean what the type says", symbols_mean_what_the_type_says},
    {"the layout of the text does not matter", layout_of_the_text_does_not_matter},
    {"names may be too few and go on in the next line",
     names_may_be_too_few_and_go_on_in_the_next_line},
    {"names that repeat are a warning", names_that_repeat_are_a_warning},
    {"nothing that is declared is trusted", nothing_that_is_declared_is_trusted},
    {"constants and empty functions are functions", constants_and_empty_functions_are_functions},
    {"the reader says how far it came", the_reader_says_how_far_it_came},
    {"complaints name line and column", complaints_name_line_and_column},
    {"limits end the reading of a long text", limits_end_the_reading_of_a_long_text},
    {"overlaps are found as by comparing every pair",
     overlaps_are_found_as_by_comparing_every_pair},
    {"truth tables are compared in less than quadratic work",
     truth_tables_are_compared_in_less_than_quadratic_work},
    {"phase swaps ON and OFF of its outputs", phase_swaps_on_and_off_of_its_outputs},
    {0},
};
