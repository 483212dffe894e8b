/* minimize-tables: many functions in one job, against the same functions one by one.
 *
 * Method. Random tables of every small shape; each answer is compared point by point with its table
 * and in cubes with what `minimize` says of the same function.
 */
#include <string.h>

#include "test_job_build.h"

enum { MOST = 40, TABLE = 64 };

static job_build job;
static uint8_t on[MOST * TABLE], dc[MOST * TABLE], result_copy[2 * JOB_ROOM];
static uint64_t state;

static uint32_t random_below(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % n;
}

static bool bit_of(const uint8_t *table, uint32_t bit)
{
    return table[bit / 8] >> bit % 8 & 1;
}

static void random_table(uint8_t *table, uint32_t bits, uint32_t percent)
{
    memset(table, 0, (bits + 7) / 8);
    for (uint32_t bit = 0; bit < bits; bit++) {
        table[bit / 8] |= (uint8_t)((random_below(100) < percent) << bit % 8);
    }
}

static void tables_job(uint32_t inputs, uint32_t outputs, uint32_t count, bool with_dc)
{
    uint32_t bytes = ((outputs << inputs) + 7) / 8;
    job_begin(&job, RST_OP_MINIMIZE_TABLES);
    job_vars(&job, inputs, outputs);
    job_add(&job, RST_SECTION_TABLES, on, count * bytes, count);
    if (with_dc) {
        job_add(&job, RST_SECTION_TABLES_DC, dc, count * bytes, count);
    }
}

/* A row of the answer holds point x of output o; the first input is the highest digit of x. */
static bool row_holds(uint64_t row, uint32_t inputs, uint32_t o, uint32_t x)
{
    for (uint32_t k = 0; k < inputs; k++) {
        if (!(row >> (2 * k + (x >> (inputs - 1 - k) & 1)) & 1)) {
            return false;
        }
    }
    return row >> (2 * inputs + o) & 1;
}

/* What minimize says of one function; 0 when it cannot prove that this is the minimum. */
static uint32_t fewest_cubes(uint32_t inputs, uint32_t outputs, const uint8_t *f, const uint8_t *d)
{
    static uint64_t rows[2][1 << 8];
    uint32_t count[2] = {0, 0};
    for (uint32_t set = 0; set < 2; set++) {
        for (uint32_t x = 0; x < 1u << inputs; x++) {
            uint64_t row = 0;
            for (uint32_t o = 0; o < outputs; o++) {
                uint32_t bit = o << inputs | x;
                bool is = set ? bit_of(d, bit) : bit_of(f, bit) && !bit_of(d, bit);
                row |= (uint64_t)is << (2 * inputs + o);
            }
            for (uint32_t k = 0; row && k < inputs; k++) {
                row |= UINT64_C(1) << (2 * k + (x >> (inputs - 1 - k) & 1));
            }
            rows[set][count[set]] = row;
            count[set] += row != 0;
        }
    }
    job_begin(&job, RST_OP_MINIMIZE);
    job_vars(&job, inputs, outputs);
    job_add(&job, RST_SECTION_ON, rows[0], 8 * count[0], count[0]);
    job_add(&job, RST_SECTION_DC, rows[1], 8 * count[1], count[1]);
    const uint8_t *result = job_run(&job);
    bool proven = answer_u32(result, RST_ANSWER_OPTIMAL);
    return proven ? answer_u32(result, RST_ANSWER_CUBES) : 0;
}

static void check_functions(const uint8_t *result, uint32_t inputs, uint32_t outputs,
                            uint32_t count, bool minimal)
{
    uint32_t length = 0;
    uint32_t entries = 0;
    uint32_t cubes = 0;
    uint32_t bytes = ((outputs << inputs) + 7) / 8;
    memcpy(result_copy, result, block_u32(result, RST_HEADER_LENGTH));
    const uint8_t *ends = result_section(result_copy, RST_SECTION_FUNCTIONS, &length, &entries);
    const uint8_t *rows = result_section(result_copy, RST_SECTION_ON, &length, &cubes);
    if (!CHECK(ends && rows && entries == count && length == 8 * cubes)) {
        return;
    }
    uint32_t first = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *f = on + (size_t)i * bytes;
        const uint8_t *d = dc + (size_t)i * bytes;
        uint32_t end = block_u32(ends, 8 * i);
        uint32_t bound = block_u32(ends, 8 * i + 4);
        if (!CHECK(end >= first && end <= cubes && bound <= end - first)) {
            return;
        }
        for (uint32_t bit = 0; bit < outputs << inputs; bit++) {
            bool held = false;
            for (uint32_t c = first; c < end; c++) {
                uint64_t row;
                memcpy(&row, rows + 8 * c, 8);
                held = held || row_holds(row, inputs, bit >> inputs, bit & ((1u << inputs) - 1));
            }
            CHECK(bit_of(d, bit) || held == bit_of(f, bit));
        }
        uint32_t fewest = minimal ? fewest_cubes(inputs, outputs, f, d) : 0;
        if (fewest && bound == end - first) {
            CHECK_EQ_U(end - first, fewest);
        }
        first = end;
    }
    CHECK_EQ_U(first, cubes);
    CHECK_EQ_U(answer_u32(result_copy, RST_ANSWER_CUBES), cubes);
}

TEST(functions_of_tables_are_minimised)
{
    for (uint32_t n = 0; n < 60 * esp_test_times; n++) {
        state = 900000 + n;
        uint32_t inputs = n % 9;
        uint32_t outputs = 1 + random_below(inputs < 6 ? 4 : 2);
        uint32_t count = random_below(inputs < 6 ? MOST : 4);
        bool with_dc = random_below(2);
        uint32_t bits = outputs << inputs;
        for (uint32_t i = 0; i < count; i++) {
            random_table(on + (size_t)i * ((bits + 7) / 8), bits, random_below(101));
            random_table(dc + (size_t)i * ((bits + 7) / 8), bits, with_dc ? random_below(60) : 0);
        }
        tables_job(inputs, outputs, count, with_dc);
        if (random_below(3) == 0) {
            job_option(&job, RST_OPTION_CANONICAL, 4, 1);
        }
        const uint8_t *result = job_run(&job);
        if (CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_OK)) {
            CHECK_EQ_U(answer_u32(result, RST_ANSWER_VERIFIED), 1);
            CHECK_EQ_U(answer_u32(result, RST_ANSWER_COMPLETE), 1);
            check_functions(result, inputs, outputs, count, true);
        }
    }
    job_done();
}

TEST(a_batch_that_is_stopped_is_a_cover_all_the_same)
{
    memset(dc, 0, sizeof dc);
    for (uint64_t budget = 1; budget < 4000; budget = budget * 3 / 2 + 1) {
        state = budget;
        for (uint32_t i = 0; i < MOST; i++) {
            random_table(on + (size_t)i * 8, 64, 50);
        }
        tables_job(6, 1, MOST, false);
        job_option(&job, RST_OPTION_BUDGET, 8, budget);
        const uint8_t *result = job_run(&job);
        if (CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_OK)) {
            bool complete = answer_u32(result, RST_ANSWER_COMPLETE);
            CHECK(complete || answer_u32(result, RST_ANSWER_STOPPED) == ESP_LIMIT_BUDGET);
            CHECK(complete || !answer_u32(result, RST_ANSWER_OPTIMAL));
            CHECK(budget > 1 || !complete);
            check_functions(result, 6, 1, MOST, complete);
        }
    }
    job_done();
}

static void refused(esp_status kind, const char *message)
{
    const uint8_t *result = job_run(&job);
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), kind);
    const uint8_t *error = result_section(result, RST_SECTION_ERROR, NULL, NULL);
    CHECK(error != NULL);
    if (error) {
        CHECK_HAS((const char *)error + 16, message);
    }
}

TEST(tables_that_are_none_are_refused)
{
    memset(on, 0, sizeof on);
    job_begin(&job, RST_OP_MINIMIZE_TABLES);
    job_vars(&job, 2, 1);
    refused(ESP_INVALID_INPUT, "TABLES is missing");
    job_begin(&job, RST_OP_MINIMIZE_TABLES);
    job_add(&job, RST_SECTION_TABLES, on, 1, 1);
    refused(ESP_INVALID_INPUT, "section VARS");
    tables_job(2, 0, 1, false);
    refused(ESP_INVALID_INPUT, "section VARS");
    tables_job(17, 1, 0, false);
    refused(ESP_LIMIT_EXCEEDED, "17 inputs of tables");
    tables_job(2, 65, 0, false);
    refused(ESP_LIMIT_EXCEEDED, "65 outputs of tables");
    job_begin(&job, RST_OP_MINIMIZE_TABLES);
    job_vars(&job, 2, 1);
    job_add(&job, RST_SECTION_TABLES, on, 3, 2);
    refused(ESP_INVALID_INPUT, "2 functions of 1 bytes are not 3 bytes");
    job_begin(&job, RST_OP_MINIMIZE_TABLES);
    job_vars(&job, 2, 1);
    job_add(&job, RST_SECTION_TABLES, on, 2, 2);
    job_add(&job, RST_SECTION_TABLES_DC, on, 1, 1);
    refused(ESP_INVALID_INPUT, "section TABLES_DC");
    on[1] = 0x10;
    tables_job(2, 1, 2, false);
    refused(ESP_INVALID_INPUT, "function 1: the padding");
    on[1] = 0x0f;
    tables_job(2, 1, 2, false);
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    refused(ESP_UNSUPPORTED, "does not write text");
    on[1] = 0x06;
    tables_job(2, 1, 2, false);
    job_option(&job, RST_OPTION_CUBES, 8, 1);
    refused(ESP_LIMIT_EXCEEDED, "function 1 has 2 cubes, 1 are allowed");
    job_begin(&job, RST_OP_MINIMIZE);
    job_vars(&job, 2, 1);
    job_add(&job, RST_SECTION_TABLES, on, 2, 2);
    refused(ESP_INVALID_INPUT, "no use for a section TABLES");
    job_done();
}

const esp_test test_job_tables[] = {
    {"functions of tables are minimised", functions_of_tables_are_minimised},
    {"a batch that is stopped is a cover all the same",
     a_batch_that_is_stopped_is_a_cover_all_the_same},
    {"tables that are none are refused", tables_that_are_none_are_refused},
    {0},
};
