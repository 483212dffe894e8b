/* Damaged jobs: whatever stands in a block, the result is a sound block and nothing else happens.
 *
 * Method. Sound jobs of every operation, cut off at every byte, changed in random places by random
 * numbers (those that hurt most among them). The sanitizers watch; the result's frame is checked
 * each time.
 */
#include <string.h>

#include "test_job_build.h"

enum { SEEDS = 9, ROUNDS = 100000 };

static job_build seeds[SEEDS];

static void covers(job_build *b)
{
    job_vars(b, 4, 2);
    job_cover(b, RST_SECTION_ON, "10-1 11|0--- 10|1111 01|0011 11");
    job_cover(b, RST_SECTION_DC, "0011 01|1x11 01");
}

/* A variable of 70 parts, so that rows are moved bit by bit. */
static void wide_covers(job_build *b)
{
    static const uint32_t vars[] = {3, 3, 5, 70, 2};
    static const uint64_t rows[] = {0x2d5, 0x1f00, 0x3fe, 0x7ff};
    job_add(b, RST_SECTION_VARS, vars, sizeof vars, 0);
    job_add(b, RST_SECTION_ON, rows, sizeof rows, 2);
}

static void make_seeds(void)
{
    static const char pla[] =
        ".i 4\n.o 2\n.ilb a b c d\n.phase 10\n# comment\n10-1 1-\n0--- 10\n1111 01\n.e\n";
    static const uint32_t operations[SEEDS] = {
        RST_OP_MINIMIZE,   RST_OP_PRINT, RST_OP_EQUIVALENT, RST_OP_EXPLAIN,         RST_OP_PARSE,
        RST_OP_COMPLEMENT, RST_OP_PRINT, RST_OP_TAUTOLOGY,  RST_OP_MINIMIZE_TABLES,
    };
    for (uint32_t i = 0; i < SEEDS; i++) {
        job_build *b = &seeds[i];
        job_begin(b, operations[i]);
        if (i == 8) {
            job_vars(b, 3, 2);
            job_add(b, RST_SECTION_TABLES, "\x96\xe8\x0f\x81", 4, 2);
            job_add(b, RST_SECTION_TABLES_DC, "\x01\x10\0\x42", 4, 2);
        } else if (i == 6) {
            job_text(b, RST_SECTION_TEXT, pla);
        } else if (i == 4) {
            wide_covers(b);
        } else {
            covers(b);
        }
        if (operations[i] == RST_OP_EQUIVALENT) {
            job_cover(b, RST_SECTION_ON2, "10-1 11|0--- 10");
            job_cover(b, RST_SECTION_OFF2, "1100 01");
        }
        if (i == 1) {
            job_names(b, "a bb ccc d", "f g");
            job_add(b, RST_SECTION_PHASE, "\1\0", 2, 0);
        }
        job_option(b, RST_OPTION_BUDGET, 8, 100000);
        job_option(b, RST_OPTION_OUTPUT_TYPE, 4, 1 + i % 7);
        job_option(b, RST_OPTION_EMIT, 4, i == 0);
        job_end(b);
    }
}

TEST(jobs_cut_off_at_any_byte_are_refused)
{
    make_seeds();
    for (uint32_t i = 0; i < SEEDS; i++) {
        static uint8_t copy[4096];
        memcpy(copy, seeds[i].bytes, seeds[i].length);
        uint32_t last = RST_HEADER_SIZE + (seeds[i].sections - 1) * RST_ENTRY_SIZE;
        uint32_t end =
            block_u32(copy, last + RST_ENTRY_OFFSET) + block_u32(copy, last + RST_ENTRY_LENGTH);
        for (uint32_t length = 0; length < seeds[i].length; length++) {
            const uint8_t *result = job_run_bytes(copy, length);
            CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_INVALID_INPUT);
            if (length >= RST_HEADER_SIZE && length != end) { /* and with a header that agrees */
                memcpy(copy + RST_HEADER_LENGTH, &length, 4);
                result = job_run_bytes(copy, length);
                CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_INVALID_INPUT);
                memcpy(copy + RST_HEADER_LENGTH, seeds[i].bytes + RST_HEADER_LENGTH, 4);
            }
        }
        CHECK_EQ_U(block_u32(job_run_bytes(copy, seeds[i].length), RST_HEADER_STATUS), ESP_OK);
    }
    job_done();
}

static void damage(uint8_t *bytes, uint32_t length, uint64_t *random)
{
    static const uint32_t numbers[] = {0,  1,          2,          63,         64,
                                       65, 0x7fffffff, 0x80000000, 0xffffffc0, 0xffffffff};
    uint32_t at = esp_test_below(random, length - 3);
    uint32_t value = (uint32_t)esp_test_random(random);
    switch (esp_test_below(random, 4)) {
    case 0:
        bytes[at] ^= (uint8_t)(1u << value % 8);
        break;
    case 1:
        bytes[at] = (uint8_t)value;
        break;
    case 2: /* a number of the frame */
        at = at % 400 & ~3u;
        memcpy(bytes + at, &numbers[value % 10], 4);
        break;
    default:
        memcpy(bytes + (at & ~3u), &numbers[value % 10], 4);
        break;
    }
}

TEST(jobs_with_random_damage_give_sound_results)
{
    make_seeds();
    uint64_t random = 7;
    uint32_t answers = 0;
    uint32_t errors[16] = {0};
    for (uint32_t round = 0; round < ROUNDS * esp_test_times; round++) {
        static uint8_t copy[4096];
        const job_build *b = &seeds[round % SEEDS];
        memcpy(copy, b->bytes, b->length);
        uint32_t places = 1 + esp_test_below(&random, 3);
        for (uint32_t i = 0; i < places; i++) {
            damage(copy, b->length, &random);
        }
        uint32_t status = block_u32(job_run_bytes(copy, b->length), RST_HEADER_STATUS);
        answers += status == 0;
        errors[status & 15]++;
        CHECK(status != ESP_INTERNAL);
    }
    CHECK(answers > ROUNDS / 100); /* the damage was not always fatal, and not always harmless */
    CHECK(errors[ESP_INVALID_INPUT] > ROUNDS / 4);
    CHECK(errors[ESP_LIMIT_EXCEEDED] && errors[ESP_UNSUPPORTED]);
    job_done();
}

TEST(the_result_may_take_the_place_of_the_job)
{
    make_seeds();
    esp_runner runner;
    esp_runner_init(&runner, NULL);
    for (uint32_t i = 0; i < SEEDS; i++) {
        static uint8_t place[8192];
        static uint8_t apart[8192];
        memcpy(place, seeds[i].bytes, seeds[i].length);
        uint32_t length =
            esp_run_job(&runner, seeds[i].bytes, seeds[i].length, apart, sizeof apart);
        CHECK_EQ_U(esp_run_job(&runner, place, seeds[i].length, place, sizeof place), length);
        CHECK(same_answers(place, apart));
    }
    esp_runner_free(&runner);
}

const esp_test test_job_damage[] = {
    {"jobs cut off at any byte are refused", jobs_cut_off_at_any_byte_are_refused},
    {"jobs with random damage give sound results", jobs_with_random_damage_give_sound_results},
    {"the result may take the place of the job", the_result_may_take_the_place_of_the_job},
    {0},
};
