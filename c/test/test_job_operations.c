/* What each operation answers, from covers and from text, and how blocks carry it.
 *
 * Method. Small functions whose answers are plain; for the layout of rows, random cubes of random
 * variables that must come back from a round trip bit by bit.
 */
#include <string.h>

#include "test_job_build.h"

static job_build job;

static bool answered(const uint8_t *result)
{
    return CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_OK);
}

/* The rows of a section, one word each, are these. */
static bool rows_are(const uint8_t *result, uint32_t kind, uint32_t count, const uint64_t *rows)
{
    uint32_t length = 0;
    uint32_t found = 0;
    const uint8_t *section = result_section(result, kind, &length, &found);
    return section && found == count && length == 8 * count &&
           (!count || !memcmp(section, rows, length));
}

static const char *result_text(const uint8_t *result)
{
    static char text[4096];
    uint32_t length = 0;
    const uint8_t *section = result_section(result, RST_SECTION_TEXT, &length, NULL);
    text[0] = 0;
    if (section && length < sizeof text) {
        memcpy(text, section, length);
        text[length] = 0;
    }
    return text;
}

/* ON = 00 + 01 + 11 of two inputs: x0' + x1. */
static void small_job(uint32_t operation, const char *on)
{
    job_begin(&job, operation);
    job_vars(&job, 2, 1);
    job_cover(&job, RST_SECTION_ON, on);
}

TEST(minimize_answers_with_a_smaller_cover)
{
    small_job(RST_OP_MINIMIZE, "00 1|01 1|11 1");
    const uint8_t *result = job_run(&job);
    if (answered(result)) {
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_CUBES), 2);
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_INPUT_LITERALS), 2);
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_OUTPUT_LITERALS), 2);
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_BEFORE), 3);
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_BEFORE_INPUT_LITERALS), 6);
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_COMPLETE), 1);
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_VERIFIED), 1);
        CHECK(result_section(result, RST_SECTION_ON, NULL, NULL) != NULL);
        CHECK(result_section(result, RST_SECTION_DC, NULL, NULL) == NULL);
        CHECK(result_section(result, RST_SECTION_VARS, NULL, NULL) != NULL);
    }
    small_job(RST_OP_MINIMIZE, "00 1|01 1|11 1");
    job_option(&job, RST_OPTION_VERIFY, 4, 0);
    CHECK_EQ_U(answer_u32(job_run(&job), RST_ANSWER_VERIFIED), 0);
    job_done();
}

TEST(minimize_takes_text_and_gives_text)
{
    job_begin(&job, RST_OP_MINIMIZE);
    job_text(&job, RST_SECTION_TEXT, ".i 2\n.o 1\n.ilb a b\n.ob f\n00 1\n01 1\n11 -\n.e\n");
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    const uint8_t *result = job_run(&job);
    if (answered(result)) {
        CHECK_HAS(result_text(result), ".ilb a b");
        CHECK_HAS(result_text(result), "0- 1");
        CHECK(result_section(result, RST_SECTION_ON, NULL, NULL) == NULL);
        CHECK_EQ_U(answer_u32(result, RST_ANSWER_TEXT_TYPE), ESP_PLA_F | ESP_PLA_D);
    }
    job_begin(&job, RST_OP_MINIMIZE);
    job_text(&job, RST_SECTION_TEXT, ".i 2\n.o 1\n.ilb a b\n.ob f\n00 1\n01 1\n11 -\n.e\n");
    result = job_run(&job);
    if (answered(result)) { /* covers: what the caller does not have yet comes along */
        CHECK(rows_are(result, RST_SECTION_ON, 1, (const uint64_t[]){0x1d}));
        CHECK(rows_are(result, RST_SECTION_DC, 1, (const uint64_t[]){0x1a}));
        CHECK(result_section(result, RST_SECTION_NAMES, NULL, NULL) != NULL);
        CHECK(result_section(result, RST_SECTION_TEXT, NULL, NULL) == NULL);
    }
    job_done();
}

TEST(text_shows_the_sets_that_its_type_names)
{
    small_job(RST_OP_MINIMIZE, "00 1|01 1");
    job_cover(&job, RST_SECTION_DC, "11 1");
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    job_option(&job, RST_OPTION_OUTPUT_TYPE, 4, ESP_PLA_F | ESP_PLA_D | ESP_PLA_R);
    const char *text = result_text(job_run(&job));
    CHECK_HAS(text, ".type fdr");
    CHECK_HAS(text, "0- 1");
    CHECK_HAS(text, "11 2");
    CHECK_HAS(text, "10 0");

    small_job(RST_OP_PRINT, "00 1|01 1");
    job_cover(&job, RST_SECTION_OFF, "10 1");
    job_option(&job, RST_OPTION_OUTPUT_TYPE, 4, ESP_PLA_F | ESP_PLA_D);
    text = result_text(job_run(&job));
    CHECK_HAS(text, "00 1\n01 1\n");
    CHECK_HAS(text, "11 2"); /* what neither ON nor OFF covers */
    job_done();
}

TEST(phase_of_a_text_is_followed_by_minimize_and_print)
{
    static const char pla[] = ".i 2\n.o 2\n.phase 10\n0- 11\n11 01\n.e\n";
    job_begin(&job, RST_OP_MINIMIZE);
    job_text(&job, RST_SECTION_TEXT, pla);
    const uint8_t *result = job_run(&job);
    uint32_t length = 0;
    const uint8_t *phase = result_section(result, RST_SECTION_PHASE, &length, NULL);
    CHECK(phase && length == 2 && phase[0] == 1 && phase[1] == 0);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_CUBES), 2); /* 0- 10 and 10 01 */

    job_begin(&job, RST_OP_PRINT);
    job_text(&job, RST_SECTION_TEXT, pla);
    const char *text = result_text(job_run(&job));
    CHECK_HAS(text, "#.phase 10");
    CHECK_HAS(text, "10 01");

    job_begin(&job, RST_OP_PARSE);
    job_text(&job, RST_SECTION_TEXT, pla);
    result = job_run(&job);
    CHECK(result_section(result, RST_SECTION_PHASE, NULL, NULL) == NULL);
    CHECK(rows_are(result, RST_SECTION_ON, 2, (const uint64_t[]){0x3d, 0x2a}));
    job_done();
}

TEST(complement_answers_with_off)
{
    small_job(RST_OP_COMPLEMENT, "00 1|01 1");
    job_cover(&job, RST_SECTION_DC, "11 1");
    const uint8_t *result = job_run(&job);
    CHECK(rows_are(result, RST_SECTION_OFF, 1, (const uint64_t[]){0x16}));
    CHECK(result_section(result, RST_SECTION_ON, NULL, NULL) == NULL);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_CUBES), 1);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_BEFORE), 2);

    small_job(RST_OP_COMPLEMENT, "00 1|01 1");
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    const char *text = result_text(job_run(&job));
    CHECK_HAS(text, ".type r");
    CHECK_HAS(text, "1- 0");
    job_done();
}

static uint32_t truth(const uint8_t *result)
{
    return answered(result) ? answer_u32(result, RST_ANSWER_TRUTH) : 99;
}

TEST(equivalent_compares_where_both_care)
{
    small_job(RST_OP_EQUIVALENT, "00 1|01 1|11 1");
    job_cover(&job, RST_SECTION_ON2, "0- 1|-1 1");
    CHECK_EQ_U(truth(job_run(&job)), 1);
    small_job(RST_OP_EQUIVALENT, "00 1|01 1|11 1");
    job_cover(&job, RST_SECTION_ON2, "0- 1");
    const uint8_t *result = job_run(&job);
    CHECK_EQ_U(truth(result), 0);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_OUTPUT), 1);
    small_job(RST_OP_EQUIVALENT, "00 1|01 1|11 1");
    job_cover(&job, RST_SECTION_ON2, "0- 1");
    job_cover(&job, RST_SECTION_DC2, "1- 1");
    CHECK_EQ_U(truth(job_run(&job)), 1);
    small_job(RST_OP_EQUIVALENT, "00 1|01 1|11 1");
    job_text(&job, RST_SECTION_TEXT2, ".i 2\n.o 1\n-1 1\n0- 1\n.e\n");
    CHECK_EQ_U(truth(job_run(&job)), 1);
    job_begin(&job, RST_OP_EQUIVALENT);
    job_text(&job, RST_SECTION_TEXT, ".i 2\n.o 1\n-1 1\n.e\n");
    job_text(&job, RST_SECTION_TEXT2, ".i 3\n.o 1\n-1- 1\n.e\n");
    result = job_run(&job);
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_INVALID_INPUT);
    CHECK_HAS(result_message(result), "do not have the same inputs and outputs");
    small_job(RST_OP_EQUIVALENT, "00 1");
    CHECK_HAS(result_message(job_run(&job)), "neither section ON2 nor section OFF2");
    job_done();
}

TEST(tautology_counts_dont_cares_in)
{
    small_job(RST_OP_TAUTOLOGY, "0- 1|-1 1");
    CHECK_EQ_U(truth(job_run(&job)), 0);
    small_job(RST_OP_TAUTOLOGY, "0- 1|-1 1");
    job_cover(&job, RST_SECTION_DC, "10 1");
    CHECK_EQ_U(truth(job_run(&job)), 1);
    small_job(RST_OP_TAUTOLOGY, "0- 1");
    job_cover(&job, RST_SECTION_OFF, "");
    CHECK_EQ_U(truth(job_run(&job)), 1);
    small_job(RST_OP_TAUTOLOGY, "0- 1");
    job_cover(&job, RST_SECTION_OFF, "10 1");
    CHECK_EQ_U(truth(job_run(&job)), 0);
    job_done();
}

TEST(parse_gives_what_the_text_says_and_print_gives_it_back)
{
    static const char pla[] =
        ".i 3\n.o 2\n.ilb a b c\n.ob f g\n.type fr\n.p 2\n10- 10\n0-1 01\n.e\n";
    job_begin(&job, RST_OP_PARSE);
    job_text(&job, RST_SECTION_TEXT, pla);
    const uint8_t *result = job_run(&job);
    CHECK(rows_are(result, RST_SECTION_ON, 2, (const uint64_t[]){0x76, 0xad}));
    CHECK(rows_are(result, RST_SECTION_OFF, 2, (const uint64_t[]){0xb6, 0x6d}));
    CHECK(result_section(result, RST_SECTION_DC, NULL, NULL) == NULL);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_TEXT_TYPE), ESP_PLA_F | ESP_PLA_R);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_WARNINGS), 0);

    job_begin(&job, RST_OP_PRINT);
    job_text(&job, RST_SECTION_TEXT, pla);
    job_option(&job, RST_OPTION_OUTPUT_TYPE, 4, ESP_PLA_F | ESP_PLA_R);
    const char *text = result_text(job_run(&job));
    CHECK_HAS(text, ".ilb a b c\n.ob f g\n");
    CHECK_HAS(text, "10- 1");
    CHECK_HAS(text, "0-1 ");

    job_begin(&job, RST_OP_PARSE);
    job_text(&job, RST_SECTION_TEXT, ".i 1\n.o 1\n.p 7\n1 1\n.e\n");
    CHECK_EQ_U(answer_u32(job_run(&job), RST_ANSWER_WARNINGS), 1);
    job_done();
}

TEST(size_looks_at_the_table_only)
{
    small_job(RST_OP_SIZE, "00 1|01 1|11 1");
    job_cover(&job, RST_SECTION_ON2, "00 1");
    job_add(&job, RST_SECTION_OPTIONS, "rubbish!", 8, 55);
    job_end(&job);
    for (uint32_t i = 0; i < 3;
         i++) { /* bytes of the sections do not matter to it, nor does padding */
        memset(job.bytes +
                   block_u32(job.bytes, RST_HEADER_SIZE + i * RST_ENTRY_SIZE + RST_ENTRY_OFFSET),
               0xff, 64);
    }
    const uint8_t *result = job_run_bytes(job.bytes, job.length);
    CHECK(answered(result));
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_CUBES), 3);
    CHECK_EQ_U(block_u32(result, RST_HEADER_SECTIONS), 2);
    job_done();
}

TEST(explain_says_what_each_cube_is_there_for)
{
    small_job(RST_OP_EXPLAIN, "0- 1|00 1|1x 1|-1 1");
    const uint8_t *result = job_run(&job);
    uint32_t count = 0;
    const uint8_t *flags = result_section(result, RST_SECTION_CUBE_FLAGS, NULL, &count);
    const uint8_t *points = result_section(result, RST_SECTION_POINTS, NULL, NULL);
    CHECK(rows_are(result, RST_SECTION_ON, 3, (const uint64_t[]){0x1d, 0x15, 0x1b}));
    if (CHECK(flags && points && count == 3)) {
        CHECK_EQ_U(block_u32(flags, 0) & RST_CUBE_PRIME, RST_CUBE_PRIME);
        CHECK_EQ_U(block_u32(flags, 4), RST_CUBE_REDUNDANT);
        CHECK_EQ_U(block_u32(flags, 8) & RST_CUBE_ESSENTIAL, RST_CUBE_ESSENTIAL);
        CHECK_EQ_U(block_u64(points, 8), 0);
        CHECK_EQ_U(block_u64(points, 16), 0x1a);
    }
    small_job(RST_OP_EXPLAIN, "0- 1");
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    result = job_run(&job);
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_UNSUPPORTED);
    job_done();
}

TEST(cubes_without_a_point_are_dropped)
{
    small_job(RST_OP_PARSE, "x1 1|01 1|11 0|0x 1|-- 1|xx 0");
    CHECK(rows_are(job_run(&job), RST_SECTION_ON, 2, (const uint64_t[]){0x19, 0x1f}));
    small_job(RST_OP_MINIMIZE, "");
    const uint8_t *result = job_run(&job);
    CHECK(answered(result));
    CHECK(rows_are(result, RST_SECTION_ON, 0, NULL) || answer_u32(result, RST_ANSWER_CUBES) == 0);
    job_done();
}

TEST(the_canonical_order_does_not_depend_on_the_order_given)
{
    static const char *const orders[] = {"00 1|1- 1|01 1", "01 1|00 1|1- 1", "1- 1|01 1|00 1"};
    for (uint32_t i = 0; i < 3; i++) {
        small_job(RST_OP_PARSE, orders[i]);
        job_option(&job, RST_OPTION_CANONICAL, 4, 1);
        CHECK(rows_are(job_run(&job), RST_SECTION_ON, 3, (const uint64_t[]){0x1e, 0x19, 0x15}));
    }
    job_done();
}

/* Random variables and cubes without empty variables; returns the words of a row. */
static uint32_t random_cover(uint64_t *random, uint64_t *rows, uint32_t count)
{
    uint32_t vars[2 + 8] = {esp_test_below(random, 70), 1 + esp_test_below(random, 8)};
    uint32_t parts[80];
    uint32_t total = 0;
    for (uint32_t v = 0; v < vars[0] + vars[1]; v++) {
        uint32_t n = 2;
        if (v >= vars[0]) {
            n = 1 + esp_test_below(random, esp_test_below(random, 3) ? 9 : 150);
            vars[2 + v - vars[0]] = n;
        }
        parts[v] = n;
        total += n;
    }
    uint32_t words = (total + 63) / 64;
    memset(rows, 0, (size_t)count * words * 8);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = 0;
        for (uint32_t v = 0; v < vars[0] + vars[1]; v++) {
            uint32_t always = esp_test_below(random, parts[v]);
            for (uint32_t p = 0; p < parts[v]; p++, bit++) {
                uint64_t on = p == always || esp_test_below(random, 2);
                rows[i * words + bit / 64] |= on << bit % 64;
            }
        }
    }
    job_add(&job, RST_SECTION_VARS, vars, 8 + 4 * vars[1], 0);
    return words;
}

TEST(rows_of_any_variables_come_back_bit_by_bit)
{
    uint64_t random = 1;
    static uint64_t rows[10 * 32];
    for (uint32_t round = 0; round < 300 * esp_test_times; round++) {
        job_begin(&job, RST_OP_PARSE);
        uint32_t words = random_cover(&random, rows, 10);
        job_add(&job, RST_SECTION_ON, rows, 10 * words * 8, 10);
        const uint8_t *result = job_run(&job);
        uint32_t length = 0;
        const uint8_t *on = result_section(result, RST_SECTION_ON, &length, NULL);
        if (!CHECK(on && length == 10 * words * 8 && !memcmp(on, rows, length))) {
            break;
        }
    }
    job_done();
}

const esp_test test_job_operations[] = {
    {"minimize answers with a smaller cover", minimize_answers_with_a_smaller_cover},
    {"minimize takes text and gives text", minimize_takes_text_and_gives_text},
    {"text shows the sets that its type names", text_shows_the_sets_that_its_type_names},
    {".phase of a text is followed by minimize and print",
     phase_of_a_text_is_followed_by_minimize_and_print},
    {"complement answers with OFF", complement_answers_with_off},
    {"equivalent compares where both care", equivalent_compares_where_both_care},
    {"tautology counts don't-cares in", tautology_counts_dont_cares_in},
    {"parse gives what the text says, and print gives it back",
     parse_gives_what_the_text_says_and_print_gives_it_back},
    {"size looks at the table only", size_looks_at_the_table_only},
    {"explain says what each cube is there for", explain_says_what_each_cube_is_there_for},
    {"cubes without a point are dropped", cubes_without_a_point_are_dropped},
    {"the canonical order does not depend on the order given",
     the_canonical_order_does_not_depend_on_the_order_given},
    {"rows of any variables come back bit by bit", rows_of_any_variables_come_back_bit_by_bit},
    {0},
};
