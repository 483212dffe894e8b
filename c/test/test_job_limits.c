/* Each limit ends a run as docs/job-format.md says, and the runner can go on afterwards.
 *
 * Method. Limits that strike at once (no budget, no time, a cancel word that is set already) have
 * one outcome, whatever the machine; a clock of our own makes time pass only when it is looked at.
 */
#include <string.h>

#include "test_job_build.h"

static job_build job;

/* The parity of eight inputs: 128 cubes, none of which can go. */
static void parity_job(uint32_t operation)
{
    char text[128 * 11 + 32] = ".i 8\n.o 1\n";
    uint32_t at = (uint32_t)strlen(text);
    for (uint32_t point = 0; point < 256; point++) {
        if (esp_popcount(point) % 2) {
            for (uint32_t i = 0; i < 8; i++) {
                text[at++] = (char)('0' + (point >> i & 1));
            }
            memcpy(text + at, " 1\n", 3);
            at += 3;
        }
    }
    job_begin(&job, operation);
    job_add(&job, RST_SECTION_TEXT, text, at, 0);
}

static void check_error(const uint8_t *result, uint32_t kind, uint32_t limit)
{
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), kind);
    const uint8_t *error = result_section(result, RST_SECTION_ERROR, NULL, NULL);
    if (CHECK(error != NULL)) {
        CHECK_EQ_U(block_u32(error, 4), limit);
    }
}

static void check_stopped(const uint8_t *result, uint32_t limit)
{
    CHECK_EQ_U(block_u32(result, RST_HEADER_STATUS), ESP_OK);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_COMPLETE), 0);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_STOPPED), limit);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_CUBES), 128);
}

static void check_goes_on(void)
{
    parity_job(RST_OP_MINIMIZE);
    const uint8_t *result = job_run(&job);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_COMPLETE), 1);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_STOPPED), 0);
    CHECK_EQ_U(answer_u32(result, RST_ANSWER_CUBES), 128);
}

static uint64_t ticks;

/* A microsecond passes with every look. */
static uint64_t slow_clock(void)
{
    return ticks += 1000;
}

TEST(the_budget_is_soft)
{
    for (uint32_t on_limit = 0; on_limit < 2; on_limit++) {
        for (uint32_t emit = 0; emit < 2; emit++) {
            parity_job(RST_OP_MINIMIZE);
            job_option(&job, RST_OPTION_BUDGET, 8, 0);
            job_option(&job, RST_OPTION_ON_LIMIT, 4, on_limit);
            job_option(&job, RST_OPTION_EMIT, 4, emit);
            const uint8_t *result = job_run(&job);
            check_stopped(result, ESP_LIMIT_BUDGET);
            CHECK(!emit == !result_section(result, RST_SECTION_TEXT, NULL, NULL));
        }
    }
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_BUDGET, 8, UINT64_MAX);
    CHECK_EQ_U(answer_u32(job_run(&job), RST_ANSWER_COMPLETE), 1);
    check_goes_on();
    job_done();
}

TEST(work_is_the_same_each_time_and_the_budget_is_kept)
{
    parity_job(RST_OP_MINIMIZE);
    uint32_t work = answer_u32(job_run(&job), RST_ANSWER_WORK);
    CHECK(work > 100);
    for (uint32_t i = 0; i < 5; i++) {
        parity_job(RST_OP_MINIMIZE);
        job_option(&job, RST_OPTION_BUDGET, 8, work / 5 * i);
        const uint8_t *result = job_run(&job);
        uint32_t spent = answer_u32(result, RST_ANSWER_WORK);
        check_stopped(result, ESP_LIMIT_BUDGET);
        CHECK(spent >= work / 5 * i);
        CHECK(spent <= work);
        CHECK_EQ_U(answer_u32(job_run_bytes(job.bytes, job.length), RST_ANSWER_WORK), spent);
    }
    job_done();
}

static uint32_t looks;
static bool endless;

/* Looks at the budget whenever the core looks at the clock while a limit holds. */
static uint64_t watching_clock(void)
{
    const esp_context *ctx = &job_runner.ctx;
    if (ctx->deadline) {
        looks++;
        endless = endless || (ctx->budget == UINT64_MAX && ctx->ceiling == UINT64_MAX);
    }
    return 1;
}

TEST(no_job_has_work_without_end_by_default)
{
    static const uint32_t operations[] = {RST_OP_MINIMIZE, RST_OP_COMPLEMENT, RST_OP_TAUTOLOGY,
                                          RST_OP_EXPLAIN, RST_OP_PRINT};
    job_done();
    job_clock = watching_clock;
    for (uint32_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        looks = 0;
        endless = false;
        parity_job(operations[i]);
        job_option(&job, RST_OPTION_TIMEOUT, 8, 1000000);
        job_option(&job, RST_OPTION_OUTPUT_TYPE, 4, ESP_PLA_F | ESP_PLA_R);
        CHECK_EQ_U(block_u32(job_run(&job), RST_HEADER_STATUS), ESP_OK);
        CHECK(looks > 0 && !endless);
    }
    job_done();
    job_clock = NULL;
}

TEST(a_ceiling_ends_what_has_no_budget)
{
    esp_context ctx;
    esp_context_init(&ctx);
    ctx.ceiling = 100000;
    ctx.next_check = 0;
    while (esp_spend(&ctx, 10)) {
    }
    CHECK_EQ_U(ctx.stop, ESP_LIMIT_BUDGET);
    CHECK_EQ_U(ctx.work, 100000);
    esp_context_free(&ctx);
}

TEST(questions_without_budget_left_are_errors)
{
    static const uint32_t operations[] = {RST_OP_COMPLEMENT, RST_OP_TAUTOLOGY, RST_OP_EXPLAIN};
    for (uint32_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        parity_job(operations[i]);
        job_option(&job, RST_OPTION_BUDGET, 8, 10);
        check_error(job_run(&job), ESP_LIMIT_EXCEEDED, ESP_LIMIT_BUDGET);
    }
    check_goes_on();
    job_done();
}

TEST(time_gives_the_best_so_far_or_an_error)
{
    job_done();
    job_clock = slow_clock;
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_TIMEOUT, 8, 0);
    check_stopped(job_run(&job), ESP_LIMIT_TIME);
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_TIMEOUT, 8, 0);
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    check_stopped(job_run(&job), ESP_LIMIT_TIME);
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_TIMEOUT, 8, 0);
    job_option(&job, RST_OPTION_ON_LIMIT, 4, 1);
    check_error(job_run(&job), ESP_LIMIT_EXCEEDED, ESP_LIMIT_TIME);
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_TIMEOUT, 8, UINT64_MAX);
    CHECK_EQ_U(answer_u32(job_run(&job), RST_ANSWER_COMPLETE), 1);
    static const uint32_t unfinished[] = {RST_OP_COMPLEMENT, RST_OP_TAUTOLOGY, RST_OP_EXPLAIN};
    for (uint32_t i = 0; i < 3; i++) { /* half an answer would be a wrong one */
        parity_job(unfinished[i]);
        job_option(&job, RST_OPTION_TIMEOUT, 8, 0);
        check_error(job_run(&job), ESP_LIMIT_EXCEEDED, ESP_LIMIT_TIME);
    }
    check_goes_on();
    job_done();
}

TEST(a_stopped_run_still_shows_the_sets_that_cost_little)
{
    job_done();
    job_clock = slow_clock;
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_TIMEOUT, 8, 0);
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    job_option(&job, RST_OPTION_OUTPUT_TYPE, 4, ESP_PLA_F | ESP_PLA_R);
    const uint8_t *result = job_run(&job);
    check_stopped(result, ESP_LIMIT_TIME);
    uint32_t length = 0;
    const uint8_t *text = result_section(result, RST_SECTION_TEXT, &length, NULL);
    CHECK(text && length > 256 * 9); /* 128 cubes of ON, and 128 of OFF */
    job_done();
}

/* Random cubes of 30 inputs, whose complement nobody waits for. */
TEST(a_stopped_run_does_not_derive_what_is_dear)
{
    static char text[1500 * 33 + 64] = ".i 30\n.o 1\n";
    uint32_t at = (uint32_t)strlen(text);
    uint64_t random = 77;
    for (uint32_t i = 0; i < 1500; i++) {
        for (uint32_t v = 0; v < 30; v++) {
            text[at++] = "01---"[esp_test_below(&random, 5)];
        }
        memcpy(text + at, " 1\n", 3);
        at += 3;
    }
    job_done();
    job_clock = slow_clock;
    job_begin(&job, RST_OP_MINIMIZE);
    job_add(&job, RST_SECTION_TEXT, text, at, 0);
    job_option(&job, RST_OPTION_TIMEOUT, 8, 0);
    job_option(&job, RST_OPTION_EMIT, 4, 1);
    job_option(&job, RST_OPTION_OUTPUT_TYPE, 4, ESP_PLA_F | ESP_PLA_R);
    job_add(&job, RST_SECTION_OPTIONS, job.options, job.options_length, job.options_count);
    static uint8_t block[64 * 1024];
    uint32_t length = job_lay_out(&job, NULL);
    if (CHECK(length <= sizeof block)) {
        job_lay_out(&job, block);
        check_error(job_run_bytes(block, length), ESP_LIMIT_EXCEEDED, ESP_LIMIT_TIME);
    }
    job_done();
}

TEST(without_a_clock_a_time_limit_is_refused)
{
    job_done();
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_TIMEOUT, 8, 1000);
    check_error(job_run(&job), ESP_UNSUPPORTED, 0);
    check_goes_on();
    job_done();
}

TEST(a_cancel_word_gives_the_best_so_far_or_an_error)
{
    static esp_word cancel = 1;
    static esp_progress progress;
    for (uint32_t way = 0; way < 2; way++) {
        check_goes_on();
        job_runner.cancel = way ? NULL : &cancel;
        job_runner.progress = way ? &progress : NULL;
        progress.cancel = way;
        parity_job(RST_OP_MINIMIZE);
        check_stopped(job_run(&job), ESP_LIMIT_CANCEL);
        parity_job(RST_OP_MINIMIZE);
        job_option(&job, RST_OPTION_ON_LIMIT, 4, 1);
        check_error(job_run(&job), ESP_CANCELLED, 0);
        parity_job(RST_OP_TAUTOLOGY);
        check_error(job_run(&job), ESP_CANCELLED, 0);
        progress.cancel = 0;
        job_runner.cancel = NULL;
        check_goes_on();
    }
    CHECK_EQ_U(progress.step, ESP_STEP_WRITE);
    CHECK_EQ_U(progress.cubes, 128);
    job_done();
}

TEST(memory_ends_a_run_at_the_same_place_whatever_ran_before)
{
    uint32_t answers = 0;
    uint32_t errors = 0;
    for (uint64_t limit = 1; limit < 1 << 20; limit += limit / 4 + 1) {
        uint32_t outcome[2];
        for (uint32_t warm = 0; warm < 2; warm++) {
            job_done();
            if (warm) {
                check_goes_on();
            }
            parity_job(RST_OP_MINIMIZE);
            job_option(&job, RST_OPTION_MEMORY, 8, limit);
            const uint8_t *result = job_run(&job);
            outcome[warm] = block_u32(result, RST_HEADER_STATUS);
            if (outcome[warm]) {
                check_error(result, ESP_LIMIT_EXCEEDED, ESP_LIMIT_MEMORY);
                errors++;
            } else {
                outcome[warm] += 100 * answer_u32(result, RST_ANSWER_STOPPED);
                CHECK_EQ_U(answer_u32(result, RST_ANSWER_CUBES), 128);
                answers++;
            }
        }
        CHECK_EQ_U(outcome[0], outcome[1]);
    }
    CHECK(answers && errors);
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_MEMORY, 8, 0); /* no limit */
    CHECK_EQ_U(answer_u32(job_run(&job), RST_ANSWER_COMPLETE), 1);
    job_done();
}

TEST(more_cubes_than_allowed_are_an_error)
{
    job_begin(&job, RST_OP_MINIMIZE);
    job_vars(&job, 2, 1);
    job_cover(&job, RST_SECTION_ON, "00 1|01 1|11 1");
    job_option(&job, RST_OPTION_CUBES, 8, 2);
    const uint8_t *result = job_run(&job);
    check_error(result, ESP_LIMIT_EXCEEDED, ESP_LIMIT_CUBES);
    CHECK_HAS(result_message(result), "section ON has 3 cubes, the job allows 2");
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_CUBES, 8, 100);
    check_error(job_run(&job), ESP_LIMIT_EXCEEDED, ESP_LIMIT_CUBES);
    for (uint64_t most = 0; most < 200; most += 199) {
        parity_job(RST_OP_MINIMIZE);
        job_option(&job, RST_OPTION_CUBES, 8, most);
        CHECK_EQ_U(answer_u32(job_run(&job), RST_ANSWER_COMPLETE), 1);
    }
    job_done();
}

TEST(all_kernels_give_the_same_answer)
{
    parity_job(RST_OP_MINIMIZE);
    uint8_t fastest[8192];
    const uint8_t *result = job_run(&job);
    memcpy(fastest, result, block_u32(result, RST_HEADER_LENGTH));
    parity_job(RST_OP_MINIMIZE);
    job_option(&job, RST_OPTION_KERNELS, 4, 1);
    result = job_run(&job);
    CHECK(same_answers(fastest, result));
    const uint8_t *trailer = result_section(result, RST_SECTION_TRAILER, NULL, NULL);
    CHECK_EQ_U(block_u32(trailer, RST_TRAILER_KERNELS), 1);
    CHECK(block_u64(trailer, RST_TRAILER_PEAK) > 0);
    job_done();
}

const esp_test test_job_limits[] = {
    {"the budget is soft", the_budget_is_soft},
    {"work is the same each time, and the budget is kept",
     work_is_the_same_each_time_and_the_budget_is_kept},
    {"no job has work without end by default", no_job_has_work_without_end_by_default},
    {"a ceiling ends what has no budget", a_ceiling_ends_what_has_no_budget},
    {"questions without budget left are errors", questions_without_budget_left_are_errors},
    {"time gives the best so far, or an error", time_gives_the_best_so_far_or_an_error},
    {"a stopped run still shows the sets that cost little",
     a_stopped_run_still_shows_the_sets_that_cost_little},
    {"a stopped run does not derive what is dear", a_stopped_run_does_not_derive_what_is_dear},
    {"without a clock a time limit is refused", without_a_clock_a_time_limit_is_refused},
    {"a cancel word gives the best so far, or an error",
     a_cancel_word_gives_the_best_so_far_or_an_error},
    {"memory ends a run at the same place, whatever ran before",
     memory_ends_a_run_at_the_same_place_whatever_ran_before},
    {"more cubes than allowed are an error", more_cubes_than_allowed_are_an_error},
    {"all kernels give the same answer", all_kernels_give_the_same_answer},
    {0},
};
