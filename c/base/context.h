/* The context: everything one run of the core knows. No state of the core lives anywhere else.
 *
 * A context belongs to one thread at a time. A job starts with esp_context_begin, allocates from
 * `arena`, counts its work with esp_spend, and ends with esp_context_end, which keeps the arena for
 * the next job.
 *
 * Stopping. `stop` is sticky: once a limit, the budget, the deadline, the caller's cancel word or
 * the end of memory sets it, esp_spend returns false, every step returns at its next check, and the
 * caller of the steps falls back to the best cover it has. Steps therefore leave a cover that is
 * correct, only not finished, or leave their input untouched; each says which in its header.
 */
#ifndef ESP_CONTEXT_H
#define ESP_CONTEXT_H

#include "base/arena.h"

struct esp_kernels;

/* What a run tells while it goes on, in memory the caller supplies: 64 bytes, each word by itself.
 */
typedef struct esp_progress {
    esp_word step;     /* esp_step */
    esp_word cubes;    /* cubes of the best cover so far */
    esp_word bound;    /* lower bound so far, 0 when none is known */
    esp_word round;    /* rounds of the outer loop so far */
    esp_word work_low; /* work so far, two halves: 32-bit machines tear 64-bit stores */
    esp_word work_high;
    esp_word cancel; /* written by the caller: not 0 = stop, answer with the best so far */
    uint32_t reserved[9];
} esp_progress;
_Static_assert(sizeof(esp_progress) == 64, "an atomic word is a word");

typedef enum esp_step {
    ESP_STEP_IDLE = 0,
    ESP_STEP_READ = 1,
    ESP_STEP_COMPLEMENT = 2,
    ESP_STEP_EXPAND = 3,
    ESP_STEP_IRREDUNDANT = 4,
    ESP_STEP_ESSENTIAL = 5,
    ESP_STEP_REDUCE = 6,
    ESP_STEP_GASP = 7,
    ESP_STEP_SPARSE = 8,
    ESP_STEP_PRIMES = 9,
    ESP_STEP_COVERING = 10,
    ESP_STEP_VERIFY = 11,
    ESP_STEP_WRITE = 12,
} esp_step;

typedef struct esp_error {
    esp_status kind;
    esp_limit limit; /* for LimitExceeded */
    uint32_t line;   /* 1-based, 0 = not about text */
    uint32_t column; /* 1-based, 0 = the whole line */
    char message[232];
} esp_error;

typedef struct esp_context {
    esp_arena arena; /* everything of the job */
    esp_arena
        side; /* results that grow while scratch around them comes and goes; empty between steps */
    esp_error error;         /* the first error of the job; kind ESP_OK while there is none */
    esp_limit stop;          /* why the run stopped early; ESP_LIMIT_NONE while it goes on */
    uint64_t work;           /* units of work spent */
    uint64_t budget;         /* units that may be spent, UINT64_MAX = no budget */
    uint64_t ceiling;        /* no step may spend more, whatever it makes of the budget */
    uint64_t next_check;     /* value of `work` at which clock and cancel word are looked at next */
    uint64_t deadline;       /* in the unit of `clock`, 0 = none */
    uint64_t since;          /* when the job's time began to count; 0 = with the run */
    uint64_t (*clock)(void); /* nanoseconds, monotonic; NULL: no deadline can be kept */
    esp_progress *progress;  /* NULL: nobody watches */
    const esp_word *cancel;  /* NULL: cannot be cancelled */
    const struct esp_kernels
        *kernels; /* of this job: the fastest, or the portable ones when the job asks */
    const struct esp_kernels *fastest;
    uint64_t seed;
} esp_context;

void esp_context_init(esp_context *ctx);
void esp_context_begin(
    esp_context *ctx); /* forget the last job: error, stop, counters; arena reset */
void esp_context_free(esp_context *ctx);
/* Bytes that the run may hold, both arenas together; 0 = no limit. After esp_context_begin. */
void esp_context_limit_memory(esp_context *ctx, uint64_t bytes);
static inline uint64_t esp_context_held(const esp_context *ctx)
{
    return ctx->arena.held + ctx->side.held;
}

/* Allocation for the rest of the job (or until a release). NULL sets stop = ESP_LIMIT_MEMORY. */
void *esp_alloc(esp_context *ctx, size_t size);
/* count * size with overflow check. */
void *esp_alloc_array(esp_context *ctx, size_t count, size_t size);
void *esp_alloc_zero(esp_context *ctx, size_t count, size_t size);
static inline esp_mark esp_mark_top(esp_context *ctx)
{
    return esp_arena_mark(&ctx->arena);
}
static inline void esp_release(esp_context *ctx, esp_mark mark)
{
    esp_arena_release(&ctx->arena, mark);
}

/* Looks at budget, clock and cancel word; called by esp_spend when due. */
bool esp_check(esp_context *ctx);

/* Count `units` of work (a unit: about one word operation on one cube). False = the run must stop.
 * The count depends on the job alone, never on the machine, the kernels or the time. */
static inline bool esp_spend(esp_context *ctx, uint64_t units)
{
    ctx->work += units;
    return ctx->work < ctx->next_check ? true : esp_check(ctx);
}

static inline bool esp_stopped(const esp_context *ctx)
{
    return ctx->stop != ESP_LIMIT_NONE;
}

void esp_report(esp_context *ctx, esp_step step, uint32_t cubes);
/* Tell that no cover has fewer cubes; how many rounds the loop has made. */
void esp_report_bound(esp_context *ctx, uint32_t bound);
void esp_report_round(esp_context *ctx, uint32_t round);

/* Record the job's first error; printf-like with %s %u %c only (u = uint32_t). Returns kind. */
esp_status esp_fail(esp_context *ctx, esp_status kind, const char *format, ...);
esp_status esp_fail_at(esp_context *ctx, uint32_t line, uint32_t column, const char *format, ...);
/* The error for a run that cannot answer because of ctx->stop. */
esp_status esp_fail_stopped(esp_context *ctx);

#endif
