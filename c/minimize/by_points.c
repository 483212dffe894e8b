/* EXACT BY POINTS: the minimum without the primes, however many those are.
 *
 * The idea. Take some care points (one input point and one output each). The implicants matter only
 * as sets of these points, and the maximal sets can be listed (exact/point_sets.c) where the primes
 * cannot. The fewest sets that cover the points are a lower bound for the function. When they are
 * as many as the best cover has cubes, that is minimum. Otherwise expand the sets' cubes: if they
 * cover the function, they are a smaller cover, and minimum. If not, points that they leave out
 * become rows, and so on: each round shows the covering problem what it overlooked.
 *
 * The first points are those that showed the bound of the heuristic's cover, where there are some.
 * A point is worth the more the fewer implicants hold it. Each one climbs, before it is added, to a
 * care point with as many blocked parts as possible (high_points.c).
 *
 * Invariant: the bound only rises; F only improves. Ends because there are finitely many points, or
 * when the sets become too many. Cost: a round is pairs × off cubes, and a covering problem.
 *
 * Reference: the idea of relaxing rows is that of implicit hitting sets (E. Moreno-Centeno, R.
 * Karp, "The implicit hitting set approach", Operations Research 61 (2013)); points as rows as in
 * ESPRESSO-SIGNATURE, P. McGeer et al., DAC 1993.
 */
#include "cube/kernels.h"
#include "exact/point_sets.h"
#include "minimize/exact.h"
#include "minimize/high_points.h"

enum { MOST_SETS = 100000, MOST_POINTS = 6000, MOST_ROUNDS = 400, STARTS = 8 };

typedef struct generator {
    esp_context *ctx;
    const esp_shape *s;
    esp_exact *x;
    esp_cover points;
    const esp_blocking *blocking;
    esp_climber climber;
    uint64_t *best; /* [words] */
    uint64_t random;
    uint32_t starts; /* random ones, of each climb */
    uint64_t work_end;
} generator;

/* Adds the point unless it is there. */
static bool add(generator *g, const uint64_t *point, bool *added)
{
    for (uint32_t i = 0; i < g->points.count; i++) {
        if (esp_cube_equal(g->s, point, esp_cube(&g->points, g->s, i))) {
            return true;
        }
    }
    *added = true;
    return esp_cover_push_cube(g->ctx, g->s, &g->points, point);
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state; /* xorshift64*, Vigna 2016 */
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* A random point of cube c. */
static void random_point(generator *g, const uint64_t *c, uint64_t *point)
{
    const esp_shape *s = g->s;
    for (uint32_t w = 0; w < s->words; w++) {
        point[w] = 0;
    }
    for (uint32_t v = 0; v < s->vars; v++) {
        const esp_var *var = &s->var[v];
        uint32_t nth = (uint32_t)(next_random(&g->random) >> 33) % esp_var_count(var, c);
        for (uint32_t bit = var->first;; bit++) {
            if (esp_cube_has(c, bit) && nth-- == 0) {
                esp_cube_set(point, bit);
                break;
            }
        }
    }
}

/* The highest of the climbs from the point at hand and from some random points of cube c of F that
 * none of the others holds (`skip` as below). */
static bool climb_best(generator *g, const uint64_t *c, const esp_cover *others, uint32_t skip)
{
    const esp_shape *s = g->s;
    const esp_kernels *k = g->ctx->kernels;
    uint64_t *point = g->climber.point;
    uint32_t top;
    uint32_t height;
    if (!esp_climb(&g->climber, true, &top)) {
        return false;
    }
    esp_cube_copy(s, g->best, point);
    for (uint32_t n = 0; n < g->starts; n++) {
        random_point(g, c, point);
        uint32_t before = skip < others->count ? skip : others->count;
        uint32_t after = skip < others->count ? skip + 1 : others->count;
        g->ctx->work += (uint64_t)others->count * s->words;
        if (k->inside_some(others->data, before, s->words, point) ||
            k->inside_some(esp_cube(others, s, after), others->count - after, s->words, point) ||
            !esp_climber_is_care(&g->climber, point)) {
            continue;
        }
        if (!esp_climb(&g->climber, true, &height)) {
            return false;
        }
        if (height > top) {
            top = height;
            esp_cube_copy(s, g->best, point);
        }
    }
    return true;
}

/* A point of each cube of F that `others` (without cube i of F itself, where that is `own`) and D
 * leave out. The points climb; where one climbs to a point there already, it is taken as it was. */
static bool add_uncovered(generator *g, const esp_cover *others, bool own, uint32_t *added)
{
    const esp_cover *covers[2] = {others, g->x->d};
    uint64_t *before = esp_alloc_array(g->ctx, g->s->words, sizeof *before);
    *added = 0;
    for (uint32_t i = 0; before && i < g->x->f->count; i++) {
        bool found;
        bool fresh = false;
        if (!esp_find_uncovered(g->ctx, g->s, esp_cube(g->x->f, g->s, i), covers, 2,
                                own ? (int64_t)i : -1, g->climber.point, &found)) {
            return false;
        }
        if (!found) {
            continue;
        }
        esp_cube_copy(g->s, before, g->climber.point);
        uint32_t skip = own ? i : UINT32_MAX;
        if (!climb_best(g, esp_cube(g->x->f, g->s, i), others, skip) || !add(g, g->best, &fresh) ||
            (!fresh && !add(g, before, &fresh))) {
            return false;
        }
        *added += fresh;
    }
    return before != NULL;
}

/* The chosen sets' cubes, made prime. */
static bool expand_chosen(generator *g, const esp_cover_problem *p, esp_cover *chosen)
{
    esp_context *ctx = g->ctx;
    if (!esp_cover_create(ctx, g->s, p->solution.count + g->x->f->count, chosen)) {
        return false;
    }
    for (uint32_t j = 0; j < p->columns.count; j++) {
        if (p->solution.chosen[j]) {
            (void)esp_cover_push_cube(ctx, g->s, chosen, esp_cube(&p->columns, g->s, j));
        }
    }
    uint8_t *prime = esp_alloc_zero(ctx, (size_t)chosen->count + 1, 1);
    return prime && esp_expand(ctx, g->s, g->blocking, chosen, prime, false);
}

/* The expanded cubes and F together may hold a smaller cover than F. */
static bool merge(generator *g, esp_cover *chosen)
{
    esp_cover *f = g->x->f;
    if (!esp_cover_append(g->ctx, g->s, chosen, f) ||
        !esp_irredundant(g->ctx, g->s, chosen, g->x->d, NULL)) {
        return false;
    }
    if (chosen->count < f->count) {
        f->count = 0;
        return esp_cover_append(g->ctx, g->s, f, chosen);
    }
    return true;
}

/* One round. *through: nothing more is to be had; *made = false: the sets are too many. */
static bool round_of(generator *g, esp_cover_problem *p, bool *done, bool *through, bool *made)
{
    esp_context *ctx = g->ctx;
    esp_exact *x = g->x;
    *through = true;
    if (!esp_point_sets(ctx, g->s, g->blocking, &g->points, MOST_SETS, g->work_end - ctx->work,
                        &p->table, &p->columns, made)) {
        return false;
    }
    if (!*made) {
        return true;
    }
    esp_proof_begin(ctx, &p->proof, x->certificate ? ESP_PROOF_WORDS : 0);
    if (!esp_solve(ctx, &p->table, g->work_end - ctx->work, 0, &p->solution, &p->proof)) {
        return !esp_stopped(ctx);
    }
    x->outcome->lower_bound = esp_max_u32(x->outcome->lower_bound, p->solution.bound);
    if (p->solution.bound >= x->f->count) {
        p->points = g->points;
        *done = true;
        return true;
    }
    if (p->solution.count > p->solution.bound || esp_stopped(ctx)) {
        return !esp_stopped(ctx);
    }
    esp_cover chosen;
    uint32_t added;
    if (!expand_chosen(g, p, &chosen) || !add_uncovered(g, &chosen, false, &added)) {
        return false;
    }
    if (!added && chosen.count < x->f->count) {
        x->f->count = 0;
        if (!esp_cover_append(ctx, g->s, x->f, &chosen)) {
            return false;
        }
    } else if (!merge(g, &chosen)) {
        return false;
    }
    p->points = g->points;
    *done = x->f->count <= p->solution.bound; /* the expanded cubes were a cover */
    *through = *done || !added || g->points.count > MOST_POINTS || ctx->work > g->work_end;
    return true;
}

/* Rounds until they are through. */
static bool generate(generator *g, esp_cover_problem *p, bool *done, bool *made)
{
    esp_context *ctx = g->ctx;
    uint32_t added;
    g->points.count = 0;
    for (uint32_t i = 0; i < g->x->witnesses.count; i++) {
        bool fresh;
        if (!add(g, esp_cube(&g->x->witnesses, g->s, i), &fresh)) {
            return false;
        }
    }
    if (!g->points.count && !add_uncovered(g, g->x->f, true, &added)) {
        return false;
    }
    bool through = false;
    for (uint32_t round = 0; round < MOST_ROUNDS && !through; round++) {
        esp_mark mark = esp_mark_top(ctx);
        esp_mark side = esp_arena_mark(&ctx->side);
        if (!round_of(g, p, done, &through, made)) {
            return false;
        }
        esp_report_bound(ctx, g->x->outcome->lower_bound);
        esp_report(ctx, ESP_STEP_COVERING, g->x->f->count);
        if (!*done) {
            esp_arena_release(&ctx->side, side);
            esp_release(ctx, mark);
        }
    }
    return true;
}

bool esp_exact_by_points(esp_exact *x, uint64_t work, esp_cover_problem *p, bool *done)
{
    esp_context *ctx = x->ctx;
    generator g = {.ctx = ctx, .s = x->s, .x = x};
    bool made = true;
    *done = false;
    g.work_end = work < UINT64_MAX - ctx->work ? ctx->work + work : UINT64_MAX;
    g.best = esp_alloc_array(ctx, x->s->words, sizeof *g.best);
    g.random = UINT64_C(0x9e3779b97f4a7c15);
    g.blocking = esp_blocking_create(ctx, x->s, x->off);
    esp_report(ctx, ESP_STEP_COVERING, x->f->count);
    if (!g.best || !g.blocking ||
        !esp_climber_create(ctx, x->s, g.blocking, &x->care, &g.climber) ||
        !esp_cover_create(ctx, x->s, MOST_POINTS + x->f->count, &g.points) ||
        !esp_irredundant(ctx, x->s, x->f, x->d, NULL) || !generate(&g, p, done, &made)) {
        return false;
    }
    g.starts = STARTS; /* points that fewer implicants hold, where the sets were too many */
    return made || ctx->work >= g.work_end || generate(&g, p, done, &made);
}
