/* Malformed jobs: each defect by itself is refused with its kind and a message that names it.
 *
 * Method. A sound job with every section of one operand; each line of the table changes one number
 * in it. test_job_structure.c has what no single number can spoil.
 */
#include <string.h>

#include "test_job_build.h"

enum { HEADER, ENTRY, BODY };

typedef struct defect {
    const char *name;
    uint32_t where; /* HEADER; ENTRY or BODY of `section` */
    uint32_t section;
    uint32_t offset;
    uint32_t bytes; /* 1, 4 or 8 */
    uint64_t value;
    uint32_t kind, limit;
    const char *message;
} defect;

static void sound_job(job_build *b, uint32_t operation)
{
    job_begin(b, operation);
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_ON, "10-1 11|0--- 10|1111 01");
    job_cover(b, RST_SECTION_DC, "0011 01");
    job_names(b, "a b c d", "f g");
    job_add(b, RST_SECTION_PHASE, "\1\0", 2, 0);
    job_option(b, RST_OPTION_EFFORT, 4, 2);
    job_option(b, RST_OPTION_SEED, 8, UINT64_C(0x123456789a));
    job_end(b);
}

#define NONE RST_LIMIT_NONE
enum { RST_LIMIT_NONE = 0, SIZE = ESP_LIMIT_SIZE, INVALID = ESP_INVALID_INPUT };
enum { TOO_MUCH = ESP_LIMIT_EXCEEDED, STRANGE = ESP_UNSUPPORTED };

static const defect defects[] = {
    {"magic", HEADER, 0, RST_HEADER_MAGIC, 4, 0x12345678, INVALID, 0, "mark of a job"},
    {"a result", HEADER, 0, RST_HEADER_MAGIC, 4, RST_MAGIC_RESULT, INVALID, 0, "mark of a job"},
    {"version", HEADER, 0, RST_HEADER_VERSION, 4, 2, STRANGE, 0, "version 2"},
    {"operation 0", HEADER, 0, RST_HEADER_OPERATION, 4, 0, STRANGE, 0, "no operation 0"},
    {"operation", HEADER, 0, RST_HEADER_OPERATION, 4, 99, STRANGE, 0, "no operation 99"},
    {"library", HEADER, 0, RST_HEADER_OPERATION, 4, 0x10001, STRANGE, 0, "of library 1"},
    {"sections", HEADER, 0, RST_HEADER_SECTIONS, 4, 65, TOO_MUCH, SIZE, "65 sections are too many"},
    {"many sections", HEADER, 0, RST_HEADER_SECTIONS, 4, 0xffffffff, TOO_MUCH, SIZE, "too many"},
    {"table", HEADER, 0, RST_HEADER_SECTIONS, 4, 60, INVALID, 0, "does not end inside"},
    {"one more", HEADER, 0, RST_HEADER_SECTIONS, 4, 7, INVALID, 0, "instead of"},
    {"one fewer", HEADER, 0, RST_HEADER_SECTIONS, 4, 5, INVALID, 0, "before section VARS"},
    {"length", HEADER, 0, RST_HEADER_LENGTH, 4, 0, INVALID, 0, "the header says"},
    {"long length", HEADER, 0, RST_HEADER_LENGTH, 4, 0xffffffff, INVALID, 0, "the header says"},
    {"status", HEADER, 0, RST_HEADER_STATUS, 4, 1, INVALID, 0, "must be zero"},
    {"reserved", HEADER, 0, 24, 1, 1, INVALID, 0, "must be zero"},
    {"reserved end", HEADER, 0, 63, 1, 1, INVALID, 0, "must be zero"},

    {"flags", ENTRY, RST_SECTION_ON, RST_ENTRY_FLAGS, 4, 2, INVALID, 0,
     "section ON that must be zero"},
    {"entry end", ENTRY, RST_SECTION_DC, 31, 1, 1, INVALID, 0, "section DC that must be zero"},
    {"kind 0", ENTRY, RST_SECTION_ON, RST_ENTRY_KIND, 4, 0, INVALID, 0, "must be zero"},
    {"twice", ENTRY, RST_SECTION_DC, RST_ENTRY_KIND, 4, RST_SECTION_ON, INVALID, 0,
     "two sections ON"},
    {"unknown", ENTRY, RST_SECTION_DC, RST_ENTRY_KIND, 4, 99, STRANGE, 0, "critical section 99"},
    {"huge kind", ENTRY, RST_SECTION_DC, RST_ENTRY_KIND, 4, 0xffffffff, STRANGE, 0, "4294967295"},
    {"an answer", ENTRY, RST_SECTION_DC, RST_ENTRY_KIND, 4, RST_SECTION_ANSWER, INVALID, 0,
     "no use for a section ANSWER"},
    {"certificate", ENTRY, RST_SECTION_DC, RST_ENTRY_KIND, 4, RST_SECTION_CERTIFICATE, INVALID, 0,
     "no use for a section CERTIFICATE"},
    {"second", ENTRY, RST_SECTION_DC, RST_ENTRY_KIND, 4, RST_SECTION_ON2, INVALID, 0,
     "parse has no use for a section ON2"},
    {"offset", ENTRY, RST_SECTION_ON, RST_ENTRY_OFFSET, 4, 0, INVALID, 0,
     "section ON starts at byte 0"},
    {"unaligned", ENTRY, RST_SECTION_ON, RST_ENTRY_OFFSET, 4, 321, INVALID, 0,
     "starts at byte 321"},
    {"overlap", ENTRY, RST_SECTION_ON, RST_ENTRY_OFFSET, 4, 256, INVALID, 0, "starts at byte 256"},
    {"outside", ENTRY, RST_SECTION_ON, RST_ENTRY_OFFSET, 4, 0xffffffc0, INVALID, 0, "instead of"},
    {"long", ENTRY, RST_SECTION_ON, RST_ENTRY_LENGTH, 4, 0xffffffff, INVALID, 0,
     "does not end inside"},
    {"too long", ENTRY, RST_SECTION_OPTIONS, RST_ENTRY_LENGTH, 4, 65, INVALID, 0,
     "does not end inside"},
    {"shorter", ENTRY, RST_SECTION_ON, RST_ENTRY_LENGTH, 4, 16, INVALID, 0,
     "3 cubes do not fit 16"},
    {"odd", ENTRY, RST_SECTION_ON, RST_ENTRY_LENGTH, 4, 23, INVALID, 0, "do not fit 23"},
    {"count", ENTRY, RST_SECTION_ON, RST_ENTRY_COUNT, 4, 2, INVALID, 0,
     "2 cubes of 1 words are not 24"},
    {"large count", ENTRY, RST_SECTION_ON, RST_ENTRY_COUNT, 4, 0xffffffff, INVALID, 0,
     "do not fit"},
    {"wrap", ENTRY, RST_SECTION_ON, RST_ENTRY_COUNT, 4, 0x20000003, INVALID, 0, "do not fit"},
    {"vars count", ENTRY, RST_SECTION_VARS, RST_ENTRY_COUNT, 4, 1, INVALID, 0, "VARS: its count"},
    {"phase count", ENTRY, RST_SECTION_PHASE, RST_ENTRY_COUNT, 4, 2, INVALID, 0,
     "PHASE: its count"},
    {"names count", ENTRY, RST_SECTION_NAMES, RST_ENTRY_COUNT, 4, 5, INVALID, 0,
     "6 names, its count says 5"},
    {"options count", ENTRY, RST_SECTION_OPTIONS, RST_ENTRY_COUNT, 4, 3, INVALID, 0,
     "its count says 3"},
    {"no options", ENTRY, RST_SECTION_OPTIONS, RST_ENTRY_COUNT, 4, 0, INVALID, 0,
     "its count says 0"},
    {"padding", BODY, RST_SECTION_VARS, 12, 1, 1, INVALID, 0, "padding before section ON"},
    {"padding end", BODY, RST_SECTION_DC, 63, 1, 0x80, INVALID, 0, "padding before section NAMES"},
    {"last padding", BODY, RST_SECTION_OPTIONS, 63, 1, 1, INVALID, 0, "after the last section"},

    {"vars", ENTRY, RST_SECTION_VARS, RST_ENTRY_LENGTH, 4, 4, INVALID, 0, "padding"},
    {"inputs", BODY, RST_SECTION_VARS, 0, 4, 0xffffffff, TOO_MUCH, SIZE,
     "4294967295 binary inputs"},
    {"many inputs", BODY, RST_SECTION_VARS, 0, 4, RST_MAX_INPUTS + 1, TOO_MUCH, SIZE,
     "binary inputs"},
    {"other inputs", BODY, RST_SECTION_VARS, 0, 4, 40, INVALID, 0, "3 cubes of 2 words are not 24"},
    {"wides", BODY, RST_SECTION_VARS, 4, 4, 2, INVALID, 0, "2 variables that are not binary in 12"},
    {"no wides", BODY, RST_SECTION_VARS, 4, 4, 0, INVALID, 0, "0 variables"},
    {"many wides", BODY, RST_SECTION_VARS, 4, 4, 0x40000001, TOO_MUCH, SIZE,
     "not binary are too many"},
    {"no outputs", BODY, RST_SECTION_VARS, 8, 4, 0, INVALID, 0, "variable 4 has no part"},
    {"many outputs", BODY, RST_SECTION_VARS, 8, 4, 0xffffffff, TOO_MUCH, SIZE,
     "parts are too many"},
    {"limit", BODY, RST_SECTION_VARS, 8, 4, RST_MAX_PARTS - 7, TOO_MUCH, SIZE, "4194305 parts"},
    {"one output", BODY, RST_SECTION_VARS, 8, 4, 1, INVALID, 0, "ON, cube 0: the padding"},
    {"row padding", BODY, RST_SECTION_ON, 15, 1, 0x80, INVALID, 0, "ON, cube 1: the padding"},
    {"row bit", BODY, RST_SECTION_DC, 1, 1, 4, INVALID, 0, "DC, cube 0: the padding"},

    {"input names", BODY, RST_SECTION_NAMES, 0, 4, 3, INVALID, 0, "3 names for 4 inputs"},
    {"output names", BODY, RST_SECTION_NAMES, 4, 4, 0xffffffff, INVALID, 0, "names for 2 outputs"},
    {"name", BODY, RST_SECTION_NAMES, 8, 4, 0xffffffff, INVALID, 0, "ends inside name 0"},
    {"last name", BODY, RST_SECTION_NAMES, 33, 4, 2, INVALID, 0, "ends inside name 1"},
    {"short name", BODY, RST_SECTION_NAMES, 8, 4, 0, INVALID, 0, "NAMES"},
    {"blank", BODY, RST_SECTION_NAMES, 12, 1, ' ', INVALID, 0, "name 0 holds a blank"},
    {"line feed", BODY, RST_SECTION_NAMES, 17, 1, '\n', INVALID, 0, "name 1 holds"},
    {"delete", BODY, RST_SECTION_NAMES, 12, 1, 0x7f, INVALID, 0, "name 0 holds"},
    {"comment", BODY, RST_SECTION_NAMES, 12, 1, '#', INVALID, 0, "name 0 holds"},
    {"dot", BODY, RST_SECTION_NAMES, 12, 1, '.', INVALID, 0, "name 0 holds"},
    {"names end", ENTRY, RST_SECTION_NAMES, RST_ENTRY_LENGTH, 4, 39, INVALID, 0,
     "NAMES has 1 bytes after"},
    {"names cut", ENTRY, RST_SECTION_NAMES, RST_ENTRY_LENGTH, 4, 33, INVALID, 0, "padding"},
    {"phase", BODY, RST_SECTION_PHASE, 1, 1, 2, INVALID, 0, "output 1 has phase 2"},
    {"phases", ENTRY, RST_SECTION_PHASE, RST_ENTRY_LENGTH, 4, 3, INVALID, 0,
     "3 bytes for 2 outputs"},

    {"effort", BODY, RST_SECTION_OPTIONS, 8, 4, 3, INVALID, 0, "effort is 3, expected 0 (fast)"},
    {"effort bytes", BODY, RST_SECTION_OPTIONS, 4, 4, 8, INVALID, 0,
     "effort has 8 bytes, expected 4"},
    {"option bytes", BODY, RST_SECTION_OPTIONS, 20, 4, 4, INVALID, 0,
     "seed has 4 bytes, expected 8"},
    {"option end", BODY, RST_SECTION_OPTIONS, 20, 4, 16, INVALID, 0,
     "option of 16 bytes does not end"},
    {"option wrap", BODY, RST_SECTION_OPTIONS, 20, 4, 0xffffffff, INVALID, 0, "does not end"},
    {"option padding", BODY, RST_SECTION_OPTIONS, 12, 1, 1, INVALID, 0, "effort: the padding"},
    {"option twice", BODY, RST_SECTION_OPTIONS, 16, 4, RST_OPTION_EFFORT, INVALID, 0,
     "effort has 8"},
    {"critical tag", BODY, RST_SECTION_OPTIONS, 16, 4, 0x80000063, STRANGE, 0,
     "critical option 99"},
    {"critical 0", BODY, RST_SECTION_OPTIONS, 16, 4, 0x80000000, STRANGE, 0, "critical option 0"},
};

static uint32_t place_of(const job_build *b, const defect *d)
{
    if (d->where == HEADER) {
        return d->offset;
    }
    for (uint32_t i = 0; i < b->sections; i++) {
        if (b->section[i].kind == d->section) {
            uint32_t entry = RST_HEADER_SIZE + i * RST_ENTRY_SIZE;
            return d->offset +
                   (d->where == ENTRY ? entry : block_u32(b->bytes, entry + RST_ENTRY_OFFSET));
        }
    }
    CHECK(!"the job has the section");
    return 0;
}

static job_build job;

static void expect(const uint8_t *result, uint32_t kind, uint32_t limit, const char *message)
{
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), kind);
    const uint8_t *error = result_section(result, RST_SECTION_ERROR, NULL, NULL);
    if (CHECK(error != NULL)) {
        CHECK_EQ_U(block_u32(error, 0), kind);
        CHECK_EQ_U(block_u32(error, 4), limit);
        CHECK_HAS(result_message(result), message);
    }
}

TEST(every_wrong_number_is_named)
{
    for (uint32_t i = 0; i < sizeof defects / sizeof defects[0]; i++) {
        const defect *d = &defects[i];
        esp_test_case(d->name);
        sound_job(&job, RST_OP_PARSE);
        memcpy(job.bytes + place_of(&job, d), &d->value, d->bytes);
        expect(job_run_bytes(job.bytes, job.length), d->kind, d->limit, d->message);
    }
    job_done();
}

TEST(the_job_without_defect_is_read)
{
    sound_job(&job, RST_OP_PARSE);
    const uint8_t *result = job_run_bytes(job.bytes, job.length);
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_OK);
    CHECK_EQ_U(block_u32(result, RST_HEADER_OPERATION), RST_OP_PARSE);
    for (uint32_t i = 0; i + 1 < job.sections; i++) {
        uint32_t length = 0;
        uint32_t count = 0;
        const uint8_t *section = result_section(result, job.section[i].kind, &length, &count);
        CHECK_EQ_U(length, job.section[i].length);
        CHECK_EQ_U(count, job.section[i].count);
        CHECK(section && !memcmp(section, job.section[i].data, length));
    }
    job_done();
}

static void bad_text(job_build *b)
{
    job_text(b, RST_SECTION_TEXT, ".i 2\n.o 1\n11 1\n1\xffz 1\n");
}

TEST(an_error_in_text_has_its_place_and_a_message_in_ascii)
{
    job_begin(&job, RST_OP_PARSE);
    bad_text(&job);
    const uint8_t *result = job_run(&job);
    const uint8_t *error = result_section(result, RST_SECTION_ERROR, NULL, NULL);
    if (CHECK(error != NULL)) {
        CHECK_EQ_U(block_u32(error, 8), 4);
        CHECK_EQ_U(block_u32(error, 12), 2);
    }
    for (const char *c = result_message(result); *c; c++) {
        CHECK(*c >= ' ' && *c <= '~');
    }
    job_done();
}

TEST(blocks_too_short_for_a_header_are_refused)
{
    sound_job(&job, RST_OP_PARSE);
    for (uint32_t length = 0; length < RST_HEADER_SIZE; length++) {
        const uint8_t *result = job_run_bytes(length ? job.bytes : NULL, length);
        expect(result, INVALID, 0, "at least 64 bytes");
        CHECK_EQ_U(block_u32(result, RST_HEADER_OPERATION), 0);
    }
    job_done();
}

TEST(what_is_unknown_and_not_critical_is_skipped)
{
    sound_job(&job, RST_OP_PARSE);
    uint8_t before[4096];
    uint32_t length = block_u32(job_run_bytes(job.bytes, job.length), RST_HEADER_LENGTH);
    memcpy(before, job_run_bytes(job.bytes, job.length), length);

    job_begin(&job, RST_OP_PARSE);
    job_add(&job, 77, "what is this?", 13, 5);
    job.section[0].flags = 0;
    job_vars(&job, 4, 2);
    job_add(&job, 0xfffffff0, "", 0, 0);
    job.section[2].flags = 0;
    job_cover(&job, RST_SECTION_ON, "10-1 11|0--- 10|1111 01");
    job_cover(&job, RST_SECTION_DC, "0011 01");
    job_names(&job, "a b c d", "f g");
    job_add(&job, RST_SECTION_PHASE, "\1\0", 2, 0);
    job_option(&job, 4711, 3, 0xffffff);
    job_option(&job, RST_OPTION_EFFORT | 0x80000000, 4, 2);
    job_option(&job, 1500, 0, 0);
    CHECK(same_answers(before, job_run(&job)));
    job_done();
}

TEST(blocks_need_no_alignment_and_may_end_without_padding)
{
    sound_job(&job, RST_OP_PARSE);
    uint8_t expected[4096];
    const uint8_t *result = job_run_bytes(job.bytes, job.length);
    memcpy(expected, result, block_u32(result, RST_HEADER_LENGTH));
    uint32_t last = RST_HEADER_SIZE + (job.sections - 1) * RST_ENTRY_SIZE;
    uint32_t end = block_u32(job.bytes, last + RST_ENTRY_OFFSET) +
                   block_u32(job.bytes, last + RST_ENTRY_LENGTH);
    CHECK(end < job.length);
    memcpy(job.bytes + RST_HEADER_LENGTH, &end, 4);
    static uint8_t moved[4096];
    for (uint32_t shift = 0; shift < 9; shift++) {
        memcpy(moved + shift, job.bytes, end);
        CHECK(same_answers(expected, job_run_bytes(moved + shift, end)));
    }
    job_done();
}

const esp_test test_job_reader[] = {
    {"every wrong number in a job is named", every_wrong_number_is_named},
    {"the job without a defect is read", the_job_without_defect_is_read},
    {"an error in text has its place, and a message in ASCII",
     an_error_in_text_has_its_place_and_a_message_in_ascii},
    {"blocks too short for a header are refused", blocks_too_short_for_a_header_are_refused},
    {"what is unknown and not critical is skipped", what_is_unknown_and_not_critical_is_skipped},
    {"blocks need no alignment and may end without padding",
     blocks_need_no_alignment_and_may_end_without_padding},
    {0},
};
