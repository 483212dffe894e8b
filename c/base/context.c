/* The context of a run: allocation with a sticky failure, work counting, stopping, the job's first
 * error. */
#include "base/context.h"

#include "cube/kernels.h"

#include <stdarg.h>
#include <string.h> /* memset */

/* Work between two looks at the clock: about 50 µs on a slow machine. */
enum { CHECK_INTERVAL = 1 << 15 };

void esp_context_init(esp_context *ctx)
{
    memset(ctx, 0, sizeof *ctx);
    ctx->fastest = ctx->kernels = esp_kernels_pick(false);
    esp_context_begin(ctx);
}

void esp_context_begin(esp_context *ctx)
{
    esp_arena_reset(&ctx->arena);
    esp_arena_reset(&ctx->side);
    ctx->arena.partner = &ctx->side;
    ctx->side.partner = &ctx->arena;
    ctx->error.kind = ESP_OK;
    ctx->error.limit = ESP_LIMIT_NONE;
    ctx->error.line = ctx->error.column = 0;
    ctx->error.message[0] = 0;
    ctx->stop = ESP_LIMIT_NONE;
    ctx->work = 0;
    ctx->budget = UINT64_MAX;
    ctx->ceiling = UINT64_MAX;
    ctx->next_check = CHECK_INTERVAL;
    ctx->deadline = ctx->since = 0;
    ctx->progress = NULL;
    ctx->cancel = NULL;
    ctx->seed = 0;
    ctx->kernels = ctx->fastest;
}

void esp_context_free(esp_context *ctx)
{
    esp_arena_free(&ctx->arena);
    esp_arena_free(&ctx->side);
}

void esp_context_limit_memory(esp_context *ctx, uint64_t bytes)
{
    ctx->arena.limit = ctx->side.limit = bytes;
}

void *esp_alloc(esp_context *ctx, size_t size)
{
    void *p = esp_arena_alloc(&ctx->arena, size);
    if (!p && ctx->stop == ESP_LIMIT_NONE) {
        ctx->stop = ESP_LIMIT_MEMORY;
        ctx->next_check = 0;
    }
    return p;
}

void *esp_alloc_array(esp_context *ctx, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 4) / size) {
        return esp_alloc(ctx, SIZE_MAX);
    }
    return esp_alloc(ctx, count * size);
}

void *esp_alloc_zero(esp_context *ctx, size_t count, size_t size)
{
    void *p = esp_alloc_array(ctx, count, size);
    if (p) {
        memset(p, 0, count * size);
    }
    return p;
}

bool esp_check(esp_context *ctx)
{
    if (esp_stopped(ctx)) {
        return false;
    }
    if (ctx->progress) {
        esp_word_set(&ctx->progress->work_low, (uint32_t)ctx->work);
        esp_word_set(&ctx->progress->work_high, (uint32_t)(ctx->work >> 32));
        if (esp_word_get(&ctx->progress->cancel)) {
            ctx->stop = ESP_LIMIT_CANCEL;
        }
    }
    if (ctx->cancel && esp_word_get(ctx->cancel)) {
        ctx->stop = ESP_LIMIT_CANCEL;
    }
    if (ctx->deadline && ctx->clock && ctx->clock() >= ctx->deadline) {
        ctx->stop = ESP_LIMIT_TIME;
    }
    uint64_t most = ctx->budget < ctx->ceiling ? ctx->budget : ctx->ceiling;
    if (ctx->work >= most && ctx->stop == ESP_LIMIT_NONE) {
        ctx->stop = ESP_LIMIT_BUDGET;
    }
    if (esp_stopped(ctx)) {
        ctx->next_check = 0;
        return false;
    }
    uint64_t next = ctx->work + CHECK_INTERVAL;
    ctx->next_check = next < most ? next : most;
    return true;
}

void esp_report(esp_context *ctx, esp_step step, uint32_t cubes)
{
    if (ctx->progress) {
        esp_word_set(&ctx->progress->step, (uint32_t)step);
        uint32_t best = esp_word_get(&ctx->progress->cubes);
        if (cubes && (!best || cubes < best)) { /* what a stop now would return */
            esp_word_set(&ctx->progress->cubes, cubes);
        }
    }
}

void esp_report_round(esp_context *ctx, uint32_t round)
{
    if (ctx->progress) {
        esp_word_set(&ctx->progress->round, round);
    }
}

void esp_report_bound(esp_context *ctx, uint32_t bound)
{
    if (ctx->progress && bound > esp_word_get(&ctx->progress->bound)) {
        esp_word_set(&ctx->progress->bound, bound);
    }
}

static char *put_text(char *at, const char *end, const char *text)
{
    while (*text && at < end) {
        *at++ = *text++;
    }
    return at;
}

static char *put_number(char *at, const char *end, uint32_t n)
{
    char digits[10];
    int count = 0;
    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    while (count && at < end) {
        *at++ = digits[--count];
    }
    return at;
}

/* A small formatter of our own: libc's differs between systems in what it prints and what it
 * allocates. */
static void format_message(esp_error *e, const char *format, va_list args)
{
    char *at = e->message;
    const char *end = e->message + sizeof e->message - 1;
    for (const char *f = format; *f && at < end; f++) {
        if (*f != '%') {
            *at++ = *f;
            continue;
        }
        f++;
        if (*f == 's') {
            at = put_text(at, end, va_arg(args, const char *));
        } else if (*f == 'u') {
            at = put_number(at, end, va_arg(args, uint32_t));
        } else if (*f == 'c') {
            *at++ = (char)va_arg(args, int);
        } else {
            assert(*f == '%');
            *at++ = '%';
        }
    }
    *at = 0;
}

esp_status esp_fail(esp_context *ctx, esp_status kind, const char *format, ...)
{
    if (ctx->error.kind == ESP_OK) {
        ctx->error.kind = kind;
        va_list args;
        va_start(args, format);
        format_message(&ctx->error, format, args);
        va_end(args);
    }
    return ctx->error.kind;
}

esp_status esp_fail_at(esp_context *ctx, uint32_t line, uint32_t column, const char *format, ...)
{
    if (ctx->error.kind == ESP_OK) {
        ctx->error.kind = ESP_INVALID_INPUT;
        ctx->error.line = line;
        ctx->error.column = column;
        va_list args;
        va_start(args, format);
        format_message(&ctx->error, format, args);
        va_end(args);
    }
    return ctx->error.kind;
}

esp_status esp_fail_stopped(esp_context *ctx)
{
    switch (ctx->stop) {
    case ESP_LIMIT_CANCEL:
        return esp_fail(ctx, ESP_CANCELLED, "the job was cancelled");
    case ESP_LIMIT_NONE:
        return esp_fail(ctx, ESP_INTERNAL, "a step failed without a reason");
    case ESP_LIMIT_MEMORY:
        ctx->error.limit = ctx->stop;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the job needs more memory than it may take");
    case ESP_LIMIT_TIME:
        ctx->error.limit = ctx->stop;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the job ran into its time limit");
    case ESP_LIMIT_BUDGET:
        ctx->error.limit = ctx->stop;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the job has spent its budget of work");
    default:
        ctx->error.limit = ctx->stop;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the job ran into a limit");
    }
}
