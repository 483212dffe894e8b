/* Primes, the rows of their covering table, the covering problem, essential primes and the
 * expansions that list primes: against all cubes there are, all points there are, all choices there
 * are.
 */
#include "exact/primes.h"
#include "exact/rows.h"
#include "test_minimize_sample.h"

enum { ROOM = 600, CELLS = 160 };

static esp_context ctx;
static uint64_t all_primes[ROOM * ORACLE_WORDS];
static uint32_t all_count;

static const sample_plan small = {.inputs = 4, .outputs = 3, .idle = 40, .cells = CELLS};
static const sample_plan small_multi = {.inputs = 3, .outputs = 2, .multi = 1, .cells = CELLS};

/* A function whose primes are all known; false: it has too many, take another. */
static bool begin(sample *x, const sample_plan *plan, uint64_t seed, sample_parts *p)
{
    sample_create(x, plan, SAMPLE_SETS, seed);
    esp_context_begin(&ctx);
    *p = sample_split(x);
    uint32_t parts = 0;
    for (uint32_t v = 0; v <= x->o.inputs; v++) {
        parts += x->o.parts[v];
    }
    all_count = parts <= 13 ? oracle_primes(&x->o, x->want, all_primes, ROOM) : ROOM + 1;
    return all_count <= ROOM;
}

static const uint64_t *prime_at(const sample *x, uint32_t i)
{
    return all_primes + (size_t)i * x->o.words;
}

static bool is_listed(const sample *x, const uint64_t *row)
{
    for (uint32_t i = 0; i < all_count; i++) {
        if (esp_cube_equal(x->f.shape, row, prime_at(x, i))) {
            return true;
        }
    }
    return false;
}

/* The cubes are primes, each once. */
static void check_primes(const sample *x, const esp_cover *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, x->f.shape, i);
        CHECK(is_listed(x, c));
        for (uint32_t k = 0; k < i; k++) {
            CHECK(!esp_cube_equal(x->f.shape, c, esp_cube(f, x->f.shape, k)));
        }
    }
}

static esp_cover on_and_dc(sample *x, const sample_parts *p)
{
    esp_cover f = sample_copy(&x->ctx, x->f.shape, &p->f);
    CHECK(esp_cover_append(&x->ctx, x->f.shape, &f, &p->d));
    return f;
}

TEST(all_primes_are_listed)
{
    const esp_prime_bounds bounds = {100000, 1u << 30, 1u << 24};
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(300); n++) {
        sample x;
        sample_parts p;
        if (begin(&x, &small, 500000 + n, &p)) {
            esp_cover f = on_and_dc(&x, &p);
            for (uint32_t way = 0; way < 3; way++) {
                esp_cover primes = {0};
                bool listed = false;
                bool fits = way != 1 || esp_prime_table_fits(x.f.shape, bounds);
                bool (*const list)(esp_context *, const esp_shape *, const esp_cover *,
                                   esp_prime_bounds, esp_cover *, bool *) =
                    way == 0   ? esp_list_primes
                    : way == 1 ? esp_primes_by_table
                               : esp_primes_by_merging;
                if (fits && CHECK(list(&ctx, x.f.shape, &f, bounds, &primes, &listed) && listed)) {
                    CHECK_EQ_U(primes.count, all_count);
                    check_primes(&x, &primes);
                }
            }
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

/* For each row: is it inside the set of primes that hold the cell? */
static bool some_row_inside(const esp_table *t, const bool *holds)
{
    for (uint32_t i = 0; i < t->rows; i++) {
        bool inside = t->start[i + 1] > t->start[i];
        for (uint32_t k = t->start[i]; k < t->start[i + 1]; k++) {
            inside = inside && holds[t->entry[k]];
        }
        if (inside) {
            return true;
        }
    }
    return false;
}

TEST(rows_are_those_of_the_points)
{
    static bool holds[CELLS][ROOM];
    static uint32_t cells[ORACLE_CELLS];
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(300); n++) {
        sample x;
        sample_parts p;
        if (begin(&x, &small, 510000 + n, &p)) {
            esp_cover primes = {all_primes, all_count, ROOM};
            esp_cover care = {0};
            const uint32_t order[ORACLE_VARS] = {0, 1, 2, 3};
            CHECK(esp_cover_create(&ctx, x.f.shape, CELLS, &care));
            CHECK(oracle_make_cover(&x.o, x.want, ORACLE_MUST, order, &care, CELLS));
            esp_table table;
            bool made = false;
            esp_cover points = {0};
            CHECK(esp_minimal_rows(&ctx, x.f.shape, &primes, &care, 1u << 30, &table, &points,
                                   &made));
            CHECK(made);
            memset(holds, 0, sizeof holds);
            for (uint32_t i = 0; i < all_count; i++) {
                uint32_t count = oracle_list(&x.o, prime_at(&x, i), cells);
                for (uint32_t k = 0; k < count; k++) {
                    holds[cells[k]][i] = true;
                }
            }
            for (uint32_t k = 0; k < x.o.cells && made; k++) {
                CHECK(x.want[k] != ORACLE_MUST || some_row_inside(&table, holds[k]));
            }
            CHECK_EQ_U(points.count, table.rows);
            for (uint32_t i = 0; i < table.rows && made; i++) {
                CHECK_EQ_U(oracle_list(&x.o, esp_cube(&points, x.f.shape, i), cells), 1);
                uint32_t size_at_point = 0;
                for (uint32_t j = 0; j < all_count; j++) {
                    size_at_point += holds[cells[0]][j];
                }
                CHECK_EQ_U(size_at_point, table.start[i + 1] - table.start[i]);
                for (uint32_t e = table.start[i]; e < table.start[i + 1]; e++) {
                    CHECK(x.want[cells[0]] == ORACLE_MUST && holds[cells[0]][table.entry[e]]);
                }
                bool found = false; /* each row is the set of some point */
                for (uint32_t k = 0; k < x.o.cells && !found; k++) {
                    uint32_t size = 0;
                    uint32_t same = 0;
                    for (uint32_t j = 0; j < all_count; j++) {
                        size += holds[k][j];
                    }
                    for (uint32_t e = table.start[i]; e < table.start[i + 1]; e++) {
                        same += holds[k][table.entry[e]];
                    }
                    found = x.want[k] == ORACLE_MUST && same == size &&
                            same == table.start[i + 1] - table.start[i];
                }
                CHECK(found);
            }
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

/* Does the choice (bit j: column j) have a column of each row? */
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

TEST(coverings_are_small_and_their_bounds_hold)
{
    enum { COLUMNS = 12 };
    uint64_t random = 5;
    uint32_t beyond = 0; /* answers that are not the minimum */
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(1500); n++) {
        uint32_t columns = 1 + esp_test_below(&random, COLUMNS);
        uint32_t rows = esp_test_below(&random, 25);
        uint32_t weight[COLUMNS];
        uint8_t chosen[COLUMNS];
        uint32_t bound = 0;
        esp_table table;
        esp_context_begin(&ctx);
        CHECK(esp_table_create(&ctx, columns, &table));
        for (uint32_t i = 0; i < rows; i++) {
            uint32_t row[COLUMNS];
            uint32_t count = 0;
            uint32_t sure = esp_test_below(&random, columns);
            for (uint32_t j = 0; j < columns; j++) {
                if (j == sure || esp_test_below(&random, 4) == 0) {
                    row[count++] = j;
                }
            }
            CHECK(esp_table_push(&ctx, &table, row, count));
        }
        for (uint32_t j = 0; j < columns; j++) {
            weight[j] = esp_test_below(&random, 4);
        }
        uint64_t effort = esp_test_below(&random, 3) ? 1000000 : esp_test_below(&random, 3000);
        CHECK(esp_cover_rows(&ctx, &table, n % 2 ? weight : NULL, effort, chosen, &bound));
        uint32_t choice = 0;
        uint32_t taken = 0;
        for (uint32_t j = 0; j < columns; j++) {
            choice |= chosen[j] ? 1u << j : 0;
            taken += chosen[j] != 0;
        }
        uint32_t minimum = columns + 1;
        for (uint32_t c = 0; c < 1u << columns; c++) {
            uint32_t size = esp_popcount(c);
            minimum = size < minimum && covers(&table, c) ? size : minimum;
        }
        CHECK(covers(&table, choice));
        CHECK(bound <= minimum && minimum <= taken);
        for (uint32_t j = 0; j < columns; j++) {
            CHECK(!chosen[j] || !covers(&table, choice & ~(1u << j)));
        }
        CHECK(effort < 1000000 || taken == minimum);
        beyond += taken != minimum;
    }
    CHECK(beyond < 100 * esp_test_times);
    esp_context_free(&ctx);
}

/* By the definition: it holds a point that must be held and that no other prime holds. */
static bool is_essential(const sample *x, const uint64_t *prime)
{
    static uint8_t held[ORACLE_CELLS];
    static uint32_t cells[ORACLE_CELLS];
    memset(held, 0, x->o.cells);
    for (uint32_t i = 0; i < all_count; i++) {
        if (!esp_cube_equal(x->f.shape, prime, prime_at(x, i))) {
            esp_cover one = {all_primes + (size_t)i * x->o.words, 1, 1};
            oracle_mark(&x->o, &one, 1, held);
        }
    }
    uint32_t n = oracle_list(&x->o, prime, cells);
    bool alone = false;
    for (uint32_t k = 0; k < n; k++) {
        alone = alone || (x->want[cells[k]] == ORACLE_MUST && !held[cells[k]]);
    }
    return alone;
}

TEST(essential_primes_are_those_of_the_definition)
{
    static uint8_t prime[SAMPLE_CUBES];
    uint32_t found = 0;
    uint32_t others = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(1000); n++) {
        sample x;
        sample_parts p;
        const esp_shape *s;
        if (begin(&x, n % 2 ? &small : &small_multi, 520000 + n, &p)) {
            s = x.f.shape;
            esp_cover f = sample_copy(&ctx, s, &p.f);
            const esp_blocking *r = esp_blocking_create(&ctx, s, &p.r);
            memset(prime, 0, f.count);
            CHECK(r && esp_expand(&ctx, s, r, &f, prime, false));
            esp_cover whole = sample_copy(&ctx, s, &f);
            esp_cover essential = {0};
            CHECK(esp_essential(&ctx, s, &f, &p.d, NULL, &essential));
            CHECK_EQ_U(f.count + essential.count, whole.count);
            for (uint32_t i = 0; i < essential.count; i++) {
                CHECK(is_essential(&x, esp_cube(&essential, s, i)));
            }
            for (uint32_t i = 0; i < f.count; i++) {
                CHECK(!is_essential(&x, esp_cube(&f, s, i)));
            }
            found += essential.count;
            others += f.count;
        }
        sample_free(&x);
    }
    CHECK(found > 60 && others > 10);
    esp_context_free(&ctx);
}

TEST(expand_all_finds_the_primes_that_hold_a_cube)
{
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(600); n++) {
        sample x;
        sample_parts p;
        if (begin(&x, n % 2 ? &small : &small_multi, 530000 + n, &p) && p.f.count) {
            const esp_shape *s = x.f.shape;
            const esp_blocking *r = esp_blocking_create(&ctx, s, &p.r);
            for (uint32_t i = 0; i < p.f.count; i++) {
                const uint64_t *c = esp_cube(&p.f, s, i);
                uint32_t holding = 0;
                for (uint32_t k = 0; k < all_count; k++) {
                    holding += esp_cube_in(s, c, prime_at(&x, k));
                }
                /* Of outputs and other wide variables it tries one choice of parts a branch. */
                bool all = x.o.outputs == 1 && x.o.inputs == x.o.binary;
                const uint32_t most[2] = {ROOM, 1 + esp_test_below(&x.random, 3)};
                for (uint32_t k = 0; k < 2; k++) {
                    esp_cover found = {0};
                    CHECK(r && esp_expand_all(&ctx, s, r, c, most[k], &found));
                    check_primes(&x, &found);
                    CHECK(found.count <= most[k]);
                    CHECK(k || !all || found.count == holding);
                    CHECK(found.count > 0 && found.count <= holding);
                    for (uint32_t j = 0; j < found.count; j++) {
                        CHECK(esp_cube_in(s, c, esp_cube(&found, s, j)));
                    }
                }
            }
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

/* Two cubes that some prime holds must be brought together. */
TEST(expand_towards_finds_a_prime_for_each_pair_that_fits)
{
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < sample_count(600); n++) {
        sample x;
        sample_parts p;
        if (begin(&x, n % 2 ? &small : &small_multi, 540000 + n, &p) && p.f.count) {
            const esp_shape *s = x.f.shape;
            const esp_blocking *r = esp_blocking_create(&ctx, s, &p.r);
            uint32_t self = esp_test_below(&x.random, p.f.count);
            const uint64_t *c = esp_cube(&p.f, s, self);
            esp_cover found = {0};
            CHECK(r && esp_expand_towards(&ctx, s, r, &p.f, self, &found));
            for (uint32_t i = 0; i < found.count; i++) {
                CHECK(is_listed(&x, esp_cube(&found, s, i)));
                CHECK(esp_cube_in(s, c, esp_cube(&found, s, i)));
            }
            for (uint32_t k = 0; k < p.f.count; k++) {
                const uint64_t *d = esp_cube(&p.f, s, k);
                bool fits = false;
                bool met = esp_cube_in(s, d, c);
                for (uint32_t i = 0; i < all_count; i++) {
                    fits = fits || (esp_cube_in(s, c, prime_at(&x, i)) &&
                                    esp_cube_in(s, d, prime_at(&x, i)));
                }
                for (uint32_t i = 0; i < found.count; i++) {
                    met = met || esp_cube_in(s, d, esp_cube(&found, s, i));
                }
                CHECK(met == fits);
            }
        }
        sample_free(&x);
    }
    esp_context_free(&ctx);
}

const esp_test test_minimize_exact[] = {
    {"all primes are listed", all_primes_are_listed},
    {"rows are those of the points", rows_are_those_of_the_points},
    {"coverings are small and their bounds hold", coverings_are_small_and_their_bounds_hold},
    {"essential primes are those of the definition", essential_primes_are_those_of_the_definition},
    {"expand_all finds the primes that hold a cube", expand_all_finds_the_primes_that_hold_a_cube},
    {"expand_towards finds a prime for each pair that fits",
     expand_towards_finds_a_prime_for_each_pair_that_fits},
    {0},
};
