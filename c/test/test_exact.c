/* The exact search and the exact minimiser against all choices there are: covering tables of few
 * columns, and random functions with don't-cares and several outputs whose primes are few enough
 * to try all sets of them. `test:full` tries fifteen times as many, of which more than 10,000 are
 * small enough for that.
 */
#include "minimize/exact.h"
#include "test_minimize_sample.h"

enum { COLUMNS = 14, ROOM = 60 };

static esp_context ctx;

static const sample_plan small = {.inputs = 4, .outputs = 3, .idle = 40, .cells = 48};
static const sample_plan small_multi = {.inputs = 2, .outputs = 2, .multi = 1, .cells = 48};

static bool covers(const esp_table *t, uint32_t choice)
{
    for (uint32_t i = 0; i < t->rows; i++) {
        bool any = false;
        for (uint32_t k = t->start[i]; k < t->start[i + 1]; k++) {
            any = any || (choice >> t->entry[k] & 1);
        }
        if (!any) {
            return false;
        }
    }
    return true;
}

static uint32_t fewest(const esp_table *t)
{
    uint32_t minimum = t->columns;
    for (uint32_t c = 0; c < 1u << t->columns; c++) {
        uint32_t size = esp_popcount(c);
        minimum = size < minimum && covers(t, c) ? size : minimum;
    }
    return minimum;
}

/* Rows of two or three columns: little to reduce, so that the tree gets something to do. Some
 * columns may be in no row. */
static void make_table(uint64_t *random, esp_table *t)
{
    uint32_t columns = 4 + esp_test_below(random, COLUMNS - 3);
    uint32_t rows = columns + esp_test_below(random, 3 * columns);
    CHECK(esp_table_create(&ctx, columns, t));
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t row[COLUMNS];
        uint32_t count = 0;
        uint32_t want = 2 + esp_test_below(random, 3) / 2;
        uint32_t members = 0;
        while (esp_popcount(members) < want) {
            members |= 1u << esp_test_below(random, columns);
        }
        for (uint32_t j = 0; j < columns; j++) {
            if (members >> j & 1) {
                row[count++] = j;
            }
        }
        CHECK(esp_table_push(&ctx, t, row, count));
    }
}

TEST(covering_problems_are_solved)
{
    uint64_t random = 11;
    uint64_t nodes = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(1500); n++) {
        esp_table t;
        esp_solution s;
        esp_proof proof;
        esp_context_begin(&ctx);
        make_table(&random, &t);
        esp_proof_begin(&ctx, &proof, 1 << 20);
        CHECK(esp_solve(&ctx, &t, UINT64_MAX, 0, &s, &proof) && proof.complete);
        uint32_t choice = 0;
        for (uint32_t j = 0; j < t.columns; j++) {
            choice |= s.chosen[j] ? 1u << j : 0;
        }
        CHECK(covers(&t, choice));
        CHECK_EQ_U(esp_popcount(choice), s.count);
        CHECK_EQ_U(s.count, fewest(&t));
        CHECK_EQ_U(s.bound, s.count);
        nodes += s.nodes;
    }
    CHECK(nodes > sample_count(1500) + 100); /* it was not all reductions */
    esp_context_free(&ctx);
}

TEST(a_search_that_is_stopped_has_a_cover_and_a_bound)
{
    uint64_t random = 12;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(500); n++) {
        esp_table t;
        esp_solution s;
        esp_context_begin(&ctx);
        make_table(&random, &t);
        uint32_t minimum = fewest(&t);
        ctx.budget = ctx.work + 1 + esp_test_below(&random, 4000);
        ctx.next_check = ctx.work;
        if (esp_solve(&ctx, &t, UINT64_MAX, 0, &s, NULL)) {
            uint32_t choice = 0;
            for (uint32_t j = 0; j < t.columns; j++) {
                choice |= s.chosen[j] ? 1u << j : 0;
            }
            CHECK(covers(&t, choice));
            CHECK(s.bound <= minimum && minimum <= s.count);
        }
    }
    esp_context_free(&ctx);
}

/* The smallest number of cubes by brute force; 0: the function is too large for that, or is 0. */
static uint32_t true_minimum(const sample *x)
{
    static uint64_t primes[ROOM * ORACLE_WORDS];
    uint32_t parts = 0;
    for (uint32_t v = 0; v <= x->o.inputs; v++) {
        parts += x->o.parts[v];
    }
    if (!x->tight || parts > 13 || x->o.cells > 48) {
        return 0;
    }
    uint32_t count = oracle_primes(&x->o, x->want, primes, ROOM);
    return count > ROOM ? 0 : oracle_minimum(&x->o, x->want, primes, count, count + 1);
}

/* Without listing primes, from a cover that the loop would begin with; stopped after so many units,
 * if that is not 0. */
static void check_by_points(sample *x, uint32_t minimum, uint64_t budget)
{
    esp_context_begin(&ctx);
    if (budget) {
        ctx.budget = budget;
        ctx.next_check = 0;
    }
    sample_parts p = sample_split(x);
    esp_outcome outcome = {0};
    esp_cover f = sample_copy(&ctx, x->f.shape, &p.f);
    esp_cover d = sample_copy(&ctx, x->f.shape, &p.d);
    esp_cover r = sample_copy(&ctx, x->f.shape, &p.r);
    esp_exact e = {.ctx = &ctx, .s = x->f.shape, .f = &f, .d = &d, .off = &r};
    e.outcome = &outcome;
    uint32_t order[ORACLE_VARS];
    for (uint32_t v = 0; v < ORACLE_VARS; v++) {
        order[v] = v;
    }
    CHECK(esp_cover_create(&ctx, x->f.shape, SAMPLE_CUBES, &e.care));
    CHECK(oracle_make_cover(&x->o, x->want, ORACLE_MUST, order, &e.care, SAMPLE_CUBES));
    esp_cover_problem problem = {0};
    bool done;
    bool going = esp_exact_by_points(&e, UINT64_MAX, &problem, &done);
    CHECK(going ? done : budget && esp_stopped(&ctx));
    CHECK(oracle_implements(&x->o, x->want, &f));
    CHECK(outcome.lower_bound <= minimum);
    CHECK(!going || (f.count == minimum && outcome.lower_bound == minimum));
}

TEST(exact_answers_agree_with_brute_force)
{
    uint32_t compared = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(2000); n++) {
        sample x;
        sample_create(&x, n % 4 ? &small : &small_multi, SAMPLE_SETS, 700000 + n);
        uint32_t minimum = true_minimum(&x);
        esp_options options = {.verify = true, .exact = true};
        esp_cover result = {0};
        esp_outcome outcome;
        esp_context_begin(&ctx);
        if (minimum && CHECK_EQ_U(esp_minimize(&ctx, &x.f, &options, &result, &outcome), ESP_OK)) {
            CHECK(oracle_implements(&x.o, x.want, &result));
            CHECK_EQ_U(result.count, minimum);
            CHECK(outcome.optimal && outcome.lower_bound == minimum);
            check_by_points(&x, minimum, 0);
            check_by_points(&x, minimum, 1 + ctx.work / 100 * (n % 100));
            compared++;
        }
        sample_free(&x);
    }
    CHECK(compared > sample_count(2000) / 3);
    esp_context_free(&ctx);
}

/* A run with a limit: what it answers and what it told on the way must hold. */
static void check_limited(const sample *x, uint32_t minimum, uint64_t budget, uint64_t bytes)
{
    esp_options options = {.verify = true, .exact = true};
    esp_progress progress = {0};
    esp_cover result = {0};
    esp_outcome outcome;
    esp_context_begin(&ctx);
    ctx.progress = &progress;
    ctx.cancel = &progress.cancel;
    ctx.budget = budget;
    ctx.next_check = 0;
    esp_context_limit_memory(&ctx, bytes);
    if (!budget) { /* cancelled before it began */
        ctx.budget = UINT64_MAX;
        esp_word_set(&progress.cancel, 1);
    }
    esp_status status = esp_minimize(&ctx, &x->f, &options, &result, &outcome);
    ctx.progress = NULL;
    ctx.cancel = NULL;
    CHECK(!status || esp_stopped(&ctx));
    CHECK(esp_word_get(&progress.bound) <= minimum);
    if (!status) {
        CHECK(oracle_implements(&x->o, x->want, &result));
        CHECK(outcome.lower_bound <= minimum && result.count >= minimum);
        CHECK(!outcome.optimal || result.count == minimum);
        CHECK(esp_stopped(&ctx) || outcome.optimal);
        uint32_t told = esp_word_get(&progress.cubes); /* 0: nothing yet */
        CHECK(!told || result.count <= told);
    }
}

TEST(limits_and_progress_hold_at_every_stage)
{
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(100); n++) {
        sample x;
        sample_create(&x, n % 4 ? &small : &small_multi, SAMPLE_SETS, 800000 + n);
        uint32_t minimum = true_minimum(&x);
        if (minimum) {
            check_limited(&x, minimum, UINT64_MAX, 0);
            uint64_t all = ctx.work;
            for (uint32_t k = 0; k <= 20; k++) {
                check_limited(&x, minimum, all * k / 20, 0);
            }
            for (uint64_t bytes = 1 << 12; bytes <= 1 << 20; bytes *= 2) {
                check_limited(&x, minimum, UINT64_MAX, bytes);
            }
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

const esp_test test_exact[] = {
    {"covering problems are solved", covering_problems_are_solved},
    {"a search that is stopped has a cover and a bound",
     a_search_that_is_stopped_has_a_cover_and_a_bound},
    {"exact answers agree with brute force, by primes and by points",
     exact_answers_agree_with_brute_force},
    {"limits and progress hold at every stage", limits_and_progress_hold_at_every_stage},
    {0},
};
