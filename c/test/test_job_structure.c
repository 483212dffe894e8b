/* Jobs of a wrong structure: missing, contradicting and cut-off parts are refused, and named.
 *
 * Method. Each case builds a job that is sound as a block (test_job_reader.c spoils those) and says
 * something that cannot be.
 */
#include "test_job_build.h"

enum { INVALID = ESP_INVALID_INPUT };

static job_build job;

static void expect(const uint8_t *result, uint32_t kind, const char *message)
{
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), kind);
    const uint8_t *error = result_section(result, RST_SECTION_ERROR, NULL, NULL);
    if (CHECK(error != NULL)) {
        CHECK_EQ_U(block_u32(error, 0), kind);
        CHECK_EQ_U(block_u32(error, 4), 0);
        CHECK_HAS(result_message(result), message);
    }
}

static void missing_vars(job_build *b)
{
    job_cover(b, RST_SECTION_ON, "10-1 11");
}

static void no_cover(job_build *b)
{
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_DC, "10-1 11");
}

static void nothing(job_build *b)
{
    (void)b;
}

static void text_and_cover(job_build *b)
{
    job_vars(b, 4, 2);
    job_text(b, RST_SECTION_TEXT, ".i 4\n.o 2\n");
}

static void text_and_names(job_build *b)
{
    job_text(b, RST_SECTION_TEXT, ".i 4\n.o 2\n");
    job_names(b, "a", "b");
}

static void overlapping(job_build *b)
{
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_ON, "10-1 11|0--- 10");
    job_cover(b, RST_SECTION_OFF, "1100 11|0000 01|1--0 01|000- 10");
}

static void short_vars(job_build *b)
{
    job_add(b, RST_SECTION_VARS, "\4\0\0\0", 4, 0);
    job_cover(b, RST_SECTION_ON, "10-1 11");
}

static void short_names(job_build *b)
{
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_ON, "10-1 11");
    job_add(b, RST_SECTION_NAMES, "\0\0\0\0", 4, 0);
}

static void few_names(job_build *b)
{
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_ON, "10-1 11");
    job_add(b, RST_SECTION_NAMES, "\4\0\0\0\0\0\0\0\1\0\0\0a\0\0", 15, 4);
}

static void empty_options(job_build *b)
{
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_ON, "10-1 11");
    job_add(b, RST_SECTION_OPTIONS, "\2\0\0\0", 4, 1);
}

static void doubled_option(job_build *b)
{
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_ON, "10-1 11");
    job_option(b, RST_OPTION_METHOD, 4, 0);
    job_option(b, RST_OPTION_METHOD | 0x80000000, 4, 0);
}

static void input_type_d(job_build *b)
{
    job_text(b, RST_SECTION_TEXT, ".i 4\n.o 2\n");
    job_option(b, RST_OPTION_INPUT_TYPE, 4, 2);
}

static void output_type_0(job_build *b)
{
    job_text(b, RST_SECTION_TEXT, ".i 4\n.o 2\n");
    job_option(b, RST_OPTION_OUTPUT_TYPE, 4, 0);
}

static void large_flag(job_build *b)
{
    job_text(b, RST_SECTION_TEXT, ".i 4\n.o 2\n");
    job_option(b, RST_OPTION_VERIFY, 4, 0xffffffff);
}

static void bad_text(job_build *b)
{
    job_text(b, RST_SECTION_TEXT, ".i 2\n.o 1\n11 1\n1\xffz 1\n");
}

TEST(every_wrong_structure_is_named)
{
    static const struct {
        const char *name;
        void (*build)(job_build *b);
        uint32_t kind;
        const char *message;
    } cases[] = {
        {"missing VARS", missing_vars, INVALID, "section VARS is missing"},
        {"no ON, no OFF", no_cover, INVALID, "neither section ON nor section OFF"},
        {"nothing", nothing, INVALID, "section VARS is missing"},
        {"text and covers", text_and_cover, INVALID, "TEXT and VARS exclude"},
        {"text and names", text_and_names, INVALID, "TEXT and NAMES exclude"},
        {"ON meets OFF", overlapping, INVALID, "cube 1 of ON and cube 3 of OFF have a point"},
        {"short VARS", short_vars, INVALID, "VARS has 4 bytes"},
        {"short NAMES", short_names, INVALID, "NAMES has 4 bytes"},
        {"few NAMES", few_names, INVALID, "NAMES ends before name 1"},
        {"OPTIONS end", empty_options, INVALID, "ends inside an option"},
        {"option twice", doubled_option, INVALID, "method is given twice"},
        {"input type d", input_type_d, INVALID, "input-type is 2, expected the sum of"},
        {"output type 0", output_type_0, INVALID, "output-type is 0"},
        {"large flag", large_flag, INVALID, "verify is 4294967295, expected 0 (no)"},
        {"text", bad_text, INVALID, ""},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        esp_test_case(cases[i].name);
        job_begin(&job, RST_OP_PARSE);
        cases[i].build(&job);
        expect(job_run(&job), cases[i].kind, cases[i].message);
    }
    job_done();
}

const esp_test test_job_structure[] = {
    {"every wrong structure of a job is named", every_wrong_structure_is_named},
    {0},
};
