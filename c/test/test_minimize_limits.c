/* The minimiser stopped anywhere: whatever strikes, and whenever, there is a correct cover or an
 * honest error.
 *
 * Method. A run without limits tells how much work, how many looks at the clock, how many bytes it
 * takes; then it is stopped after every so many of them. A run that was not stopped must give the
 * same bytes as the first.
 */
#include <stdlib.h>

#include "test_minimize_sample.h"

static esp_context ctx;
static esp_cover result;
static esp_outcome outcome;

static const sample_plan plan = {.inputs = 7, .outputs = 3, .multi = 1, .idle = 30, .cells = 700};

/* The system's allocator, that fails when it is told to. */
static uint32_t requests, fail_at, outstanding;
static bool fail_all;
static uint8_t dirt; /* what new memory is full of */

static void *failing_alloc(void *user, size_t size)
{
    (void)user;
    requests++;
    if (fail_at && (requests == fail_at || (fail_all && requests > fail_at))) {
        return NULL;
    }
    void *p = malloc(size);
    outstanding += p != NULL;
    return p ? memset(p, dirt, size) : p;
}

static void failing_free(void *user, void *p)
{
    (void)user;
    outstanding -= p != NULL;
    free(p);
}

/* From now on memory comes from there; until use_system. */
static void use_failing(uint8_t full_of)
{
    static const esp_system_memory failing = {failing_alloc, failing_free, NULL};
    dirt = full_of;
    fail_at = 0;
    esp_set_system_memory(&failing);
}

static void use_system(void)
{
    CHECK_EQ_U(outstanding, 0);
    esp_set_system_memory(NULL);
}

static esp_status run(const sample *x, esp_effort effort)
{
    const esp_options options = {.effort = effort, .verify = true};
    result = (esp_cover){0};
    return esp_minimize(&ctx, &x->f, &options, &result, &outcome);
}

/* What any end of a run must be like; `limit` is what may have ended it. */
static void check_end(const sample *x, esp_status status, esp_limit limit)
{
    if (status) {
        /* Without an ON set there is nothing to fall back to before it is derived; memory may not
         * do for a copy. */
        CHECK(!x->f.has_on || limit == ESP_LIMIT_MEMORY);
        CHECK_EQ_U(status, limit == ESP_LIMIT_CANCEL ? ESP_CANCELLED : ESP_LIMIT_EXCEEDED);
        CHECK(limit == ESP_LIMIT_CANCEL || ctx.error.limit == limit);
        CHECK_EQ_U(ctx.error.kind, status);
        return;
    }
    CHECK(ctx.stop == ESP_LIMIT_NONE || ctx.stop == limit);
    CHECK(oracle_implements(&x->o, x->want, &result));
    CHECK(!x->f.has_on || result.count <= x->f.on.count);
}

/* The first run of a function, kept to be compared with. */
typedef struct reference {
    uint64_t *rows;
    uint32_t count;
    uint64_t work, peak;
} reference;

static reference run_freely(sample *x, esp_effort effort)
{
    reference r = {0};
    esp_context_begin(&ctx);
    CHECK_EQ_U(run(x, effort), ESP_OK);
    CHECK_EQ_U(ctx.stop, ESP_LIMIT_NONE);
    r.work = ctx.work;
    r.peak = ctx.arena.peak + ctx.side.peak;
    r.count = result.count;
    r.rows = sample_copy(&x->ctx, x->f.shape, &result).data;
    return r;
}

static bool same_as(const reference *r, const sample *x)
{
    return result.count == r->count &&
           !memcmp(result.data, r->rows, (size_t)r->count * x->o.words * sizeof *r->rows);
}

TEST(any_budget_ends_with_a_cover)
{
    uint32_t stopped = 0;
    uint32_t ran = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(120); n++) {
        sample x;
        sample_create(&x, &plan, SAMPLE_SETS, 400000 + n);
        esp_effort effort = (esp_effort)(n % 3);
        reference r = run_freely(&x, effort);
        esp_context_free(&ctx);
        use_failing(n % 2 ? 0xff : 0xa5); /* what a stop leaves undone shows */
        uint64_t step = 1 + r.work / 60;
        for (uint64_t budget = 0; budget <= r.work + step; budget += budget < 8 ? 1 : step) {
            esp_context_init(&ctx);
            ctx.budget = budget;
            ctx.next_check = 0;
            esp_status status = run(&x, effort);
            check_end(&x, status, ESP_LIMIT_BUDGET);
            CHECK(status || outcome.verified); /* the check of the answer is not on the budget */
            CHECK(status || ctx.stop || same_as(&r, &x));
            stopped += ctx.stop == ESP_LIMIT_BUDGET;
            ran += !ctx.stop;
            esp_context_free(&ctx);
        }
        use_system();
        sample_free(&x);
    }
    CHECK(stopped > 300 && ran > 20);
}

static uint64_t looks;     /* at the clock */
static uint64_t cancel_at; /* the look at which the caller cancels */
static esp_word cancel_word;

static uint64_t counting_clock(void)
{
    looks++;
    cancel_word = looks >= cancel_at;
    return looks;
}

/* Functions that take long enough for a dozen looks. */
static const sample_plan long_plan = {.inputs = 10, .outputs = 5};

static void stop_at_each_look(esp_limit limit)
{
    uint32_t stopped = 0;
    esp_context_init(&ctx);
    ctx.clock = counting_clock;
    for (uint32_t n = 0; n < sample_count(40); n++) {
        sample x;
        sample_create(&x, &long_plan, SAMPLE_SETS, 410000 + n);
        reference r = run_freely(&x, ESP_EFFORT_DEFAULT);
        for (uint64_t at = 0; at < 30; at++) {
            esp_context_begin(&ctx);
            looks = 0;
            cancel_word = 0;
            cancel_at = limit == ESP_LIMIT_CANCEL ? at : UINT64_MAX;
            ctx.cancel = &cancel_word;
            ctx.deadline = limit == ESP_LIMIT_TIME ? at + 1 : UINT64_MAX;
            ctx.next_check = at ? ctx.next_check : 0;
            esp_status status = run(&x, ESP_EFFORT_DEFAULT);
            check_end(&x, status, limit);
            CHECK(status || ctx.stop || same_as(&r, &x));
            CHECK(status || ctx.stop || outcome.verified);
            stopped += ctx.stop == limit;
            if (!ctx.stop) {
                break; /* done before the next look */
            }
        }
        sample_free(&x);
    }
    CHECK(stopped > 10);
    esp_context_free(&ctx);
    ctx.clock = NULL;
}

TEST(a_deadline_ends_with_a_cover)
{
    stop_at_each_look(ESP_LIMIT_TIME);
}

TEST(cancelling_ends_with_a_cover)
{
    stop_at_each_look(ESP_LIMIT_CANCEL);
}

TEST(any_limit_of_memory_ends_with_a_cover_or_an_error)
{
    uint32_t errors = 0;
    uint32_t stopped = 0;
    for (uint32_t n = 0; n < sample_count(40); n++) {
        sample x;
        sample_create(&x, &plan, SAMPLE_SETS, 420000 + n);
        esp_effort effort = (esp_effort)(n % 3);
        esp_context_init(&ctx);
        reference r = run_freely(&x, effort);
        for (uint64_t limit = 64; limit < r.peak + 2000; limit += 61 + limit / 50) {
            /* Chunks that were kept would be there already: begin without any. */
            esp_context_free(&ctx);
            esp_context_init(&ctx);
            esp_context_limit_memory(&ctx, limit);
            esp_status status = run(&x, effort);
            check_end(&x, status, ESP_LIMIT_MEMORY);
            CHECK(esp_context_held(&ctx) <= limit);
            CHECK(status || ctx.stop || same_as(&r, &x));
            errors += status != ESP_OK;
            stopped += !status && ctx.stop;
        }
        esp_context_free(&ctx);
        CHECK_EQ_U(esp_context_held(&ctx), 0);
        sample_free(&x);
    }
    CHECK(errors > 40 && stopped > 40);
}

/* Under a limit smaller than a first chunk the arena asks for each allocation by itself. */
static void fail_each_request(const sample *x, esp_effort effort, uint64_t limit)
{
    for (fail_at = 1;; fail_at++) {
        requests = 0;
        esp_context_init(&ctx);
        esp_context_limit_memory(&ctx, limit);
        esp_status status = run(x, effort);
        check_end(x, status, ESP_LIMIT_MEMORY);
        bool reached = requests >= fail_at;
        CHECK(!reached || status || ctx.stop == ESP_LIMIT_MEMORY);
        esp_context_free(&ctx);
        CHECK_EQ_U(outstanding, 0);
        if (!reached || fail_at > 2000) {
            break;
        }
    }
}

TEST(every_request_for_memory_may_fail)
{
    for (uint32_t n = 0; n < sample_count(24); n++) {
        sample x;
        sample_create(&x, &plan, SAMPLE_SETS, 430000 + n);
        use_failing(0xa5);
        fail_all = n % 2 != 0;
        fail_each_request(&x, (esp_effort)(n % 3), 0);
        fail_each_request(&x, (esp_effort)(n % 3), 16 * 1024);
        use_system();
        sample_free(&x);
    }
}

TEST(memory_that_is_not_zero_changes_nothing)
{
    static const uint8_t dirts[] = {0, 0xff, 0xa5, 0x5a, 1};
    for (uint32_t n = 0; n < sample_count(150); n++) {
        sample x;
        reference r = {0};
        sample_create(&x, n % 3 ? &plan : &long_plan, SAMPLE_SETS, 440000 + n);
        for (uint32_t k = 0; k < sizeof dirts; k++) {
            use_failing(dirts[k]);
            esp_context_init(&ctx);
            /* Every other time memory of another size, in use before. */
            esp_cover before = {0};
            CHECK(esp_cover_create(&ctx, x.f.shape, k * 400, &before));
            memset(before.data, dirt, (size_t)k * 400 * x.o.words * sizeof *before.data);
            esp_context_begin(&ctx);
            CHECK_EQ_U(run(&x, (esp_effort)(n % 3)), ESP_OK);
            uint64_t work = ctx.work;
            if (k == 0) {
                r.rows = calloc((size_t)result.count * x.o.words + 1, sizeof *r.rows);
                memcpy(r.rows, result.data, (size_t)result.count * x.o.words * sizeof *r.rows);
                r.count = result.count;
                r.work = work;
            }
            CHECK(same_as(&r, &x));
            CHECK_EQ_U(work, r.work);
            esp_context_free(&ctx);
            use_system();
        }
        free(r.rows);
        sample_free(&x);
    }
}

const esp_test test_minimize_limits[] = {
    {"any budget ends with a cover", any_budget_ends_with_a_cover},
    {"a deadline ends with a cover", a_deadline_ends_with_a_cover},
    {"cancelling ends with a cover", cancelling_ends_with_a_cover},
    {"any limit of memory ends with a cover or an error",
     any_limit_of_memory_ends_with_a_cover_or_an_error},
    {"every request for memory may fail", every_request_for_memory_may_fail},
    {"memory that is not zero changes nothing", memory_that_is_not_zero_changes_nothing},
    {0},
};
