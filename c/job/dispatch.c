/* From an opened job to a result that can be written: what all operations have in common.
 *
 *      options ─► limits ─► operands ─► the operation ─► covers for text ─► sort ─► text
 *                 |- memory, time, cancel -----------------------------|
 *                                       |- budget ---|
 *
 * Limits. Memory, time and the cancel word hold until the answer is there; the budget counts the
 * operation's own work only, so that its meaning does not depend on how the input came. A run that
 * was stopped before it had an answer ends with an error, and so does every stopped run when the
 * job says so (on-limit); the budget is soft and never makes an error of an answer.
 *
 * Nothing runs for ever by default: what has no budget of its own (questions, reading, sets that
 * are derived for text) gets ENOUGH, and everything about minimising, the check of the answer
 * included, ends at a ceiling beyond the largest budget of an effort. Both are far above normal
 * use.
 */
#include "cube/kernels.h"
#include "job/operation.h"

/* Work of about a minute, and of twenty. */
#define ENOUGH UINT64_C(60000000000)
#define CEILING UINT64_C(1260000000000)

static const esp_operation operations[] = {
    {RST_OP_MINIMIZE, 1, "minimize", ESP_EMITS_BOTH, ESP_PLA_F, false, true, esp_op_minimize},
    {RST_OP_COMPLEMENT, 1, "complement", ESP_EMITS_BOTH, ESP_PLA_R, false, false,
     esp_op_complement},
    {RST_OP_EQUIVALENT, 2, "equivalent", ESP_EMITS_NOTHING, 0, false, false, esp_op_equivalent},
    {RST_OP_TAUTOLOGY, 1, "tautology", ESP_EMITS_NOTHING, 0, false, false, esp_op_tautology},
    {RST_OP_PARSE, 1, "parse", ESP_EMITS_BOTH, ESP_PLA_F, false, false, esp_op_parse},
    {RST_OP_PRINT, 1, "print", ESP_EMITS_TEXT, ESP_PLA_F, false, true, esp_op_print},
    {RST_OP_SIZE, 0, "size", ESP_EMITS_NOTHING, 0, false, false, esp_op_size},
    {RST_OP_EXPLAIN, 1, "explain", ESP_EMITS_COVERS_ONLY, 0, false, false, esp_op_explain},
    {RST_OP_PRIMES, 1, "primes", ESP_EMITS_BOTH, ESP_PLA_F, false, false, esp_op_primes},
    {RST_OP_ESSENTIAL, 1, "essential", ESP_EMITS_BOTH, ESP_PLA_F, false, false, esp_op_essential},
    {RST_OP_MINIMA, 1, "minima", ESP_EMITS_COVERS_ONLY, 0, false, false, esp_op_minima},
    {RST_OP_MINIMIZE_TABLES, 1, "minimize-tables", ESP_EMITS_COVERS_ONLY, 0, true, false,
     esp_op_minimize_tables},
};

const esp_operation *esp_operation_find(uint32_t id)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (operations[i].id == id) {
            return &operations[i];
        }
    }
    return NULL;
}

uint32_t esp_operation_sections(const esp_operation *operation)
{
    const uint32_t first = 1u << RST_SECTION_VARS | 1u << RST_SECTION_ON | 1u << RST_SECTION_DC |
                           1u << RST_SECTION_OFF | 1u << RST_SECTION_NAMES |
                           1u << RST_SECTION_PHASE | 1u << RST_SECTION_TEXT |
                           1u << RST_SECTION_OPTIONS;
    const uint32_t second = 1u << RST_SECTION_ON2 | 1u << RST_SECTION_DC2 | 1u << RST_SECTION_OFF2 |
                            1u << RST_SECTION_TEXT2;
    const uint32_t tables = 1u << RST_SECTION_VARS | 1u << RST_SECTION_TABLES |
                            1u << RST_SECTION_TABLES_DC | 1u << RST_SECTION_OPTIONS;
    if (operation->operands == 0) {
        return first | second | tables;
    }
    return operation->tables ? tables : operation->operands == 1 ? first : first | second;
}

void esp_result_set_function(esp_result *result, const esp_job *job, const esp_pla *operand)
{
    result->out = *operand;
    result->has_function = true;
    if (!esp_job_has(job, RST_SECTION_TEXT)) {
        result->out.function.has_dc = false;
        result->out.function.has_off = false;
    }
}

static esp_status set_limits(esp_context *ctx, const esp_job *job)
{
    if (job->given >> RST_OPTION_MEMORY & 1) {
        /* Chunks kept from earlier jobs count too: without them the limit strikes at the same place
         * each time. */
        esp_arena_free(&ctx->arena);
        esp_arena_free(&ctx->side);
    }
    esp_context_limit_memory(ctx, job->option[RST_OPTION_MEMORY]);
    ctx->seed = job->option[RST_OPTION_SEED];
    if (job->option[RST_OPTION_KERNELS]) {
        ctx->kernels = &esp_kernels_portable;
    }
    if (job->given >> RST_OPTION_TIMEOUT & 1) {
        if (!ctx->clock) {
            return esp_fail(ctx, ESP_UNSUPPORTED,
                            "this build has no clock to keep the option timeout by");
        }
        uint64_t now = ctx->since ? ctx->since : ctx->clock();
        uint64_t most = (UINT64_MAX - now) / 1000;
        uint64_t timeout = job->option[RST_OPTION_TIMEOUT];
        ctx->deadline = now + (timeout < most ? timeout : most) * 1000;
    }
    return ESP_OK;
}

static esp_status read_operands(esp_context *ctx, const esp_job *job, esp_pla *operand,
                                esp_answer *answer)
{
    esp_status status = esp_job_operand(ctx, job, 0, NULL, &operand[0]);
    if (!status && job->operation->operands == 2) {
        status = esp_job_operand(ctx, job, 1, &operand[0], &operand[1]);
    }
    if (!status) {
        status = esp_job_check_text(ctx, job, operand[0].function.shape);
    }
    if (status) {
        return status;
    }
    const esp_function *f = &operand[0].function;
    if (f->has_on) {
        esp_cost cost = esp_cover_cost(f->shape, &f->on);
        answer->before = cost.cubes;
        answer->before_input_literals = cost.in;
        answer->before_output_literals = cost.out;
    }
    if (esp_job_has(job, RST_SECTION_TEXT)) {
        answer->warnings = operand[0].warnings;
        answer->text_type = operand[0].type;
        if (!job->operation->follows_phase) {
            operand[0].phase = NULL;
        }
    }
    return ESP_OK;
}

/* Runs the operation under the budget, and says in the answer how that ended. */
static esp_status run(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result)
{
    uint64_t budget = job->option[RST_OPTION_BUDGET];
    bool given = job->given >> RST_OPTION_BUDGET & 1;
    ctx->work = 0;
    /* MINIMIZE has a budget for each effort. */
    ctx->budget = given || job->operation->id == RST_OP_MINIMIZE ? budget : ENOUGH;
    ctx->ceiling = !given ? CEILING : budget < UINT64_MAX - CEILING ? budget + CEILING : UINT64_MAX;
    ctx->next_check = 0; /* look at clock and cancel word at once: a limit of zero is a limit */
    esp_status status = job->operation->run(ctx, job, operand, result);
    result->answer.work = ctx->work;
    result->answer.complete = !esp_stopped(ctx);
    result->answer.stopped = (uint32_t)ctx->stop;
    bool hard = esp_stopped(ctx) && ctx->stop != ESP_LIMIT_BUDGET;
    if (!status && hard && job->option[RST_OPTION_ON_LIMIT]) {
        status = esp_fail_stopped(ctx);
    }
    ctx->stop = ESP_LIMIT_NONE;
    ctx->work = 0;
    ctx->budget = ctx->ceiling = ENOUGH;
    ctx->next_check = 0;
    return status;
}

esp_status esp_dispatch(esp_context *ctx, esp_job *job, esp_result *result)
{
    *result = (esp_result){0};
    if (job->operation->operands == 0) {
        result->answer.complete = 1;
        return job->operation->run(ctx, job, NULL, result);
    }
    esp_status status = esp_job_options(ctx, job);
    if (!status) {
        status = set_limits(ctx, job);
    }
    esp_pla operand[2];
    esp_report(ctx, ESP_STEP_READ, 0);
    ctx->budget = ENOUGH;
    if (!status && !job->operation->tables) {
        status = read_operands(ctx, job, operand, &result->answer);
    }
    if (!status) {
        status = run(ctx, job, operand, result);
    }
    esp_report(ctx, ESP_STEP_WRITE, result->answer.cubes);
    return status ? status : esp_job_finish(ctx, job, operand, result);
}
