/* Each step of the minimiser by itself, against brute force: what its header promises, no more and
 * no less.
 *
 * Method. F, D and R of a random function; one step; then the oracle says whether F is still the
 * function, whether cubes that must be prime are, whether the smallest cube is the smallest. Every
 * step must leave the arena where it found it.
 */
#include "test_minimize_sample.h"

static esp_context ctx;
static const sample_plan narrow = {.inputs = 6, .outputs = 3};
static const sample_plan wide = {.inputs = 4, .outputs = 3, .multi = 2, .idle = 70, .cells = 600};

/* The sample number n, its parts, and a copy of F in the context of the run. */
typedef struct setting {
    sample x;
    sample_parts p;
    const esp_shape *s;
    esp_cover f;
} setting;

static void begin_as(setting *t, const sample_plan *plan, uint64_t seed)
{
    sample_create(&t->x, plan, SAMPLE_SETS, seed);
    t->p = sample_split(&t->x);
    t->s = t->x.f.shape;
    esp_context_begin(&ctx);
    t->f = sample_copy(&ctx, t->s, &t->p.f);
}

static void begin(setting *t, uint64_t seed)
{
    begin_as(t, seed % 2 ? &narrow : &wide, seed);
}

static void end(setting *t)
{
    CHECK_EQ_U(ctx.stop, ESP_LIMIT_NONE);
    sample_free(&t->x);
}

static bool same_mark(esp_mark a, esp_mark b)
{
    return a.chunk == b.chunk && a.used == b.used;
}

/* For each of many settings: `body` with `t`, and `n`. */
#define EACH_SETTING(count, first, t, body)                                                        \
    do {                                                                                           \
        esp_context_init(&ctx);                                                                    \
        for (uint32_t n = 0; n < sample_count(count); n++) {                                       \
            setting t;                                                                             \
            begin(&t, (first) + n);                                                                \
            body(&t);                                                                              \
            end(&t);                                                                               \
        }                                                                                          \
        esp_context_free(&ctx);                                                                    \
    } while (0)

static uint8_t table[ORACLE_CELLS];

/* Cells of the covers get bit 1; returns how many cells have none. */
static uint32_t paint(const setting *t, const esp_cover *f, const esp_cover *g)
{
    uint32_t bare = 0;
    memset(table, 0, t->x.o.cells);
    oracle_mark(&t->x.o, f, 1, table);
    if (g) {
        oracle_mark(&t->x.o, g, 1, table);
    }
    for (uint32_t k = 0; k < t->x.o.cells; k++) {
        bare += table[k] == 0;
    }
    return bare;
}

static void check_tautology(setting *t)
{
    for (uint32_t k = 0; k < 4; k++) {
        esp_cover f = k == 0 ? t->f : sample_cover(&t->x, esp_test_below(&t->x.random, 30));
        if (k == 3) { /* one that is: something and its complement */
            CHECK(esp_cover_append(&t->x.ctx, t->s, &f, &t->p.f));
            CHECK(esp_cover_append(&t->x.ctx, t->s, &f, &t->p.d));
            CHECK(esp_cover_append(&t->x.ctx, t->s, &f, &t->p.r));
        }
        bool whole = paint(t, &f, NULL) == 0;
        CHECK(k < 3 || whole);
        bool answer = false;
        esp_cover g = sample_copy(&ctx, t->s, &f);
        esp_mark mark = esp_mark_top(&ctx);
        CHECK(esp_tautology(&ctx, t->s, &g, &answer));
        CHECK(same_mark(esp_mark_top(&ctx), mark));
        CHECK(answer == whole);
    }
}

TEST(tautology_is_what_the_table_says)
{
    EACH_SETTING(400, 300000, t, check_tautology);
}

static void check_complement(setting *t)
{
    esp_cover rest;
    bool too_big = true;
    CHECK(esp_cover_append(&ctx, t->s, &t->f, &t->p.d));
    CHECK(esp_complement(&ctx, t->s, &t->f, UINT32_MAX, UINT64_MAX, &rest, &too_big));
    CHECK(!too_big);
    CHECK(oracle_rows_are_sound(&t->x.o, &rest));
    CHECK(oracle_same(&t->x.o, &rest, &t->p.r));
    /* With less room than it needs it says so, and gives nothing. */
    if (rest.count > 1) {
        esp_cover none = {0};
        CHECK(!esp_complement(&ctx, t->s, &t->f, rest.count / 2, UINT64_MAX, &none, &too_big));
        CHECK(too_big && none.count == 0 && !esp_stopped(&ctx));
    }
}

TEST(a_complement_is_the_complement)
{
    EACH_SETTING(600, 310000, t, check_complement);
}

static void check_supercube(setting *t)
{
    uint64_t got[ORACLE_WORDS];
    uint64_t expected[ORACLE_WORDS];
    esp_cover f = sample_cover(&t->x, esp_test_below(&t->x.random, 25));
    esp_cover g = sample_copy(&ctx, t->s, &f);
    (void)paint(t, &f, NULL);
    for (uint32_t k = 0; k < t->x.o.cells; k++) {
        table[k] = !table[k];
    }
    oracle_supercube(&t->x.o, table, 1, expected);
    esp_mark mark = esp_mark_top(&ctx);
    CHECK(esp_complement_supercube(&ctx, t->s, &g, got));
    CHECK(same_mark(esp_mark_top(&ctx), mark));
    CHECK(esp_cube_equal(t->s, got, expected));
}

TEST(the_supercube_of_a_complement_is_the_smallest_cube)
{
    EACH_SETTING(1500, 320000, t, check_supercube);
}

/* Does some cell of the cube have no mark? */
static bool is_bare(const setting *t, const uint64_t *cube)
{
    static uint32_t cells[ORACLE_CELLS];
    uint32_t n = oracle_list(&t->x.o, cube, cells);
    bool bare = false;
    for (uint32_t k = 0; k < n; k++) {
        bare = bare || !table[cells[k]];
    }
    return bare;
}

static void check_covered(setting *t)
{
    uint64_t cube[ORACLE_WORDS];
    uint64_t point[ORACLE_WORDS];
    static uint32_t cells[ORACLE_CELLS];
    static uint8_t off[64];
    esp_cover covers[2] = {sample_cover(&t->x, esp_test_below(&t->x.random, 30)),
                           sample_cover(&t->x, esp_test_below(&t->x.random, 10))};
    const esp_cover *both[2] = {&covers[0], &covers[1]};
    for (uint32_t k = 0; k < 8; k++) {
        int64_t skip = (int64_t)esp_test_below(&t->x.random, covers[0].count + 1) - 1;
        bool some_off = k % 2 != 0;
        sample_cube(&t->x, k % 4, cube);
        esp_cover seen = sample_copy(&t->x.ctx, t->s, &covers[1]);
        for (uint32_t i = 0; i < covers[0].count; i++) {
            off[i] = esp_test_below(&t->x.random, 4) == 0;
            if (i != skip && !(some_off && off[i])) {
                CHECK(esp_cover_push_cube(&t->x.ctx, t->s, &seen, esp_cube(&covers[0], t->s, i)));
            }
        }
        (void)paint(t, &seen, NULL);
        bool bare = is_bare(t, cube);
        bool answer = bare;
        esp_mark mark = esp_mark_top(&ctx);
        CHECK(esp_covered(&ctx, t->s, cube, both, 2, skip, some_off ? off : NULL, &answer));
        CHECK(same_mark(esp_mark_top(&ctx), mark));
        CHECK(answer == !bare);
        if (!some_off) {
            bool found = !bare;
            CHECK(esp_find_uncovered(&ctx, t->s, cube, both, 2, skip, point, &found));
            CHECK(same_mark(esp_mark_top(&ctx), mark));
            CHECK(found == bare);
            esp_cover one = {point, 1, 1};
            if (found && CHECK(esp_cube_in(t->s, point, cube))) {
                /* Idle inputs have one value too, in a point. */
                CHECK_EQ_U(esp_cube_parts(t->s, point), t->s->vars);
                CHECK_EQ_U(oracle_list(&t->x.o, one.data, cells), 1);
                CHECK(!table[cells[0]]);
            }
        }
    }
}

TEST(covered_and_uncovered_are_what_the_table_says)
{
    EACH_SETTING(400, 330000, t, check_covered);
}

static bool all_prime(const setting *t, const esp_cover *f, bool inputs_only)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (!oracle_is_prime(&t->x.o, t->x.want, esp_cube(f, t->s, i), inputs_only)) {
            return false;
        }
    }
    return true;
}

/* Cubes of the cover that some other one contains. */
static uint32_t contained(const setting *t, const esp_cover *f)
{
    uint32_t inside = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        bool in = false;
        for (uint32_t k = 0; k < f->count; k++) {
            in = in || (k != i && esp_cube_in(t->s, esp_cube(f, t->s, i), esp_cube(f, t->s, k)));
        }
        inside += in;
    }
    return inside;
}

/* Expand the cover at hand, from cubes that are not prime yet. */
static const esp_blocking *expand(setting *t)
{
    static uint8_t prime[SAMPLE_CUBES];
    const esp_blocking *r = esp_blocking_create(&ctx, t->s, &t->p.r);
    esp_cover_contain(&ctx, t->s, &t->f);
    memset(prime, 0, t->f.count);
    esp_mark mark = esp_mark_top(&ctx);
    CHECK(r && esp_expand(&ctx, t->s, r, &t->f, prime, false));
    CHECK(same_mark(esp_mark_top(&ctx), mark));
    for (uint32_t i = 0; i < t->f.count; i++) {
        CHECK(prime[i] == 1);
    }
    return r;
}

/* ON cubes that reach into DC may do so; into OFF never. The oracle's R has no don't-cares. */
static void check_expand(setting *t)
{
    uint32_t before = t->f.count;
    (void)expand(t);
    CHECK(t->f.count <= before);
    CHECK(oracle_implements(&t->x.o, t->x.want, &t->f));
    CHECK(all_prime(t, &t->f, false));
    CHECK_EQ_U(contained(t, &t->f), 0);
}

TEST(expand_makes_primes)
{
    EACH_SETTING(800, 340000, t, check_expand);
}

static void check_expand_without_off(setting *t)
{
    esp_cover_contain(&ctx, t->s, &t->f);
    esp_mark mark = esp_mark_top(&ctx);
    CHECK(esp_expand_without_off(&ctx, t->s, &t->f, &t->p.d));
    CHECK(same_mark(esp_mark_top(&ctx), mark));
    CHECK(oracle_implements(&t->x.o, t->x.want, &t->f));
    CHECK(all_prime(t, &t->f, false));
    CHECK_EQ_U(contained(t, &t->f), 0);
}

TEST(expand_without_an_off_set_makes_primes_too)
{
    EACH_SETTING(400, 350000, t, check_expand_without_off);
}

static void check_irredundant(setting *t)
{
    if (t->f.count < SAMPLE_CUBES && esp_test_below(&t->x.random, 2)) {
        (void)expand(t);
    }
    esp_cover before = sample_copy(&ctx, t->s, &t->f);
    esp_mark mark = esp_mark_top(&ctx);
    CHECK(esp_irredundant(&ctx, t->s, &t->f, &t->p.d, NULL));
    CHECK(same_mark(esp_mark_top(&ctx), mark));
    CHECK(oracle_implements(&t->x.o, t->x.want, &t->f));
    CHECK_EQ_U(oracle_redundant_cube(&t->x.o, t->x.want, &t->f), t->f.count);
    uint32_t k = 0; /* a part of what there was, in the same order */
    for (uint32_t i = 0; i < t->f.count; i++) {
        while (k < before.count &&
               !esp_cube_equal(t->s, esp_cube(&before, t->s, k), esp_cube(&t->f, t->s, i))) {
            k++;
        }
        CHECK(k < before.count);
    }
}

TEST(irredundant_leaves_nothing_to_spare)
{
    EACH_SETTING(800, 360000, t, check_irredundant);
}

/* Points of cube i that must be held and that neither another cube nor D holds, marked in `table`.
 */
static void own_points(const setting *t, const esp_cover *f, uint32_t i)
{
    static uint32_t cells[ORACLE_CELLS];
    memset(table, 0, t->x.o.cells);
    for (uint32_t k = 0; k < f->count; k++) {
        esp_cover one = {esp_cube(f, t->s, k), 1, 1};
        oracle_mark(&t->x.o, &one, k == i ? 0 : 2, table);
    }
    oracle_mark(&t->x.o, &t->p.d, 2, table);
    uint32_t n = oracle_list(&t->x.o, esp_cube(f, t->s, i), cells);
    for (uint32_t k = 0; k < n; k++) {
        table[cells[k]] |= table[cells[k]] == 0;
    }
}

static void check_reduce(setting *t)
{
    static uint8_t prime[SAMPLE_CUBES];
    uint64_t expected[ORACLE_WORDS];
    esp_cover small = {0};
    (void)expand(t);
    CHECK(esp_reduce_each(&ctx, t->s, &t->f, &t->p.d, &small));
    CHECK_EQ_U(small.count, t->f.count);
    for (uint32_t i = 0; i < small.count; i++) {
        own_points(t, &t->f, i);
        oracle_supercube(&t->x.o, table, 1, expected);
        CHECK(esp_cube_equal(t->s, esp_cube(&small, t->s, i), expected));
    }
    esp_cover before = sample_copy(&ctx, t->s, &t->f);
    memset(prime, 1, t->f.count);
    esp_mark mark = esp_mark_top(&ctx);
    CHECK(esp_reduce(&ctx, t->s, &t->f, &t->p.d, prime));
    CHECK(same_mark(esp_mark_top(&ctx), mark));
    CHECK(oracle_implements(&t->x.o, t->x.want, &t->f));
    for (uint32_t i = 0; i < t->f.count; i++) {
        const uint64_t *c = esp_cube(&t->f, t->s, i);
        bool unchanged = false;
        bool inside = false;
        for (uint32_t k = 0; k < before.count; k++) {
            unchanged = unchanged || esp_cube_equal(t->s, c, esp_cube(&before, t->s, k));
            inside = inside || esp_cube_in(t->s, c, esp_cube(&before, t->s, k));
        }
        CHECK(inside && (prime[i] == 0 || unchanged));
        own_points(t, &t->f, i); /* nothing is left that could be taken away */
        oracle_supercube(&t->x.o, table, 1, expected);
        CHECK(esp_cube_in(t->s, expected, c));
    }
}

TEST(reduce_keeps_the_function)
{
    EACH_SETTING(600, 370000, t, check_reduce);
}

static void check_sparse(setting *t)
{
    const esp_blocking *r = expand(t);
    CHECK(esp_irredundant(&ctx, t->s, &t->f, &t->p.d, NULL));
    uint32_t before = t->f.count;
    esp_mark mark = esp_mark_top(&ctx);
    CHECK(esp_make_sparse(&ctx, t->s, r, true, &t->f, &t->p.d));
    CHECK(same_mark(esp_mark_top(&ctx), mark));
    CHECK(t->f.count <= before);
    CHECK(oracle_implements(&t->x.o, t->x.want, &t->f));
    CHECK(all_prime(t, &t->f, true));
    CHECK(!oracle_has_redundant_output(&t->x.o, t->x.want, &t->f));
}

TEST(make_sparse_leaves_no_connection_to_spare)
{
    EACH_SETTING(600, 380000, t, check_sparse);
}

/* Whether the inputs of c can be free in more variables than they are, its outputs as they are. */
static bool can_be_wider(const setting *t, const uint64_t *c)
{
    uint32_t dashes = 0;
    for (uint32_t v = 0; v < t->s->inputs; v++) {
        dashes += (c[0] >> 2 * v & 3) == 3;
    }
    for (uint32_t set = 0; set < 1u << t->s->inputs; set++) {
        if (esp_popcount(set) <= dashes) {
            continue;
        }
        uint64_t raised[2] = {c[0], t->s->words > 1 ? c[1] : 0};
        for (uint32_t v = 0; v < t->s->inputs; v++) {
            raised[0] |= set >> v & 1 ? UINT64_C(3) << 2 * v : 0;
        }
        bool meets = false;
        for (uint32_t i = 0; i < t->p.r.count && !meets; i++) {
            meets = esp_cube_distance(t->s, raised, esp_cube(&t->p.r, t->s, i), 0) == 0;
        }
        if (!meets) {
            return true;
        }
    }
    return false;
}

TEST(make_sparse_on_tables_leaves_as_few_literals_as_the_outputs_allow)
{
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(200); n++) {
        const sample_plan plan = {.inputs = 1 + n % ESP_SPARSE_INPUTS, .outputs = 4};
        setting t;
        begin_as(&t, &plan, 385000 + n);
        if (esp_sparse_fits(t.s)) {
            (void)expand(&t);
            CHECK(esp_irredundant(&ctx, t.s, &t.f, &t.p.d, NULL));
            esp_cover given = sample_copy(&ctx, t.s, &t.p.f);
            uint32_t before = t.f.count;
            esp_mark mark = esp_mark_top(&ctx);
            CHECK(
                esp_make_sparse_on_tables(&ctx, t.s, &given, &t.p.d, n % 2 ? &t.p.r : NULL, &t.f));
            CHECK(same_mark(esp_mark_top(&ctx), mark));
            CHECK(t.f.count <= before);
            CHECK(oracle_implements(&t.x.o, t.x.want, &t.f));
            CHECK(!oracle_has_redundant_output(&t.x.o, t.x.want, &t.f));
            for (uint32_t i = 0; i < t.f.count; i++) {
                CHECK(!can_be_wider(&t, esp_cube(&t.f, t.s, i)));
            }
        }
        end(&t);
    }
    esp_context_free(&ctx);
}

static void check_gasps(setting *t)
{
    const esp_blocking *r = expand(t);
    CHECK(esp_irredundant(&ctx, t->s, &t->f, &t->p.d, NULL));
    for (uint32_t k = 0; k < 3; k++) {
        esp_cover f = sample_copy(&ctx, t->s, &t->f);
        esp_mark mark = esp_mark_top(&ctx);
        CHECK(k ? esp_super_gasp(&ctx, t->s, r, k == 1 ? 200 : 3, &f, &t->p.d)
                : esp_last_gasp(&ctx, t->s, r, &f, &t->p.d));
        CHECK(same_mark(esp_mark_top(&ctx), mark));
        CHECK(oracle_implements(&t->x.o, t->x.want, &f));
        CHECK(all_prime(t, &f, false));
        CHECK(f.count <= t->f.count);
    }
}

TEST(gasps_only_improve)
{
    EACH_SETTING(400, 390000, t, check_gasps);
}

const esp_test test_minimize_steps[] = {
    {"tautology is what the table says", tautology_is_what_the_table_says},
    {"a complement is the complement", a_complement_is_the_complement},
    {"the supercube of a complement is the smallest cube",
     the_supercube_of_a_complement_is_the_smallest_cube},
    {"covered and uncovered are what the table says",
     covered_and_uncovered_are_what_the_table_says},
    {"expand makes primes", expand_makes_primes},
    {"expand without an off-set makes primes too", expand_without_an_off_set_makes_primes_too},
    {"irredundant leaves nothing to spare", irredundant_leaves_nothing_to_spare},
    {"reduce keeps the function", reduce_keeps_the_function},
    {"make sparse leaves no connection to spare", make_sparse_leaves_no_connection_to_spare},
    {"make sparse on tables leaves as few literals as the outputs allow",
     make_sparse_on_tables_leaves_as_few_literals_as_the_outputs_allow},
    {"gasps only improve", gasps_only_improve},
    {0},
};
