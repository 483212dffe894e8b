/* Random functions: see the header.
 *
 * Two ways of making them, because they are hard in different ways: cubes at random that overlap as
 * they like, and tables painted with cubes and read back as disjoint cubes, in a random order of
 * the inputs.
 */
#include "test_minimize_sample.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t below(sample *x, uint32_t bound)
{
    return esp_test_below(&x->random, bound);
}

static esp_cover empty_cover(sample *x, uint32_t room)
{
    esp_cover f;
    bool made = esp_cover_create(&x->ctx, x->f.shape, room, &f);
    assert(made);
    (void)made;
    return f;
}

void sample_cube(sample *x, uint32_t free, uint64_t *row)
{
    const oracle *o = &x->o;
    memcpy(row, o->idle, o->words * sizeof *row);
    for (uint32_t v = 0; v <= o->inputs; v++) {
        bool whole = v < o->inputs && below(x, 4) < free;
        uint32_t sure = below(x, o->parts[v]);
        for (uint32_t p = 0; p < o->parts[v]; p++) {
            /* An input is whole or has one part, as a rule; outputs, and values of a larger one,
             * mix. */
            bool more = o->parts[v] > 2 || v == o->inputs ? below(x, 3) == 0 : false;
            if (whole || p == sure || more) {
                esp_cube_set(row, o->bit[v] + p);
            }
        }
    }
}

esp_cover sample_cover(sample *x, uint32_t count)
{
    esp_cover f = empty_cover(x, count);
    uint32_t free = below(x, 4);
    for (uint32_t i = 0; i < count; i++) {
        sample_cube(x, free, esp_cube(&f, x->f.shape, f.count++));
    }
    return f;
}

static uint32_t some_cubes(sample *x)
{
    switch (below(x, 4)) {
    case 0:
        return below(x, 3);
    case 1:
        return below(x, 8);
    default:
        return below(x, 6 + 4 * x->o.inputs);
    }
}

/* Cubes of `cover` that have no point in common with `other`. */
static void keep_disjoint(const sample *x, esp_cover *cover, const esp_cover *other)
{
    static uint8_t table[ORACLE_CELLS];
    static uint32_t cells[ORACLE_CELLS];
    uint32_t kept = 0;
    memset(table, 0, x->o.cells);
    oracle_mark(&x->o, other, 1, table);
    for (uint32_t i = 0; i < cover->count; i++) {
        const uint64_t *row = esp_cube(cover, x->f.shape, i);
        uint32_t n = oracle_list(&x->o, row, cells);
        bool apart = true;
        for (uint32_t k = 0; k < n; k++) {
            apart = apart && !table[cells[k]];
        }
        if (apart) {
            esp_cube_copy(x->f.shape, esp_cube(cover, x->f.shape, kept++), row);
        }
    }
    cover->count = kept;
}

static void random_cubes(sample *x)
{
    esp_function *f = &x->f;
    if (f->has_on) {
        f->on = sample_cover(x, some_cubes(x));
    }
    if (f->has_dc) {
        f->dc = sample_cover(x, some_cubes(x) / 2);
    }
    if (f->has_off) {
        f->off = sample_cover(x, some_cubes(x));
        if (f->has_on) {
            keep_disjoint(x, &f->off, &f->on);
        }
    }
}

static esp_cover cover_of_mark(sample *x, const uint8_t *table, uint8_t mark)
{
    uint32_t order[ORACLE_VARS];
    for (uint32_t v = 0; v < x->o.inputs; v++) {
        uint32_t k = below(x, v + 1);
        order[v] = order[k];
        order[k] = v;
    }
    esp_cover f = empty_cover(x, x->o.cells);
    bool made = oracle_make_cover(&x->o, table, mark, order, &f, f.capacity);
    assert(made);
    (void)made;
    return f;
}

static void painted_table(sample *x)
{
    enum { ON = 1, DC = 2, OFF = 4 };
    static uint8_t table[ORACLE_CELLS];
    static uint32_t cells[ORACLE_CELLS];
    esp_function *f = &x->f;
    uint8_t colours[3] = {OFF, ON, f->has_dc || (f->has_on && f->has_off) ? DC : ON};
    uint64_t row[ORACLE_WORDS];
    memset(table, OFF, x->o.cells);
    for (uint32_t n = some_cubes(x); n > 0; n--) {
        sample_cube(x, below(x, 4), row);
        uint8_t colour = colours[below(x, 3)];
        uint32_t count = oracle_list(&x->o, row, cells);
        for (uint32_t k = 0; k < count; k++) {
            table[cells[k]] = colour;
        }
    }
    /* A few points that are different from all around them. */
    for (uint32_t n = below(x, 8); n > 0; n--) {
        table[below(x, x->o.cells)] = colours[below(x, 3)];
    }
    if (f->has_on) {
        f->on = cover_of_mark(x, table, ON);
    }
    if (f->has_dc) {
        f->dc = cover_of_mark(x, table, DC);
    }
    if (f->has_off) {
        f->off = cover_of_mark(x, table, OFF);
    }
}

static void make_shape(sample *x, const sample_plan *plan)
{
    uint32_t idle = plan->idle ? below(x, plan->idle + 1) : 0;
    uint32_t most = plan->cells ? plan->cells : ORACLE_CELLS;
    do {
        uint32_t parts[ORACLE_VARS];
        uint32_t multi = plan->multi ? below(x, plan->multi + 1) : 0;
        for (uint32_t k = 0; k < multi; k++) {
            parts[k] = below(x, 20) ? 1 + below(x, 5) : 60 + below(x, 10);
        }
        uint32_t outputs = below(x, 3) ? 1 + below(x, plan->outputs) : 1;
        oracle_init(&x->o, below(x, plan->inputs + 1), idle, multi, parts, outputs);
    } while (x->o.cells > most);
    x->f.shape = oracle_shape(&x->o, &x->ctx, idle);
}

static void name_case(const sample *x, uint64_t seed)
{
    static const char *const sets[SAMPLE_SETS] = {"f", "fd", "fr", "dr", "r", "fdr"};
    static char name[96];
    snprintf(name, sizeof name, "seed %llu: %s, %u inputs, %u points, %u outputs",
             (unsigned long long)seed, sets[x->sets], x->o.inputs, x->o.points, x->o.outputs);
    esp_test_case(name);
}

/* Where OFF is given beside DC, sets may overlap, and may leave out points; see `tight`. */
static bool is_tight(const sample *x)
{
    static uint8_t table[ORACLE_CELLS];
    if (!x->f.has_dc || !x->f.has_off) {
        return true;
    }
    memset(table, 0, x->o.cells);
    oracle_mark(&x->o, &x->f.dc, 1, table);
    oracle_mark(&x->o, &x->f.off, 2, table);
    if (x->f.has_on) {
        oracle_mark(&x->o, &x->f.on, 4, table);
    }
    for (uint32_t k = 0; k < x->o.cells; k++) {
        if ((table[k] & (table[k] - 1)) != 0 || (x->f.has_on && table[k] == 0)) {
            return false;
        }
    }
    return true;
}

void sample_create(sample *x, const sample_plan *plan, sample_sets sets, uint64_t seed)
{
    static const bool has[SAMPLE_SETS][3] = {
        [SAMPLE_F] = {true, false, false}, [SAMPLE_FD] = {true, true, false},
        [SAMPLE_FR] = {true, false, true}, [SAMPLE_DR] = {false, true, true},
        [SAMPLE_R] = {false, false, true}, [SAMPLE_FDR] = {true, true, true},
    };
    memset(x, 0, sizeof *x);
    x->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    esp_context_init(&x->ctx);
    x->sets = sets == SAMPLE_SETS ? (sample_sets)below(x, SAMPLE_SETS) : sets;
    x->f.has_on = has[x->sets][0];
    x->f.has_dc = has[x->sets][1];
    x->f.has_off = has[x->sets][2];
    make_shape(x, plan);
    name_case(x, seed);
    if (below(x, 2)) {
        random_cubes(x);
    } else {
        painted_table(x);
    }
    x->want = esp_alloc(&x->ctx, x->o.cells);
    assert(x->want);
    oracle_function(&x->o, &x->f, x->want);
    x->tight = is_tight(x);
}

void sample_free(sample *x)
{
    esp_context_free(&x->ctx);
    esp_test_case(NULL);
}

sample_parts sample_split(sample *x)
{
    sample_parts parts;
    parts.f = x->f.has_on ? x->f.on : cover_of_mark(x, x->want, ORACLE_MUST);
    parts.r = cover_of_mark(x, x->want, ORACLE_NEVER);
    for (uint32_t k = 0; k < x->o.cells; k++) {
        x->want[k] |= x->want[k] == ORACLE_FREE ? 4 : 0;
    }
    parts.d = cover_of_mark(x, x->want, 4);
    for (uint32_t k = 0; k < x->o.cells; k++) {
        x->want[k] &= 3;
    }
    return parts;
}

esp_cover sample_copy(esp_context *ctx, const esp_shape *s, const esp_cover *f)
{
    esp_cover copy = {0};
    CHECK(esp_cover_create(ctx, s, f->count + 8, &copy) && esp_cover_append(ctx, s, &copy, f));
    return copy;
}
