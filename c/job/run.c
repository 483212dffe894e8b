/* Runs a job from its bytes to the bytes of its result, and finds memory for the latter.
 *
 * Invariants: a run ends with a whole result block, whatever happens; between runs the arenas hold
 * at most one modest chunk each (arena.h) and the memory for kept results at most KEEP bytes,
 * unless a result waits in it.
 *
 * Cost beside the operation: two looks at the clock, the table, one copy of the result. Where there
 * is no memory for the result, an error of a few hundred bytes is written into memory that the
 * runner always has.
 */
#include "cube/kernels.h"
#include "job/job.h"

enum { KEEP = 64 * 1024 };

void esp_runner_init(esp_runner *r, uint64_t (*clock)(void))
{
    esp_context_init(&r->ctx);
    r->ctx.clock = clock;
    r->kept = NULL;
    r->kept_size = 0;
    r->result_length = 0;
    r->in_reserve = false;
    r->progress = NULL;
    r->cancel = NULL;
    r->since = 0;
}

static void drop_kept(esp_runner *r, uint32_t keep)
{
    r->result_length = 0;
    if (r->kept && r->kept_size > keep) {
        esp_system_free(r->kept);
        r->kept = NULL;
        r->kept_size = 0;
    }
}

void esp_runner_free(esp_runner *r)
{
    drop_kept(r, 0);
    esp_context_free(&r->ctx);
}

uint64_t esp_runner_memory(const esp_runner *r)
{
    return esp_context_held(&r->ctx) + r->kept_size;
}

/* Memory of `length` bytes to keep a result in; NULL when there is none. */
static uint8_t *keep_memory(esp_runner *r, uint32_t length)
{
    if (r->kept_size < length) {
        drop_kept(r, 0);
        r->kept = esp_system_alloc(length);
        r->kept_size = r->kept ? length : 0;
    }
    return r->kept;
}

/* Where the planned block goes; NULL: there is no memory. */
static uint8_t *place(esp_runner *r, const esp_plan *plan, uint8_t *out, uint32_t capacity)
{
    uint32_t length = plan->header.length;
    if (length <= capacity) {
        return out;
    }
    r->in_reserve = plan->header.status && length <= sizeof r->reserve;
    uint8_t *at = r->in_reserve ? r->reserve : keep_memory(r, length);
    r->result_length = at ? length : 0;
    return at;
}

static esp_status open_and_dispatch(esp_context *ctx, const uint8_t *bytes, uint32_t length,
                                    esp_job *job, esp_result *result)
{
    esp_status status = esp_job_open(ctx, bytes, length, job);
    return status ? status : esp_dispatch(ctx, job, result);
}

static esp_trailer make_trailer(const esp_context *ctx, uint64_t start)
{
    return (esp_trailer){
        .run_ns = ctx->clock ? ctx->clock() - start : 0,
        .peak = ctx->arena.peak + ctx->side.peak,
        .kernels = ctx->kernels->id,
        .attempts = 1,
    };
}

uint32_t esp_run_job(esp_runner *r, const uint8_t *bytes, uint32_t length, uint8_t *out,
                     uint32_t capacity)
{
    esp_context *ctx = &r->ctx;
    uint64_t start = ctx->clock ? ctx->clock() : 0;
    drop_kept(r, KEEP);
    esp_context_begin(ctx);
    ctx->progress = r->progress;
    ctx->cancel = r->cancel;
    ctx->since = r->since;

    esp_job job;
    esp_result result;
    esp_plan plan;
    esp_status status = open_and_dispatch(ctx, bytes, length, &job, &result);
    if (!status) {
        status = esp_plan_answer(ctx, &job, &result, &plan);
    }
    uint8_t *at = status ? NULL : place(r, &plan, out, capacity);
    if (!status && !at) {
        ctx->error.limit = ESP_LIMIT_MEMORY;
        status = esp_fail(ctx, ESP_LIMIT_EXCEEDED, "there is no memory for a result of %u bytes",
                          plan.header.length);
    }
    if (status) {
        if (ctx->error.kind == ESP_OK) {
            esp_fail(ctx, ESP_INTERNAL, "an operation failed without a reason");
        }
        esp_plan_error(ctx, &job, &plan);
        at = place(r, &plan, out, capacity);
    }
    esp_trailer trailer = make_trailer(ctx, start);
    esp_write_result(ctx, &plan, &result, &trailer, at);
    uint32_t needed = plan.header.length;
    esp_arena_reset(&ctx->arena);
    esp_arena_reset(&ctx->side);
    return needed;
}

uint32_t esp_take_result(esp_runner *r, uint8_t *out, uint32_t capacity)
{
    uint32_t length = r->result_length;
    if (length && length <= capacity) {
        memcpy(out, r->in_reserve ? r->reserve : r->kept, length);
        drop_kept(r, KEEP);
    }
    return length;
}

uint8_t *esp_detach_result(esp_runner *r)
{
    uint8_t *result = r->kept;
    r->kept = NULL;
    r->kept_size = r->result_length = 0;
    return result;
}
