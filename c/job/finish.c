/* From an operation's covers to what the block will carry: counted, sorted, and as text where that
 * is asked for.
 *
 * Text may show sets that the answer does not have: a type with d or r prints DC and OFF, and OFF
 * is a complement, which can be dear. Hard limits hold for deriving them; a run that a hard limit
 * has stopped already (and whose best answer so far is wanted) gets a fixed amount of work for it.
 * Writing an answer that exists is not limited any more: a run that was stopped could otherwise
 * never tell what it has.
 */
#include "job/operation.h"

/* Work for deriving sets after a stop: some tenths of a second. */
#define GRACE UINT64_C(100000000)

static bool writes_text(const esp_job *job)
{
    esp_emits emits = job->operation->emits;
    return emits == ESP_EMITS_TEXT || (emits != ESP_EMITS_NOTHING && job->option[RST_OPTION_EMIT]);
}

esp_status esp_job_check_text(esp_context *ctx, const esp_job *job, const esp_shape *s)
{
    if (writes_text(job) && job->operation->emits == ESP_EMITS_COVERS_ONLY) {
        return esp_fail(ctx, ESP_UNSUPPORTED, "the operation %s does not write text",
                        job->operation->name);
    }
    if (writes_text(job) && s->wides != 1) {
        return esp_fail(ctx, ESP_UNSUPPORTED,
                        "functions with inputs of several values are not written as text yet");
    }
    return ESP_OK;
}

static void lift_limits(esp_context *ctx)
{
    ctx->stop = ESP_LIMIT_NONE;
    ctx->next_check = 0;
    ctx->budget = ctx->ceiling = UINT64_MAX;
    ctx->deadline = 0;
    ctx->cancel = NULL;
    ctx->progress = NULL;
    esp_context_limit_memory(ctx, 0);
}

/* The covers that text of this type shows and the answer does not have yet. */
static esp_status derive(esp_context *ctx, uint32_t type, const esp_function *from,
                         esp_function *to)
{
    esp_status status = ESP_OK;
    if (type & ESP_PLA_F && !to->has_on) {
        status = esp_on_set(ctx, from, &to->on);
        to->has_on = true;
    }
    /* Points that ON, DC and OFF leave open must be seen to be don't-care where one is not shown.
     */
    bool open = from->has_on && from->has_off && type != (ESP_PLA_F | ESP_PLA_D | ESP_PLA_R);
    if (!status && type & ESP_PLA_D && (from->has_dc || from->has_off) && (!to->has_dc || open)) {
        esp_function whole = *from;
        status = esp_job_complete_dc(ctx, &whole);
        status = status ? status : esp_dc_set(ctx, &whole, &to->dc);
        to->has_dc = true;
    }
    if (!status && type & ESP_PLA_R && !to->has_off) {
        status = esp_off_set(ctx, from, &to->off);
        to->has_off = true;
    }
    return !status && esp_stopped(ctx) ? esp_fail_stopped(ctx) : status;
}

static esp_status sort_covers(esp_context *ctx, esp_function *f)
{
    bool sorted = true;
    if (f->has_on) {
        sorted = esp_cover_sort(ctx, f->shape, &f->on);
    }
    if (sorted && f->has_dc) {
        sorted = esp_cover_sort(ctx, f->shape, &f->dc);
    }
    if (sorted && f->has_off) {
        sorted = esp_cover_sort(ctx, f->shape, &f->off);
    }
    return sorted ? ESP_OK : esp_fail_stopped(ctx);
}

/* A run that a hard limit stopped may still derive what costs little: the limits are lifted, and a
 * fixed amount of work takes their place. */
static esp_status derive_after_stop(esp_context *ctx, uint32_t type, const esp_function *from,
                                    esp_function *to, esp_limit stopped)
{
    lift_limits(ctx);
    ctx->work = 0;
    ctx->budget = GRACE;
    esp_status status = derive(ctx, type, from, to);
    ctx->budget = UINT64_MAX;
    if (status ==
        ESP_LIMIT_EXCEEDED) { /* say which limit it was, not that the grace was too short */
        ctx->error.kind = ESP_OK;
        ctx->error.limit = ESP_LIMIT_NONE;
        ctx->stop = stopped;
        status = esp_fail_stopped(ctx);
    }
    return status;
}

static void count(esp_result *result)
{
    if (result->counted) {
        esp_cost cost = esp_cover_cost(result->out.function.shape, result->counted);
        result->answer.cubes = cost.cubes;
        result->answer.input_literals = cost.in;
        result->answer.output_literals = cost.out;
    }
}

static uint32_t type_of_text(const esp_job *job)
{
    bool given = job->given >> RST_OPTION_OUTPUT_TYPE & 1;
    return given ? (uint32_t)job->option[RST_OPTION_OUTPUT_TYPE] : job->operation->output_type;
}

esp_status esp_job_finish(esp_context *ctx, const esp_job *job, const esp_pla *operand,
                          esp_result *result)
{
    const esp_function *from = &operand->function;
    esp_function *to = &result->out.function;
    bool as_text = writes_text(job);
    uint32_t type = type_of_text(job);
    esp_limit stopped = (esp_limit)result->answer.stopped;
    bool hard = stopped != ESP_LIMIT_NONE && stopped != ESP_LIMIT_BUDGET;
    esp_status status = ESP_OK;
    count(result);
    if (as_text) {
        status =
            hard ? derive_after_stop(ctx, type, from, to, stopped) : derive(ctx, type, from, to);
    }
    lift_limits(ctx);
    bool whole = result->has_function && !result->entry;
    if (!status && whole && job->option[RST_OPTION_CANONICAL]) {
        status = sort_covers(ctx, to);
    }
    if (!status && as_text) {
        status = esp_pla_write(ctx, &result->out, type, &result->text);
        result->has_text = true;
        result->has_function = false;
    }
    return status;
}
