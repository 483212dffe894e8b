/* The same bytes again: an answer, and the work it took, depend on the job alone. Not on the
 * kernels, not on what the context did before, not on which run it is.
 */
#include "cube/kernels.h"
#include "test_minimize_sample.h"

static const esp_kernels *variants[3];
static uint32_t variant_count;

/* The variants that this processor runs. */
static void find_variants(void)
{
    variant_count = 0;
    variants[variant_count++] = &esp_kernels_portable;
#if defined __x86_64__
    const esp_kernels *best = esp_kernels_pick(false);
    if (best->id >= esp_kernels_avx2.id) {
        variants[variant_count++] = &esp_kernels_avx2;
    }
    if (best->id >= esp_kernels_avx512.id) {
        variants[variant_count++] = &esp_kernels_avx512;
    }
#endif
}

static void minimize_with_all(const sample *x, esp_context *used, esp_effort effort)
{
    const esp_options options = {.effort = effort, .verify = true};
    esp_context fresh;
    esp_context_init(&fresh);
    esp_cover first = {0};
    uint64_t work = 0;
    for (uint32_t k = 0; k <= variant_count; k++) {
        esp_context *ctx = k == 0 ? &fresh : used; /* one that has run many others before */
        esp_cover result = {0};
        esp_outcome outcome;
        esp_context_begin(ctx);
        ctx->kernels = variants[k % variant_count];
        ctx->budget = 10000000; /* of effort high there would be no end */
        CHECK_EQ_U(esp_minimize(ctx, &x->f, &options, &result, &outcome), ESP_OK);
        if (k == 0) {
            first = result;
            work = ctx->work;
        }
        CHECK_EQ_U(result.count, first.count);
        CHECK(result.count != first.count ||
              !memcmp(result.data, first.data, result.count * x->o.words * sizeof(uint64_t)));
        CHECK_EQ_U(ctx->work, work);
    }
    esp_context_free(&fresh);
}

TEST(all_kernels_give_the_same_answer)
{
    const sample_plan plans[] = {
        {.inputs = 10, .outputs = 6},
        {.inputs = 6, .outputs = 4, .multi = 2, .idle = 90, .cells = 3000},
    };
    esp_context used;
    esp_context_init(&used);
    find_variants();
    for (uint32_t n = 0; n < sample_count(200); n++) {
        sample x;
        sample_create(&x, &plans[n % 2], SAMPLE_SETS, 700000 + n);
        minimize_with_all(&x, &used, (esp_effort)(n % 3));
        sample_free(&x);
    }
    esp_context_free(&used);
    if (variant_count == 1) {
        esp_test_skip("this processor runs the portable kernels only");
    }
}

/* A stop by budget is part of the answer too: it strikes at the same place. */
TEST(all_kernels_stop_at_the_same_place)
{
    const esp_options options = {.effort = ESP_EFFORT_DEFAULT, .verify = false};
    const sample_plan plan = {.inputs = 9, .outputs = 5};
    esp_context ctx;
    esp_context_init(&ctx);
    find_variants();
    for (uint32_t n = 0; n < sample_count(150); n++) {
        sample x;
        sample_create(&x, &plan, SAMPLE_F, 710000 + n);
        uint64_t budget = esp_test_random(&x.random) >> (44 + esp_test_below(&x.random, 12));
        esp_cover first = {0};
        uint64_t work = 0;
        for (uint32_t k = 0; k < variant_count; k++) {
            esp_cover result = {0};
            esp_outcome outcome;
            esp_context_begin(&ctx);
            ctx.kernels = variants[k];
            ctx.budget = budget;
            ctx.next_check = 0;
            CHECK_EQ_U(esp_minimize(&ctx, &x.f, &options, &result, &outcome), ESP_OK);
            if (k == 0) {
                first = sample_copy(&x.ctx, x.f.shape, &result);
                work = ctx.work;
            }
            CHECK(result.count == first.count &&
                  !memcmp(result.data, first.data, result.count * x.o.words * sizeof(uint64_t)));
            CHECK_EQ_U(ctx.work, work);
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

const esp_test test_minimize_same[] = {
    {"all kernels give the same answer", all_kernels_give_the_same_answer},
    {"all kernels stop at the same place", all_kernels_stop_at_the_same_place},
    {0},
};
