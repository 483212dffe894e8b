/* MAXIMAL SETS OF POINTS that one implicant holds: the columns of a covering table whose rows are
 * some points only, without listing primes.
 *
 * The idea. An implicant holds some of the points; only the maximal such sets matter, and points
 * are fewer than the primes by far: a prime with many literals to choose from is many primes, but
 * one set. A set fits when its supercube, outputs included, meets no off cube. From each first
 * point on, points that fit with the cube so far are taken in or refused; a branch ends when all
 * that could still come fits together: a set is found. A point is harmless to a branch when it
 * helps no off cube: each one that it brings nearer stays out of reach of all that could come. A
 * harmless point is in every maximal set of the branch, so it is taken in without another branch;
 * and when one that was refused has become harmless, nothing in the branch is maximal.
 *
 * Invariant: every maximal set whose first point was begun with, and not found yet, is in the
 * branch of some frame. Cost: frames × points near × off cubes looked at; the off cubes that refuse
 * most come first. The stack is in the side arena, what is found in the other.
 *
 * Reference: C. Bron, J. Kerbosch, "Finding all cliques of an undirected graph", CACM 16 (1973),
 * here for a family of sets closed under subsets instead of cliques.
 */
#include "exact/point_sets.h"

typedef struct frame {
    struct frame *below;
    esp_mark mark;
    uint64_t *cube;
    uint32_t *more, *refused; /* points that fit with the cube */
    uint32_t more_count, refused_count;
    uint32_t set_count; /* points of the set when the frame began */
} frame;

typedef struct walk {
    esp_context *ctx;
    const esp_shape *s;
    const esp_cover *points;
    const uint64_t **off; /* off cubes, useful ones first */
    uint32_t off_count;
    uint32_t *set;
    uint32_t set_count;
    frame *top;
    uint64_t *whole, *trial; /* [words] */
    uint64_t looked;
    esp_table columns; /* found sets as rows of points */
    esp_cover *cubes;
} walk;

static const uint64_t *point_of(const walk *w, uint32_t i)
{
    return esp_cube(w->points, w->s, i);
}

static void join(const walk *w, uint64_t *to, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t k = 0; k < w->s->words; k++) {
        to[k] = a[k] | b[k];
    }
}

/* Does no off cube meet the cube? */
static bool fits(walk *w, const uint64_t *cube)
{
    const esp_shape *s = w->s;
    for (uint32_t k = 0; k < w->off_count; k++) {
        if (esp_cubes_meet(s, cube, w->off[k])) {
            const uint64_t *found = w->off[k];
            uint32_t to = k / 2;
            w->off[k] = w->off[to];
            w->off[to] = found;
            w->looked += k + 1;
            return false;
        }
    }
    w->looked += w->off_count + 1;
    return true;
}

static bool fits_with(walk *w, const uint64_t *cube, uint32_t point)
{
    join(w, w->trial, cube, point_of(w, point));
    return fits(w, w->trial);
}

/* Does cube c lack a variable of the off cube that the point has? */
static bool brings_nearer(const esp_shape *s, const uint64_t *c, const uint64_t *point,
                          const uint64_t *off)
{
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t held = c[w] & off[w];
        uint64_t brought = point[w] & off[w];
        if (~(held | held >> 1) & (brought | brought >> 1) & s->binary[w]) {
            return true;
        }
    }
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        bool held = false;
        bool brought = false;
        for (uint32_t w = s->var[v].word; w <= s->var[v].last_word; w++) {
            uint64_t mask = esp_var_mask(&s->var[v], w) & off[w];
            held = held || c[w] & mask;
            brought = brought || point[w] & mask;
        }
        if (brought && !held) {
            return true;
        }
    }
    return false;
}

/* Can the point be added to whatever comes between the cube and w->whole? */
static bool is_harmless(walk *w, const uint64_t *cube, uint32_t point)
{
    const esp_shape *s = w->s;
    const uint64_t *own = point_of(w, point);
    join(w, w->trial, w->whole, own);
    for (uint32_t k = 0; k < w->off_count; k++) {
        if (esp_cubes_meet(s, w->trial, w->off[k]) && brings_nearer(s, cube, own, w->off[k])) {
            w->looked += 2 * k + 2;
            return false;
        }
    }
    w->looked += 2 * w->off_count;
    return true;
}

/* The points of `from` that fit with the cube. */
static uint32_t filter(walk *w, const uint64_t *cube, const uint32_t *from, uint32_t count,
                       uint32_t *to)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < count; k++) {
        if (fits_with(w, cube, from[k])) {
            to[n++] = from[k];
        }
    }
    return n;
}

static frame *push(walk *w, uint32_t more, uint32_t refused)
{
    esp_arena *side = &w->ctx->side;
    esp_mark mark = esp_arena_mark(side);
    frame *f = esp_arena_alloc(side, sizeof *f);
    uint64_t *cube = esp_arena_alloc(side, w->s->words * sizeof *cube);
    uint32_t *list = esp_arena_alloc(side, ((size_t)more * 2 + refused + 2) * sizeof *list);
    if (!f || !cube || !list) {
        (void)esp_alloc(w->ctx, SIZE_MAX);
        return NULL;
    }
    *f = (frame){w->top, mark, cube, list, list + more + 1, 0, 0, w->set_count};
    w->top = f;
    return f;
}

static bool found(walk *w, const frame *f)
{
    uint32_t n = w->set_count;
    memcpy(w->set + n, f->more, f->more_count * sizeof *f->more);
    n += f->more_count;
    uint32_t *sorted = w->set + w->points->count; /* the upper half of the room */
    for (uint32_t k = 0; k < n; k++) {
        uint32_t at = k;
        for (; at && sorted[at - 1] > w->set[k]; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = w->set[k];
    }
    w->looked += n;
    return esp_table_push(w->ctx, &w->columns, sorted, n) &&
           esp_cover_push_cube(w->ctx, w->s, w->cubes, w->whole);
}

/* What is to be done with the frame on top: 1 a child was pushed, 0 it is through, -1 stop. */
static int32_t grow(walk *w)
{
    frame *f = w->top;
    esp_cube_copy(w->s, w->whole, f->cube);
    for (uint32_t k = 0; k < f->more_count; k++) {
        join(w, w->whole, w->whole, point_of(w, f->more[k]));
    }
    for (uint32_t k = 0; k < f->refused_count; k++) {
        if (is_harmless(w, f->cube, f->refused[k])) {
            return 0;
        }
    }
    if (fits(w, w->whole)) {
        return found(w, f) ? 0 : -1;
    }
    for (uint32_t k = 0; k < f->more_count;) { /* harmless ones come in at once */
        uint32_t p = f->more[k];
        if (!is_harmless(w, f->cube, p)) {
            k++;
            continue;
        }
        w->set[w->set_count++] = p;
        f->set_count = w->set_count;
        join(w, f->cube, f->cube, point_of(w, p));
        f->more[k] = f->more[--f->more_count];
    }
    uint32_t point = f->more[0];
    w->set[w->set_count++] = point;
    frame *child = push(w, f->more_count - 1, f->refused_count);
    if (!child) {
        return -1;
    }
    join(w, child->cube, f->cube, point_of(w, point));
    child->more_count = filter(w, child->cube, f->more + 1, f->more_count - 1, child->more);
    child->refused_count = filter(w, child->cube, f->refused, f->refused_count, child->refused);
    f->refused[f->refused_count++] = point; /* what comes after the child is without it */
    f->more[0] = f->more[--f->more_count];
    return 1;
}

/* All maximal sets that begin with point `first`. `near`: points that fit with it. */
static bool begin_with(walk *w, uint32_t first, const uint32_t *near, uint32_t near_count,
                       uint32_t sets, uint64_t work_end, bool *too_much)
{
    w->set[0] = first;
    w->set_count = 1;
    frame *f = push(w, near_count, near_count);
    if (!f) {
        return false;
    }
    esp_cube_copy(w->s, f->cube, point_of(w, first));
    for (uint32_t k = 0; k < near_count; k++) {
        if (near[k] > first) {
            f->more[f->more_count++] = near[k];
        } else {
            f->refused[f->refused_count++] = near[k];
        }
    }
    while (w->top) {
        int32_t next = grow(w);
        if (next < 0 || !esp_spend(w->ctx, w->looked * w->s->words / 2 + 1)) {
            return false;
        }
        w->looked = 0;
        if (next == 0) {
            f = w->top;
            w->top = f->below;
            w->set_count = w->top ? w->top->set_count : 0;
            esp_arena_release(&w->ctx->side, f->mark);
        }
        if (w->columns.rows > sets || w->ctx->work > work_end) {
            *too_much = true;
            return true;
        }
    }
    return true;
}

/* Which pairs fit: a byte each. */
static bool find_pairs(walk *w, uint8_t *fit)
{
    uint32_t n = w->points->count;
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = a + 1; b < n; b++) {
            fit[(size_t)a * n + b] = fit[(size_t)b * n + a] = fits_with(w, point_of(w, a), b);
        }
        if (!esp_spend(w->ctx, w->looked * w->s->words / 2 + 1)) {
            return false;
        }
        w->looked = 0;
    }
    return true;
}

/* The found sets as columns of a table that has a row a point. */
static bool transpose(walk *w, esp_table *table)
{
    esp_table by_set = w->columns;
    by_set.columns = w->points->count;
    uint32_t entries = by_set.start[by_set.rows];
    uint32_t *start = esp_alloc_zero(w->ctx, (size_t)by_set.columns + 2, sizeof *start);
    uint32_t *entry = esp_alloc_array(w->ctx, (size_t)entries + 1, sizeof *entry);
    if (!start || !entry) {
        return false;
    }
    for (uint32_t k = 0; k < entries; k++) {
        start[by_set.entry[k] + 2]++;
    }
    for (uint32_t i = 2; i <= by_set.columns; i++) {
        start[i] += start[i - 1];
    }
    for (uint32_t j = 0; j < by_set.rows; j++) {
        for (uint32_t k = by_set.start[j]; k < by_set.start[j + 1]; k++) {
            entry[start[by_set.entry[k] + 1]++] = j;
        }
    }
    *table = (esp_table){by_set.rows, by_set.columns, by_set.columns, start, entry, entries};
    return true;
}

bool esp_point_sets(esp_context *ctx, const esp_shape *s, const esp_cover *off,
                    const esp_cover *points, uint32_t sets, uint64_t work, esp_table *table,
                    esp_cover *cubes, bool *made)
{
    uint32_t n = points->count;
    walk w = {.ctx = ctx, .s = s, .points = points, .off_count = off->count, .cubes = cubes};
    *made = false;
    bool too_much = false;
    uint64_t work_end = work < UINT64_MAX - ctx->work ? ctx->work + work : UINT64_MAX;
    esp_mark side = esp_arena_mark(&ctx->side);
    w.off = esp_alloc_array(ctx, (size_t)off->count + 1, sizeof *w.off);
    w.set = esp_alloc_array(ctx, 2 * (size_t)n + 2, sizeof *w.set);
    w.whole = esp_alloc_array(ctx, s->words, sizeof *w.whole);
    w.trial = esp_alloc_array(ctx, s->words, sizeof *w.trial);
    uint8_t *fit = esp_alloc_zero(ctx, (size_t)n + 1, (size_t)n + 1);
    uint32_t *near = esp_alloc_array(ctx, (size_t)n + 1, sizeof *near);
    if (!w.off || !w.set || !w.whole || !w.trial || !fit || !near ||
        !esp_table_create(ctx, n, &w.columns) || !esp_cover_create(ctx, s, n, cubes)) {
        return false;
    }
    for (uint32_t k = 0; k < off->count; k++) {
        w.off[k] = esp_cube(off, s, k);
    }
    if (!find_pairs(&w, fit)) {
        return false;
    }
    for (uint32_t i = 0; i < n && !too_much; i++) {
        uint32_t near_count = 0;
        for (uint32_t k = 0; k < n; k++) {
            if (fit[(size_t)i * n + k]) {
                near[near_count++] = k;
            }
        }
        if (!begin_with(&w, i, near, near_count, sets, work_end, &too_much)) {
            esp_arena_release(&ctx->side, side);
            return false;
        }
    }
    esp_arena_release(&ctx->side, side);
    *made = !too_much;
    return too_much || transpose(&w, table);
}
