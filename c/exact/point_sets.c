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
 * branch of some frame. Cost: frames × points near × words of the off-set's columns
 * (off_columns.c); pairs are looked up first. The stack is in the side arena, what is found in the
 * other.
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
    esp_off_columns off;
    uint8_t *fit; /* [points][points]: pairs that fit */
    uint32_t *set;
    uint32_t set_count;
    frame *top;
    uint64_t *whole, *trial; /* [words] */
    esp_table columns;       /* found sets as rows of points */
    esp_cover *cubes;
} walk;

static bool spend(walk *w)
{
    uint64_t looked = w->off.looked;
    w->off.looked = 0;
    return esp_spend(w->ctx, looked + 1);
}

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

static bool fits_with(walk *w, const uint64_t *cube, uint32_t point)
{
    join(w, w->trial, cube, point_of(w, point));
    return esp_off_misses(&w->off, w->trial);
}

/* Can the point be added to whatever comes between the cube and w->whole? */
static bool is_harmless(walk *w, const uint64_t *cube, uint32_t point)
{
    join(w, w->trial, w->whole, point_of(w, point));
    return esp_off_unmoved(&w->off, w->trial, cube, point_of(w, point));
}

/* The points of `from` that fit with the cube, whose newest point is `point`. */
static uint32_t filter(walk *w, const uint64_t *cube, uint32_t point, const uint32_t *from,
                       uint32_t count, uint32_t *to)
{
    const uint8_t *fit = w->fit + (size_t)point * w->points->count;
    uint32_t n = 0;
    for (uint32_t k = 0; k < count; k++) {
        if (fit[from[k]] && fits_with(w, cube, from[k])) {
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
    w->off.looked += n;
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
    if (esp_off_misses(&w->off, w->whole)) {
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
    child->more_count = filter(w, child->cube, point, f->more + 1, f->more_count - 1, child->more);
    child->refused_count =
        filter(w, child->cube, point, f->refused, f->refused_count, child->refused);
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
        if (next < 0 || !spend(w)) {
            return false;
        }
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

static bool find_pairs(walk *w)
{
    uint32_t n = w->points->count;
    uint8_t *fit = w->fit;
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = a + 1; b < n; b++) {
            fit[(size_t)a * n + b] = fit[(size_t)b * n + a] = fits_with(w, point_of(w, a), b);
        }
        if (!spend(w)) {
            return false;
        }
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

bool esp_point_sets(esp_context *ctx, const esp_shape *s, const esp_blocking *off,
                    const esp_cover *points, uint32_t sets, uint64_t work, esp_table *table,
                    esp_cover *cubes, bool *made)
{
    uint32_t n = points->count;
    walk w = {.ctx = ctx, .s = s, .points = points, .cubes = cubes};
    *made = false;
    bool too_much = false;
    uint64_t work_end = work < UINT64_MAX - ctx->work ? ctx->work + work : UINT64_MAX;
    esp_mark side = esp_arena_mark(&ctx->side);
    w.set = esp_alloc_array(ctx, 2 * (size_t)n + 2, sizeof *w.set);
    w.whole = esp_alloc_array(ctx, s->words, sizeof *w.whole);
    w.trial = esp_alloc_array(ctx, s->words, sizeof *w.trial);
    w.fit = esp_alloc_zero(ctx, (size_t)n + 1, (size_t)n + 1);
    uint32_t *near = esp_alloc_array(ctx, (size_t)n + 1, sizeof *near);
    if (!esp_off_columns_create(ctx, s, off, &w.off) || !w.set || !w.whole || !w.trial || !w.fit ||
        !near || !esp_table_create(ctx, n, &w.columns) || !esp_cover_create(ctx, s, n, cubes)) {
        return false;
    }
    if (!find_pairs(&w)) {
        return false;
    }
    for (uint32_t i = 0; i < n && !too_much; i++) {
        uint32_t near_count = 0;
        for (uint32_t k = 0; k < n; k++) {
            if (w.fit[(size_t)i * n + k]) {
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
